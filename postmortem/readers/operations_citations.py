"""Where a write-up was used: adding an address, saying otherwise what it is, taking it away and back."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.operations import check_version
from postmortem.errors import NotVisible, Refused
from postmortem.history.operations import Actor, created, record, set_fields
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell
from postmortem.readers.addresses import kind_of
from postmortem.readers.enums import CitationKind
from postmortem.readers.models import Citation
from postmortem.writeups.models import Writeup

MAX_URL, MAX_TITLE = 500, 200
NO_ADDRESS = "Enter a full address that starts with https:// or http://."
STANDS_ALREADY = "This address stands there already."
_FIELDS = ("writeup_id", "kind", "url", "title", "added_by")


def add_citation(
    session: Session,
    writeup: Writeup,
    url: str,
    title: str = "",
    kind: CitationKind | None = None,
    *,
    actor: Actor,
) -> Citation:
    """Say where it was used; its authors are told. Without a kind it is guessed. Refuses an address that stands there."""
    url = _checked(url)
    _hold(session, writeup.id)
    if _standing(session, writeup.id, url) is not None:
        raise Refused(STANDS_ALREADY, field="url")
    citation = Citation(
        writeup_id=writeup.id,
        kind=kind or kind_of(url),
        url=url,
        title=title,
        added_by_id=actor.id,
        created_at=clock.now(),
    )
    session.add(citation)
    session.flush()
    record(session, "added", citation, actor=actor, changes=created(citation, _FIELDS))
    tell(session, Event.CITED, citation, actor=actor, to=writeup.authors)
    return citation


def edit_citation(
    session: Session, citation: Citation, values: Mapping[str, Any], *, version: int | None, actor: Actor
) -> None:
    """Say otherwise what it is: `kind` and `title`. Raises Conflict for a stale form, NotVisible for a deleted one."""
    if citation.deleted_at is not None:
        raise NotVisible
    check_version(citation, version)
    if changes := set_fields(citation, {name: values[name] for name in ("kind", "title")}):
        record(session, "edited", citation, actor=actor, changes=changes)


def delete_citation(session: Session, citation: Citation, *, actor: Actor) -> None:
    """Take it away; `restore_citation` brings it back. What it leads to is untouched."""
    if citation.deleted_at is None:
        citation.deleted_at = clock.now()
        session.flush()
        record(session, "deleted", citation, actor=actor)


def restore_citation(session: Session, citation: Citation, *, actor: Actor) -> None:
    """Bring it back. Refuses where somebody added the same address meanwhile."""
    if citation.deleted_at is None:
        return
    _hold(session, citation.writeup_id)
    if _standing(session, citation.writeup_id, citation.url) is not None:
        raise Refused(STANDS_ALREADY)
    citation.deleted_at = None
    session.flush()
    record(session, "brought back", citation, actor=actor)


def _checked(url: str) -> str:
    """The address; a form has looked at it, other callers may not have."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Refused(NO_ADDRESS, field="url") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(NO_ADDRESS, field="url")
    if len(url) > MAX_URL:
        raise Refused(f"Shorten this to {MAX_URL} characters.", field="url")
    return url


def _hold(session: Session, writeup_id: int) -> None:
    """Of two who add the same address at once the second waits, and then finds it."""
    session.execute(select(Writeup.id).where(Writeup.id == writeup_id).with_for_update())


def _standing(session: Session, writeup_id: int, url: str) -> int | None:
    there = select(Citation.id).where(
        Citation.writeup_id == writeup_id, Citation.url == url, Citation.deleted_at.is_(None)
    )
    return session.scalar(there.limit(1))
