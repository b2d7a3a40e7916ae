"""The child process that converts Markdown: reads texts from standard input, answers on standard output.

Started by `process`, never imported by the server. Frames are a four-byte length and JSON. It ends when its
standard input does, so it cannot outlive the server.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import struct
import time
from types import FrameType
from typing import Any

# CPU seconds for one text. At SOFT_SECONDS a Python signal handler interrupts the conversion and the child
# lives on; at HARD_SECONDS the system ends the child, whatever code it is in. Together with the start of a
# new child (0.2 s) a text stays under one second.
SOFT_SECONDS = 0.5
HARD_SECONDS = 0.7

# The whole address space, so an upper bound for what the child can ever have in memory.
MEMORY_BYTES = 180_000_000

# An ordinary text grows three- to tenfold, densely highlighted code thirtyfold.
MAX_HTML_CHARACTERS = 6_000_000

_HEADER = struct.Struct(">I")


class OutOfTime(BaseException):
    """The text has used up its CPU time. Not an Exception: libraries that catch those must not swallow it."""


def _raise_out_of_time(signum: int, frame: FrameType | None) -> None:
    raise OutOfTime


def _arm(soft: float, hard: float) -> None:
    # Without a handler SIGPROF ends the process: a regular expression or a library in C cannot outlast it.
    signal.setitimer(signal.ITIMER_PROF, hard)
    signal.setitimer(signal.ITIMER_VIRTUAL, soft)


def _answer(source: str, prefix: str) -> dict[str, Any]:
    from postmortem.text.converter import convert

    started = time.process_time()
    try:
        _arm(SOFT_SECONDS, HARD_SECONDS)
        html, headings = convert(source, prefix)
    except OutOfTime:
        return {"failure": "too_costly"}
    except MemoryError:
        # What is left of the heap may be scattered, so the next text gets a fresh process.
        return {"failure": "too_costly", "last": True}
    except Exception:
        return {"failure": "broken"}
    finally:
        _arm(0, 0)
    if len(html) > MAX_HTML_CHARACTERS:
        return {"failure": "too_costly"}
    return {"html": html, "headings": headings, "cpu": time.process_time() - started}


def _read(fd: int, length: int) -> bytes | None:
    chunks = bytearray()
    while len(chunks) < length:
        chunk = os.read(fd, length - len(chunks))
        if not chunk:
            return None
        chunks += chunk
    return bytes(chunks)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _serve(fd_in: int, fd_out: int) -> None:
    while True:
        header = _read(fd_in, _HEADER.size)
        body = header and _read(fd_in, *_HEADER.unpack(header))
        if not body:
            return
        request = json.loads(body)
        answer = _answer(request["source"], request["prefix"])
        data = json.dumps(answer).encode()
        _write(fd_out, _HEADER.pack(len(data)) + data)


def main() -> None:
    """Set the limits, load the converter and serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGVTALRM, _raise_out_of_time)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    # Nothing but answers may reach the pipe, so a stray print of a library goes nowhere.
    fd_out = os.dup(1)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    import postmortem.text.converter  # noqa: F401

    gc.freeze()
    try:
        _serve(0, fd_out)
    except BrokenPipeError:
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
