"""What the desk reads: one's unsaved text, who else is writing, what can be named, and what a text may link to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.actions.rules import visible_to as actions_visible_to
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.incidents.rules import visible_to as incidents_visible_to
from postmortem.writeups.models import Revision, Writeup
from postmortem.writeups.models_around import Autosave, DeskVisit
from postmortem.writeups.references import Linked, link, named_in

GONE_AFTER = timedelta(minutes=1)
OFFERED = 8
_QUERY_CHARACTERS = 60


def autosave_of(session: Session, writeup_id: int, person: Person) -> Autosave | None:
    """What this person typed into this write-up and did not save. Nobody else's is ever asked for."""
    return session.scalar(
        select(Autosave).where(Autosave.writeup_id == writeup_id, Autosave.person_id == person.id)
    )


def newest_revision(session: Session, writeup_id: int) -> int:
    """The number of the text that is saved now."""
    return session.scalar(select(func.max(Revision.number)).where(Revision.writeup_id == writeup_id)) or 0


def revision_of(session: Session, writeup: Writeup) -> int:
    """The number of the saved text that this working copy was read with; 0 where none says the same.

    Not simply the newest: on PostgreSQL somebody may have saved between reading the working copy and asking, and a form
    that starts from a text older than it says would take the newer words out again.
    """
    same = (getattr(Revision, name) == getattr(writeup, name) for name in ("title", "tldr", "body"))
    return (
        session.scalar(select(func.max(Revision.number)).where(Revision.writeup_id == writeup.id, *same)) or 0
    )


def revision(session: Session, writeup_id: int, number: int) -> Revision | None:
    return session.scalar(
        select(Revision).where(Revision.writeup_id == writeup_id, Revision.number == number)
    )


def savers_since(session: Session, writeup_id: int, number: int) -> list[str]:
    """The names of those who saved a text after this one, each once, in order."""
    statement = (
        select(Revision.saved_by_name)
        .where(Revision.writeup_id == writeup_id, Revision.number > number)
        .order_by(Revision.number)
    )
    return list(dict.fromkeys(session.scalars(statement)))


@dataclass(frozen=True)
class Other:
    """Somebody else at the desk. `typed_at` is None while they only look."""

    name: str
    typed_at: datetime | None

    @property
    def seconds(self) -> int | None:
        """How long ago they typed."""
        return None if self.typed_at is None else max(0, int((clock.now() - self.typed_at).total_seconds()))


def others_here(session: Session, writeup: Writeup, person: Person) -> list[Other]:
    """Who else has this write-up's desk open; for who may see its draft. Gone after a minute."""
    statement = (
        select(Person.name, DeskVisit.has_typed, DeskVisit.seen_at, Autosave.saved_at)
        .join(DeskVisit, DeskVisit.person_id == Person.id)
        .outerjoin(
            Autosave,
            (Autosave.writeup_id == DeskVisit.writeup_id) & (Autosave.person_id == DeskVisit.person_id),
        )
        .where(
            DeskVisit.writeup_id == writeup.id,
            DeskVisit.person_id != person.id,
            DeskVisit.seen_at > clock.now() - GONE_AFTER,
        )
        .order_by(Person.name, Person.id)
    )
    return [
        Other(name, (saved_at or seen_at) if has_typed else None)
        for name, has_typed, seen_at, saved_at in session.execute(statement)
    ]


@dataclass(frozen=True)
class Offer:
    """Something that can be named in a text: what is put there, and what it is called."""

    insert: str
    label: str


def lookup(session: Session, person: Person, typed: str) -> list[Offer]:
    """What begins as typed (`@gr`, `INC-1`, `ACT-cache`), as far as this person may see it; at most OFFERED."""
    typed = typed.strip()[:_QUERY_CHARACTERS]
    if typed.startswith("@"):
        return _people(session, typed[1:])
    prefix, _, rest = typed.partition("-")
    if prefix.upper() == "INC":
        return _numbered(session, Incident, "INC", rest, incidents_visible_to(person))
    if prefix.upper() == "ACT":
        return _numbered(session, Action, "ACT", rest, actions_visible_to(person))
    return []


def _people(session: Session, typed: str) -> list[Offer]:
    begins = f"{_plain(typed)}%"
    fits = or_(
        Person.handle.ilike(begins, escape="\\"),
        Person.name.ilike(begins, escape="\\"),
        Person.name.ilike(f"% {begins}", escape="\\"),
    )
    statement = (
        select(Person.handle, Person.name)
        .where(Person.is_active, Person.handle.is_not(None), fits)
        .order_by(Person.name, Person.id)
        .limit(OFFERED)
    )
    return [Offer(f"@{handle}", name) for handle, name in session.execute(statement)]


def _numbered(
    session: Session,
    model: type[Incident] | type[Action],
    prefix: str,
    typed: str,
    where: ColumnElement[bool],
) -> list[Offer]:
    if typed.isdecimal():
        fits: ColumnElement[bool] = cast(model.id, String).like(f"{int(typed)}%")
    else:
        fits = model.title.ilike(f"%{_plain(typed)}%", escape="\\")
    statement = select(model.id, model.title).where(where, fits).order_by(model.id.desc()).limit(OFFERED)
    return [Offer(f"{prefix}-{number}", title) for number, title in session.execute(statement)]


def _plain(typed: str) -> str:
    return typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def with_links(session: Session, person: Person | None, html: str) -> str:
    """Safe HTML in which what this person may see is linked. Says nothing about what they may not."""
    return link(html, linked_for(session, person, html))


def linked_for(session: Session, person: Person | None, html: str) -> Linked:
    """What this person may see of what the text names: for several texts at once, joined. Three statements at most."""
    named = named_in(html)
    return Linked(
        _seen(session, Incident, named.incidents, incidents_visible_to(person)),
        _seen(session, Action, named.actions, actions_visible_to(person)),
        _handles(session, sorted(named.handles)) if person is not None else {},
    )


def open_references(session: Session, html: str) -> Linked:
    """What a published text may link to for everybody who signs in: incidents that are open, and their actions."""
    named = named_in(html)
    is_open = Incident.visibility == Visibility.OPEN
    of_open = exists(select(Incident.id).where(Incident.id == Action.incident_id, is_open).correlate(Action))
    return Linked(
        _seen(session, Incident, named.incidents, is_open),
        _seen(session, Action, named.actions, Action.deleted_at.is_(None) & of_open),
    )


def _seen(
    session: Session,
    model: type[Incident] | type[Action],
    numbers: frozenset[int],
    where: ColumnElement[bool],
) -> frozenset[int]:
    if not numbers:
        return frozenset()
    return frozenset(session.scalars(select(model.id).where(model.id.in_(sorted(numbers)), where)))


def _handles(session: Session, words: Sequence[str]) -> dict[str, int]:
    if not words:
        return {}
    statement = select(Person.handle, Person.id).where(func.lower(Person.handle).in_(words), Person.is_active)
    return {str(handle).casefold(): id_ for handle, id_ in session.execute(statement)}
