"""The parent's end of the child process that converts Markdown.

One child per process, started at the first text and kept. A text that would stall or exhaust the converter
ends the child, not the server: the child limits its own CPU time and memory, and the parent stops waiting
after a generous wall-clock time. After a fork each process starts a child of its own.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import struct
import sys
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import subprocess

# The child stops itself after well under a second of CPU time. These two only matter on a machine so busy
# that the child hardly runs, and must not refuse an ordinary text there.
REPLY_SECONDS = 20.0
QUEUE_SECONDS = 40.0

_ARGUMENTS = ("-P", "-m", "postmortem.text.child")
_HEADER = struct.Struct(">I")
_MAX_REPLY_BYTES = 32_000_000


class Failure(StrEnum):
    """Why a text was not converted."""

    TOO_LONG = "too_long"
    TOO_COSTLY = "too_costly"
    BROKEN = "broken"
    UNAVAILABLE = "unavailable"


class Reply(NamedTuple):
    """What the child made of a text: safe HTML, and (level, id, text) of each heading."""

    html: str
    headings: list[tuple[int, str, str]]


class _ChildDied(Exception):
    """The child ended or did not answer in time."""


@dataclass
class _Child:
    process: subprocess.Popen[bytes]
    to_child: int
    from_child: int

    def ask(self, request: bytes, deadline: float) -> bytes:
        self._write(_HEADER.pack(len(request)) + request, deadline)
        (length,) = _HEADER.unpack(self._read(_HEADER.size, deadline))
        if length > _MAX_REPLY_BYTES:
            raise _ChildDied
        return self._read(length, deadline)

    def _wait(self, fd: int, event: int, deadline: float) -> None:
        import select

        poll = select.poll()
        poll.register(fd, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise _ChildDied

    def _write(self, data: bytes, deadline: float) -> None:
        import select

        view = memoryview(data)
        while view:
            self._wait(self.to_child, select.POLLOUT, deadline)
            try:
                view = view[os.write(self.to_child, view) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise _ChildDied from error

    def _read(self, length: int, deadline: float) -> bytes:
        import select

        chunks = bytearray()
        while len(chunks) < length:
            self._wait(self.from_child, select.POLLIN, deadline)
            try:
                chunk = os.read(self.from_child, length - len(chunks))
            except BlockingIOError:
                continue
            except OSError as error:
                raise _ChildDied from error
            if not chunk:
                raise _ChildDied
            chunks += chunk
        return bytes(chunks)

    def end(self) -> int:
        """Close the pipes, end the process if it still runs, and return how it ended."""
        self.close()
        try:
            # A child that stopped itself is ending already; its own return code says why.
            return self.process.wait(timeout=0.2)
        except Exception:
            self.process.kill()
            return self.process.wait()

    def close(self) -> None:
        for fd in (self.to_child, self.from_child):
            try:
                os.close(fd)
            except OSError:
                pass


class _Converter:
    """Hands texts to the child, one at a time, from any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def forget(self) -> None:
        """After a fork: the child belongs to the parent. Only our copies of its pipes are closed."""
        self._lock = threading.Lock()
        child, self._child = self._child, None
        if child is not None:
            child.close()
            # This process is not its parent; without a return code Popen would complain when collected.
            child.process.returncode = 0

    def convert(self, source: str, prefix: str) -> Reply | Failure:
        if not self._lock.acquire(timeout=QUEUE_SECONDS):
            return Failure.UNAVAILABLE
        try:
            # Somebody else may have ended an idle child (an out-of-memory killer, an operator): try twice.
            return self._ask(source, prefix) or self._ask(source, prefix) or Failure.UNAVAILABLE
        finally:
            self._lock.release()

    def stop(self) -> None:
        """End the child; the next text starts another."""
        with self._lock:
            child, self._child = self._child, None
            if child is not None:
                child.end()

    def _ask(self, source: str, prefix: str) -> Reply | Failure | None:
        """Return None when the child ended for a reason that has nothing to do with the text."""
        if self._child is None:
            try:
                self._child = _start()
            except Exception:
                return Failure.UNAVAILABLE
        child = self._child
        request = json.dumps({"source": source, "prefix": prefix}).encode()
        deadline = time.monotonic() + REPLY_SECONDS
        try:
            answer = json.loads(child.ask(request, deadline))
        except _ChildDied:
            self._child = None
            timed_out = time.monotonic() >= deadline
            code = child.end()
            if timed_out or code == -signal.SIGPROF:
                return Failure.TOO_COSTLY
            return Failure.BROKEN if code in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS) else None
        except BaseException:
            # Left in the middle of a conversation (by an interrupt, say), the next reply would be this one.
            self._child = None
            child.end()
            raise
        if answer.get("last"):
            self._child = None
            child.end()
        if failure := answer.get("failure"):
            return Failure(failure)
        return Reply(answer["html"], [(level, id_, text) for level, id_, text in answer["headings"]])


def _start() -> _Child:
    import subprocess

    root = str(Path(__file__).resolve().parents[2])
    # No secret of the server's environment is handed on; without a locale the child's memory stays small.
    environment = {
        "PYTHONPATH": os.pathsep.join([root, *map(os.path.abspath, sys.path)]),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
    }
    if library_path := os.environ.get("LD_LIBRARY_PATH"):
        environment["LD_LIBRARY_PATH"] = library_path
    process = subprocess.Popen(
        [sys.executable, *_ARGUMENTS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        env=environment,
        cwd="/",
        start_new_session=True,
    )
    fds = []
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            # Plain descriptors: a file object closed in a forked copy of this process would warn.
            fds.append(os.dup(stream.fileno()))
            os.set_blocking(fds[-1], False)
            stream.close()
    return _Child(process, *fds)


_converter = _Converter()
os.register_at_fork(after_in_child=_converter.forget)
atexit.register(_converter.stop)


def convert(source: str, prefix: str) -> Reply | Failure:
    """Convert a cleaned text of acceptable length; thread-safe, never raises for a text."""
    return _converter.convert(source, prefix)


def stop() -> None:
    """End the child process, for tests and for an orderly shutdown. The next text starts another."""
    _converter.stop()
