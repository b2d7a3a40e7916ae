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
from typing import Any

from postmortem.text.limits import OutOfTime, cpu_limit, hard_cpu_limit, install

# CPU seconds for one text. At SOFT_SECONDS the conversion is interrupted and the child lives on; at
# HARD_SECONDS the system ends the child. Together with the start of a new one (0.2 s) a text stays under
# one second. An ordinary text of 100 KB takes 0.1 to 0.3 s.
SOFT_SECONDS = 0.6
HARD_SECONDS = 0.75

# The whole address space, so an upper bound for what the child can ever have in memory.
MEMORY_BYTES = 150_000_000

# An ordinary text grows three- to tenfold, densely highlighted code thirtyfold.
MAX_HTML_CHARACTERS = 6_000_000

_HEADER = struct.Struct(">I")


def _answer(source: str, prefix: str) -> dict[str, Any]:
    from postmortem.text.converter import convert

    try:
        with hard_cpu_limit(HARD_SECONDS), cpu_limit(SOFT_SECONDS):
            html, headings = convert(source, prefix)
    except OutOfTime:
        return {"failure": "too_costly"}
    except MemoryError:
        # What is left of the heap may be scattered, so the next text gets a fresh process.
        return {"failure": "too_costly", "last": True}
    except Exception:
        return {"failure": "broken"}
    if len(html) > MAX_HTML_CHARACTERS:
        return {"failure": "too_costly"}
    return {"html": html, "headings": headings}


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
    install()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    # Nothing but answers may reach the pipe, so a stray print of a library goes nowhere.
    fd_out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    import postmortem.text.converter  # noqa: F401

    gc.freeze()
    try:
        _serve(0, fd_out)
    except BrokenPipeError:
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
