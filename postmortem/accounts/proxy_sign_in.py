"""Whom a trusted proxy in front names in a header, believed only where the connection comes from that proxy.

What a newcomer gets wrong: anybody can send this header. It counts only where the machine at the other end of
the connection is one of POSTMORTEM_PROXY_NETWORKS; `X-Forwarded-For` is not asked, because it is a header too.
"""

from dataclasses import dataclass
from enum import Enum

from flask import current_app, request
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations import checked_email
from postmortem.accounts.queries import person_by_email
from postmortem.config_parts import Proxy
from postmortem.errors import Refused
from postmortem.web.client_address import parsed


class Word(Enum):
    """What the proxy says about who sends this request."""

    NOTHING = "nothing"
    UNUSABLE = "unusable"
    UNKNOWN = "unknown"
    KNOWN = "known"


@dataclass(frozen=True)
class Named:
    """Somebody the proxy names. `email` is blank where it names nobody, `person` is there only where `word` is KNOWN."""

    word: Word
    email: str = ""
    person: Person | None = None


def settings() -> Proxy | None:
    """The setting, None where no proxy signs anybody in."""
    found: Proxy | None = current_app.extensions["config"].proxy
    return found


def is_from_proxy() -> bool:
    """Whether the connection itself comes from the proxy."""
    proxy, peer = settings(), parsed(request.environ.get("REMOTE_ADDR", ""))
    return proxy is not None and peer is not None and any(peer in network for network in proxy.networks)


def named_address() -> str | None:
    """The address that the proxy names: None for none, "" for what is no single e-mail address."""
    proxy = settings()
    if proxy is None:
        return None
    # Some servers join a header that stands twice by commas, which is no address; Granian keeps the last one. Only
    # the proxy can see to it that there is one: docs/single-sign-on.md says how.
    values = request.headers.getlist(proxy.user_header)
    if not is_from_proxy():
        if values:
            _say_once(proxy)
        return None
    if not values or not values[0].strip():
        return None
    try:
        return checked_email(values[0]) if len(values) == 1 else ""
    except Refused:
        return ""


def named(session: Session) -> Named:
    """Who that is here."""
    address = named_address()
    if address is None:
        return Named(Word.NOTHING)
    if not address:
        return Named(Word.UNUSABLE)
    person = person_by_email(session, address)
    if (
        person is None
        or not person.is_active
        or person.merged_into_id is not None
        or person.anonymised_at is not None
    ):
        return Named(Word.UNKNOWN, address)
    return Named(Word.KNOWN, address, person)


def _say_once(proxy: Proxy) -> None:
    """Once in each process: somebody tries it on, or the networks are not set right."""
    if not current_app.extensions.setdefault("proxy_header_said", False):
        current_app.extensions["proxy_header_said"] = True
        current_app.logger.warning(
            "%s came from an address that is not in POSTMORTEM_PROXY_NETWORKS and was ignored",
            proxy.user_header,
        )
