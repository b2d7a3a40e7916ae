"""What a text to be published names that not everybody who signs in may see."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.incidents.rules import visible_to
from postmortem.writeups.models import Writeup
from postmortem.writeups.naming import Published
from postmortem.writeups.references import MOST, numbers_in

SHOWN = 20
# Of a shorter title nobody could tell whether it is one or just words. And so many are looked at.
SHORTEST_TITLE, MOST_TITLES = 12, 5_000
_WORDS = re.compile(r"\w+")


def closed_references(session: Session, writeup: Writeup, texts: Published) -> list[str]:
    """`INC-7`, `ACT-12`: named in these texts, and not open to all. Numbers of nothing count too: whoever publishes
    may not see more than others, and must not learn here which numbers stand for something.

    The incidents that the write-up is about, and their actions, have a warning of their own and are left out.
    """
    incidents, actions = numbers_in("\n".join(_strings([texts.title, texts.tldr, texts.body, texts.frozen])))
    about = [incident.id for incident in writeup.incidents]
    is_told = or_(Incident.visibility == Visibility.OPEN, Incident.id.in_(about))
    incidents, actions = set(sorted(incidents)[:MOST]), set(sorted(actions)[:MOST])
    if incidents:
        incidents -= set(session.scalars(select(Incident.id).where(Incident.id.in_(incidents), is_told)))
    if actions:
        seen = select(Action.id).join(Incident, Incident.id == Action.incident_id)
        actions -= set(
            session.scalars(seen.where(Action.id.in_(actions), Action.deleted_at.is_(None), is_told))
        )
    named = [f"INC-{number}" for number in sorted(incidents)] + [
        f"ACT-{number}" for number in sorted(actions)
    ]
    return named if len(named) <= SHOWN else [*named[:SHOWN], f"{len(named) - SHOWN} more"]


def closed_titles(
    session: Session, person: Person, writeup: Writeup, texts: Published
) -> list[tuple[str, str]]:
    """Reference and title of restricted incidents whose title stands in these texts: minutes copy it while it is open.

    Only of those that this person sees: whoever sees no more than others must not learn here whose title it is. The
    incidents that the write-up is about are left out.
    """
    about = [incident.id for incident in writeup.incidents]
    statement = (
        select(Incident.id, Incident.title)
        .where(Incident.visibility == Visibility.RESTRICTED, visible_to(person), Incident.id.not_in(about))
        .order_by(Incident.id.desc())
        .limit(MOST_TITLES)
    )
    # In the draft a name may still stand where the published text has a role.
    words = [
        writeup.title,
        writeup.tldr,
        writeup.body,
        *_strings([texts.title, texts.tldr, texts.body, texts.frozen]),
    ]
    written = _folded("\n".join(words))
    found = [
        (f"INC-{number}", title)
        for number, title in session.execute(statement)
        if len(title) >= SHORTEST_TITLE and _folded(title) in written
    ]
    return sorted(found)[:SHOWN]


def _folded(text: str) -> str:
    """The words alone: minutes write a title between Markdown's signs."""
    return f" {' '.join(_WORDS.findall(text.casefold()))} "


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)
