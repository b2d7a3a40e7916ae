"""Requests as no client would put them on the wire, against the real server: an answer or an end, soon, and no error of ours."""

import errno
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from stress.server import Site

MOST_SECONDS = 5.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    found = Site(tmp_path_factory.mktemp("wire") / "data")
    made = found.command("db", "upgrade")
    assert made.returncode == 0, made.stderr
    found.start()
    found.wait_until_ready()
    yield found
    found.stop()


def sent(site: Site, raw: bytes, *, pause: float = 0.0) -> bytes:
    """What comes back until the server ends it or is silent."""
    raw = raw.replace(b"HOST", f"127.0.0.1:{site.port}".encode())
    with socket.create_connection(("127.0.0.1", site.port), timeout=MOST_SECONDS) as wire:
        answer = b""
        try:
            for part in [raw[at : at + 1] for at in range(len(raw))] if pause else [raw]:
                wire.sendall(part)
                time.sleep(pause)
            wire.shutdown(socket.SHUT_WR)
            while chunk := wire.recv(65_536):
                answer += chunk
        except ConnectionError:
            pass
        except OSError as error:  # the server ended it before we had said our last
            if error.errno != errno.ENOTCONN:
                raise
        return answer


FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
WIRES = {
    "two lengths": b"POST /login HTTP/1.1\r\nHost: HOST\r\n" + FORM + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\na=bcd",
    "length and chunks": b"POST /login HTTP/1.1\r\nHost: HOST\r\n" + FORM
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /readyz HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "chunks that are none": b"POST /login HTTP/1.1\r\nHost: HOST\r\n" + FORM + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a chunk beyond counting": b"POST /login HTTP/1.1\r\nHost: HOST\r\n" + FORM
    + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\na",
    "another encoding": b"POST /login HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a negative length": b"POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: -1\r\n\r\n",
    "a length that is none": b"POST /login HTTP/1.1\r\nHost: HOST\r\nContent-Length: five\r\n\r\nhello",
    "a body that ends early": b"POST /login HTTP/1.1\r\nHost: HOST\r\n" + FORM + b"Content-Length: 500\r\n\r\na=b",
    "no host": b"GET /login HTTP/1.1\r\n\r\n",
    "an empty host": b"GET /login HTTP/1.1\r\nHost: \r\n\r\n",
    "two hosts": b"GET /login HTTP/1.1\r\nHost: HOST\r\nHost: evil.example\r\n\r\n",
    "a foreign address": b"GET http://evil.example/login HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "our own address": b"GET http://HOST/login HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "old": b"GET /login HTTP/1.0\r\n\r\n",
    "older": b"GET /login\r\n\r\n",
    "no protocol": b"GARBAGE\r\n\r\n",
    "nothing but noise": bytes(range(256)) * 8,
    "a folded header": b"GET /login HTTP/1.1\r\nHost: HOST\r\nX: a\r\n b\r\n\r\n",
    "a header without a name": b"GET /login HTTP/1.1\r\nHost: HOST\r\n: x\r\n\r\n",
    "a blank before the colon": b"GET /login HTTP/1.1\r\nHost : HOST\r\n\r\n",
    "bare line ends": b"GET /login HTTP/1.1\nHost: HOST\n\n",
    "a NUL": b"GET /login HTTP/1.1\r\nHost: HOST\r\nX: a\0b\r\n\r\n",
    "a long header": b"GET /login HTTP/1.1\r\nHost: HOST\r\nX: " + b"a" * 600_000 + b"\r\n\r\n",
    "many headers": b"GET /login HTTP/1.1\r\nHost: HOST\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(5_000)) + b"\r\n",
    "a long address": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "an asterisk": b"OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "a tunnel": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: HOST\r\n\r\n",
    "an echo": b"TRACE /login HTTP/1.1\r\nHost: HOST\r\nCookie: postmortem=secret\r\n\r\n",
    "another protocol": b"GET /login HTTP/1.1\r\nHost: HOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("raw", WIRES.values(), ids=WIRES.keys())
def test_the_server_answers_or_ends_it(site: Site, raw: bytes) -> None:
    began = time.monotonic()
    answer = sent(site, raw)
    assert time.monotonic() - began < MOST_SECONDS
    assert not answer.startswith((b"HTTP/1.1 5", b"HTTP/1.0 5")), answer[:300]
    assert b"Traceback" not in answer
    assert b"postmortem=secret" not in answer
    assert b"evil.example" not in answer
    # Nothing that follows in the same bytes is taken for a request of its own.
    assert answer.count(b"HTTP/1.") <= 1, answer[:2000]


def test_one_byte_at_a_time_is_a_request_too(site: Site) -> None:
    assert b" 200 OK" in sent(site, b"GET /readyz HTTP/1.1\r\nHost: HOST\r\n\r\n", pause=0.01)


def test_nothing_of_it_is_an_error_in_the_log(site: Site) -> None:
    assert site.is_ready()
    log = Path(site.data_dir / "log").read_text(errors="replace")
    assert "Traceback" not in log
    assert "panicked" not in log
