"""`postmortem worker`, alone and beside the server: stops cleanly, is started again, never outlives its parent."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.operations import owe
from tests.cli.conftest import POSTMORTEM, Run


def until(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [POSTMORTEM, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def children(pid: int) -> list[int]:
    """The processes whose parent this is."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        if int(text.rsplit(")", 1)[1].split()[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def worker_of(pid: int) -> int | None:
    for child in children(pid):
        if b"--child-of" in Path(f"/proc/{child}/cmdline").read_bytes():
            return child
    return None


def test_once_delivers_what_is_due_and_ends(run: Run, session: Session) -> None:
    """A notice to nobody who is here is done with at once."""
    owe(session, DeliveryKind.NOTICE, {"person_id": 404, "what": "password_changed", "at": ""})
    session.commit()
    assert run("worker", "--once").exit_code == 0
    session.expire_all()
    [row] = session.scalars(select(OutboxMessage))
    assert row.is_delivered


def test_the_worker_loads_no_web_framework() -> None:
    """It runs beside the web processes, and shall be small."""
    program = (
        "import sys; from postmortem.cli import worker; worker.handlers();"
        "print([name for name in ('flask', 'werkzeug', 'wtforms', 'granian', 'authlib') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_to(environment: dict[str, str], config, number: signal.Signals) -> None:
    with running(environment, "worker") as process:
        assert process.stdout is not None
        assert "links begin with" in process.stdout.readline()
        process.send_signal(number)
        assert process.wait(10) == 0


def test_a_worker_whose_parent_is_gone_ends(environment: dict[str, str], config) -> None:
    """Also when the parent was gone before the worker could look: the number it was given is not its parent's."""
    begin = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(60)"
    parent = subprocess.Popen(
        [sys.executable, "-c", begin, POSTMORTEM, "worker", "--child-of", "1"],
        env={**os.environ, **environment},
        start_new_session=True,
    )
    try:
        assert until(lambda: bool(children(parent.pid)))
        [child] = children(parent.pid)
        assert until(lambda: not is_alive(child))
    finally:
        parent.kill()
        parent.wait()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def kill_worker_then_server(server: subprocess.Popen[str], port: int) -> None:
    assert until(lambda: answers(port))
    first = worker_of(server.pid)
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert until(lambda: worker_of(server.pid) not in (None, first))
    family = children(server.pid)
    assert len(family) == 2
    server.kill()
    server.wait()
    assert until(lambda: not any(is_alive(pid) for pid in family), 8)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes under /proc, which Linux has")
def test_beside_the_server_it_is_started_again_and_nothing_outlives_the_server(
    environment: dict[str, str], config
) -> None:
    port = free_port()
    serve = ("serve", "--port", str(port), "--workers", "1")
    for _ in range(2):
        # The second round shows that the first left nothing that holds the port.
        with running(environment, *serve) as server:
            kill_worker_then_server(server, port)
    with running(environment, *serve, "--no-worker") as server:
        assert until(lambda: answers(port))
        assert worker_of(server.pid) is None
        family = children(server.pid)
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
        assert not any(is_alive(pid) for pid in family)
