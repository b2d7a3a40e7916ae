"""Refusals in the history: a change that somebody signed in asked for and was not allowed to make.

Each is written in a transaction of its own, after the request's was rolled back. They are bounded, because a script that knocks
at a closed door would otherwise fill the history, which nobody can empty.
"""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import SITE, Actor, record

REFUSED, TOO_OFTEN = "was refused a change to", "was refused too many changes to"
MOST, WITHIN = 100, timedelta(hours=1)


def note_refusal(database: Database, actor: Actor, *, request: str, rule: str) -> None:
    """Leave one entry with the request ("POST /incidents/3/edit") and the sentence of the rule; commits.

    After a hundred within an hour one entry says so, and the others are in the log alone.
    """
    with database.session(writes=True) as session:
        found = _refusals_of(session, actor)
        if found < MOST:
            changes = {"request": [None, request[:300]], "rule": [None, rule[:300]]}
            record(session, REFUSED, SITE, actor=actor, changes=changes)
        elif found == MOST:
            what = f"{MOST} within an hour; further ones are in the log alone"
            record(session, TOO_OFTEN, SITE, actor=actor, changes={"refusals": [None, what]})
        session.commit()


def _refusals_of(session: Session, actor: Actor) -> int:
    counted = select(func.count()).where(
        HistoryEntry.actor_id == actor.id,
        HistoryEntry.at > clock.now() - WITHIN,
        (HistoryEntry.verb == REFUSED) | (HistoryEntry.verb == TOO_OFTEN),
    )
    return session.scalar(counted) or 0
