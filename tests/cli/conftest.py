"""Running commands as somebody at a terminal would, on the test's own database."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from postmortem.cli import main
from postmortem.config import Config

PROSE = "The cache fell over and took the shop with it for an hour.\n"
# The console script, as it was installed beside this Python.
POSTMORTEM = str(Path(sys.executable).with_name("postmortem"))
Run = Callable[..., Result]


@pytest.fixture
def environment(config: Config) -> dict[str, str]:
    return {
        "POSTMORTEM_DATA_DIR": str(config.data_dir),
        "POSTMORTEM_DATABASE_URL": config.database_url,
        "POSTMORTEM_BASE_URL": "",
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Run a command in this process: `run("people", "add", …, input=…, env={…})`."""

    def do(*arguments: str, input: str | None = None, env: dict[str, str] | None = None) -> Result:
        result = CliRunner().invoke(main, arguments, input=input, env={**environment, **(env or {})})
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return do


@pytest.fixture
def process(environment: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command in a process of its own, as a shell would."""

    def do(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [POSTMORTEM, *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return do


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    folder = tmp_path / "our-wiki"
    folder.mkdir()
    (folder / "a.md").write_text(f"---\ntitle: Cache\ncompany: Example\noncall: x\n---\n{PROSE}")
    (folder / "b.md").write_text(f"# Disk\n\n{PROSE}")
    (folder / "outline.md").write_text("# Title\n\n## Impact\n")
    return folder
