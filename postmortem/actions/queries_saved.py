"""Saved views of the list: who sees which, and who may change one.

A view is a question and no answer: whoever follows it finds what they may see themselves.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.rules import is_admin
from postmortem.actions.models_around import SavedView
from postmortem.errors import NotVisible

SHOWN = 100


def view_visible_to(person: Person) -> ColumnElement[bool]:
    """One's own, and what others share with everybody."""
    return or_(SavedView.person_id == person.id, SavedView.is_shared)


def can_change_view(person: Person, view: Any) -> bool:
    """Only whoever saved this view, and admins where it is shared, may change it."""
    return bool(view.person_id == person.id or (view.is_shared and is_admin(person)))


def saved_views(session: Session, person: Person) -> Sequence[Row[Any]]:
    """The views that this person may use: their own first, then those of others, each by name."""
    columns = (SavedView.id, SavedView.person_id, SavedView.name, SavedView.query, SavedView.is_shared)
    statement: Any = (
        select(*columns, Person.name.label("person_name"))
        .join(Person, Person.id == SavedView.person_id)
        .where(view_visible_to(person))
        .order_by((SavedView.person_id == person.id).desc(), SavedView.name, SavedView.id)
        .limit(SHOWN)
    )
    return session.execute(statement).all()


def visible_view(session: Session, person: Person, view_id: int) -> SavedView:
    """One view. Raises NotVisible."""
    found = session.scalar(select(SavedView).where(SavedView.id == view_id, view_visible_to(person)))
    if found is None:
        raise NotVisible
    return found
