"""Merging two accounts of one person: everything that points at the one points at the other afterwards.

Each changed record gets one entry with from and to; history itself goes on saying who it was then.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from postmortem.accounts.models import Identity, Person, RecoveryCode, SignIn, SingleUseLink, Team
from postmortem.accounts.operations import keep_an_admin
from postmortem.blameless.models import LanguageKeep
from postmortem.errors import NotVisible, Refused
from postmortem.history.operations import Actor, Changes, record, set_fields
from postmortem.incidents.enums import MOMENTS
from postmortem.incidents.models import Incident, Participant, RestrictionRule
from postmortem.leaving.moves_follow_up import FOLLOW_UP_MOVES, INCIDENT_OF, end_what_they_are_told
from postmortem.leaving.moves_writing import WRITING_MOVES, end_what_they_type
from postmortem.leaving.queries import POINTING_FROM_WRITEUPS, in_words, locked_people, pointing_at
from postmortem.permissions.models import AccessRequest
from postmortem.writeups.models import Publication, Revision, Writeup

VERB = "merged two people in"


def merge(session: Session, gone_id: int, stays_id: int, *, typed: str, actor: Actor) -> Person:
    """Merge one person into another, and return the one who stays. There is no way back.

    The one who goes keeps a closed row with their address, which leads to the other. Raises NotVisible for unknown
    people; Refused unless the address of the one who goes is typed, for the same person twice, for whoever was merged
    or anonymised, for a deactivated one who would stay, for the last admin who would go, and for oneself going.
    """
    people = locked_people(session, gone_id, stays_id)
    gone, stays = people.get(gone_id), people.get(stays_id)
    if gone is None or stays is None:
        raise NotVisible
    check_pair(session, gone, stays, actor=actor)
    if typed.strip().casefold() != gone.email.casefold():
        raise Refused(f"Type {gone.email} to say that you mean this account.", field="email")
    # First: receivers of their own go, and are not to be moved.
    end_what_they_are_told(session, gone.id)
    end_what_they_type(session, gone.id)
    moved = [
        in_words(model, count)
        for model, move in _MOVES.items()
        if (count := _move_all(session, model, move, gone, stays, actor))
    ]
    identities = _close(session, gone, stays)
    changes = set_fields(gone, {"is_active": False, "merged_into_id": stays.id})
    changes["merged_into"] = [None, stays.email]
    del changes["merged_into_id"]
    record(session, "merged into another person", gone, actor=actor, changes=changes)
    taken: Changes = {"merged": [gone.email, None], "moved": [None, moved]}
    if identities:
        taken["single_sign_on_accounts"] = [None, identities]
    record(session, "merged another person into", stays, actor=actor, changes=taken)
    return stays


def check_pair(session: Session, gone: Person, stays: Person, *, actor: Actor) -> None:
    """Raise Refused, saying why, for two who cannot be merged this way round."""
    if gone.id == stays.id:
        raise Refused("That is the same person. Choose somebody else.")
    for person in (gone, stays):
        if person.merged_into_id is not None:
            raise Refused(f"{person.name} was merged into another person already.")
        if person.anonymised_at is not None:
            raise Refused(f"{person.name} was anonymised, and stays as they are.")
    if not stays.is_active:
        raise Refused(
            f"{stays.name} is deactivated. Reactivate that account first, or let the other one stay."
        )
    if gone.id == actor.id:
        raise Refused(
            "That would close the account you are signed in with. Sign in with the other one first."
        )
    if gone.is_active:
        keep_an_admin(session, gone)


def _move_all(
    session: Session, model: Any, move: Callable[..., Changes], gone: Person, stays: Person, actor: Actor
) -> int:
    rows = session.scalars(select(model).where(pointing_at(gone.id)[model]).order_by(model.id)).all()
    for row in rows:
        changes = move(session, row, gone, stays)
        incident_of = _INCIDENT_OF.get(model)
        incident_id = incident_of(row) if incident_of else None
        record(session, VERB, row, actor=actor, changes=changes, incident_id=incident_id)
    session.flush()
    return len(rows)


def _close(session: Session, gone: Person, stays: Person) -> int:
    """End the ways in of the one who goes; returns how many accounts at single sign-on lead to the other now."""
    for model in (SignIn, RecoveryCode, SingleUseLink):
        session.execute(delete(model).where(model.person_id == gone.id))
    gone.password_hash = gone.totp_secret = gone.totp_confirmed_at = gone.totp_last_step = None
    session.execute(update(Person).where(Person.merged_into_id == gone.id).values(merged_into_id=stays.id))
    moved: Any = session.execute(
        update(Identity).where(Identity.person_id == gone.id).values(person_id=stays.id)
    )
    return int(moved.rowcount)


def _incident(_session: Session, incident: Incident, gone: Person, stays: Person) -> Changes:
    values: dict[str, Any] = {
        name: stays for name in ("lead", "reported_by") if getattr(incident, f"{name}_id") == gone.id
    }
    moments = [f"{name}_entered_by" for name in MOMENTS]
    entered = [name for name in moments if getattr(incident, f"{name}_id") == gone.id]
    if any(row.person_id == gone.id for row in incident.participants):
        values["participants"] = _participants(incident, gone, stays)
    changes = set_fields(incident, {**values, **{f"{name}_id": stays.id for name in entered}})
    # People are named in history by their addresses, not by numbers.
    for name in entered:
        del changes[f"{name}_id"]
        changes[name] = [gone.email, stays.email]
    return changes


def _participants(incident: Incident, gone: Person, stays: Person) -> list[Participant]:
    """With the one in the other's place; who took part twice in the same role did so once."""
    rows: list[Participant] = []
    known = {row.role for row in incident.participants if row.person_id == stays.id}
    for row in incident.participants:
        if row.person_id != gone.id:
            rows.append(row)
        elif row.role not in known:
            rows.append(Participant(person=stays, person_id=stays.id, role=row.role, position=row.position))
    return rows


def _team(_session: Session, team: Team, gone: Person, stays: Person) -> Changes:
    return set_fields(team, {"members": _without_doubles(team.members, gone, stays)})


def _writeup(session: Session, writeup: Writeup, gone: Person, stays: Person) -> Changes:
    values: dict[str, Any] = {}
    if gone in writeup.authors:
        values["authors"] = _without_doubles(writeup.authors, gone, stays)
    for name in POINTING_FROM_WRITEUPS:
        if getattr(writeup, f"{name}_id") == gone.id:
            values[name] = stays
    changes = set_fields(writeup, values)
    for name, column in (
        ("saved_by", Revision.saved_by_id),
        ("published_by", Publication.published_by_id),
        ("words_kept_by", LanguageKeep.kept_by_id),
    ):
        model: Any = column.class_
        of_these = (model.writeup_id == writeup.id, column == gone.id)
        if session.scalar(select(func.count()).select_from(model).where(*of_these)):
            session.execute(update(model).where(*of_these).values({column.key: stays.id}))
            changes[name] = [gone.email, stays.email]
    return changes


def _rule(_session: Session, rule: RestrictionRule, gone: Person, stays: Person) -> Changes:
    rule.created_by_id = stays.id
    return {"created_by": [gone.email, stays.email]}


def _request(_session: Session, request: AccessRequest, gone: Person, stays: Person) -> Changes:
    names = [name for name in ("person", "answered_by") if getattr(request, f"{name}_id") == gone.id]
    return set_fields(request, dict.fromkeys(names, stays))


def _without_doubles(people: list[Person], gone: Person, stays: Person) -> list[Person]:
    return list(dict.fromkeys(stays if each is gone else each for each in people))


_MOVES: dict[Any, Callable[..., Changes]] = {
    Team: _team,
    Incident: _incident,
    **FOLLOW_UP_MOVES,
    Writeup: _writeup,
    **WRITING_MOVES,
    RestrictionRule: _rule,
    AccessRequest: _request,
}
_INCIDENT_OF: dict[Any, Callable[[Any], int]] = {Incident: lambda incident: incident.id, **INCIDENT_OF}
