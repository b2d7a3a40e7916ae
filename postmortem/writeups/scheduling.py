"""Publishing at a time: the plan that somebody made after looking at a text, and what becomes of it when its time has come.

A plan holds for the version that was looked at, and for everything else that readers would see: timeline, factors,
actions, names. History keeps a fingerprint of all that beside the plan; where any of it is another by then, nothing is
published, and those who wrote and planned it are told. The worker asks the policy of reviews too
(`reviews/scheduled.py`).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import check_version
from postmortem.errors import Conflict, Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import WORKER, Actor, record, set_fields
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell
from postmortem.writeups.enums import Audience, WriteupState
from postmortem.writeups.models import Publication, Revision, Writeup
from postmortem.writeups.preview import Preview, as_published
from postmortem.writeups.publishing import NO_PLAN, publish
from postmortem.writeups.rules import can_publish

PLANNED = "planned to publish"
REASON_MAX = 500
_CHANGED = "The write-up was changed after it was planned."
# The parts of what readers would see, and how a sentence names them.
PARTS = {
    "names": "who is named in it",
    "text": "the text with what its blocks show",
    "timeline": "the timeline",
    "factors": "the contributing factors",
    "actions": "the actions",
    "authors": "who stands above it",
    "place": "its address or its tags",
    "closed": "what of it is restricted",
}


@dataclass(frozen=True)
class Plan:
    """When it will be published, who planned it, and why it will not be after all ("" while it will)."""

    at: datetime
    by: str
    why_not: str


def plan_publication(
    session: Session,
    writeup: Writeup,
    *,
    at: datetime,
    actor: Person,
    audience: Audience | None = None,
    reason: str = "",
    version: int | None = None,
) -> None:
    """Have what was looked at published at a time; an earlier plan is replaced. The same once more changes nothing.

    An audience that gets narrower does so at once. Refuses a time that is over and a write-up without any text.
    Raises Conflict for a stale version and a deleted write-up.
    """
    if _is_planned_so(session, writeup, at, actor, audience, reason, version):
        return
    check_version(writeup, version)
    if writeup.state == WriteupState.DELETED:
        raise Conflict
    if at <= clock.now():
        raise Refused("That time is over. Choose one that is still to come.", field="publish_at")
    if not writeup.body.strip() and not writeup.tldr.strip():
        raise Refused("There is nothing to read yet. Write a text first.", field="body")
    session.flush()
    values = {
        "audience": audience or writeup.audience,
        "publish_at": at,
        "publish_by": actor,
        # What is planned is the row as it is after this very change.
        "publish_version": writeup.version + 1,
    }
    seen = _fingerprint(writeup, as_published(session, writeup, reason))
    changes = set_fields(writeup, values)
    changes.pop("publish_version")
    keep_reason(session, writeup, reason)
    session.flush()
    told = {"reason": [None, reason]} if reason else {}
    record(session, PLANNED, writeup, actor=actor, changes=changes | told | {"looked_at": [None, seen]})


def take_back_plan(session: Session, writeup: Writeup, *, actor: Actor, version: int | None = None) -> bool:
    """It stays unpublished until somebody publishes it; says whether there was a plan. Raises Conflict for a stale version."""
    if writeup.publish_at is None:
        return False
    check_version(writeup, version)
    changes = set_fields(writeup, NO_PLAN)
    changes.pop("publish_version")
    record(session, "took back the plan for", writeup, actor=actor, changes=changes)
    return True


def due_plans(session: Session, *, limit: int) -> Sequence[int]:
    """The write-ups whose time has come, by id."""
    statement = select(Writeup.id).where(*_is_due()).order_by(Writeup.publish_at, Writeup.id).limit(limit)
    return session.scalars(statement).all()


def take_due(session: Session, writeup_id: int) -> Writeup | None:
    """One of them, for this transaction alone; None where somebody else has it, or was quicker."""
    statement = select(Writeup).where(Writeup.id == writeup_id, *_is_due())
    return session.scalar(statement.with_for_update(skip_locked=True, of=Writeup))


def publish_as_planned(session: Session, writeup: Writeup) -> Publication:
    """Publish what was looked at, in the name of whoever planned it. Raises Refused with the reason why not."""
    reason = planned_reason(session, writeup)
    person = writeup.publish_by
    if person is None or not can_publish(person, writeup):
        who = person.name if person else "Whoever planned it"
        raise Refused(f"{who} planned it, and may not publish it any more.")
    if why := what_changed(session, writeup, as_published(session, writeup, reason)):
        raise Refused(why)
    return publish(session, writeup, actor=person, reason=reason)


def hold(session: Session, writeup: Writeup, why: str) -> None:
    """Take the plan off and tell whoever planned it, and the authors."""
    at, person = writeup.publish_at, writeup.publish_by
    to = [*writeup.authors, *([person] if person else [])]
    changes = set_fields(writeup, NO_PLAN)
    changes.pop("publish_version", None)
    record(session, "did not publish", writeup, actor=WORKER, changes=changes | {"why": [None, why]})
    facts = {"why": why, "at": at.isoformat() if at else "", "by": person.id if person else None}
    tell(session, Event.HELD, writeup, actor=WORKER, to=to, facts=facts)


def what_changed(session: Session, writeup: Writeup, preview: Preview) -> str:
    """Why the plan does not hold for what would be published now, as a sentence; "" where it does."""
    if writeup.publish_version != writeup.version:
        return _CHANGED
    then, now = _looked_at(session, writeup), _parts(writeup, preview)
    other = [label for name, label in PARTS.items() if then.get(name) != now[name]]
    if not other:
        return ""
    named = ", ".join(other[:-1]) + (" and " if other[1:] else "") + other[-1]
    return f"What readers would see is not what was looked at: {named} changed after it was planned."


def plan_of(
    session: Session, writeup: Writeup, preview: Preview | None = None, reason: str | None = None
) -> Plan | None:
    """The plan for a write-up. Without a preview (made with `reason`), only a saved change is seen as one."""
    if writeup.publish_at is None:
        return None
    why_not = _CHANGED if writeup.publish_version != writeup.version else ""
    if preview is not None and reason == planned_reason(session, writeup):
        why_not = what_changed(session, writeup, preview)
    return Plan(writeup.publish_at, writeup.publish_by.name if writeup.publish_by else "somebody", why_not)


def planned_reason(session: Session, writeup: Writeup) -> str:
    """Why the text that is saved now is published again, as far as somebody said so."""
    statement = (
        select(Revision.reason)
        .where(Revision.writeup_id == writeup.id)
        .order_by(Revision.number.desc())
        .limit(1)
    )
    return session.scalar(statement) or ""


def keep_reason(session: Session, writeup: Writeup, reason: str) -> None:
    """Keep with the text that is saved now why it is published again."""
    newest = select(func.max(Revision.number)).where(Revision.writeup_id == writeup.id).scalar_subquery()
    this = (Revision.writeup_id == writeup.id, Revision.number == newest)
    session.execute(
        update(Revision)
        .where(*this)
        .values(reason=reason[:REASON_MAX])
        .execution_options(synchronize_session=False)
    )


def _is_planned_so(
    session: Session,
    writeup: Writeup,
    at: datetime,
    actor: Person,
    audience: Audience | None,
    reason: str,
    version: int | None,
) -> bool:
    """Whether this was sent before: the form was pressed twice."""
    return (
        (writeup.publish_at, writeup.publish_by_id) == (at, actor.id)
        and writeup.publish_version == writeup.version
        and version in (None, writeup.version, writeup.version - 1)
        and audience in (None, writeup.audience)
        and planned_reason(session, writeup) == reason
        and what_changed(session, writeup, as_published(session, writeup, reason)) == ""
    )


def _is_due() -> tuple[Any, ...]:
    return (Writeup.publish_at <= clock.now(), Writeup.state != WriteupState.DELETED)


def _looked_at(session: Session, writeup: Writeup) -> dict[str, str]:
    """The parts of what was looked at when it was planned; none where history does not say, and so no plan holds."""
    changes = session.scalar(
        select(HistoryEntry.changes)
        .where(
            HistoryEntry.subject_type == Writeup.__tablename__,
            HistoryEntry.subject_id == writeup.id,
            HistoryEntry.verb == PLANNED,
        )
        .order_by(HistoryEntry.id.desc())
        .limit(1)
    )
    _, kept = (changes or {}).get("looked_at", [None, ""])
    return dict(part.split(" ", 1) for part in str(kept).split(", ") if " " in part)


def _fingerprint(writeup: Writeup, preview: Preview) -> str:
    return ", ".join(f"{name} {value}" for name, value in _parts(writeup, preview).items())


def _parts(writeup: Writeup, preview: Preview) -> dict[str, str]:
    """A hash of each part of what readers would see, and of what the page warns of; how it is rendered is no part of it."""
    texts, names = preview.texts, preview.names
    people = [[row.id, row.phrase, row.is_left, row.has_agreed] for row in names.certain]
    frozen = texts.frozen
    values: dict[str, Any] = {
        "names": [people, [[row.surface, row.phrase] for row in names.unknown]],
        "text": [texts.title, texts.tldr, texts.body, texts.reason, frozen["in_text"]],
        "timeline": [_without_html(frozen["events"]), frozen["incident"]],
        "factors": _without_html(frozen["factors"]),
        "actions": frozen["actions"],
        "authors": texts.author_line,
        "place": [preview.is_address_left, list(preview.tags_left)],
        "closed": [
            [[each.id, each.visibility.value] for each in writeup.incidents],
            list(preview.closed_references),
        ],
    }
    return {name: _hash(values[name]) for name in PARTS}


def _without_html(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in item.items() if name != "html"} for item in items]


def _hash(value: Any) -> str:
    words = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]
