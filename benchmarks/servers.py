"""Starting the program and the reference, and reading what CPU and memory their processes used."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORKERS, THREADS = 2, 4
TICKS = os.sysconf("SC_CLK_TCK")
ROOT = Path(__file__).parent.parent
REFERENCE = (
    "from flask import Flask\napp = Flask('hello')\n\n\n@app.get('/')\ndef hello():\n    return 'hello'\n"
)


class Server:
    """A running server: its address and the CPU seconds of all its processes so far."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port

    def processes(self) -> list[int]:
        """The main process and everything below it."""
        found = [self.process.pid]
        for pid in found:
            children = Path(f"/proc/{pid}/task/{pid}/children")
            found += [int(child) for child in children.read_text().split()] if children.exists() else []
        return found

    def workers(self) -> list[int]:
        """The processes that answer requests: the main process's own children."""
        return [
            int(pid)
            for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def cpu_seconds(self) -> float:
        """User and system time of all processes, in seconds."""
        total = 0
        for pid in self.processes():
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except FileNotFoundError:
                continue
            total += int(fields[11]) + int(fields[12])
        return total / TICKS


def resident_mb(pid: int) -> float:
    """Resident memory of one process in MB."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) / 1024 if found else 0.0


@contextmanager
def reference(folder: Path) -> Iterator[Server]:
    """The fixed reference: a bare Flask page that says hello, under gunicorn gthread."""
    (folder / "hello.py").write_text(REFERENCE)
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--chdir", str(folder), "--bind", f"127.0.0.1:{port}",
        "--workers", str(WORKERS), "--threads", str(THREADS), "--worker-class", "gthread",
        "--keep-alive", "60", "--log-level", "error", "hello:app",
    ]  # fmt: skip
    with _running(command, port, "/", dict(os.environ)) as server:
        yield server


@contextmanager
def postmortem(data_dir: Path, port: int, **settings: str) -> Iterator[Server]:
    """The program, started the way `make run` starts it."""
    environ = {**os.environ, "POSTMORTEM_DATA_DIR": str(data_dir), **settings}
    command = [
        str(Path(sys.executable).parent / "postmortem"),
        "serve",
        "--port",
        str(port),
        "--workers",
        str(WORKERS),
    ]
    with _running(command, port, "/readyz", environ) as server:
        yield server


@contextmanager
def _running(command: list[str], port: int, path: str, environ: dict[str, str]) -> Iterator[Server]:
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, text=True)
    try:
        _wait_for(port, path, process)
        yield Server(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait_for(port: int, path: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).read()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
