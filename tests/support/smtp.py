"""A mail server for tests: records what it takes, and misbehaves in every way that was asked for.

It speaks just enough SMTP for smtplib: EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, QUIT, one thread to a conversation.
"""

import socket
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BufferedReader
from pathlib import Path

from postmortem.config import Smtp

FAULTS = (
    "hangs at greeting",
    "hangs at data",
    "drips",
    "drops at greeting",
    "drops at data",
    "drops after taking",
    "refuses the greeting",
    "later",
    "never",
    "refuses the mail",
    "refuses sign-in",
)


@dataclass
class Taken:
    """One mail as it came."""

    sender: str
    recipients: list[str]
    raw: bytes
    signed_in: str
    is_encrypted: bool

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.raw, policy=default)
        assert isinstance(found, EmailMessage)
        return found

    def part(self, kind: str) -> str:
        """The text (`plain`) or the HTML (`html`)."""
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())


@dataclass
class MailServer:
    """`fault` may be changed at any time; `seen` are the commands of all conversations."""

    port: int
    fault: str = ""
    taken: list[Taken] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    offers_tls: bool = False
    # Called with each mail after it was recorded, before the client hears that it was taken.
    on_taken: Callable[[Taken], None] | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def settings(self, **replaced: object) -> Smtp:
        """Settings that lead here."""
        values = {
            "host": "localhost",
            "port": self.port,
            "user": "",
            "password": "",
            "sender": "postmortem@example.com",
            "tls": "none",
        }
        return Smtp(**{**values, **replaced})  # type: ignore[arg-type]


@contextmanager
def mail_server(*, certificate: Path | None = None, implicit_tls: bool = False) -> Iterator[MailServer]:
    """Listen on this machine until the end of the block. `certificate` is a PEM with key: TLS is offered then."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = MailServer(listening.getsockname()[1], offers_tls=bool(context) and not implicit_tls)
        thread = threading.Thread(
            target=_accept, args=(listening, server, context, implicit_tls), daemon=True
        )
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _accept(
    listening: socket.socket, server: MailServer, context: ssl.SSLContext | None, implicit_tls: bool
) -> None:
    while not server.over.is_set():
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        talk = _Conversation(connection, server, context, implicit_tls)
        threading.Thread(target=talk.run, daemon=True).start()


class _Conversation:
    def __init__(
        self, connection: socket.socket, server: MailServer, context: ssl.SSLContext | None, implicit: bool
    ) -> None:
        self.connection, self.server, self.context = connection, server, context
        self.implicit = implicit
        self.is_encrypted = False
        self.lines: BufferedReader | None = None
        self.sender, self.signed_in = "", ""
        self.recipients: list[str] = []

    def run(self) -> None:
        try:
            with suppress(OSError, EOFError):
                self.connection.settimeout(30)
                if self.implicit:
                    self._encrypt()
                self.lines = self.connection.makefile("rb")
                self._greet()
                while self._answer(self._line().decode().strip()):
                    pass
        finally:
            # By its name: encrypting made another socket of it.
            self.connection.close()
            if self.lines:
                self.lines.close()

    def _encrypt(self) -> None:
        assert self.context is not None
        self.connection = self.context.wrap_socket(self.connection, server_side=True)
        self.is_encrypted = True

    def _line(self) -> bytes:
        assert self.lines is not None
        line = self.lines.readline()
        if not line:
            raise EOFError
        return line

    def _say(self, text: str) -> bool:
        self.connection.sendall(text.encode() + b"\r\n")
        return True

    def _hang(self) -> None:
        self.server.over.wait(30)
        raise EOFError

    def _greet(self) -> None:
        fault = self.server.fault
        if fault == "hangs at greeting":
            self._hang()
        if fault == "drops at greeting":
            raise EOFError
        if fault == "drips":
            while not self.server.over.wait(0.1):
                self.connection.sendall(b"2")
        self._say("554 not today" if fault == "refuses the greeting" else "220 here")

    def _answer(self, line: str) -> bool:
        self.server.seen.append(line.split(" ")[0].upper())
        command, fault = line.upper(), self.server.fault
        if command.startswith(("EHLO", "HELO")):
            tls = "250-STARTTLS\r\n" if self.server.offers_tls and not self.is_encrypted else ""
            return self._say(f"250-here\r\n{tls}250 AUTH PLAIN")
        if command == "STARTTLS":
            self._say("220 go on")
            self.lines.close()
            self._encrypt()
            self.lines = self.connection.makefile("rb")
            return True
        if command.startswith("AUTH PLAIN"):
            return self._sign_in(line.split(" ")[2])
        if command.startswith("MAIL FROM:"):
            self.sender, self.recipients = line[10:].split(">")[0].strip("< "), []
            return self._say("250 ok")
        if command.startswith("RCPT TO:"):
            refusals = {"later": "451 4.7.1 try later", "never": "550 5.1.1 nobody of this name"}
            if fault in refusals:
                return self._say(refusals[fault])
            self.recipients.append(line[8:].strip("<> "))
            return self._say("250 ok")
        if command == "DATA":
            return self._take()
        if command == "QUIT":
            self._say("221 bye")
            return False
        return self._say("250 ok")

    def _sign_in(self, encoded: str) -> bool:
        if self.server.fault == "refuses sign-in":
            return self._say(f"535 5.7.8 no: {b64decode(encoded).decode()!r} {encoded}")
        self.signed_in = b64decode(encoded).decode().replace("\0", "|")
        return self._say("235 welcome")

    def _take(self) -> bool:
        fault = self.server.fault
        self._say("354 go on")
        raw = b""
        while (line := self._line()) != b".\r\n":
            raw += line[1:] if line.startswith(b"..") else line
        if fault == "hangs at data":
            self._hang()
        if fault == "drops at data":
            raise EOFError
        if fault == "refuses the mail":
            # As a filter would that repeats what it does not like.
            return self._say(f"554 5.7.1 unwanted: {_first_link(raw)}")
        taken = Taken(self.sender, self.recipients, raw, self.signed_in, self.is_encrypted)
        self.server.taken.append(taken)
        if self.server.on_taken:
            self.server.on_taken(taken)
        self._say("250 taken")
        if fault == "drops after taking":
            raise EOFError
        return True


def _first_link(raw: bytes) -> str:
    text = message_from_bytes(raw, policy=default).get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    return next((word for word in text.split() if word.startswith("http")), "")
