"""The server's children: the worker beside it, started again when it ends; and none of them outlives it.

Ending is not left to the parent, which may be killed: each child looks by itself whose child it is. A web process that
stayed behind would hold the port and keep the next server from starting.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

# Between an end that nobody asked for and the next start; the last gap goes on.
GAPS = (1.0, 2.0, 5.0, 15.0, 30.0)
# After so long a child had begun well, and its end counts as the first again.
GOOD_LIFE = 60.0
LOOK_EVERY = 0.2
# How long the child may go on with what it has in hand when the server stops.
PATIENCE = 15.0
# And how long a web process may, whose parent was killed.
LAST_WORDS = 2.0


@contextmanager
def worker_beside() -> Iterator[None]:
    """Keep a worker running while the body runs."""
    is_over = threading.Event()
    # The first one before there is a second thread, because the server forks its own processes now.
    keeper = threading.Thread(
        target=_keep, args=(_start(), is_over), name="keeper of the worker", daemon=True
    )
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()


def end_children_with_parent() -> None:
    """Let every process that this one forks from now on end soon after this one does."""
    parent = os.getpid()

    def after_fork() -> None:
        threading.Thread(target=_end_with, args=(parent,), name="watcher of the parent", daemon=True).start()

    os.register_at_fork(after_in_child=after_fork)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(LAST_WORDS)
    os._exit(1)


def _start() -> subprocess.Popen[bytes]:
    """Ctrl-C goes to a terminal's whole group of processes; the child has its own, and is stopped by its parent."""
    command = [sys.executable, "-m", "postmortem.cli", "worker", "--child-of", str(os.getpid())]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)


def _keep(child: subprocess.Popen[bytes], is_over: threading.Event) -> None:
    """Start a child again whenever it ends, until the server stops."""
    ends, began = 0, time.monotonic()
    while not is_over.wait(LOOK_EVERY):
        if child.poll() is None:
            continue
        click.echo(f"The worker ended (exit code {child.returncode}) and is started again.", err=True)
        ends = 0 if time.monotonic() - began > GOOD_LIFE else ends
        if is_over.wait(GAPS[min(ends, len(GAPS) - 1)]):
            return
        ends, began, child = ends + 1, time.monotonic(), _start()
    _stop(child)


def _stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
