"""The `postmortem` command. One file per command group; a group's module is imported when it is used.

What a newcomer gets wrong: importing SQLAlchemy or Flask at the top of this file makes `--help` slow.
"""

from importlib import import_module

import click

# name: (module, function, short help)
COMMANDS = {
    "backup": ("postmortem.cli.backup", "backup", "Write everything to one new file, while in use."),
    "db": ("postmortem.cli.database", "db", "Bring the database up to date."),
    "demo": ("postmortem.cli.demo", "demo", "Load the sample company."),
    "doctor": (
        "postmortem.cli.doctor",
        "doctor",
        "Print every setting, where it came from and what is wrong.",
    ),
    "export": ("postmortem.cli.export", "export", "Write what was published to files."),
    "history": (
        "postmortem.cli.history",
        "history",
        "Check the history of all changes, and write it to a file.",
    ),
    "import": ("postmortem.cli.imports", "import_", "Bring in incidents and write-ups from files."),
    "people": ("postmortem.cli.people", "people", "Add people and make links to set a password."),
    "render": ("postmortem.cli.render", "render", "Render stored Markdown again after the renderer changed."),
    "restore": ("postmortem.cli.restore", "restore", "Bring back what a backup holds."),
    "serve": ("postmortem.cli.serve", "serve", "Serve the web pages."),
    "worker": ("postmortem.cli.worker", "worker", "Deliver mails and other messages."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only to run it."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, function, _ = COMMANDS[name]
        command: click.Command = getattr(import_module(module), function)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in sorted(COMMANDS)])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="postmortem")
def main() -> None:
    """Incidents, action items that get reviewed, and blameless write-ups people read."""
