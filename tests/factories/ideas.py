"""Ideas for tests; committed at once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.history.operations import CLI
from postmortem.ideas.models import Idea, NoActionsNeeded
from postmortem.ideas.operations import add_idea, say_none_needed
from postmortem.incidents.models import Incident


def make_idea(
    session: Session,
    incident: Incident,
    text: str = "Try a second queue",
    *,
    by: Person | None = None,
    at: datetime | None = None,
) -> Idea:
    """An idea written down by the program in somebody's name, now or `at` a moment before."""
    with clock.as_of(at or clock.now()):
        idea = add_idea(session, incident, text, by=by, actor=CLI)
    session.commit()
    return idea


def make_none_needed(
    session: Session, incident: Incident, person: Person, reason: str = "It is repaired"
) -> NoActionsNeeded:
    """Somebody said that no action is needed."""
    said = say_none_needed(session, incident, reason, version=None, actor=person)
    session.commit()
    return said


def stored_ideas(session: Session) -> list[Idea]:
    """Every idea, deleted ones too, read again."""
    session.expire_all()
    return list(session.scalars(select(Idea).order_by(Idea.id)))


def stored_reasons(session: Session) -> list[NoActionsNeeded]:
    """Everything that was said about needing no action, read again."""
    session.expire_all()
    return list(session.scalars(select(NoActionsNeeded).order_by(NoActionsNeeded.id)))
