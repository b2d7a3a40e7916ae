"""Reading write-ups to work on them, and what other nouns' pages show of them.

The lists of the blog stand in `entries.py`, one published page in `pages.py`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.errors import NotVisible
from postmortem.history.models import HistoryEntry
from postmortem.history.queries import SHOWN as ENTRIES_SHOWN
from postmortem.history.queries import history_of
from postmortem.incidents.models import Incident, incident_tags
from postmortem.incidents.queries import LARGEST_NUMBER, hide_mentions
from postmortem.incidents.rules import visible_to as incidents_visible_to
from postmortem.tags.models import Tag
from postmortem.text.slugs import tag_name
from postmortem.writeups.entries import (
    EVERYTHING,
    Entry,
    Listing,
    Scope,
    count_entries,
    list_entries,
    tag_url,
)
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Publication, Revision, Writeup, writeup_incidents, writeup_tags
from postmortem.writeups.rules import (
    draft_visible_to,
    is_own,
    may_bring_back,
    published_to,
    visible_to,
)
from postmortem.writeups.years import years_of

__all__ = ["EVERYTHING", "Entry", "Listing", "Scope", "count_entries", "list_entries", "years_of"]

SHOWN = 10


def visible_writeup(session: Session, person: Person | None, slug: str) -> Writeup:
    """The write-up at this address, with its authors, tags and incidents; its columns are the working copy.

    Whoever reads only what was published gets it too: ask `rules.can_see_draft` before showing anything of
    it. Raises NotVisible.
    """
    return _one(session, slug, visible_to(person))


def slug_of(session: Session, writeup_id: int) -> str:
    """The address of a write-up, blank where there is none. Ask next whether it is to be seen."""
    return session.scalar(select(Writeup.slug).where(Writeup.id == writeup_id)) or ""


def visible_or_just_deleted(session: Session, person: Person | None, slug: str) -> Writeup:
    """As `visible_writeup`, and one that this person may bring back: for deleting and undo, however often it is sent."""
    return _one(session, slug, or_(visible_to(person), may_bring_back(person)))


def _one(session: Session, slug: str, where: ColumnElement[bool]) -> Writeup:
    writeup = session.scalar(
        select(Writeup)
        .where(Writeup.slug == slug, where)
        .options(
            selectinload(Writeup.authors),
            selectinload(Writeup.tags),
            selectinload(Writeup.incidents),
        )
    )
    if writeup is None:
        raise NotVisible
    return writeup


def action_states(session: Session, writeup: Writeup) -> dict[int, str]:
    """The state today of every action of the write-up's incidents, for those who may see its working copy."""
    statement = select(Action.id, Action.status).where(
        Action.incident_id.in_([incident.id for incident in writeup.incidents])
    )
    return {id_: status.value for id_, status in session.execute(statement)}


def visible_incidents(session: Session, person: Person, numbers: Sequence[int]) -> Sequence[Incident]:
    """Those of these incidents that this person may see."""
    wanted = [number for number in numbers if 0 < number <= LARGEST_NUMBER]
    statement = select(Incident).where(Incident.id.in_(wanted), incidents_visible_to(person))
    return session.scalars(statement).all()


@dataclass(frozen=True)
class Row:
    """A write-up in a list of work: its own page shows more."""

    slug: str
    title: str
    state: WriteupState
    updated_at: datetime
    published_at: datetime | None
    publish_at: datetime | None = None

    @property
    def url(self) -> str:
        return f"/writeups/{self.slug}"


_ROW = (Writeup.slug, Writeup.title, Writeup.state, Writeup.updated_at, Writeup.published_at)


def my_drafts(session: Session, person: Person, *, limit: int = SHOWN) -> list[Row]:
    """Write-ups that this person wrote or started and may still see, unpublished or to be published, last touched first.

    A plan that a change took off is none.
    """
    plan = case((Writeup.publish_version == Writeup.version, Writeup.publish_at))
    statement = (
        select(*_ROW, plan)
        .where(
            or_(Writeup.state.in_((WriteupState.DRAFT, WriteupState.IN_REVIEW)), plan.is_not(None)),
            is_own(person.id),
            draft_visible_to(person),
        )
        .order_by(Writeup.updated_at.desc(), Writeup.id.desc())
        .limit(limit)
    )
    return [Row(*row) for row in session.execute(statement)]


def writeups_of(session: Session, incident_id: int, person: Person | None) -> list[Row]:
    """The write-ups about an incident: published ones by their published title, others for who may see them.

    Two statements. Whoever calls has checked that the incident may be seen.
    """
    about = Writeup.id.in_(
        select(writeup_incidents.c.writeup_id).where(writeup_incidents.c.incident_id == incident_id)
    )
    published = (
        select(Writeup.slug, Publication.title, Writeup.state, Writeup.updated_at, Writeup.published_at)
        .join(
            Publication,
            (Publication.writeup_id == Writeup.id) & (Publication.number == Writeup.publication_number),
        )
        .where(about, published_to(person))
        .order_by(Writeup.published_at, Writeup.id)
    )
    drafts = (
        select(*_ROW)
        .where(about, Writeup.state != WriteupState.PUBLISHED, draft_visible_to(person))
        .order_by(Writeup.updated_at.desc(), Writeup.id.desc())
    )
    return [Row(*row) for row in (*session.execute(published), *session.execute(drafts))]


def writeups_of_team(
    session: Session, team_id: int, person: Person | None, *, limit: int = SHOWN
) -> list[Entry]:
    """The newest published write-ups of a team, for its page. Two statements."""
    return list_entries(session, person, Listing(Scope.TEAM, team_id), limit=limit)


def writeups_of_service(
    session: Session, service_id: int, person: Person | None, *, limit: int = SHOWN
) -> list[Entry]:
    """The newest published write-ups about a service, for its page. Two statements."""
    return list_entries(session, person, Listing(Scope.SERVICE, service_id), limit=limit)


@dataclass(frozen=True)
class Save:
    """One text in a write-up's history: every save for those who may see them, else what was published."""

    number: int
    at: datetime
    by: str


def all_saves(session: Session, writeup_id: int) -> list[Save]:
    """Every saved text, newest first: for those who may see the working copy."""
    statement = (
        select(Revision.number, Revision.saved_at, Revision.saved_by_name)
        .where(Revision.writeup_id == writeup_id)
        .order_by(Revision.number.desc())
    )
    return [Save(*row) for row in session.execute(statement)]


def texts(session: Session, writeup_id: int, numbers: Iterable[int]) -> dict[int, Revision]:
    """The saved texts of these numbers."""
    statement = select(Revision).where(Revision.writeup_id == writeup_id, Revision.number.in_(list(numbers)))
    return {revision.number: revision for revision in session.scalars(statement)}


def history_seen_by(
    session: Session, person: Person | None, writeup_id: int, *, before: int | None = None
) -> Sequence[HistoryEntry]:
    """What was done to a write-up, newest first, for whoever sees its draft; one entry more than a page shows.

    Mentions of incidents that this person may not see are taken out. The entries are not to be saved.
    """
    entries = history_of(session, Writeup.__tablename__, writeup_id, limit=ENTRIES_SHOWN + 1, before=before)
    hide_mentions(session, person, entries, "incidents")
    return entries


@dataclass(frozen=True)
class TagUse:
    """A tag with how many of the things that its reader may see carry it."""

    name: str
    writeups: int
    incidents: int

    @property
    def url(self) -> str:
        return tag_url(self.name)


def tags_in_use(session: Session, person: Person | None) -> list[TagUse]:
    """Every tag on a published write-up or an incident that this person may see, by name. Two statements."""
    counts: dict[str, list[int]] = {}
    for position, statement in enumerate((_tagged_writeups(person), _tagged_incidents(person))):
        for name, count in session.execute(statement):
            counts.setdefault(name, [0, 0])[position] = count
    return [TagUse(name, *found) for name, found in sorted(counts.items())]


def tag_in_use(session: Session, person: Person | None, name: str) -> tuple[int, TagUse]:
    """A tag's id and use. Raises NotVisible when nothing that this person may see carries it."""
    tag_id = session.scalar(select(Tag.id).where(Tag.name == tag_name(name)))
    if tag_id is None:
        raise NotVisible
    writeups, incidents = (
        session.execute(statement.where(Tag.id == tag_id)).first()
        for statement in (_tagged_writeups(person), _tagged_incidents(person))
    )
    if writeups is None and incidents is None:
        raise NotVisible
    return tag_id, TagUse(tag_name(name), writeups[1] if writeups else 0, incidents[1] if incidents else 0)


def _tagged_writeups(person: Person | None) -> Select[str, int]:
    return (
        select(Tag.name, func.count())
        .join(writeup_tags, writeup_tags.c.tag_id == Tag.id)
        .join(Writeup, Writeup.id == writeup_tags.c.writeup_id)
        .where(published_to(person))
        .group_by(Tag.name)
    )


def _tagged_incidents(person: Person | None) -> Select[str, int]:
    """Counts what the list of incidents shows for the tag: drills are left out there."""
    return (
        select(Tag.name, func.count())
        .join(incident_tags, incident_tags.c.tag_id == Tag.id)
        .join(Incident, Incident.id == incident_tags.c.incident_id)
        .where(incidents_visible_to(person), Incident.is_drill.is_(False))
        .group_by(Tag.name)
    )
