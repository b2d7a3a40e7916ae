"""Who can be merged or anonymised, and what a merge would move. Whoever calls has made sure that it is an admin."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, union
from sqlalchemy.orm import Session

from postmortem.accounts.models import Identity, Person, SignIn, Team, team_members
from postmortem.blameless.models import LanguageKeep
from postmortem.incidents.enums import MOMENTS
from postmortem.incidents.models import Incident, Participant, RestrictionRule
from postmortem.leaving.moves_follow_up import FOLLOW_UP_WORDS, pointing_at_follow_up
from postmortem.leaving.moves_writing import WRITING_WORDS, pointing_at_writing
from postmortem.permissions.models import AccessRequest
from postmortem.writeups.models import Publication, Revision, Writeup, writeup_authors

# Columns of a write-up that point at a person, without `_id`.
POINTING_FROM_WRITEUPS = ("created_by", "publish_by", "facilitator", "review_skipped_by")
IS_HERE = (Person.merged_into_id.is_(None), Person.anonymised_at.is_(None))


def people_to_merge(session: Session, but: Person) -> Sequence[Any]:
    """Everybody else who was neither merged nor anonymised: `email`, `name` and `is_active`, by name."""
    columns = select(Person.email, Person.name, Person.is_active)
    return session.execute(
        columns.where(*IS_HERE, Person.id != but.id).order_by(Person.name, Person.id)
    ).all()


def locked_people(session: Session, *ids: int) -> dict[int, Person]:
    """These people as of now, held until the transaction ends, always in the same order."""
    found = session.scalars(
        select(Person)
        .where(Person.id.in_(ids))
        .order_by(Person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {person.id: person for person in found}


def merged_into(session: Session, person: Person) -> list[Person]:
    """Whoever was merged into this person, directly or by way of others."""
    found: list[Person] = []
    last = [person.id]
    while last:
        rows = session.scalars(
            select(Person).where(Person.merged_into_id.in_(last)).order_by(Person.id)
        ).all()
        last = [row.id for row in rows]
        found += rows
    return found


def pointing_at(person_id: int) -> dict[Any, ColumnElement[bool]]:
    """By record: whether it points at this person anywhere, itself or in what belongs to it."""
    of_incident = [getattr(Incident, f"{name}_entered_by_id") == person_id for name in MOMENTS]
    took_part = select(Participant.incident_id).where(Participant.person_id == person_id)
    of_texts = union(
        select(writeup_authors.c.writeup_id).where(writeup_authors.c.person_id == person_id),
        select(Revision.writeup_id).where(Revision.saved_by_id == person_id),
        select(Publication.writeup_id).where(Publication.published_by_id == person_id),
        select(LanguageKeep.writeup_id).where(LanguageKeep.kept_by_id == person_id),
    )
    member_of = select(team_members.c.team_id).where(team_members.c.person_id == person_id)
    return {
        Team: Team.id.in_(member_of),
        Incident: or_(
            Incident.lead_id == person_id,
            Incident.reported_by_id == person_id,
            *of_incident,
            Incident.id.in_(took_part),
        ),
        **pointing_at_follow_up(person_id),
        Writeup: or_(
            *(getattr(Writeup, f"{name}_id") == person_id for name in POINTING_FROM_WRITEUPS),
            Writeup.id.in_(of_texts),
        ),
        **pointing_at_writing(person_id),
        RestrictionRule: RestrictionRule.created_by_id == person_id,
        AccessRequest: or_(AccessRequest.person_id == person_id, AccessRequest.answered_by_id == person_id),
    }


_WORDS: dict[Any, tuple[str, str]] = {
    Team: ("team", "teams"),
    Incident: ("incident", "incidents"),
    **FOLLOW_UP_WORDS,
    Writeup: ("write-up", "write-ups"),
    **WRITING_WORDS,
    RestrictionRule: ("restriction rule", "restriction rules"),
    AccessRequest: ("request for access", "requests for access"),
    Identity: ("account at single sign-on", "accounts at single sign-on"),
    SignIn: ("sign-in", "sign-ins"),
}


def what_moves(session: Session, person: Person) -> list[str]:
    """`3 incidents`, `1 action`, …: what points at this person and would point at the other; deleted things too."""
    counted = {
        model: _count(session, select(model.id).where(where))
        for model, where in pointing_at(person.id).items()
    }
    counted[Identity] = _count(session, select(Identity.id).where(Identity.person_id == person.id))
    return [in_words(model, count) for model, count in counted.items() if count]


def sign_ins_that_end(session: Session, person: Person) -> str:
    """`2 sign-ins`, blank for none."""
    count = _count(session, select(SignIn.id).where(SignIn.person_id == person.id))
    return in_words(SignIn, count) if count else ""


def in_words(model: Any, count: int) -> str:
    """A count with its noun."""
    one, many = _WORDS[model]
    return f"{count:,} {one if count == 1 else many}"


def _count(session: Session, statement: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(statement.subquery())) or 0
