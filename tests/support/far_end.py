"""A far end of calls for tests: records what it takes, and misbehaves in every way that was asked for."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from json import loads
from typing import Any

FAULTS = ("refuses", "hangs", "drips", "500", "redirects", "410", "endless headers", "hangs after status")


@dataclass
class Call:
    """One call as it came."""

    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return loads(self.body)

    @property
    def id(self) -> str:
        return self.headers.get("webhook-id", "")


@dataclass
class FarEnd:
    """`fault` may be changed at any time; `taken` are the calls that were read whole, whatever was answered."""

    port: int
    fault: str = ""
    redirect_to: str = ""
    retry_after: str = ""
    answer: bytes = b"ok"
    taken: list[Call] = field(default_factory=list)
    # Called with each call after it was recorded, before the other side hears that it was taken.
    on_taken: Callable[[Call], None] | None = None
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/s3cret-part?key=s3cret-key"


@contextmanager
def far_end(fault: str = "", *, redirect_to: str = "") -> Iterator[FarEnd]:
    """Listen on this machine until the end of the block; with the fault "refuses", nobody listens."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        server = FarEnd(listening.getsockname()[1], fault, redirect_to)
        if fault == "refuses":
            listening.close()
            yield server
            return
        thread = threading.Thread(target=_accept, args=(listening, server), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _accept(listening: socket.socket, server: FarEnd) -> None:
    while not server.over.is_set():
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_converse, args=(connection, server), daemon=True).start()


def _converse(connection: socket.socket, server: FarEnd) -> None:
    with connection, suppress(OSError):
        reader = connection.makefile("rb")
        first = reader.readline().decode("latin-1").split(" ", 2)
        if len(first) < 3:
            # Who called ended before saying anything.
            return
        target = first[1]
        headers = {}
        while line := reader.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = reader.read(int(headers.get("content-length", "0")))
        call = Call(target, headers, body)
        server.taken.append(call)
        if server.on_taken is not None:
            server.on_taken(call)
        _answer(connection, server)


def _answer(connection: socket.socket, server: FarEnd) -> None:
    fault = server.fault
    if fault == "hangs":
        server.over.wait(60)
    elif fault == "drips":
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"z" * 10_000:
            connection.sendall(bytes([byte]))
            if server.over.wait(0.2):
                return
    elif fault == "endless headers":
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not server.over.is_set():
            connection.sendall(b"X-More: " + b"z" * 1000 + b"\r\n")
    elif fault == "hangs after status":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        server.over.wait(60)
    elif fault == "redirects":
        where = server.redirect_to.encode("ascii")
        connection.sendall(
            b"HTTP/1.1 307 Over There\r\nLocation: " + where + b"\r\nContent-Length: 0\r\n\r\n"
        )
    elif fault in ("500", "410"):
        wait = f"Retry-After: {server.retry_after}\r\n" if server.retry_after else ""
        connection.sendall(f"HTTP/1.1 {fault} No\r\n{wait}Content-Length: 6\r\n\r\ns3cret".encode("ascii"))
    else:
        length = str(len(server.answer)).encode("ascii")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n" + server.answer)
