"""What the access matrix is played on: everybody with a part in it, and one of everything in each state."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, team_members
from postmortem.accounts.operations import edit_person
from postmortem.action_reviews.choices import Choice
from postmortem.action_reviews.enums import Decision
from postmortem.action_reviews.operations_decisions import decide
from postmortem.actions.models import Action
from postmortem.actions.operations import delete_action
from postmortem.actions.operations_comments import add_comment, delete_comment
from postmortem.actions.operations_saved import save_view
from postmortem.history.operations import CLI
from postmortem.ideas.operations import delete_idea
from postmortem.incidents.models import Incident, Participant
from postmortem.incidents.operations_deletion import delete_incident
from postmortem.permissions.models import AccessRequest
from postmortem.readers.enums import CitationKind
from postmortem.readers.models import Citation, OpenQuestion, ReaderAnswer, ReaderQuestion
from postmortem.reviews.models import ReviewComment, ReviewMeeting, ReviewRequest
from postmortem.timeline.operations import delete_event, delete_factor
from postmortem.writeups import operations as writeups
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations_deletion import delete_writeup
from tests.factories.accounts import make_person, make_service, make_team
from tests.factories.action_reviews import items_of, make_review
from tests.factories.actions import make_action
from tests.factories.ideas import make_idea
from tests.factories.incidents import make_incident
from tests.factories.receivers import make_receiver
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup, publish_writeup
from tests.factories.writing import keep_image
from tests.support.client import Browser

# Everybody of the issue, and what each is: nobody signed in, a role without a part in anything, a part in the
# incidents (contributors but for the owner), somebody who had a part once, somebody deactivated who had them all.
ROLES = {
    "reader": "reader",
    "contributor": "contributor",
    "facilitator": "facilitator",
    "admin": "admin",
    "filer": "contributor",
    "lead": "contributor",
    "participant": "contributor",
    "owner": "reader",
    "member": "contributor",
    "former_member": "contributor",
    "former_participant": "contributor",
    # Asked to review every write-up.
    "reviewer": "contributor",
    "deactivated": "contributor",
}
EVERYBODY = ("anonymous", *ROLES)
INCIDENT_STATES = ("open", "restricted", "deleted", "deleted restricted")
WRITEUP_STATES = ("draft", "published", "public", "withdrawn", "deleted")
ABOUT = ("nothing", "open", "restricted", "deleted")


@dataclass
class Stage:
    """`things` maps a kind and a state to what stands for the thing in an address."""

    app: Flask
    people: dict[str, Person] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    things: dict[str, dict[str, Any]] = field(default_factory=dict)

    def put(self, kind: str, state: str, address: Any) -> None:
        self.things.setdefault(kind, {})[state] = address

    def put_image(self, session: Session, state: str, **of: Any) -> None:
        """An image of a write-up (`writeup=`) or an event (`event_id=`)."""
        data_dir = self.app.extensions["config"].data_dir
        self.put("image", state, keep_image(session, data_dir, self.people["filer"], **of).key)


def set_stage(app: Flask, session: Session) -> Stage:
    """Everybody and everything. Whoever is deactivated keeps the cookie they had."""
    stage = Stage(app)
    for name, role in ROLES.items():
        stage.people[name] = make_person(session, f"{name.replace('_', ' ').title()} Person", role=role)
    people = stage.people
    team = make_team(session, "Sound", people["member"], people["former_member"])
    make_service(session, "Playback", team)
    for state in INCIDENT_STATES:
        _put_incident(stage, session, state)
    _put_writeups(stage, session)
    _put_requests(stage, session)
    _put_views(stage, session)
    _put_receivers(stage, session)
    _put_meeting(stage, session)
    _open_browsers(stage)
    session.execute(delete(team_members).where(team_members.c.person_id == people["former_member"].id))
    session.execute(delete(Participant).where(Participant.person_id == people["former_participant"].id))
    edit_person(session, people["deactivated"], {"is_active": False}, version=None, actor=CLI)
    session.commit()
    return stage


def _put_incident(stage: Stage, session: Session, state: str) -> None:
    people = stage.people
    parts = ("participant", "former_participant", "deactivated")
    incident = make_incident(
        session,
        people["filer"],
        f"The {state} one",
        restricted="restricted" in state,
        lead=people["lead"].email,
        participants=[(people[name].email, "") for name in parts],
        teams=["sound"],
        services=["playback"],
        tags=["dns"],
    )
    stage.put("incident", state, incident.id)
    stage.put("action", state, make_action(session, incident, owner=people["owner"]).id)
    _put_comments(stage, session, state)
    event = make_event(session, incident)
    stage.put("event", state, event.id)
    stage.put_image(session, f"event of {state}", event_id=event.id)
    stage.put("factor", state, make_factor(session, incident).id)
    stage.put("idea", state, make_idea(session, incident).id)
    for kind, make, away in (
        ("action", make_action, delete_action),
        ("event", make_event, delete_event),
        ("factor", make_factor, delete_factor),
        ("idea", make_idea, delete_idea),
    ):
        thing = make(session, incident)
        away(session, thing, actor=people["filer"])
        stage.put(kind, f"gone from {state}", thing.id)
    session.commit()


def _put_comments(stage: Stage, session: Session, state: str) -> None:
    """By the owner of the incident's action; one stands and one is gone."""
    action, owner = session.get_one(Action, stage.things["action"][state]), stage.people["owner"]
    stage.put("comment", state, add_comment(session, action, "So it is.", actor=owner).id)
    gone = add_comment(session, action, "So it was.", actor=owner)
    delete_comment(session, gone, actor=owner)
    stage.put("comment", f"gone from {state}", gone.id)
    session.commit()


def _put_writeups(stage: Stage, session: Session) -> None:
    """By the filer; about nothing, or about an incident that is open, restricted or deleted by now."""
    filer = stage.people["filer"]
    for about in ABOUT:
        incidents = [session.get_one(Incident, stage.things["incident"][about])] if about != "nothing" else []
        for state in WRITEUP_STATES:
            title = f"{state} about {about}"
            if state in ("published", "public"):
                writeup = publish_writeup(
                    session,
                    filer,
                    title,
                    is_public=state == "public",
                    incidents=incidents,
                    tags=["dns"],
                    teams=["sound"],
                    services=["playback"],
                )
            else:
                writeup = make_writeup(session, filer, title, incidents=incidents)
            if state == "withdrawn":
                writeups.publish(session, writeup, actor=filer)
                writeups.withdraw(session, writeup, reason="Too early", actor=filer)
            if state == "deleted":
                delete_writeup(session, writeup, version=writeup.version, actor=filer)
            session.commit()
            stage.put("writeup", title, writeup.slug)
            _put_review(stage, session, title, writeup)
            _put_citations(stage, session, title, writeup)
            _put_questions(stage, session, title, writeup)
            stage.put_image(session, title, writeup=writeup)
    for state in INCIDENT_STATES:
        if state.startswith("deleted"):
            incident = session.get_one(Incident, stage.things["incident"][state])
            delete_incident(session, incident, version=incident.version, actor=filer)
            session.commit()


# Every way in which a review is there or not; more would only take time.
REVIEWED = (
    "draft about nothing",
    "draft about restricted",
    "published about nothing",
    "withdrawn about open",
    "deleted about nothing",
)


def _put_review(stage: Stage, session: Session, title: str, writeup: Writeup) -> None:
    """The reviewer is asked, whether they may see it or not, and said something; a meeting was held."""
    reviewer = stage.people["reviewer"]
    of_it: dict[str, Any] = {"writeup_id": writeup.id, "created_at": clock.now()}
    asked = ReviewRequest(**of_it, person_id=reviewer.id)
    said = ReviewComment(**of_it, revision_number=1, text="So.", author_id=reviewer.id)
    over = ReviewMeeting(
        **of_it, starts_at=clock.now() - timedelta(hours=2), timezone="UTC", uid=writeup.slug
    )
    session.add_all([asked, said, over])
    session.commit()
    if title in REVIEWED:
        stage.put("working copy", title, writeup.slug)
        stage.put("review request", title, asked.id)
        stage.put("review comment", title, said.id)


# Every way in which a write-up with citations is there or not.
CITED = (
    "draft about nothing",
    "published about nothing",
    "public about restricted",
    "withdrawn about nothing",
)


def _put_citations(stage: Stage, session: Session, title: str, writeup: Writeup) -> None:
    """By the reviewer; one stands and one is gone."""
    if title not in CITED:
        return
    of_it: dict[str, Any] = {"writeup_id": writeup.id, "created_at": clock.now(), "kind": CitationKind.OTHER}
    of_it["added_by_id"] = stage.people["reviewer"].id
    stands = Citation(**of_it, url="https://example.com/stands")
    gone = Citation(**of_it, url="https://example.com/gone", deleted_at=clock.now())
    session.add_all([stands, gone])
    session.commit()
    stage.put("citation", title, stands.id)
    stage.put("citation", f"gone from {title}", gone.id)


def _put_questions(stage: Stage, session: Session, title: str, writeup: Writeup) -> None:
    """By the reviewer, who also answers; of each one stands and one is gone. And what the text leaves open."""
    if title not in CITED:
        return
    reviewer, now = stage.people["reviewer"], clock.now()
    of_it: dict[str, Any] = {"writeup_id": writeup.id, "text": "So?", "created_at": now}

    def answer(**more: Any) -> ReaderAnswer:
        return ReaderAnswer(**of_it, **more, author_id=reviewer.id)

    stands = ReaderQuestion(**of_it, asked_by_id=reviewer.id, answers=[answer(), answer(deleted_at=now)])
    gone = ReaderQuestion(**of_it, asked_by_id=reviewer.id, deleted_at=now)
    point = OpenQuestion(**of_it, position=1)
    session.add_all([stands, gone, point])
    session.commit()
    stage.put("reader's question", title, stands.id)
    stage.put("reader's question", f"gone from {title}", gone.id)
    for place, each in zip((title, f"gone from {title}"), stands.answers, strict=True):
        stage.put("reader's answer", place, each.id)
    stage.put("open question", title, point.id)


def _put_requests(stage: Stage, session: Session) -> None:
    for state in ("open", "restricted"):
        number = stage.things["incident"][state]
        asked = AccessRequest(
            person_id=stage.people["contributor"].id,
            path=f"/incidents/{number}",
            reason="I was on call.",
            created_at=clock.now(),
        )
        session.add(asked)
        session.commit()
        stage.put("request", state, asked.id)


def _put_views(stage: Stage, session: Session) -> None:
    """Saved by the filer: one for themselves, one for everybody."""
    filer = stage.people["filer"]
    for state in ("private", "shared"):
        view = save_view(
            session, filer, name=state, query="status=open", is_shared=state == "shared", actor=filer
        )
        session.commit()
        stage.put("view", state, view.id)


def _put_receivers(stage: Stage, session: Session) -> None:
    """The site's, and one of a reader's and of an admin's own."""
    stage.put("receiver", "site", make_receiver(session).id)
    for who in ("reader", "admin"):
        stage.put("receiver", who, make_receiver(session, of=stage.people[who]).id)


def _put_meeting(stage: Stage, session: Session) -> None:
    """A meeting about everything, and one decision in it: about the open incident's action. Both have the number 1."""
    admin = stage.people["admin"]
    review = make_review(session, admin)
    action_id = stage.things["action"]["open"]
    item = next(item for item in items_of(session, review) if item.action_id == action_id)
    choice = Choice(decision=Decision.KEEP)
    action = item.action
    decide(session, item, action, choice, version=item.version, action_version=action.version, actor=admin)
    session.commit()
    stage.put("action review", "there", review.id)


def _open_browsers(stage: Stage) -> None:
    for name in EVERYBODY:
        browser = Browser(stage.app)
        if name in stage.people:
            browser.sign_in(stage.people[name])
        stage.tokens[name] = browser.csrf_token()
        cookie = browser.client.get_cookie("postmortem")
        assert cookie is not None
        stage.cookies[name] = f"postmortem={cookie.value}"
