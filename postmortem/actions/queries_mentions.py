"""Whom texts about an action name by handle: those alone who may see its incident."""

from collections.abc import Collection, Iterable

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.mentions import spellings
from postmortem.actions.models import Action
from postmortem.incidents.rules import people_who_see


def people_by_handle(session: Session, action: Action, words: Collection[str]) -> dict[str, int]:
    """Number by handle, for those of these words (of `mentions.spellings`) that call somebody. At most one statement."""
    if not words:
        return {}
    # Databases fold only ASCII alike; a handle in other letters is found as it is written, and then compared.
    wanted = or_(func.lower(Person.handle).in_(words), Person.handle.in_(words))
    rows = session.execute(
        select(Person.handle, Person.id).where(wanted, Person.is_active, people_who_see(action.incident))
    )
    return {row.handle: row.id for row in rows}


def pages_named(session: Session, action: Action, texts: Iterable[str]) -> dict[str, str]:
    """The addresses of the pages of those whom these texts name, by folded handle."""
    words = {word for text in texts for word in spellings(text)}
    found = people_by_handle(session, action, sorted(words))
    return {handle.casefold(): f"/people/{number}" for handle, number in found.items()}
