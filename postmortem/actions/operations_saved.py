"""Saving, changing and deleting views of the list."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import check_version
from postmortem.actions.models_around import SavedView
from postmortem.errors import Refused
from postmortem.history.operations import Actor, created, record, set_fields

FIELDS = ("name", "query", "is_shared")
MOST_VIEWS = 50
LONGEST_QUERY = 1000


def save_view(
    session: Session, person: Person, *, name: str, query: str, is_shared: bool, actor: Actor
) -> SavedView:
    """Keep a question to the list under a name. Raises Refused for one without a question, a taken name, and too many."""
    if not query:
        raise Refused("Narrow the list first: this would save the whole of it.")
    if len(query) > LONGEST_QUERY:
        raise Refused("That is too long to be kept. Look for fewer words.")
    _check_name(session, person.id, name)
    count = session.scalar(select(func.count()).where(SavedView.person_id == person.id)) or 0
    if count >= MOST_VIEWS:
        raise Refused(f"You have {MOST_VIEWS} views already. Delete one that you no longer use.")
    view = SavedView(person_id=person.id, name=name, query=query, is_shared=is_shared, created_at=clock.now())
    session.add(view)
    session.flush()
    record(session, "saved", view, actor=actor, changes=created(view, FIELDS))
    return view


def _check_name(session: Session, person_id: int, name: str) -> None:
    taken = select(SavedView.id).where(SavedView.person_id == person_id, SavedView.name == name)
    if session.scalar(taken.limit(1)) is not None:
        raise Refused("There is a view of this name already. Choose another.", field="name")


def edit_view(
    session: Session, view: SavedView, values: Mapping[str, Any], *, version: int | None, actor: Actor
) -> None:
    """Rename a view, share it, or keep it to oneself. Raises Conflict for a stale version, Refused for a taken name."""
    check_version(view, version)
    if values.get("name", view.name) != view.name:
        _check_name(session, view.person_id, values["name"])
    if changes := set_fields(view, values):
        record(session, "edited", view, actor=actor, changes=changes)


def delete_view(session: Session, view: SavedView, *, actor: Actor) -> None:
    """Take a view away. What it found is not touched."""
    record(
        session, "removed", view, actor=actor, changes={name: [getattr(view, name), None] for name in FIELDS}
    )
    session.delete(view)
