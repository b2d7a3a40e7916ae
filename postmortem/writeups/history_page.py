"""The history of a write-up: what was published, with its reasons, for readers; every save too, for its writers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.history.queries import NOTHING, RecordHistory
from postmortem.writeups import queries, rules
from postmortem.writeups.comparing import Change, between_publications, between_saves
from postmortem.writeups.enums import Audience
from postmortem.writeups.models import Publication, Writeup


@dataclass(frozen=True)
class Edition:
    """One publication in the list. `is_first` for whoever reads: an earlier one may not be for them."""

    number: int
    revision_number: int
    at: datetime
    reason: str
    is_first: bool


@dataclass(frozen=True)
class HistoryPage:
    """What the page shows; `changed_since` is the publication or save before the chosen one."""

    slug: str
    title: str
    editions: Sequence[Edition]
    edition: Edition | None
    saves: Sequence[queries.Save]
    chosen: int | None
    before: int | None
    changes: Sequence[Change]
    sees_all: bool
    acts: RecordHistory


def history_page(
    session: Session,
    person: Person | None,
    slug: str,
    *,
    text: int | None,
    edition: int | None,
    earlier_than: int | None,
) -> HistoryPage:
    """The page with one text chosen: a save by `text`, a publication by `edition`, else the newest that there is.

    Readers are shown publications alone, whichever way they ask. Raises NotVisible.
    """
    writeup = queries.visible_writeup(session, person, slug)
    sees_all = person is not None and rules.can_see_draft(person, writeup)
    editions = editions_of(session, person, writeup.id)
    saves = queries.all_saves(session, writeup.id) if sees_all else []
    acts = NOTHING
    if sees_all:
        entries = queries.history_seen_by(session, person, writeup.id, before=earlier_than)
        acts = RecordHistory.of(entries)
    about: dict[str, Any] = {"slug": slug, "editions": editions, "saves": saves, "sees_all": sees_all}
    if sees_all and edition is None and _asks_for_save(text, editions, saves):
        return HistoryPage(**about, **_save(session, writeup, saves, text), acts=acts)
    shown = _edition(session, person, writeup, editions, text, edition)
    title = writeup.title if sees_all else shown.pop("title")
    return HistoryPage(**about, acts=acts, **{**shown, "title": title})


def editions_of(session: Session, person: Person | None, writeup_id: int) -> list[Edition]:
    """What was published for this person, newest first, without what was withdrawn."""
    statement = (
        select(Publication.number, Publication.revision_number, Publication.published_at, Publication.reason)
        .where(*_readable(person, writeup_id))
        .order_by(Publication.number.desc())
    )
    rows = session.execute(statement).all()
    return [Edition(*row, is_first=row is rows[-1]) for row in rows]


def _readable(person: Person | None, writeup_id: int) -> list[Any]:
    where = [Publication.writeup_id == writeup_id, Publication.is_withdrawn.is_(False)]
    return where + ([Publication.audience == Audience.PUBLIC] if person is None else [])


def _asks_for_save(text: int | None, editions: Sequence[Edition], saves: Sequence[queries.Save]) -> bool:
    """Writers get the save they ask for; and, unasked, the newest where it is not what readers have."""
    return text is not None or not editions or editions[0].revision_number != saves[0].number


def _save(
    session: Session, writeup: Writeup, saves: Sequence[queries.Save], text: int | None
) -> dict[str, Any]:
    numbers = [save.number for save in saves]
    chosen = numbers[0] if text is None else text
    if chosen not in numbers:
        raise NotVisible
    before = dict(pairwise(numbers)).get(chosen)
    texts = queries.texts(session, writeup.id, [chosen, *([before] if before else [])])
    changes = between_saves(texts[before] if before else None, texts[chosen])
    return {
        "title": writeup.title,
        "edition": None,
        "chosen": chosen,
        "before": before,
        "changes": changes,
    }


def _edition(
    session: Session,
    person: Person | None,
    writeup: Writeup,
    editions: Sequence[Edition],
    text: int | None,
    number: int | None,
) -> dict[str, Any]:
    fits = [
        each
        for each in editions
        if (number is None or each.number == number) and (text is None or each.revision_number == text)
    ]
    if not fits:
        raise NotVisible
    chosen = fits[0]
    before = dict(pairwise(each.number for each in editions)).get(chosen.number)
    asked = [chosen.number, *([before] if before else [])]
    statement = select(Publication).where(*_readable(person, writeup.id), Publication.number.in_(asked))
    found = {each.number: each for each in session.scalars(statement)}
    after = found[chosen.number]
    changes = between_publications(found[before] if before else None, after, has_audience=person is not None)
    return {"title": after.title, "edition": chosen, "chosen": None, "before": before, "changes": changes}
