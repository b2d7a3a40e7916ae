"""The questions that write-ups leave open: gathered from what is published, settled with a sentence, opened again."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import check_version
from postmortem.errors import Refused
from postmortem.history.operations import Actor, record, set_fields
from postmortem.outbox.workplace import Workplace
from postmortem.readers.models import OpenQuestion
from postmortem.readers.points import matched, points_of
from postmortem.readers.rules_questions import IS_CURRENT
from postmortem.text.clean import clean_source
from postmortem.writeups import after_publishing
from postmortem.writeups.models import Publication, Writeup
from postmortem.writeups.rules import IS_PUBLISHED

MAX_OUTCOME = 1000
EVERY = timedelta(hours=6)
# What an edit may bring back; older ones that are gone stay gone.
_REMEMBERED = 300
_AT_ONCE = 500
_last: dict[str, datetime] = {}


class Asked(NamedTuple):
    """What a publication leaves open, and since when."""

    points: Sequence[str]
    at: datetime


def gather(session: Session, publications: Sequence[Publication]) -> None:
    """Write down what these publications, each the newest of its write-up, leave open. Publishing tells of it in history.

    A point is found again by its words: what was settled stays settled. One that is not asked any more `is_gone`.
    """
    keep_points(
        session,
        {each.writeup_id: Asked(points_of(each.body_html), each.published_at) for each in publications},
    )


def keep_points(session: Session, asked: Mapping[int, Asked]) -> int:
    """Make the rows of these write-ups say what their texts leave open; says how many write-ups had others."""
    changed = 0
    rows = _rows_of(session, list(asked))
    for writeup_id, (points, at) in asked.items():
        changed += _keep(session, writeup_id, rows[writeup_id], points, at)
    session.flush()
    return changed


def _keep(
    session: Session, writeup_id: int, rows: Sequence[OpenQuestion], points: Sequence[str], at: datetime
) -> bool:
    is_changed = False
    rest = dict(enumerate(rows))
    for position, (text, index) in enumerate(
        zip(points, matched([row.text for row in rows], points), strict=True)
    ):
        if index is None:
            made = OpenQuestion(writeup_id=writeup_id, position=position, text=text, created_at=at)
            session.add(made)
            is_changed = True
        else:
            values = {"text": text, "position": position, "is_gone": False}
            is_changed |= bool(set_fields(rest.pop(index), values))
    for row in rest.values():
        is_changed |= bool(set_fields(row, {"is_gone": True}))
    return is_changed


def _rows_of(session: Session, writeup_ids: Sequence[int]) -> Mapping[int, list[OpenQuestion]]:
    """The rows of these write-ups: those that are asked now first, in their order, then the newest of the others."""
    found: dict[int, list[OpenQuestion]] = defaultdict(list)
    for start in range(0, len(writeup_ids), _AT_ONCE):
        some = OpenQuestion.writeup_id.in_(writeup_ids[start : start + _AT_ONCE])
        order = (OpenQuestion.is_gone, OpenQuestion.position, OpenQuestion.id.desc())
        for row in session.scalars(select(OpenQuestion).where(some).order_by(*order)):
            if len(found[row.writeup_id]) < _REMEMBERED:
                found[row.writeup_id].append(row)
    return found


def gather_again(session: Session) -> int:
    """Gather from everything that is published now what is not written down yet; says from how many write-ups."""
    return sum(keep_points(session, some) for some in _in_parts(_asked_otherwise(session)))


def gather_missing(workplace: Workplace) -> None:
    """Of what was published before questions were gathered, or came in another way. Looks a few times a day."""
    now, last = clock.now(), _last.get(workplace.config.database_url)
    if last is not None and now - last < EVERY:
        return
    _last[workplace.config.database_url] = now
    with workplace.reading() as session:
        is_needed = next(_asked_otherwise(session), None) is not None
    if is_needed:
        with workplace.writing() as session:
            gather_again(session)


def _asked_otherwise(session: Session) -> Iterator[tuple[int, Asked]]:
    """The published write-ups whose rows do not say what their text leaves open."""
    has_rows = exists(select(OpenQuestion.id).where(OpenQuestion.writeup_id == Writeup.id).correlate(Writeup))
    asks = or_(Publication.body_html.ilike("%question%"), has_rows)
    texts = (
        select(Writeup.id, Publication.body_html, Publication.published_at)
        .join(Publication, IS_CURRENT)
        .where(IS_PUBLISHED, asks)
        .order_by(Writeup.id)
        .limit(100)
    )
    last = 0
    while rows := session.execute(texts.where(Writeup.id > last)).all():
        known = _known(session, [row.id for row in rows])
        for row in rows:
            points = points_of(row.body_html)
            if points != known[row.id]:
                yield row.id, Asked(points, row.published_at)
        last = rows[-1].id


def _known(session: Session, writeup_ids: Collection[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = session.execute(
        select(OpenQuestion.writeup_id, OpenQuestion.text)
        .where(OpenQuestion.writeup_id.in_(writeup_ids), OpenQuestion.is_gone.is_(False))
        .order_by(OpenQuestion.position, OpenQuestion.id)
    )
    for writeup_id, text in rows:
        found[writeup_id].append(text)
    return found


def _in_parts(asked: Iterator[tuple[int, Asked]]) -> Iterator[dict[int, Asked]]:
    while some := dict(islice(asked, 100)):
        yield some


def settle(
    session: Session, question: OpenQuestion, outcome: str, *, version: int | None, actor: Person
) -> None:
    """Say what was found out, or say it otherwise. Raises Conflict for a stale version, Refused for no words."""
    check_version(question, version)
    outcome = " ".join(clean_source(outcome).split())
    if not outcome:
        raise Refused("Say what you found out, in a sentence.", field="outcome")
    if len(outcome) > MAX_OUTCOME:
        raise Refused(f"Shorten this to {MAX_OUTCOME:,} characters.", field="outcome")
    values: dict[str, object] = {"outcome": outcome}
    if question.settled_at is None:
        values |= {"settled_at": clock.now(), "settled_by": actor}
    if changes := set_fields(question, values):
        verb = "settled" if "settled_at" in changes else "edited"
        record(session, verb, question, actor=actor, changes=changes)


def reopen(session: Session, question: OpenQuestion, *, actor: Actor) -> None:
    """It is open after all; what was found out stays in history. Nothing happens to one that is open."""
    if question.settled_at is None:
        return
    values = {"settled_at": None, "settled_by": None, "outcome": ""}
    record(session, "reopened", question, actor=actor, changes=set_fields(question, values))


after_publishing.register(gather)
DUTIES = (gather_missing,)
