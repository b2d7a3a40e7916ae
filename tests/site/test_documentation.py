"""What the documents say is what there is."""

import re

import click
import pytest

from postmortem import config
from postmortem.cli import COMMANDS, LazyGroup, main
from tests.support.source import PACKAGE, ROOT


def test_every_setting_is_described() -> None:
    text = (ROOT / "docs" / "settings.md").read_text()
    for name, _default, _secret in config.KNOWN:
        assert f"`POSTMORTEM_{name}`" in text, name


def commands() -> list[str]:
    """Every command as it is typed, groups resolved."""
    assert isinstance(main, LazyGroup)
    context = click.Context(main)
    found = []
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found += [f"{name} {inner}" for inner in command.commands]
        else:
            found.append(name)
    return found


def test_every_command_is_described() -> None:
    text = (ROOT / "docs" / "commands.md").read_text()
    for command in commands():
        assert f"postmortem {command}" in text, command


@pytest.mark.parametrize(
    "folder", sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists())
)
def test_every_folder_is_on_the_map(folder: str) -> None:
    assert re.search(rf"^    {folder}\s", (PACKAGE / "__init__.py").read_text(), re.M), folder


def test_the_readme_starts_with_the_two_commands_that_ci_runs() -> None:
    readme = (ROOT / "README.md").read_text()
    ci = (ROOT / ".ci" / "run").read_text()
    assert readme.index("make run") < 1500
    assert readme.index("make test") < 1500
    assert "make test" in ci
    assert "make lint" in ci


def test_links_between_documents_lead_somewhere() -> None:
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:|mailto:|#|/)([^)#\s]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_documents_speak_of_the_project_alone() -> None:
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        assert not re.search(r"/work/|/root/|/tmp/", document.read_text()), document.name
