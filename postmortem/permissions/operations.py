"""Asking for access, granting it, declining it.

Asking looks at nothing but the asker's own requests: whether anything is there is found out by whoever answers.
"""

import re

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, Changes, record
from postmortem.incidents.operations import edit_incident
from postmortem.permissions.enums import RequestState
from postmortem.permissions.models import AccessRequest
from postmortem.permissions.things import Thing, sees

MOST_OPEN = 10
PATH_MAX, REASON_MAX, ANSWER_MAX = 500, 500, 500
GIVEN_ACCESS = "given access"
# A path of this site: no other host in any spelling, and nothing that a page could not show.
_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def ask(session: Session, *, path: str, reason: str, actor: Person) -> AccessRequest:
    """Note that the actor would like to see what is under an address, whether or not anything is.

    Raises Refused for what is no path, for an address that they have asked about already, and for the eleventh
    open request.
    """
    if not _PATH.fullmatch(path) or len(path) > PATH_MAX:
        raise Refused("Enter an address of this site that starts with /.", field="path")
    # Two at the same moment take turns.
    session.execute(select(Person.id).where(Person.id == actor.id).with_for_update(key_share=True))
    mine = (AccessRequest.person_id == actor.id, AccessRequest.state == RequestState.OPEN)
    if session.scalar(select(AccessRequest.id).where(*mine, AccessRequest.path == path)) is not None:
        raise Refused("You have asked about this address already. Your page shows the answer.", field="path")
    if (session.scalar(select(func.count()).select_from(AccessRequest).where(*mine)) or 0) >= MOST_OPEN:
        raise Refused(f"You have {MOST_OPEN} requests that nobody has answered yet. Wait for those first.")
    request = AccessRequest(person_id=actor.id, path=path, reason=reason, created_at=clock.now())
    session.add(request)
    session.flush()
    changes: Changes = {"path": [None, path], **({"reason": [None, reason]} if reason else {})}
    record(session, "asked with", request, actor=actor, changes=changes)
    return request


def grant(session: Session, request: AccessRequest, thing: Thing | None, *, actor: Actor) -> None:
    """Give access: whoever asked becomes a participant of the incident that the thing belongs to.

    Where they see the thing by now, the request is only marked. Raises Refused where they would still not see it,
    and where there is nothing; Conflict when somebody has answered.
    """
    if thing is None:
        raise Refused("There is nothing under this address that you see, so there is nothing to grant.")
    if thing.incident is not None and not sees(session, request.person, thing):
        participants = [(row.person.email, row.role) for row in thing.incident.participants]
        participants.append((request.person.email, GIVEN_ACCESS))
        values = {"participants": participants}
        edit_incident(session, thing.incident, values, version=None, actor=actor)
        session.flush()
    if not sees(session, request.person, thing):
        raise Refused(
            f"{request.person.name} is not active, and sees nothing until an admin changes that."
            if not request.person.is_active
            else f"Add {request.person.name} as an author first, and to its incidents where they are restricted."
        )
    _answer(session, request, RequestState.GRANTED, "", actor)


def decline(session: Session, request: AccessRequest, *, answer: str, actor: Actor) -> None:
    """Say no, perhaps with a sentence for whoever asked. Raises Conflict when somebody has answered."""
    _answer(session, request, RequestState.DECLINED, answer, actor)


def _answer(session: Session, request: AccessRequest, state: RequestState, answer: str, actor: Actor) -> None:
    if request.state != RequestState.OPEN:
        raise Conflict
    changes: Changes = {"state": [request.state.value, state.value]}
    if answer:
        changes["answer"] = [None, answer]
    request.state, request.answer = state, answer
    request.answered_by_id = actor.id if isinstance(actor, Person) else None
    request.answered_at = clock.now()
    record(session, state.value, request, actor=actor, changes=changes)
