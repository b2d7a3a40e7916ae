"""Secret addresses of feeds: making one, revoking it, and noting that it is used."""

from datetime import timedelta
from urllib.parse import unquote, urlsplit

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.tokens import new_token, token_hash
from postmortem.errors import NotVisible, Refused
from postmortem.history.operations import record
from postmortem.writeups.entries import count_entries
from postmortem.writeups.feed_sources import ALL, KINDS, decoded, source_at
from postmortem.writeups.models_around import FeedLink

MOST_LINKS = 20
# Feed readers ask every few minutes; when a link was last used is known to the hour.
NOTED_EVERY = timedelta(hours=1)
NO_LIST = (
    "No list of write-ups has this address. Open the list, and choose “Make it a secret link” under Follow."
)


def make_feed_link(session: Session, person: Person, page: str, kind: str) -> str:
    """Make a link to the feed of a list, by the address of its page; returns its token, known to nobody else.

    Raises Refused (with the field) for an address that has no feed for this person, and for too many links.
    """
    if kind not in KINDS:
        raise Refused("Choose one of the two.", field="kind")
    try:
        source = source_at(session, person, folder_of(page))
        if not source.may_be_empty and not count_entries(session, person, source.listing):
            raise NotVisible
    except NotVisible as error:
        raise Refused(NO_LIST, field="page") from error
    mine = (FeedLink.person_id == person.id, FeedLink.revoked_at.is_(None))
    if (session.scalar(select(func.count()).select_from(FeedLink).where(*mine)) or 0) >= MOST_LINKS:
        raise Refused(f"You have {MOST_LINKS} links already. Revoke one that no feed reader uses.")
    token, path = new_token(), decoded(source, kind)
    link = FeedLink(token_hash=token_hash(token), person_id=person.id, path=path, created_at=clock.now())
    session.add(link)
    session.flush()
    changes = {"person": [None, person.email], "path": [None, path]}
    record(session, "made", link, actor=person, changes=changes)
    return token


def folder_of(page: str) -> str:
    """Where the feed of a page lies, from its address as somebody copied it: whole or a path, of the page or its feed."""
    try:
        path = unquote(urlsplit(page.strip()).path).rstrip("/")
    except ValueError:
        return ""
    for kind in KINDS:
        path = path.removesuffix(f"/feed.{kind}")
    return path or ALL


def page_of(address: str) -> str:
    """The page of the list of an address, as somebody reads it: `/` for everything."""
    folder = folder_of(address)
    return "/" if folder == ALL else folder


def revoke_feed_link(session: Session, person: Person, link_id: int) -> None:
    """End one of one's own links at once; nothing happens to one that ended already. Raises NotVisible for others."""
    link = session.get(FeedLink, link_id)
    if link is None or link.person_id != person.id:
        raise NotVisible
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        changes = {"revoked_at": [None, link.revoked_at.isoformat()]}
        record(session, "revoked", link, actor=person, changes=changes)


def is_use_to_note(link: FeedLink) -> bool:
    """Whether the last use that is known was long enough ago."""
    return link.last_used_at is None or clock.now() - link.last_used_at > NOTED_EVERY


def note_use(session: Session, link_id: int) -> None:
    """Note that a feed reader asked. Leaves no history: nobody did anything."""
    session.execute(update(FeedLink).where(FeedLink.id == link_id).values(last_used_at=clock.now()))
