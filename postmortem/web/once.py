"""One record per create form, however often it is posted.

A create form carries a random one-time key. A post takes the key first, and stores the address of what it
made with it, in the same transaction. Posting again finds the key and leads there. Of two at the very same
time the slower one waits at the key's primary key until the other is through, before it makes anything.
"""

from datetime import timedelta

from flask import redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.web.models import FormKey

KEPT = timedelta(days=7)


def already_done(session: Session, key: str | None) -> ResponseReturnValue | None:
    """The redirect to what this form made before, or None when it has not been posted yet.

    In that case the key is taken until the transaction ends; call `commit_once` at its end.
    """
    if not key:
        return None
    if used := session.get(FormKey, key):
        return redirect(used.location, 303)
    try:
        session.execute(delete(FormKey).where(FormKey.used_at < clock.now() - KEPT))
        session.add(FormKey(key=key, location="", used_at=clock.now()))
        session.flush()
    except IntegrityError:
        session.rollback()
        return redirect(session.get_one(FormKey, key).location, 303)
    return None


def commit_once(session: Session, key: str | None, location: str) -> ResponseReturnValue:
    """Commit what the form made, with the address of it for whoever posts the form again, and lead there."""
    if key:
        session.get_one(FormKey, key).location = location
    session.commit()
    return redirect(location, 303)
