"""Reading where write-ups were used: the write-up that readers may say it of, one citation, a page of them."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.readers.models import Citation
from postmortem.readers.rules_citations import readable_by, visible_to
from postmortem.web.paging import COUNT_CAP
from postmortem.writeups.entries import current_publication
from postmortem.writeups.models import Publication, Writeup


def read_writeup(session: Session, person: Person | None, slug: str) -> Writeup:
    """The published write-up at this address, for who may read it. Raises NotVisible, also for a working copy."""
    writeup = session.scalar(
        select(Writeup)
        .where(Writeup.slug == slug, readable_by(person))
        .options(selectinload(Writeup.authors), selectinload(Writeup.teams))
    )
    if writeup is None:
        raise NotVisible
    return writeup


def published_title(session: Session, writeup: Writeup) -> str:
    """What its readers know it by."""
    title = select(Publication.title).join(Writeup, current_publication()).where(Writeup.id == writeup.id)
    return session.scalars(title).one()


def citation_to_change(session: Session, person: Person | None, citation_id: int) -> Citation:
    """A citation, also a deleted one, of a write-up that this person reads. Raises NotVisible."""
    citation = session.scalar(
        select(Citation)
        .join(Writeup, Writeup.id == Citation.writeup_id)
        .where(Citation.id == citation_id, readable_by(person))
        .options(joinedload(Citation.writeup).selectinload(Writeup.authors))
    )
    if citation is None:
        raise NotVisible
    return citation


def citations_of(
    session: Session,
    person: Person | None,
    writeup_id: int,
    *,
    behind: int | None,
    is_backward: bool,
    limit: int,
) -> Sequence[Citation]:
    """Where it was used, newest first (oldest first where `is_backward`), with who added it."""
    statement = (
        select(Citation)
        .where(Citation.writeup_id == writeup_id, visible_to(person))
        .options(joinedload(Citation.added_by))
        .order_by(Citation.id.asc() if is_backward else Citation.id.desc())
        .limit(limit)
    )
    if behind is not None:
        statement = statement.where(Citation.id > behind if is_backward else Citation.id < behind)
    return session.scalars(statement).all()


def count_citations(session: Session, person: Person | None, writeup_id: int) -> int:
    """How many there are, at most COUNT_CAP + 1."""
    some = (
        select(Citation.id).where(Citation.writeup_id == writeup_id, visible_to(person)).limit(COUNT_CAP + 1)
    )
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0
