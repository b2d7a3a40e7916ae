"""A reason to see a thing is there exactly when the rules let a person see it: everybody, with everything.

Three answers are compared: the clause that filters every page, the words for an admin who asks why, and the clause
over people by which an admin lists who sees a thing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_team
from postmortem.actions import rules as actions_rules
from postmortem.actions.operations import delete_action
from postmortem.history.operations import CLI
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from postmortem.incidents.operations_deletion import delete_incident
from postmortem.timeline import rules as timeline_rules
from postmortem.timeline.models import TimelineEvent
from postmortem.timeline.operations import delete_event
from postmortem.web.visibility import visible
from postmortem.writeups import operations as writeups
from postmortem.writeups import rules as writeups_rules
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations_deletion import delete_writeup
from tests.factories.accounts import make_person, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.secrets import Cast, make_cast

NOUNS: dict[str, Any] = {
    "incident": incidents_rules,
    "event": timeline_rules,
    "factor": timeline_rules,
    "action": actions_rules,
    "writeup": writeups_rules,
}
CAST = ("filer", "lead", "participant", "owner", "member", "admin", "facilitator", "outsider", "reader")


@dataclass
class Everything:
    """Every kind of thing in every state, by name."""

    session: Session
    people: dict[str, Person | None]
    things: list[tuple[str, str, Any]]

    def sees(self, noun: str, thing: Any, person: Person | None) -> bool:
        model = type(thing)
        found = select(model.id).where(model.id == thing.id, visible(noun, person))
        return self.session.scalar(found) is not None


@pytest.fixture
def everything(session: Session) -> Everything:
    cast = make_cast(session)
    people: dict[str, Person | None] = {name: getattr(cast, name) for name in CAST}
    gone = make_person(session, "Gone Person")
    gone_admin = make_person(session, "Gone Admin", role="admin")
    people |= {"gone": gone, "gone admin": gone_admin, "nobody": None}
    things = list(_things(session, cast, gone))
    gone.is_active = gone_admin.is_active = False
    session.commit()
    session.expire_all()
    return Everything(session, people, things)


def _things(session: Session, cast: Cast, gone: Person) -> Iterator[tuple[str, str, Any]]:
    for state in ("open", "restricted", "deleted"):
        incident = make_incident(
            session,
            cast.filer,
            restricted=state == "restricted",
            lead=cast.lead.email,
            participants=[(cast.participant.email, "on-call engineer"), (gone.email, "")],
            teams=["sound"],
        )
        yield "incident", state, incident
        yield "event", state, make_event(session, incident)
        yield "factor", state, make_factor(session, incident)
        yield "action", state, make_action(session, incident, owner=cast.owner)
        yield from ((noun, f"{state}, itself gone", thing) for noun, thing in _gone(session, incident))
        for name, writeup in _writeups(session, cast, incident):
            yield "writeup", f"{name}, incident {state}", writeup
        if state == "deleted":
            delete_incident(session, incident, version=None, actor=CLI)
            session.commit()
    # Nobody is its lead, it has no team, and nobody filed it: "is unknown" must not mean "is".
    yield "incident", "restricted, nobody's", make_incident(session, None, restricted=True)
    for name, writeup in _writeups(session, cast, None):
        yield "writeup", name, writeup


def _gone(session: Session, incident: Incident) -> Iterator[tuple[str, Any]]:
    action, event = make_action(session, incident), make_event(session, incident)
    delete_action(session, action, actor=CLI)
    delete_event(session, event, actor=CLI)
    session.commit()
    yield "action", action
    yield "event", event


def _writeups(session: Session, cast: Cast, incident: Incident | None) -> Iterator[tuple[str, Writeup]]:
    about = {"authors": [cast.member.email], "incidents": [incident] if incident else []}
    yield "draft", make_writeup(session, cast.outsider, **about)
    yield "by its filer", make_writeup(session, cast.filer, **about)
    yield "published", publish_writeup(session, cast.outsider, **about)
    yield "public", publish_writeup(session, cast.outsider, is_public=True, **about)
    withdrawn = publish_writeup(session, cast.outsider, is_public=True, **about)
    writeups.withdraw(session, withdrawn, reason="Too early", actor=CLI)
    session.commit()
    yield "withdrawn", withdrawn
    deleted = make_writeup(session, cast.outsider, **about)
    delete_writeup(session, deleted, version=None, actor=CLI)
    session.commit()
    yield "deleted", deleted


def test_there_are_reasons_exactly_where_the_rules_say_yes(everything: Everything) -> None:
    cells = {True: 0, False: 0}
    for noun, state, thing in everything.things:
        for name, person in everything.people.items():
            sees = everything.sees(noun, thing, person)
            reasons = NOUNS[noun].reasons_to_see(everything.session, person, thing)
            assert bool(reasons) == sees, (noun, state, name, reasons)
            assert len(set(reasons)) == len(reasons)
            cells[sees] += 1
    assert cells[True] > 150
    assert cells[False] > 150


def test_the_list_of_who_sees_a_thing_is_the_same_answer(everything: Everything) -> None:
    for noun, state, thing in everything.things:
        if noun not in ("incident", "writeup"):
            continue
        clause = NOUNS[noun].people_who_see(thing)
        listed = set(everything.session.scalars(select(Person.id).where(clause)))
        seen = {
            person.id
            for person in everything.people.values()
            if person is not None and everything.sees(noun, thing, person)
        }
        assert listed == seen, (noun, state)


def test_reasons_say_what_somebody_is_to_an_incident(session: Session) -> None:
    cast = make_cast(session)
    incident = make_incident(
        session,
        cast.filer,
        restricted=True,
        lead=cast.lead.email,
        participants=[(cast.participant.email, "on-call engineer"), (cast.participant.email, "scribe")],
        teams=["sound"],
    )
    action = make_action(session, incident, owner=cast.owner)
    expected = {
        "filer": ["filed it"],
        "lead": ["is its lead"],
        "participant": ["took part in it (on-call engineer)", "took part in it (scribe)"],
        "owner": [f"owns ACT-{action.id}"],
        "member": ["is on the team Sound, whose incident it is"],
        "admin": ["is an admin"],
        "facilitator": [],
        "outsider": [],
    }
    for name, reasons in expected.items():
        assert incidents_rules.reasons_to_see(session, getattr(cast, name), incident) == reasons


def test_reasons_of_a_write_up_name_the_incidents_that_its_reader_must_see(session: Session) -> None:
    cast = make_cast(session)
    incident = make_incident(session, cast.filer, restricted=True)
    draft = make_writeup(session, cast.filer, incidents=[incident])
    assert writeups_rules.reasons_to_see(session, cast.filer, draft) == [
        f"is one of its authors, and sees {incident.reference}",
        f"started it, and sees {incident.reference}",
    ]
    assert writeups_rules.reasons_to_see(session, cast.facilitator, draft) == []


def test_leavers_lose_sight_at_once(session: Session) -> None:
    """Who leaves the team, is no longer named, or hands their action on, sees nothing from the next query on."""
    cast = make_cast(session)
    make_team(session, "Light", cast.reader)
    incident = make_incident(
        session,
        cast.filer,
        restricted=True,
        lead=cast.lead.email,
        participants=[(cast.participant.email, "")],
        teams=["sound", "light"],
    )
    action = make_action(session, incident, owner=cast.owner)
    event = make_event(session, incident)
    everybody = ("lead", "participant", "owner", "member", "reader")

    def seeing() -> set[str]:
        session.commit()
        session.expire_all()
        found = set()
        for name in everybody:
            person = getattr(cast, name)
            seen = {
                session.scalar(select(Incident.id).where(visible("incident", person))) is not None,
                session.scalar(select(TimelineEvent.id).where(visible("event", person))) == event.id,
                bool(incidents_rules.reasons_to_see(session, person, incident)),
                incidents_rules.can_see(person, incident),
            }
            assert len(seen) == 1, name
            found |= {name} if seen == {True} else set()
        return found

    assert seeing() == set(everybody)
    edit_team(session, cast.team, {"members": []}, version=None, actor=CLI)
    assert seeing() == {"lead", "participant", "owner", "reader"}
    edit_incident(session, incident, {"participants": [], "lead": None}, version=None, actor=CLI)
    assert seeing() == {"owner", "reader"}
    edit_incident(session, incident, {"teams": ["sound"]}, version=None, actor=CLI)
    assert seeing() == {"owner"}
    delete_action(session, action, actor=CLI)
    assert seeing() == set()
