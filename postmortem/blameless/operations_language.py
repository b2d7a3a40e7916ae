"""Deciding about the help with language, and keeping words although a rule marks them. One history entry each.

Whatever concerns a write-up stands in the history of that write-up.
"""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.blameless.language_rules import BY_ID
from postmortem.blameless.models import LanguageKeep, LanguagePolicy
from postmortem.blameless.queries_language import (
    AS_SHIPPED,
    ONLY_ROW,
    LanguageSettings,
    folded,
    language_of,
    stored_language,
)
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, Changes, record, set_fields

REASON_MAX = 500
MOST_WORDS, LONGEST_WORDS = 50, 60


def set_language(session: Session, settings: LanguageSettings, *, version: int, actor: Actor) -> None:
    """Decide which hints are given. `version` is 0 for who saw it as shipped; deciding the same leaves no trace.

    Raises Conflict for a stale version, Refused (with the field) for too many or too long words.
    """
    for rule, words in settings.words.items():
        if len(words) > MOST_WORDS or any(len(each) > LONGEST_WORDS for each in words):
            raise Refused(
                f"Give at most {MOST_WORDS} words or phrases, each of at most {LONGEST_WORDS} characters.",
                field=f"words_{rule}",
            )
    row = stored_language(session)
    if (row.version if row else 0) != version:
        raise Conflict
    _save(session, row, settings, "edited", actor)


def reset_language(session: Session, *, actor: Actor) -> bool:
    """Everything as shipped again; says whether anything was different."""
    row = stored_language(session)
    return row is not None and _save(session, row, AS_SHIPPED, "reset", actor)


def _save(
    session: Session, row: LanguagePolicy | None, settings: LanguageSettings, verb: str, actor: Actor
) -> bool:
    if settings == (language_of(row) if row else AS_SHIPPED):
        return False
    values = {
        "rules_off": sorted(settings.off),
        "words": {rule: list(words) for rule, words in sorted(settings.words.items()) if words},
    }
    if row is None:
        changes: Changes = {name: [type(new)(), new] for name, new in values.items() if new}
        row = LanguagePolicy(id=ONLY_ROW, **values)
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict from error
    else:
        changes = set_fields(row, values)
    record(session, verb, row, actor=actor, changes=changes)
    return True


def keep_words(session: Session, writeup: Any, rule: str, words: str, reason: str, *, actor: Actor) -> None:
    """Remember why words stay. Saying it again changes the reason; the same reason changes nothing.

    Raises Refused (with the field) for a blank or long reason, and for a rule or words that are none.
    """
    words, reason = folded(words), reason.strip()
    if rule not in BY_ID or not words:
        raise Refused("These words have no hint any more. Look at the hints again.")
    if not reason:
        raise Refused("Say why these words stay.", field="reason")
    if len(reason) > REASON_MAX:
        raise Refused(f"Keep the reason within {REASON_MAX} characters.", field="reason")
    kept = _kept(session, writeup, rule, words)
    if kept and kept.reason == reason:
        return
    before = _told(kept) if kept else None
    if kept is None:
        kept = LanguageKeep(writeup_id=writeup.id, rule=rule, words=words, created_at=clock.now())
        session.add(kept)
    kept.reason, kept.kept_by_id = reason, actor.id
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict from error
    record(session, "kept words", writeup, actor=actor, changes={"kept_words": [before, _told(kept)]})


def unkeep_words(session: Session, writeup: Any, rule: str, words: str, *, actor: Actor) -> None:
    """Give the hint again. Nothing happens where these words are not kept."""
    kept = _kept(session, writeup, rule, folded(words))
    if kept is not None:
        session.delete(kept)
        session.flush()
        record(
            session, "took back keeping", writeup, actor=actor, changes={"kept_words": [_told(kept), None]}
        )


def _kept(session: Session, writeup: Any, rule: str, words: str) -> LanguageKeep | None:
    return session.scalar(
        select(LanguageKeep).where(
            LanguageKeep.writeup_id == writeup.id, LanguageKeep.rule == rule, LanguageKeep.words == words
        )
    )


def _told(kept: LanguageKeep) -> str:
    return f"“{kept.words}”, because: {kept.reason}"
