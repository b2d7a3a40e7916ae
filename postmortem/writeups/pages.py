"""What the page of one published write-up is made of: two statements, three in a series, and its text.

The two are sent again after every write, because withdrawing and an action's state must show at once. The text
never changes within a publication, so it is read only when the page is really made.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Select,
    String,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    table,
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
from postmortem.web.kept import remembered
from postmortem.writeups import rules
from postmortem.writeups.entries import Topic, current_publication, service_url, tag_url
from postmortem.writeups.models import (
    Publication,
    Revision,
    Writeup,
    writeup_incidents,
    writeup_services,
    writeup_tags,
)
from postmortem.writeups.queries_desk import open_references
from postmortem.writeups.queries_series import Beside, SeriesPlace, related_to, series_place
from postmortem.writeups.references import Linked

NO_LINKS = Linked()
# By name, because write-ups stand below what their readers ask.
_asked = table("reader_questions", *map(column, ("writeup_id", "deleted_at", "answered_at")))


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
    linked: Linked = NO_LINKS
    related: Sequence[Beside] = ()
    series: SeriesPlace | None = None
    # How many questions readers asked, and how many are open; none for who is not signed in.
    questions: tuple[int, int] | None = None
    sees_review: bool = False

    @property
    def content_key(self) -> tuple[object, ...]:
        """Changes whenever the page would look different to the same reader.

        What happens to the working copy stands in it only for those who may edit: others would see it change.
        The random `feed_id` stands in it because a restored database may use the same numbers again.
        """
        row = self.row
        return (
            (row.feed_id, row.number, row.rendered_with, self.can_edit),
            (row.version, row.has_changes) if self.can_edit else (),
            (*self.tags, *self.services, *self.action_states.items(), *self.incidents),
            (self.older, self.newer, *self.related, self.series),
            (self.linked.incidents, self.linked.actions, self.questions, self.sees_review),
        )


def published_page(session: Session, person: Person | None, slug: str) -> PublishedPage | None:
    """The published write-up at this address, if there is one that this person may read.

    While nobody writes anything, it takes one statement that says so.
    """
    key = ("write-up", slug, (person.id, person.version) if person else None)
    return remembered(session, key, lambda: _published_page(session, person, slug))


def _published_page(session: Session, person: Person | None, slug: str) -> PublishedPage | None:
    # Straight on the connection: the session's own execute costs as much again as the statement.
    connection = session.connection()
    row = connection.execute(
        _page(person is not None), {"slug": slug, "person": person.id if person else 0}
    ).first()
    if row is None:
        return None
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    here = {"writeup": row.id, "at": row.published_at}
    for kind, key, value in connection.execute(_around(person is not None), here):
        found[kind].append((key, value))
    questions = [(int(asked), int(still)) for asked, still in found["questions"]]
    sees_review = person is not None and _sees_draft(session, person, row)
    beside = {side: Neighbour(title, slug) for side in ("older", "newer") for slug, title in found[side]}
    return PublishedPage(
        row=row,
        can_edit=sees_review and person is not None and _can_edit(person, row),
        sees_review=sees_review,
        tags=[(name, tag_url(name)) for _, name in found["tag"]],
        services=[(name, service_url(slug, person)) for slug, name in found["service"]],
        action_states={int(id_): state for id_, state in found["action"]},
        incidents=[(int(id_), severity or "") for id_, severity in found["incident"]],
        older=beside.get("older"),
        newer=beside.get("newer"),
        related=[Beside(title, slug) for slug, title in found["related"]],
        series=series_place(session, person, row) if row.series_id else None,
        questions=questions[0] if questions else None,
        linked=_linked(session, row) if person is not None and row.names_numbers else NO_LINKS,
    )


def _linked(session: Session, row: Any) -> Linked:
    """What its text links to now: what is restricted or deleted since is no link any more."""
    return open_references(session, text_of(session, row.publication_id).body_html)


def text_of(session: Session, publication_id: int) -> Any:
    """What was frozen by a publication: `body_html`, `headings`, `frozen`."""
    return session.execute(_TEXT, {"publication": publication_id}).one()


def _can_edit(person: Person, row: Any) -> bool:
    """Of those who see the working copy."""
    return accounts_rules.is_contributor(person) and (row.is_own or accounts_rules.is_facilitator(person))


def _sees_draft(session: Session, person: Person, row: Any) -> bool:
    if not (row.is_own or row.is_asked or accounts_rules.is_facilitator(person)):
        return False
    if not row.is_restricted:
        return True
    mine = select(Writeup.id).where(Writeup.id == row.id, rules.draft_visible_to(person))
    return session.scalar(mine) is not None


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
            Writeup.feed_id,
            Writeup.version,
            Writeup.published_at,
            Writeup.reading_minutes,
            Writeup.source_name,
            Writeup.source_url,
            Writeup.series_id,
            Writeup.publish_at,
            (Writeup.publish_version == Writeup.version).label("is_planned"),
            (rules.is_own(person) if signed_in else null()).label("is_own"),
            (rules.is_asked(person) if signed_in else null()).label("is_asked"),
            exists(linked.where(Incident.visibility != Visibility.OPEN)).label("is_restricted"),
            (newest > Publication.revision_number).label("has_changes"),
            Publication.id.label("publication_id"),
            Publication.number,
            Publication.published_at.label("updated_at"),
            Publication.audience,
            Publication.title,
            Publication.tldr,
            Publication.author_line,
            Publication.reason,
            Publication.rendered_with,
            or_(*(Publication.body_html.contains(mark) for mark in ("INC-", "ACT-"))).label("names_numbers"),
        )
        .join(Publication, current_publication())
        .where(Writeup.slug == bindparam("slug"), rules.IS_PUBLISHED if signed_in else rules.IS_PUBLIC)
    )


@cache
def _around(signed_in: bool) -> CompoundSelect[*tuple[Any, ...]]:
    """Tags and services, what is live (the states of actions, the incidents), and the neighbours in time.

    Of a restricted incident nothing live is shown to anybody, also not to those who see it: they have its
    own page. Incidents and their severity are not for who is not signed in.
    """
    writeup: BindParameter[Any] = bindparam("writeup", type_=Writeup.id.type)
    open_incidents = (
        select(Incident.id)
        .join(writeup_incidents, writeup_incidents.c.incident_id == Incident.id)
        .where(writeup_incidents.c.writeup_id == writeup, Incident.visibility == Visibility.OPEN)
    )
    parts = [
        select(literal("tag").label("kind"), literal("").label("key"), Tag.name.label("value"))
        .join(writeup_tags, writeup_tags.c.tag_id == Tag.id)
        .where(writeup_tags.c.writeup_id == writeup),
        select(literal("service"), Service.slug, Service.name)
        .join(writeup_services, writeup_services.c.service_id == Service.id)
        .where(writeup_services.c.writeup_id == writeup),
        select(literal("action"), cast(Action.id, String), cast(Action.status, String)).where(
            Action.incident_id.in_(open_incidents), Action.deleted_at.is_(None)
        ),
        select(literal("related"), Writeup.slug, Publication.title)
        .join(Publication, current_publication())
        .where(Writeup.id.in_(related_to(writeup)), rules.IS_PUBLISHED if signed_in else rules.IS_PUBLIC),
        _nearest("older", signed_in),
        _nearest("newer", signed_in),
    ]
    if signed_in:
        parts.append(
            select(literal("incident"), cast(Incident.id, String), cast(Incident.severity, String)).where(
                Incident.id.in_(open_incidents)
            )
        )
        parts.append(_questions(writeup))
    return union_all(*parts).order_by("kind", "value", "key")


def _questions(writeup: BindParameter[Any]) -> Select[*tuple[Any, ...]]:
    """How many questions readers asked about it, and how many of them are open."""
    asked = (_asked.c.writeup_id == writeup, _asked.c.deleted_at.is_(None))
    still = func.count(case((_asked.c.answered_at.is_(None), 1)))
    return select(literal("questions"), cast(func.count(), String), cast(still, String)).where(*asked)


def _nearest(side: str, signed_in: bool) -> Select[*tuple[Any, ...]]:
    """The entry just before or after the one at `at` and `writeup`."""
    key = tuple_(Writeup.published_at, Writeup.id)
    here = tuple_(
        bindparam("at", type_=Writeup.published_at.type), bindparam("writeup", type_=Writeup.id.type)
    )
    order = (Writeup.published_at, Writeup.id)
    one = (
        select(literal(side), Writeup.slug, Publication.title)
        .join(Publication, current_publication())
        .where(
            rules.IS_PUBLISHED if signed_in else rules.IS_PUBLIC,
            key < here if side == "older" else key > here,
        )
        .order_by(*(column.desc() if side == "older" else column.asc() for column in order))
        .limit(1)
    )
    return select(one.subquery())


_TEXT = select(Publication.body_html, Publication.headings, Publication.frozen).where(
    Publication.id == bindparam("publication")
)
