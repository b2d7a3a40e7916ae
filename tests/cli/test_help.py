"""The command itself: what it lists, how fast it answers, what it says to a slip."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from postmortem.cli import COMMANDS
from tests.cli.conftest import Run

Process = Callable[..., subprocess.CompletedProcess[str]]


def test_help_lists_every_command(process: Process) -> None:
    shown = process("--help")
    assert shown.returncode == 0
    for name, (_, _, sentence) in COMMANDS.items():
        assert f"  {name}" in shown.stdout
        assert sentence.split()[0] in shown.stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(run: Run, name: str) -> None:
    shown = run(name, "--help")
    assert shown.exit_code == 0
    assert shown.output.startswith(f"Usage: main {name}")


def test_help_loads_neither_the_database_nor_the_web() -> None:
    program = (
        "import sys\nfrom postmortem.cli import main\n"
        "try:\n    main(['--help'], standalone_mode=False)\nexcept SystemExit:\n    pass\n"
        "heavy = {'sqlalchemy', 'flask', 'jinja2', 'wtforms', 'alembic', 'markdown', 'yaml', 'tqdm'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr


def test_an_unknown_command(process: Process) -> None:
    shown = process("impart")
    assert shown.returncode == 2
    assert "No such command 'impart'" in shown.stderr
    assert "Traceback" not in shown.stderr


def test_the_version(process: Process) -> None:
    shown = process("--version")
    assert shown.returncode == 0
    assert "postmortem" in shown.stdout
