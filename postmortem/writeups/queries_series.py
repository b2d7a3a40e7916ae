"""What a write-up belongs to: its series, and related write-ups. Readers are shown what is published to them, nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, or_, select, union_all
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.writeups.entries import current_publication
from postmortem.writeups.models import Publication, Series, Writeup
from postmortem.writeups.models_around import writeup_relations
from postmortem.writeups.rules import IS_PUBLIC, IS_PUBLISHED, published_to


@dataclass(frozen=True)
class Beside:
    """Another published write-up."""

    title: str
    slug: str

    @property
    def url(self) -> str:
        return f"/writeups/{self.slug}"


@dataclass(frozen=True)
class SeriesPlace:
    """Where a write-up stands among those of its series that its reader may read; `number` counts from 1."""

    name: str
    number: int
    count: int
    previous: Beside | None
    following: Beside | None


def related_to(writeup_id: Any) -> CompoundSelect[int]:
    """The ids on the other side of the relations of a write-up (an id or a bind parameter), whichever side it stands on."""
    one, other = writeup_relations.c.writeup_id, writeup_relations.c.other_id
    return union_all(select(other).where(one == writeup_id), select(one).where(other == writeup_id))


def series_place(session: Session, person: Person | None, row: Any) -> SeriesPlace | None:
    """The place of a published write-up (`id`, `series_id`) in its series; None where there is nothing else to read."""
    statement = (
        select(Writeup.id, Series.name, Publication.title, Writeup.slug)
        .join(Series, Series.id == Writeup.series_id)
        .join(Publication, current_publication())
        .where(Writeup.series_id == row.series_id, IS_PUBLIC if person is None else IS_PUBLISHED)
        .order_by(Writeup.series_position, Writeup.published_at, Writeup.id)
    )
    rows = session.connection().execute(statement).all()
    here = next((at for at, each in enumerate(rows) if each.id == row.id), None)
    if here is None or len(rows) < 2:
        return None
    previous = Beside(rows[here - 1].title, rows[here - 1].slug) if here else None
    following = Beside(rows[here + 1].title, rows[here + 1].slug) if here + 1 < len(rows) else None
    return SeriesPlace(rows[here].name, here + 1, len(rows), previous, following)


def related_slugs(session: Session, person: Person, writeup: Writeup) -> list[str]:
    """The related write-ups that this person may read, for the form that changes them."""
    statement = select(Writeup.slug).where(Writeup.id.in_(related_to(writeup.id)), published_to(person))
    return list(session.scalars(statement.order_by(Writeup.slug)))


def related_titles(session: Session, person: Person, writeup: Writeup) -> Sequence[str]:
    """The titles of the related write-ups, as this person reads them."""
    statement = (
        select(Publication.title)
        .join(Writeup, current_publication())
        .where(Writeup.id.in_(related_to(writeup.id)), published_to(person))
    )
    return session.scalars(statement.order_by(Publication.title)).all()


def published_ids(session: Session, person: Person, slugs: Iterable[str]) -> dict[str, int]:
    """The ids of those of these write-ups that are published to this person."""
    statement = select(Writeup.slug, Writeup.id).where(Writeup.slug.in_(list(slugs)), published_to(person))
    return {row.slug: row.id for row in session.execute(statement)}


def series_names(session: Session, person: Person) -> Sequence[str]:
    """The series in which this person may read something."""
    used = select(Writeup.series_id).where(Writeup.series_id.is_not(None), published_to(person))
    return session.scalars(select(Series.name).where(Series.id.in_(used)).order_by(Series.name)).all()


def between(one: int, others: Iterable[int]) -> ColumnElement[bool]:
    """The relations between a write-up and these others, whichever side it stands on."""
    table, numbers = writeup_relations.c, list(others)
    return or_(
        (table.writeup_id == one) & table.other_id.in_(numbers),
        (table.other_id == one) & table.writeup_id.in_(numbers),
    )
