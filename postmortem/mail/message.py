"""From a template to a message that can be sent. Pure but for reading the templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from postmortem import clock
from postmortem.schema import shipped
from postmortem.text.clean import clean_source

if TYPE_CHECKING:
    from jinja2 import Environment

SITE_NAME = "Postmortem"
MAX_HEADER = 200


class _InOneLine(UniqueUnstructuredHeader, BaseHeader):  # type: ignore[misc]
    """A header with an address in it. Python would fold a long one into encoded words, which nobody can follow."""

    def fold(self, *, policy: Any) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("List-Unsubscribe", _InOneLine)
POLICY = SMTP.clone(header_factory=_HEADERS)


class BadAddress(Exception):
    """The recipient's or sender's address is none that mail can be sent to."""


@dataclass(frozen=True)
class Letter:
    """The texts of one mail."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class CalendarPart:
    """An invitation as calendar programs read it (RFC 6047): the document, and its METHOD."""

    method: str
    document: str


def write_letter(name: str, context: Mapping[str, Any]) -> Letter:
    """Fill in `templates/emails/<name>/`. A template that asks for what `context` lacks raises."""
    texts = (
        _environment().get_template(f"emails/{name}/{part}").render(site_name=SITE_NAME, **context)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return Letter(*texts)


def put_together(
    letter: Letter,
    *,
    to_name: str,
    to_address: str,
    sender: str,
    delivery_id: str,
    unsubscribe_url: str = "",
    calendar: CalendarPart | None = None,
) -> EmailMessage:
    """The message with its headers. The same delivery has the same Message-ID, however often it is tried.

    `unsubscribe_url` is where mail programs offer to leave, with one click (RFC 8058). `calendar` says the same once
    more to calendar programs. Raises BadAddress.
    """
    message = EmailMessage(policy=POLICY)
    try:
        message["From"] = Address(SITE_NAME, addr_spec=sender)
        message["To"] = Address(one_line(to_name), addr_spec=to_address)
    except (ValueError, IndexError, MessageError) as error:
        raise BadAddress from error
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{delivery_id}@{sender.rpartition('@')[2]}>"
    # Nobody's holiday notice answers this, and no list server passes it on.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if unsubscribe_url:
        message["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    if calendar is not None:
        # The last of the alternatives is the one that programs prefer which know what to do with it.
        message.add_alternative(calendar.document, subtype="calendar", params={"method": calendar.method})
    return message


def deliverable(address: str) -> str:
    """The address as mail servers know it: a domain with letters of its own in its ASCII form. Raises BadAddress."""
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise BadAddress from error
    return f"{found.local_part}@{found.ascii_domain}"


def one_line(text: str) -> str:
    """What may stand in a header: one line, no control characters, not too long.

    Nor an encoded word (`=?utf-8?q?…?=`): Python's library decodes it, and line ends in it then make headers.
    """
    line = " ".join(clean_source(" ".join(text.split())).split())
    return line.replace("=?", "= ?")[:MAX_HEADER]


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(shipped("templates")),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
