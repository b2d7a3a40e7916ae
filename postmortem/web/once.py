"""One record per create form, however often it is posted.

A create form carries a random one-time key. The first post stores it with the address of what it made, in
the same transaction; posting again finds it and leads there. Two at the very same time meet at the key's
primary key: the slower one's transaction is rolled back.
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
    """The redirect to what this form made before, or None when it has not been posted yet."""
    used = session.get(FormKey, key) if key else None
    return redirect(used.location, 303) if used else None


def commit_once(session: Session, key: str | None, location: str) -> ResponseReturnValue:
    """Commit what the form made and lead to it; if a twin was faster, drop ours and lead to the twin's."""
    if key:
        session.execute(delete(FormKey).where(FormKey.used_at < clock.now() - KEPT))
        session.add(FormKey(key=key, location=location, used_at=clock.now()))
    try:
        session.commit()
    except IntegrityError:
        session.rollback()
        twin = already_done(session, key)
        if twin is None:
            raise
        return twin
    return redirect(location, 303)
