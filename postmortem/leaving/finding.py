"""Where a person's name, address and handle stand: what they were called, and how many records hold it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.leaving.places import PLACES, SLUGS, Place, TextKind
from postmortem.leaving.queries import merged_into
from postmortem.leaving.words import EMAIL, HANDLE, NAME, Replacer, Term, terms_of

_AT_ONCE = 500


def everybody_they_are(session: Session, person: Person) -> list[Person]:
    """The person, and the accounts that were merged into theirs."""
    return [person, *merged_into(session, person)]


def spellings(session: Session, person: Person) -> tuple[Term, ...]:
    """What this person is and was called here: now, before changes that the history tells, and before merges."""
    group = everybody_they_are(session, person)
    found: list[tuple[str, str | None]] = []
    for each in group:
        found += [(EMAIL, each.email), (NAME, each.name), (HANDLE, each.handle)]
    ids = [each.id for each in group]
    about = select(HistoryEntry.changes).where(
        HistoryEntry.subject_type == Person.__tablename__,
        HistoryEntry.subject_id.in_(ids),
        HistoryEntry.verb.in_(("added", "edited")),
    )
    for changes in session.scalars(about):
        for kind in (EMAIL, NAME, HANDLE):
            found += [(kind, text) for text in changes.get(kind, ()) if isinstance(text, str)]
    acted = select(HistoryEntry.actor_name).where(HistoryEntry.actor_id.in_(ids)).distinct()
    found += [(NAME, name) for name in session.scalars(acted)]
    return terms_of(found)


def namesakes(session: Session, person: Person, terms: Iterable[Term]) -> Sequence[str]:
    """Addresses of others with one of these names: texts that name them are changed as well."""
    names = [term.text for term in terms if term.kind == NAME]
    own = {each.id for each in everybody_they_are(session, person)}
    others = select(Person.email).where(Person.name.in_(names), Person.id.not_in(own))
    return session.scalars(others.order_by(Person.email)).all()


def matching(session: Session, place: Place, replace: Replacer) -> list[int]:
    """The ids of the rows of one place that hold a term. Reads columns in runs: there may be many."""
    return [id_ for id_, values in _rows(session, place) if replace.value(values) != values]


def counts(session: Session, replace: Replacer) -> dict[TextKind, int]:
    """How many records of each kind hold a term; a row counts once."""
    found: dict[TextKind, set[tuple[str, int]]] = {kind: set() for kind in TextKind}
    for place in PLACES:
        if place.kind is not None:
            table = place.model.__tablename__
            found[place.kind] |= {(table, id_) for id_ in matching(session, place, replace)}
    for model, kind in SLUGS.items():
        found[kind] |= {(model.__tablename__, id_) for id_, _, _ in slugs_to_change(session, model, replace)}
    return {kind: len(rows) for kind, rows in found.items()}


def slugs_to_change(session: Session, model: Any, replace: Replacer) -> list[tuple[int, str, str]]:
    """`(id, old, new)` of the addresses that were made of a name; a new one that is taken gets a number."""
    rows = session.execute(select(model.id, model.slug).order_by(model.id)).all()
    taken = {row.slug for row in rows}
    limit: int = model.slug.type.length
    changed = []
    for id_, old in rows:
        new = replace.slug(old)
        if new == old:
            continue
        new = new[:limit].strip("-")
        if new in taken:
            new = f"{new[: limit - 12].strip('-')}-{id_}"
        taken.add(new)
        changed.append((id_, old, new))
    return changed


def _rows(session: Session, place: Place) -> Iterator[tuple[int, list[Any]]]:
    model, last = place.model, 0
    columns = [getattr(model, name) for name in place.columns]
    while True:
        statement = select(model.id, *columns).where(model.id > last).order_by(model.id).limit(_AT_ONCE)
        rows = session.execute(statement).all()
        if not rows:
            return
        for id_, *values in rows:
            yield id_, values
        last = rows[-1].id
