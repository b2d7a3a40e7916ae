"""Comparing what writers were told with what the database holds."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from postmortem.actions.models import Action
from postmortem.config import Config, load_config
from postmortem.db import Database
from postmortem.history.checks import chain_problems
from postmortem.history.models import HistoryEntry
from postmortem.incidents.models import Incident
from stress.server import Site
from stress.writers import Write


def config_of(site: Site) -> Config:
    """The settings of a site, as its processes read them."""
    return load_config(site.environ)


def problems_of(site: Site, writes: Sequence[Write], *, may_have_more: bool = False) -> list[str]:
    """What is lost, doubled, half-written or damaged; nothing when all is well.

    `may_have_more`: what was written and not acknowledged (yet) may be there too, once and whole.
    """
    config = config_of(site)
    database = Database(config.database_url, secret_key=config.secret_key)
    try:
        with database.session(writes=False) as session:
            found = [*_compared(session, writes, may_have_more), *chain_problems(session)]
            if database.is_sqlite:
                found += [
                    str(row[0]) for row in session.execute(text("PRAGMA integrity_check")) if row[0] != "ok"
                ]
                found += [f"dangling: {row}" for row in session.execute(text("PRAGMA foreign_key_check"))]
            return found
    finally:
        database.dispose()


def _compared(session: Session, writes: Sequence[Write], may_have_more: bool) -> Iterable[str]:
    entries = session.execute(
        select(HistoryEntry.subject_type, HistoryEntry.subject_id, HistoryEntry.verb, HistoryEntry.changes)
        .where(HistoryEntry.subject_type.in_(("incidents", "actions")))
        .order_by(HistoryEntry.id)
    ).all()
    stored = {
        "incident": _counted(session.scalars(select(Incident.title))),
        "action": _counted(session.scalars(select(Action.title))),
        "edit": _counted(new for entry in entries if (new := _edited(entry))),
    }
    for kind, found in stored.items():
        told = Counter(write.marker for write in writes if write.kind == kind)
        yield from (f"lost: {kind} “{marker}”" for marker in told if not found[marker])
        yield from (f"doubled: {kind} “{marker}”" for marker, count in found.items() if count > 1)
        if not may_have_more:
            yield from (f"never acknowledged: {kind} “{marker}”" for marker in found if marker not in told)
    yield from _without_history(session, entries)


def _counted(markers: Iterable[str]) -> Counter[str]:
    return Counter(marker for marker in markers if " writes " in marker)


def _edited(entry: Any) -> str | None:
    """The words that an edit put into an incident."""
    old_and_new = entry.changes.get("summary") if entry.subject_type == "incidents" else None
    return str(old_and_new[1]) if old_and_new and old_and_new[0] != old_and_new[1] else None


def _without_history(session: Session, entries: Sequence[Any]) -> Iterable[str]:
    """Each record has exactly one entry for its making, and its text is that of its newest entry."""
    made = Counter((entry.subject_type, entry.subject_id) for entry in entries if "title" in entry.changes)
    newest = {
        entry.subject_id: entry.changes["summary"][1]
        for entry in entries
        if entry.subject_type == "incidents" and "summary" in entry.changes
    }
    for model in (Incident, Action):
        for number, title in session.execute(select(model.id, model.title)):
            if made[(model.__tablename__, number)] != 1:
                yield f"“{title}” has {made[(model.__tablename__, number)]} history entries of its making"
    for number, summary in session.execute(select(Incident.id, Incident.summary)):
        if summary and summary != newest.get(number):
            yield f"the text of incident {number} is not that of its newest history entry"
