"""The program as it really runs: `postmortem serve` with its web processes and its worker, and ways to kill them."""

import http.client
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.servers import free_port

ROOT = Path(__file__).parent.parent
WEB_PROCESSES = 2
KILLS = ("everything", "the server", "a web process", "the worker")


class Site:
    """A server on a port of its own with its data in a folder of its own. Started, killed and started again."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir, self.port = data_dir, free_port()
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTMORTEM_")}
        self.environ = {**kept, "POSTMORTEM_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1", **settings}
        self.process: subprocess.Popen[bytes] | None = None
        self.seen: set[tuple[int, str]] = set()

    def command(self, *arguments: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run one of the program's commands on this site's data."""
        return subprocess.run(
            [sys.executable, "-m", "postmortem.cli", *arguments],
            cwd=ROOT, env=self.environ, input=input, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    def start(self) -> None:
        with (self.data_dir / "log").open("ab") as log:
            command = ["serve", "--port", str(self.port), "--workers", str(WEB_PROCESSES)]
            self.process = subprocess.Popen(
                [sys.executable, "-m", "postmortem.cli", *command],
                cwd=ROOT, env=self.environ, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def wait_until_ready(self, seconds: float = 60) -> float:
        """How long it took until it answered that it is ready. Starts it again where it ended (the port was taken)."""
        began = time.monotonic()
        while not (self._serves() and self.is_ready()):
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"not ready after {seconds} s; the end of its log:\n{self.log()}")
            if self.process is None or self.process.poll() is not None:
                self.start()
            time.sleep(0.05)
        return time.monotonic() - began

    def _serves(self) -> bool:
        """Whether this server has a web process: one that outlived the last server answers for a moment, too."""
        if self.process is None or self.process.poll() is not None:
            return False
        return bool(_kinds(self.processes()[1:])[0])

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def log(self) -> str:
        return (self.data_dir / "log").read_text(errors="replace")[-3000:]

    def processes(self) -> list[int]:
        """The server and everything below it, as far as it is alive; remembered for `left_over`."""
        if self.process is None:
            return []
        found = [self.process.pid]
        for pid in found:
            found += _children(pid)
        self.seen |= {(pid, born) for pid in found if (born := _born(pid))}
        return [pid for pid in found if _born(pid)]

    def kill(self, what: str) -> None:
        """`kill -9` of one of KILLS."""
        found = self.processes()
        server, others = found[:1], found[1:]
        web, workers = _kinds(others)
        victims = {"everything": found, "the server": server}.get(what)
        for pid in victims or (web if what == "a web process" else workers)[:1]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.process and victims:
            self.process.wait()

    def stop(self) -> None:
        """As an operator stops it."""
        if self.process and self.process.poll() is None:
            self.processes()
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.kill("everything")

    def left_over(self, seconds: float = 15) -> list[int]:
        """Processes of this site that are still there, once they had time to end."""
        until = time.monotonic() + seconds
        while left := [pid for pid, born in self.seen if _born(pid) == born]:
            if time.monotonic() > until:
                break
            time.sleep(0.1)
        return left


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, task.read_text().split())
        except OSError:
            continue
    return found


def _born(pid: int) -> str | None:
    """When a process was started; with its number that tells it from a later one. None for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def _kinds(pids: list[int]) -> tuple[list[int], list[int]]:
    """Web processes and workers."""
    web, workers = [], []
    for pid in pids:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"worker" in words:
            workers.append(pid)
        elif b"serve" in words:
            web.append(pid)
    return web, workers
