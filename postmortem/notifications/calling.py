"""One call to an address outside, carefully: within one time limit, no redirect followed, certificates checked.

The connection is made here, to an address that was looked at (see `addresses`); no proxy and no password of the
environment is used. What the far end says is not kept: its status is enough, and its words may hold anything.
"""

import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SHUT_RDWR, SOCK_STREAM, gaierror, getaddrinfo, socket

from postmortem import clock
from postmortem.config_parts import WebhookAllow
from postmortem.notifications.addresses import USUAL_PORTS, NotAllowed, NotOpen, Resolve, permitted, split_url

# For all of it: looking the name up, connecting, sending and the first line of the answer.
WHOLE_SECONDS = 10.0
MAX_ANSWER_BYTES = 4096
GONE = 410


class NotTaken(Exception):
    """The far end did not take the call. The message is a sentence without secrets; `is_for_good`: nor will it later.

    `asked` is how long it asks to be left alone. `for_people` is the sentence for those who run nothing here: it does
    not say which names there are in networks that are not open.
    """

    def __init__(
        self,
        sentence: str,
        *,
        is_for_good: bool = False,
        asked: timedelta = timedelta(0),
        for_people: str = "",
    ) -> None:
        super().__init__(sentence)
        self.is_for_good, self.asked, self.for_people = is_for_good, asked, for_people or sentence


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, as the system knows them."""
    found = getaddrinfo(host, port, type=SOCK_STREAM, proto=IPPROTO_TCP)
    return list(dict.fromkeys(str(sockaddr[0]) for _, _, _, _, sockaddr in found))


def call(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    allow: WebhookAllow,
    *,
    seconds: float = WHOLE_SECONDS,
    look_up: Resolve = resolve,
) -> bytes:
    """POST this. Returns the beginning of the answer once the far end has taken it (2xx); raises NotTaken."""
    until = time.monotonic() + seconds
    try:
        scheme, host, port, target = split_url(url)
        addresses = permitted(host, port, allow, lambda *where: _in_time(look_up, where, until))
        with _Conversation(until) as conversation:
            conversation.connect(addresses, port, host if scheme == "https" else None)
            answer = conversation.post(host, port, scheme, target, body, headers)
    except NotOpen as error:
        raise NotTaken(error.sentence, for_people=_not_found(host)) from error
    except NotAllowed as error:
        raise NotTaken(error.sentence) from error
    except gaierror as error:
        raise NotTaken(f"The host {host} is not known.", for_people=_not_found(host)) from error
    except ssl.SSLCertVerificationError as error:
        raise NotTaken(f"{host} shows a certificate that does not hold: {error.verify_message}.") from error
    except (OSError, HTTPException, UnicodeError, ValueError) as error:
        if time.monotonic() >= until:
            raise NotTaken(f"{host} did not answer within {seconds:g} seconds.") from error
        raise NotTaken(
            f"{host} could not be reached or gave no proper answer ({type(error).__name__})."
        ) from error
    return _taken(host, *answer)


def _not_found(host: str) -> str:
    return f"{host} is not known, or not on the open internet."


def _taken(host: str, status: int, retry_after: str, beginning: bytes) -> bytes:
    if status == GONE:
        raise NotTaken(f"{host} says that this receiver is gone (410).", is_for_good=True)
    if 300 <= status < 400:
        raise NotTaken(f"{host} answered with a redirect ({status}), and none is followed.")
    if not 200 <= status < 300:
        raise NotTaken(f"{host} answered with status {status}.", asked=asked_for(retry_after))
    return beginning


def asked_for(retry_after: str) -> timedelta:
    """How long a `Retry-After` asks to wait, in seconds or as a date; nothing where it says neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return timedelta(0)
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(timedelta(0), until - clock.now())


class _Conversation:
    """A connection that is cut when the time is over, also where the far end sends a byte now and then."""

    def __init__(self, until: float) -> None:
        self._until = until
        self._socket: socket | None = None
        self._watch = threading.Timer(max(0.0, until - time.monotonic()), self._cut)
        self._watch.daemon = True

    def __enter__(self) -> "_Conversation":
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.cancel()
        if self._socket is not None:
            self._socket.close()

    def _cut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(SHUT_RDWR)

    def connect(self, addresses: list[str], port: int, tls_name: str | None) -> None:
        """To the first address that answers; with TLS where a name is given, whose certificate is demanded."""
        for place, address in enumerate(addresses, start=1):
            try:
                self._socket = self._opened(address, port)
                break
            except OSError:
                if place == len(addresses):
                    raise
        if tls_name is not None and self._socket is not None:
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(
                self._socket, server_hostname=tls_name, do_handshake_on_connect=False
            )
            self._socket.do_handshake()
        if time.monotonic() >= self._until:
            raise TimeoutError

    def _opened(self, address: str, port: int) -> socket:
        opened = socket(AF_INET6 if ":" in address else AF_INET, SOCK_STREAM)
        opened.settimeout(max(0.05, self._until - time.monotonic()))
        try:
            opened.connect((address, port))
        except OSError:
            opened.close()
            raise
        return opened

    def post(
        self, host: str, port: int, scheme: str, target: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, str, bytes]:
        """Status, when to come again, and the beginning of the answer, as far as it came at once."""
        connection = HTTPConnection(host, port)
        connection.sock = self._socket
        own_port = "" if port == USUAL_PORTS[scheme] else f":{port}"
        name = f"[{host}]" if ":" in host else host
        connection.putrequest("POST", target, skip_host=True, skip_accept_encoding=True)
        for key, value in {
            "Host": name + own_port,
            **headers,
            "Content-Length": str(len(body)),
            "Connection": "close",
        }.items():
            connection.putheader(key, value)
        connection.endheaders(body)
        with _answer(connection) as answer:
            return answer.status, answer.getheader("Retry-After", ""), self._beginning(answer)

    def _beginning(self, answer: HTTPResponse) -> bytes:
        """What was said at once. The status is known; who dawdles over the rest is not waited for."""
        if self._socket is not None:
            self._socket.settimeout(0.5)
        with suppress(OSError, HTTPException, ValueError):
            return answer.read1(MAX_ANSWER_BYTES)
        return b""


@contextmanager
def _answer(connection: HTTPConnection) -> Iterator[HTTPResponse]:
    answer = connection.getresponse()
    try:
        yield answer
    finally:
        answer.close()


def _in_time(look_up: Resolve, where: tuple[str, int], until: float) -> list[str]:
    """Look a name up; the system's own limit may be far away, so it is not waited for longer than ours."""
    found: list[str] = []
    failures: list[Exception] = []

    def look() -> None:
        try:
            found.extend(look_up(*where))
        except Exception as error:
            failures.append(error)

    thread = threading.Thread(target=look, name="look-up", daemon=True)
    thread.start()
    thread.join(max(0.0, until - time.monotonic()))
    if failures:
        raise failures[0]
    if not found:
        raise TimeoutError
    return found
