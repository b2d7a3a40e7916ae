"""Reading ideas, and which incidents are without follow-up. What a person sees goes through the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal, select, tuple_
from sqlalchemy.orm import Session, joinedload

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.actions.policy import AS_SHIPPED, Policy, soaked_on
from postmortem.actions.queries_policy import current_policy
from postmortem.db import UTCDateTime
from postmortem.errors import NotVisible
from postmortem.ideas.models import Idea, NoActionsNeeded
from postmortem.ideas.rules import of_visible_incident, visible_to
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.models import Incident
from postmortem.incidents.queries import LARGEST_NUMBER


@dataclass(frozen=True)
class ShownIdea:
    """One idea of the box. `from_day` is the day from which it can become an action without a reason."""

    idea: Idea
    from_day: date
    is_soaked: bool

    @property
    def from_words(self) -> str:
        """`Wednesday 25 November`."""
        return f"{self.from_day:%A} {self.from_day.day} {self.from_day:%B}"


@dataclass(frozen=True)
class Box:
    """What an incident's page shows of ideas. `is_missing`: an action is needed, or a reason why none is."""

    ideas: Sequence[ShownIdea]
    none_needed: NoActionsNeeded | None
    is_missing: bool


def box_of(session: Session, incident: Incident, *, has_actions: bool) -> Box:
    """The box of an incident that the caller may see; `has_actions` says whether it has any that are not deleted."""
    ideas = session.scalars(
        select(Idea)
        .where(Idea.incident_id == incident.id, Idea.deleted_at.is_(None))
        .options(joinedload(Idea.added_by), joinedload(Idea.action))
        .order_by(Idea.id)
    ).all()
    none_needed = None if has_actions else none_needed_after(session, incident.id)
    policy = current_policy(session) if ideas or not has_actions else AS_SHIPPED
    return Box(
        [shown(idea, policy) for idea in ideas],
        none_needed,
        is_missing=incident.severity in policy.needs_action
        and not (has_actions or none_needed or incident.is_drill),
    )


def shown(idea: Idea, policy: Policy) -> ShownIdea:
    """An idea with the day from which it can become an action."""
    from_day = soaked_on(policy, idea.created_at)
    return ShownIdea(idea, from_day, clock.today() >= from_day)


def none_needed_after(session: Session, incident_id: int) -> NoActionsNeeded | None:
    """That no action is needed after this incident, if somebody said so, with the person."""
    return session.scalar(
        select(NoActionsNeeded)
        .where(NoActionsNeeded.incident_id == incident_id)
        .options(joinedload(NoActionsNeeded.person))
        .execution_options(populate_existing=True)
    )


def visible_idea(session: Session, person: Person | None, idea_id: int) -> Idea:
    """One idea with its incident and action. Raises NotVisible."""
    return _one(session, idea_id, visible_to(person))


def visible_or_deleted_idea(session: Session, person: Person | None, idea_id: int) -> Idea:
    """As `visible_idea`, but a deleted one too. Ask `rules.can_edit` next. Raises NotVisible."""
    return _one(session, idea_id, of_visible_incident(person))


def missing_rows(
    session: Session,
    person: Person | None,
    *,
    key: tuple[datetime, int] | None,
    is_backward: bool,
    limit: int,
) -> Sequence[Row[Any]]:
    """Up to `limit` incidents without follow-up behind the key in the cursor's direction, the latest first."""
    sort = (Incident.sort_at, Incident.id)
    columns = (Incident.id, Incident.title, Incident.severity, Incident.status, Incident.visibility)
    statement: Select[*tuple[Any, ...]] = select(*columns, Incident.sort_at).where(*_missing(session, person))
    if key is not None:
        mine, behind = tuple_(*sort), tuple_(literal(key[0], UTCDateTime()), literal(key[1]))
        statement = statement.where(mine > behind if is_backward else mine < behind)
    order = [part.asc() if is_backward else part.desc() for part in sort]
    rows: Sequence[Row[Any]] = session.execute(statement.order_by(*order).limit(limit)).all()
    return rows


def count_missing(session: Session, person: Person | None, *, cap: int) -> int:
    """How many there are in all, exactly up to `cap`, else `cap` + 1."""
    found: Select[Any] = select(literal(1)).select_from(Incident).where(*_missing(session, person))
    return session.scalar(select(func.count()).select_from(found.limit(cap + 1).subquery())) or 0


def _missing(session: Session, person: Person | None) -> list[ColumnElement[bool]]:
    """Incidents that this person may see and after which an action is needed, or a reason, and neither is there."""
    some_action = select(Action.id).where(Action.incident_id == Incident.id, Action.deleted_at.is_(None))
    reason = select(NoActionsNeeded.id).where(NoActionsNeeded.incident_id == Incident.id)
    return [
        incidents_rules.visible_to(person),
        Incident.severity.in_(sorted(current_policy(session).needs_action)),
        Incident.is_drill.is_(False),
        ~exists(some_action),
        ~exists(reason),
    ]


def _one(session: Session, idea_id: int, where: ColumnElement[bool]) -> Idea:
    found = None
    if 0 < idea_id <= LARGEST_NUMBER:
        found = session.scalar(
            select(Idea)
            .where(Idea.id == idea_id, where)
            .options(joinedload(Idea.incident), joinedload(Idea.action))
            .execution_options(populate_existing=True)
        )
    if found is None:
        raise NotVisible
    return found
