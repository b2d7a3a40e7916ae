"""`make wheel`: build the wheel, install it into an empty environment, and start what was installed.

Run from outside the checkout, so that templates, migrations, static files and sample data must be inside it.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
DEADLINE_SECONDS = 60


def main() -> int:
    """Build, install, migrate, load the samples, serve, and read two pages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _run(
            [
                sys.executable,
                "-m",
                "pip",
                "wheel",
                "--quiet",
                "--no-deps",
                "--wheel-dir",
                str(folder),
                str(ROOT),
            ]
        )
        [wheel] = folder.glob("postmortem-*.whl")
        venv.create(folder / "env", with_pip=True)
        python = str(folder / "env" / "bin" / "python")
        _run([python, "-m", "pip", "install", "--quiet", str(wheel)])
        _start(folder)
    print("The wheel installs into an empty environment and serves its pages.")
    return 0


def _run(command: list[str], **options: object) -> str:
    done = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, **options)  # type: ignore[call-overload]
    return str(done.stdout)


def _start(folder: Path) -> None:
    port = _free_port()
    environ = {key: value for key, value in os.environ.items() if not key.startswith("POSTMORTEM_")}
    environ["POSTMORTEM_DATA_DIR"] = str(folder / "data")
    command = str(folder / "env" / "bin" / "postmortem")
    _run([command, "db", "upgrade"], cwd=folder, env=environ)
    _run([command, "doctor"], cwd=folder, env=environ)
    server = subprocess.Popen(
        [command, "serve", "--port", str(port), "--workers", "1"],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        printed = ""
        while "setup?code=" not in printed:
            line = server.stdout.readline()
            assert line, f"the server ended early: {printed}"
            printed += line
        found = re.search(r"http://\S+/setup\?code=\S+", printed)
        assert found, printed
        page = _read(found.group())
        assert "Create the first admin account" in page, page[:500]
        stylesheet = re.search(r'href="(/static/[^"]+\.css[^"]*)"', page)
        assert stylesheet, page[:1000]
        assert "{" in _read(f"http://127.0.0.1:{port}{stylesheet.group(1)}")
    finally:
        server.terminate()
        server.wait(timeout=20)
    _run([command, "demo", "load"], cwd=folder, env=environ)


def _read(url: str) -> str:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
