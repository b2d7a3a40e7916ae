"""Lists of published write-ups: the front page, archives, a tag's, a team's and a service's entries, feeds.

Every list is Core rows from one statement per shape, built once (the shape is the scope, whether the reader
is signed in, and the direction). What a list shows is what was published, never the working copy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    null,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from postmortem.accounts.models import Person, Service
from postmortem.incidents.enums import Severity, Visibility
from postmortem.incidents.models import Incident
from postmortem.tags.models import Tag
from postmortem.web.kept import remembered
from postmortem.web.paging import COUNT_CAP
from postmortem.writeups.models import (
    Publication,
    Writeup,
    writeup_incidents,
    writeup_services,
    writeup_tags,
    writeup_teams,
)
from postmortem.writeups.rules import IS_PUBLIC, IS_PUBLISHED
from postmortem.writeups.years import years_of as years_of

Topic = tuple[str, str]


class Scope(StrEnum):
    """Which entries a list holds."""

    EVERYTHING = "everything"
    TAG = "tag"
    TEAM = "team"
    SERVICE = "service"
    YEAR = "year"
    INCIDENT = "incident"
    AUTHOR = "author"


@dataclass(frozen=True)
class Listing:
    """A scope with its subject: the id of a tag, team, service or incident, a year, or an author's `lines` (authors.py)."""

    scope: Scope = Scope.EVERYTHING
    subject: int = 0
    lines: tuple[str, ...] = ()

    @property
    def parameters(self) -> dict[str, Any]:
        if self.scope == Scope.YEAR:
            return {
                "start": datetime(self.subject, 1, 1, tzinfo=UTC),
                "end": datetime(self.subject + 1, 1, 1, tzinfo=UTC),
            }
        if self.scope == Scope.AUTHOR:
            return {"lines": self.lines}
        return {} if self.scope == Scope.EVERYTHING else {"subject": self.subject}


EVERYTHING = Listing()
FIRST_YEAR, LAST_YEAR = 1, 9998
# A card in a list shows so many tags; the write-up's own page shows all.
TAGS_SHOWN = 6


@dataclass(frozen=True)
class Entry:
    """One published write-up as a list shows it. `severity` is blank for who is not signed in."""

    id: int
    slug: str
    title: str
    tldr: str
    author_line: str
    published_at: datetime
    reading_minutes: int
    source_name: str
    severity: Severity | None
    tags: Sequence[Topic] = ()
    services: Sequence[Topic] = ()

    @property
    def url(self) -> str:
        return f"/writeups/{self.slug}"

    @property
    def is_imported(self) -> bool:
        return bool(self.source_name)


def tag_url(name: str) -> str:
    """The address of a tag's page."""
    return f"/tags/{quote(name, safe='')}"


def list_entries(
    session: Session,
    person: Person | None,
    listing: Listing = EVERYTHING,
    *,
    behind: tuple[datetime, int] | None = None,
    is_backward: bool = False,
    limit: int,
) -> list[Entry]:
    """Entries that this person may read, newest first (oldest first where `is_backward`), with their topics.

    `behind` is the key of the entry that the list starts behind. Two statements.
    """
    parameters: dict[str, Any] = {**listing.parameters, "limit": limit}
    if behind:
        parameters |= {"at": behind[0], "id": behind[1]}
    statement = _entries(listing.scope, person is not None, is_backward, behind is not None)
    rows = session.execute(statement, parameters).all()
    topics = topics_of(session, person, [row.id for row in rows])
    return [
        Entry(**row._mapping, tags=topics[row.id][0][:TAGS_SHOWN], services=topics[row.id][1]) for row in rows
    ]


def entries_of(session: Session, person: Person | None, ids: Sequence[int]) -> dict[int, Entry]:
    """Those of these write-ups that this person may read, by id. Two statements; none where none is asked for."""
    if not ids:
        return {}
    some = _entries(Scope.EVERYTHING, person is not None, False, False).where(Writeup.id.in_(ids))
    rows = session.execute(some, {"limit": len(ids)}).all()
    topics = topics_of(session, person, [row.id for row in rows])
    return {
        row.id: Entry(**row._mapping, tags=topics[row.id][0][:TAGS_SHOWN], services=topics[row.id][1])
        for row in rows
    }


def feed_rows(
    session: Session, person: Person | None, listing: Listing = EVERYTHING, *, limit: int
) -> list[Any]:
    """The newest entries of a list with their full published text, for its feed."""
    statement = _feed(listing.scope, person is not None)
    return list(session.execute(statement, {**listing.parameters, "limit": limit}))


def count_entries(session: Session, person: Person | None, listing: Listing = EVERYTHING) -> int:
    """How many entries a list holds, at most COUNT_CAP + 1."""
    statement = _count(listing.scope, person is not None)
    key = ("write-up count", listing, person is not None)
    return remembered(session, key, lambda: session.scalar(statement, listing.parameters) or 0)


def service_url(slug: str, person: Person | None) -> str:
    """The address of a service's page; blank for who is not signed in, because it would not let them in."""
    return f"/services/{slug}" if person else ""


def topics_of(
    session: Session, person: Person | None, writeup_ids: Sequence[int]
) -> dict[int, tuple[list[Topic], list[Topic]]]:
    """Tags and services of each write-up, as pairs of name and address. One statement."""
    found: dict[int, tuple[list[Topic], list[Topic]]] = {id_: ([], []) for id_ in writeup_ids}
    if not found:
        return found
    for writeup_id, kind, slug, name in session.execute(_TOPICS, {"ids": list(found)}):
        if kind == "tag":
            found[writeup_id][0].append((name, tag_url(name)))
        else:
            found[writeup_id][1].append((name, service_url(slug, person)))
    return found


def _readable(signed_in: bool) -> ColumnElement[bool]:
    return IS_PUBLISHED if signed_in else IS_PUBLIC


def _linked(table: Any, other: str) -> ColumnElement[bool]:
    return Writeup.id.in_(select(table.c.writeup_id).where(table.c[other] == bindparam("subject")))


def _shown_as(lines: BindParameter[Any]) -> ColumnElement[bool]:
    shown = aliased(Publication)
    here = and_(shown.writeup_id == Writeup.id, shown.number == Writeup.publication_number)
    return exists(select(shown.id).where(here, shown.author_line.in_(lines)).correlate(Writeup))


def _in(scope: Scope) -> ColumnElement[bool]:
    """The clause of a scope, with its subject as a parameter."""
    clauses: dict[Scope, ColumnElement[bool]] = {
        Scope.EVERYTHING: true(),
        Scope.TAG: _linked(writeup_tags, "tag_id"),
        Scope.TEAM: _linked(writeup_teams, "team_id"),
        Scope.SERVICE: _linked(writeup_services, "service_id"),
        Scope.INCIDENT: _linked(writeup_incidents, "incident_id"),
        Scope.AUTHOR: _shown_as(bindparam("lines", expanding=True)),
        Scope.YEAR: and_(Writeup.published_at >= bindparam("start"), Writeup.published_at < bindparam("end")),
    }
    return clauses[scope]


def _severity(signed_in: bool) -> ColumnElement[Any]:
    """The highest severity among an entry's open incidents; nothing live leaves a restricted one."""
    if not signed_in:
        return null()
    return (
        select(func.min(Incident.severity))
        .join(writeup_incidents, writeup_incidents.c.incident_id == Incident.id)
        .where(writeup_incidents.c.writeup_id == Writeup.id, Incident.visibility == Visibility.OPEN)
        .correlate(Writeup)
        .scalar_subquery()
    )


@cache
def _entries(scope: Scope, signed_in: bool, is_backward: bool, has_start: bool) -> Select[*tuple[Any, ...]]:
    key = (Writeup.published_at, Writeup.id)
    statement = (
        select(
            Writeup.id,
            Writeup.slug,
            Publication.title,
            Publication.tldr,
            Publication.author_line,
            Writeup.published_at,
            Writeup.reading_minutes,
            Writeup.source_name,
            _severity(signed_in).label("severity"),
        )
        .join(Publication, current_publication())
        .where(_readable(signed_in), _in(scope))
        .order_by(*(column.asc() if is_backward else column.desc() for column in key))
        .limit(bindparam("limit"))
    )
    if has_start:
        start = tuple_(
            bindparam("at", type_=Writeup.published_at.type), bindparam("id", type_=Writeup.id.type)
        )
        statement = statement.where(tuple_(*key) > start if is_backward else tuple_(*key) < start)
    return statement


@cache
def _feed(scope: Scope, signed_in: bool) -> Select[*tuple[Any, ...]]:
    return _entries(scope, signed_in, False, False).add_columns(
        Writeup.feed_id,
        Publication.number,
        Publication.published_at.label("updated_at"),
        Publication.rendered_with,
        Publication.reason,
        Publication.body_html,
    )


def current_publication() -> ColumnElement[bool]:
    """The join of a write-up with what readers see of it."""
    return and_(Publication.writeup_id == Writeup.id, Publication.number == Writeup.publication_number)


@cache
def _count(scope: Scope, signed_in: bool) -> Select[int]:
    some = select(Writeup.id).where(_readable(signed_in), _in(scope)).limit(COUNT_CAP + 1)
    return select(func.count()).select_from(some.subquery())


_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_TOPICS = union_all(
    select(
        writeup_tags.c.writeup_id,
        literal("tag").label("kind"),
        Tag.name.label("slug"),
        Tag.name.label("name"),
    )
    .join(Tag, Tag.id == writeup_tags.c.tag_id)
    .where(writeup_tags.c.writeup_id.in_(_IDS)),
    select(writeup_services.c.writeup_id, literal("service"), Service.slug, Service.name)
    .join(Service, Service.id == writeup_services.c.service_id)
    .where(writeup_services.c.writeup_id.in_(_IDS)),
).order_by("kind", "name")
