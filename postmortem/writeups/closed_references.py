"""What a text to be published names that not everybody who signs in may see."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from postmortem.actions.models import Action
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.writeups.models import Writeup
from postmortem.writeups.naming import Published
from postmortem.writeups.references import MOST, numbers_in

SHOWN = 20


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


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)
