"""Secret addresses of calendars: making one, revoking it, and noting that it is used."""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.queries import teams_of
from postmortem.accounts.tokens import new_token, token_hash
from postmortem.errors import NotVisible, Refused
from postmortem.history.operations import record
from postmortem.notifications.models import CalendarLink

MOST_LINKS = 20
# Calendar programs ask every few minutes; when a link was last used is known to the hour.
NOTED_EVERY = timedelta(hours=1)


def make_link(session: Session, person: Person, team: str) -> str:
    """Make a link to one's own due dates or, with a team's slug, to that team's; returns its token, known to nobody else.

    Raises Refused (with the field) for a team that one is not in, and for too many links.
    """
    found = next((each for each in teams_of(session, person) if each.slug == team), None) if team else None
    if team and found is None:
        raise Refused("Choose one of your teams.", field="team")
    mine = (CalendarLink.person_id == person.id, CalendarLink.revoked_at.is_(None))
    if (session.scalar(select(func.count()).select_from(CalendarLink).where(*mine)) or 0) >= MOST_LINKS:
        raise Refused(f"You have {MOST_LINKS} links already. Revoke one that no calendar uses.")
    token = new_token()
    link = CalendarLink(
        token_hash=token_hash(token),
        person_id=person.id,
        team_id=found.id if found else None,
        created_at=clock.now(),
    )
    session.add(link)
    session.flush()
    changes = {"person": [None, person.email], **({"team": [None, found.slug]} if found else {})}
    record(session, "made", link, actor=person, changes=changes)
    return token


def revoke_link(session: Session, person: Person, link_id: int) -> None:
    """End one of one's own links at once; nothing happens to one that ended already. Raises NotVisible for others."""
    link = session.get(CalendarLink, link_id)
    if link is None or link.person_id != person.id:
        raise NotVisible
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        changes = {"revoked_at": [None, link.revoked_at.isoformat()]}
        record(session, "revoked", link, actor=person, changes=changes)


def is_use_to_note(link: CalendarLink) -> bool:
    """Whether the last use that is known was long enough ago."""
    return link.last_used_at is None or clock.now() - link.last_used_at > NOTED_EVERY


def note_use(session: Session, link_id: int) -> None:
    """Note that a calendar asked. Leaves no history: nobody did anything."""
    session.execute(update(CalendarLink).where(CalendarLink.id == link_id).values(last_used_at=clock.now()))
