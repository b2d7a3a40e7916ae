"""What the page of one published write-up is made of: three statements, whatever hangs on it.

It is read anew for each request, because withdrawing and an action's state must show at once. Two prebuilt
statements serve it: one for who is signed in, one for who is not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    bindparam,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from postmortem.accounts import rules as accounts_rules
from postmortem.accounts.models import Person, Service
from postmortem.actions.models import Action
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.tags.models import Tag
from postmortem.writeups import rules
from postmortem.writeups.entries import Topic, current_publication, tag_url
from postmortem.writeups.models import (
    Publication,
    Revision,
    Writeup,
    writeup_incidents,
    writeup_services,
    writeup_tags,
)


@dataclass(frozen=True)
class Neighbour:
    """The entry before or after in time."""

    title: str
    slug: str

    @property
    def url(self) -> str:
        return f"/writeups/{self.slug}"


@dataclass(frozen=True)
class PublishedPage:
    """One published write-up for one reader. `row` is as `_page` selects it."""

    row: Any
    can_edit: bool
    tags: Sequence[Topic]
    services: Sequence[Topic]
    action_states: dict[int, str]
    incidents: Sequence[tuple[int, str]]
    older: Neighbour | None
    newer: Neighbour | None

    @property
    def content_key(self) -> tuple[object, ...]:
        """Changes whenever the page would look different to the same reader."""
        row = self.row
        return (
            (row.publication_id, row.rendered_with, row.version, row.has_changes, self.can_edit),
            (*self.tags, *self.services, *self.action_states.items(), *self.incidents),
            (self.older, self.newer),
        )


def published_page(session: Session, person: Person | None, slug: str) -> PublishedPage | None:
    """The published write-up at this address, if there is one that this person may read."""
    row = session.execute(
        _page(person is not None), {"slug": slug, "person": person.id if person else 0}
    ).first()
    if row is None:
        return None
    tags: list[Topic] = []
    services: list[Topic] = []
    states: dict[int, str] = {}
    incidents: list[tuple[int, str]] = []
    for kind, key, value in session.execute(_HANGING, {"writeup": row.id}):
        if kind == "tag":
            tags.append((value, tag_url(value)))
        elif kind == "service":
            services.append((value, f"/services/{key}"))
        elif kind == "action":
            states[int(key)] = value
        elif person is not None:
            incidents.append((int(key), value or ""))
    older, newer = _neighbours(session, person, row.published_at, row.id)
    return PublishedPage(
        row=row,
        can_edit=person is not None and _can_edit(session, person, row),
        tags=tags,
        services=services,
        action_states=states,
        incidents=incidents,
        older=older,
        newer=newer,
    )


def _can_edit(session: Session, person: Person, row: Any) -> bool:
    if not accounts_rules.is_contributor(person):
        return False
    if not (row.is_own or accounts_rules.is_facilitator(person)):
        return False
    if not row.is_restricted:
        return True
    mine = select(Writeup.id).where(Writeup.id == row.id, rules.draft_visible_to(person))
    return session.scalar(mine) is not None


def _neighbours(
    session: Session, person: Person | None, at: datetime, id_: int
) -> tuple[Neighbour | None, Neighbour | None]:
    found = {
        side: Neighbour(title, slug)
        for side, title, slug in session.execute(_beside(person is not None), {"at": at, "id": id_})
    }
    return found.get("older"), found.get("newer")


@cache
def _page(signed_in: bool) -> Select[*tuple[Any, ...]]:
    linked = (
        select(writeup_incidents.c.writeup_id)
        .join(Incident, Incident.id == writeup_incidents.c.incident_id)
        .where(writeup_incidents.c.writeup_id == Writeup.id)
        .correlate(Writeup)
    )
    newest = select(func.max(Revision.number)).where(Revision.writeup_id == Writeup.id).scalar_subquery()
    person: BindParameter[Any] = bindparam("person")
    return (
        select(
            Writeup.id,
            Writeup.slug,
            Writeup.version,
            Writeup.published_at,
            Writeup.reading_minutes,
            Writeup.source_name,
            Writeup.source_url,
            (rules.is_own(person) if signed_in else null()).label("is_own"),
            exists(linked.where(Incident.visibility == Visibility.RESTRICTED)).label("is_restricted"),
            (newest > Publication.revision_number).label("has_changes"),
            Publication.id.label("publication_id"),
            Publication.number,
            Publication.published_at.label("updated_at"),
            Publication.audience,
            Publication.title,
            Publication.tldr,
            Publication.author_line,
            Publication.rendered_with,
            Publication.headings,
            Publication.frozen,
            Publication.body_html,
        )
        .join(Publication, current_publication())
        .where(Writeup.slug == bindparam("slug"), rules.IS_PUBLISHED if signed_in else rules.IS_PUBLIC)
    )


@cache
def _beside(signed_in: bool) -> CompoundSelect[Any]:
    key = tuple_(Writeup.published_at, Writeup.id)
    here = tuple_(bindparam("at", type_=Writeup.published_at.type), bindparam("id", type_=Writeup.id.type))

    def nearest(side: str, clause: ColumnElement[bool], order: Iterable[Any]) -> Select[*tuple[Any, ...]]:
        one = (
            select(literal(side).label("side"), Publication.title, Writeup.slug)
            .join(Publication, current_publication())
            .where(rules.IS_PUBLISHED if signed_in else rules.IS_PUBLIC, clause)
            .order_by(*order)
            .limit(1)
        )
        return select(one.subquery())

    return union_all(
        nearest("older", key < here, (Writeup.published_at.desc(), Writeup.id.desc())),
        nearest("newer", key > here, (Writeup.published_at.asc(), Writeup.id.asc())),
    )


_WRITEUP: BindParameter[Any] = bindparam("writeup")
_OPEN_INCIDENTS = (
    select(Incident.id)
    .join(writeup_incidents, writeup_incidents.c.incident_id == Incident.id)
    .where(writeup_incidents.c.writeup_id == _WRITEUP, Incident.visibility == Visibility.OPEN)
)
# Tags, services, and what is live: the states of actions, the incidents themselves. Of a restricted incident
# nothing live is shown to anybody, also not to those who see it: they have its own page.
_HANGING = union_all(
    select(literal("tag").label("kind"), literal("").label("key"), Tag.name.label("value"))
    .join(writeup_tags, writeup_tags.c.tag_id == Tag.id)
    .where(writeup_tags.c.writeup_id == _WRITEUP),
    select(literal("service"), Service.slug, Service.name)
    .join(writeup_services, writeup_services.c.service_id == Service.id)
    .where(writeup_services.c.writeup_id == _WRITEUP),
    select(literal("action"), cast(Action.id, String), cast(Action.status, String)).where(
        Action.incident_id.in_(_OPEN_INCIDENTS), Action.deleted_at.is_(None)
    ),
    select(literal("incident"), cast(Incident.id, String), cast(Incident.severity, String)).where(
        Incident.id.in_(_OPEN_INCIDENTS)
    ),
).order_by("kind", "value", "key")
