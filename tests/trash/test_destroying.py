"""Destroying for good: nothing is left but a number, a name and a reason; and nothing else is touched."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.actions.models_around import SavedView
from postmortem.actions.operations import delete_action
from postmortem.db import Database
from postmortem.errors import NotVisible
from postmortem.history.checks import chain_problems
from postmortem.history.models import HistoryEntry
from postmortem.ideas.operations import delete_idea
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from postmortem.incidents.operations_deletion import delete_incident
from postmortem.notifications.models import Follow, Receiver
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.operations import owe
from postmortem.tags.models import Tag
from postmortem.timeline.operations import delete_event, delete_factor
from postmortem.trash.destroying import destroy
from postmortem.trash.enums import Kind
from postmortem.writeups.models import Publication, Revision, Writeup
from postmortem.writeups.operations import publish, save_writeup, withdraw
from postmortem.writeups.operations_deletion import delete_writeup
from tests.factories.actions import make_action
from tests.factories.follow_up import furnish_with_news, surround
from tests.factories.ideas import make_idea
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser
from tests.support.crawl import dump
from tests.support.secrets import SIGN, Planted, furnish, make_cast, plant

SignIn = Callable[[Person], Browser]


def is_whole(session: Session) -> None:
    """No row points at what is gone, and the history holds."""
    assert list(chain_problems(session)) == []
    if session.get_bind().dialect.name == "sqlite":
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []


def surrounded(session: Session, planted: Planted, person: Person) -> Action:
    """Everything that can stand around its action, with the sign in it, and an action elsewhere that points at both."""
    action = planted.actions[0]
    surround(session, action, person, f"{SIGN}around", notes="Weekly")
    furnish_with_news(session, person, action, SIGN)
    # What somebody wants to be told is theirs, and stays.
    for receiver in session.scalars(select(Receiver)):
        receiver.name = receiver.url = receiver.secret = receiver.switched_off_reason = "ours"
    session.execute(update(SavedView).values(name="Mine"))
    tag = session.scalar(select(Tag).where(Tag.name == f"{SIGN}tag"))
    assert tag is not None
    session.add(Follow(person_id=person.id, tag_id=tag.id, created_at=clock.now()))
    pointing = make_action(session, make_incident(session, person, "Elsewhere"), "Look at it again")
    pointing.came_from, pointing.questioned_by, pointing.questioned_at = action, planted.incident, clock.now()
    call = {"news": {"subject_type": "actions", "subject_id": action.id, "facts": {"title": SIGN}}}
    owe(session, DeliveryKind.NEWS, call)
    session.commit()
    return pointing


def test_of_an_incident_no_word_is_left_anywhere_in_the_database(
    database: Database, session: Session, sign_in: SignIn
) -> None:
    cast = make_cast(session)
    open_one = furnish(session, cast)
    planted = plant(session, cast, related=[open_one])
    pointing = surrounded(session, planted, cast.filer)
    number, drafts = planted.incident.id, [writeup.id for writeup in planted.writeups]
    before = {table: len(rows) for table, rows in dump(database).items()}
    delete_incident(session, planted.incident, version=None, actor=cast.filer)
    session.commit()
    browser = sign_in(cast.admin)
    [link] = [link for link in browser.get("/settings/trash").links if link.endswith("/destroy")]
    page = browser.get(link)
    for words in (f"{SIGN}title", "1 action", "2 events", "1 factor", "2 unpublished write-ups"):
        assert words in page.text, words
    answer = browser.submit(link, {"number": f"inc-{number}", "reason": "It named a customer."}, follow=True)
    assert f"INC-{number} was destroyed for good." in answer.text
    left = dump(database)
    assert not [(table, row) for table, rows in left.items() for row in rows if SIGN in repr(row)]
    after = {table: len(rows) for table, rows in left.items()}
    gone = {table: before[table] - after[table] for table in before if before[table] > after[table]}
    assert gone["incidents"] == gone["actions"] == gone["factors"] == 1
    assert (gone["timeline_events"], gone["writeups"]) == (2, 2)
    # Nobody else's tag: `dns` is on other things too.
    assert ("dns",) in session.execute(text("SELECT name FROM tags")).all()
    is_whole(session)
    last = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert last is not None
    assert (last.verb, last.actor_id, last.subject_id) == ("destroyed", cast.admin.id, number)
    assert last.subject_label == f"INC-{number}"
    assert last.changes == {"reason": [None, "It named a customer."]}
    blanked = session.scalars(select(HistoryEntry).where(HistoryEntry.blanked_by_id == last.id)).all()
    assert {each.subject_id for each in blanked if each.subject_type == "writeups"} == set(drafts)
    edited = session.scalars(
        select(HistoryEntry).where(HistoryEntry.id < last.id, HistoryEntry.verb == "edited")
    )
    assert [entry.changes for entry in edited if entry.subject_id == pointing.id][-2:] == [
        {"questioned_by": [[f"INC-{number}"], []]},
        {"came_from": ["ACT-2", None]},
    ]
    session.refresh(pointing)
    assert (pointing.came_from_id, pointing.questioned_by_id, pointing.questioned_at) == (None, None, None)
    around = {"action_comments", "action_links", "action_watches", "verifications", "reminders", "ideas"}
    around |= {"no_actions_needed", "action_review_items", "action_review_decisions", "news_items", "follows"}
    assert around <= gone.keys()
    assert not {"action_reviews", "receivers", "calendar_links", "saved_views"} & gone.keys()
    told = session.scalar(select(func.count()).where(HistoryEntry.incident_id == number)) or 0
    assert len([each for each in blanked if each.incident_id == number]) == told >= 6
    assert browser.get(f"/incidents/{number}").status == 404
    assert browser.get(f"/incidents/{open_one.id}").status == 200


@pytest.mark.parametrize("kind", ["writeup", "action", "idea", "event", "factor"])
def test_one_thing_alone_leaves_no_word_and_the_rest_as_it_was(
    database: Database, session: Session, admin: Person, sign_in: SignIn, kind: str
) -> None:
    incident = make_incident(session, admin)
    event = make_event(session, incident, f"The {SIGN if kind == 'event' else 'pump'} event.")
    factor = make_factor(
        session,
        incident,
        f"Old {SIGN if kind == 'factor' else 'pumps'}.",
        events=[event.id],
        tags=["pumps", f"{SIGN}tag"] if kind == "factor" else [],
    )
    action = make_action(session, incident, f"Mend {SIGN if kind == 'action' else 'it'}")
    idea = make_idea(session, incident, f"Try {SIGN if kind == 'idea' else 'it'}")
    if kind == "writeup":
        draft = make_writeup(session, admin, f"{SIGN} title", tags=[f"{SIGN}tag"], incidents=[incident])
        publish(session, draft, actor=admin)
        withdraw(session, draft, reason=SIGN, actor=admin)
        delete_writeup(session, draft, version=None, actor=admin)
    delete: dict[str, Any] = {
        "action": lambda: delete_action(session, action, actor=admin),
        "idea": lambda: delete_idea(session, idea, actor=admin),
        "event": lambda: delete_event(session, event, actor=admin),
        "factor": lambda: delete_factor(session, factor, actor=admin),
        "writeup": lambda: None,
    }
    delete[kind]()
    session.commit()
    before = {table: len(rows) for table, rows in dump(database).items()}
    typed = {
        "action": "ACT-1",
        "idea": "idea-1",
        "event": "event-1",
        "factor": " Factor-1",
        "writeup": f"{SIGN}  TITLE",
    }[kind]
    page = sign_in(admin).submit(f"/settings/trash/{kind}/1/destroy", {"number": typed, "reason": "Private."})
    assert (page.status, page.location) == (303, "/settings/trash")
    left = dump(database)
    assert not [(table, row) for table, rows in left.items() for row in rows if SIGN in repr(row)]
    after = {table: len(rows) for table, rows in left.items()}
    # What was still to be told of it goes as well, where anything was.
    gone = {table for table in before if before[table] > after[table]} - {"outbox_messages"}
    assert (
        gone
        == {
            "action": {"actions"},
            "idea": {"ideas"},
            "event": {"timeline_events", "factor_events"},
            "factor": {"factors", "factor_events", "factor_tags", "tags"},
            "writeup": {
                *("writeups", "revisions", "publications", "tags"),
                *("writeup_tags", "writeup_authors", "writeup_incidents"),
            },
        }[kind]
    )
    is_whole(session)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"number": "INC-2", "reason": "Why not"}, "Type INC-1 to say that you mean this one."),
        ({"number": "", "reason": "Why not"}, "Type its number."),
        ({"number": "INC-1", "reason": " "}, "Say why; one sentence is enough."),
        ({"number": "INC-1", "reason": "x" * 501}, "Shorten this to 500 characters."),
    ],
)
def test_without_its_number_and_a_reason_nothing_goes(
    session: Session, admin: Person, sign_in: SignIn, values: dict[str, str], sentence: str
) -> None:
    incident = make_incident(session, admin)
    delete_incident(session, incident, version=None, actor=admin)
    session.commit()
    page = sign_in(admin).submit("/settings/trash/incident/1/destroy", values)
    assert page.status == 422
    assert sentence in page.text
    assert page.forms[-1].data["number"] == [values["number"]]
    assert session.scalar(select(func.count()).select_from(Incident)) == 1


def test_what_is_not_in_the_trash_is_not_destroyed(session: Session, admin: Person, sign_in: SignIn) -> None:
    incident = make_incident(session, admin)
    told = publish_writeup(session, admin, "Told", incidents=[incident])
    browser = sign_in(admin)
    for kind in ("incident", "writeup", "action", "idea", "event", "factor", "person"):
        assert browser.get(f"/settings/trash/{kind}/1/destroy").status == 404, kind
    for kind in (Kind.INCIDENT, Kind.WRITEUP):
        with pytest.raises(NotVisible):
            destroy(session, kind, 1, typed="INC-1", reason="x", actor=admin)
        session.rollback()
    assert (session.get(Incident, 1), session.get(Writeup, told.id)) != (None, None)


@pytest.mark.parametrize("who", ["reader", "author", "facilitator"])
def test_it_is_for_admins(
    session: Session, author: Person, facilitator: Person, reader: Person, sign_in: SignIn, who: str
) -> None:
    incident = make_incident(session, author)
    delete_incident(session, incident, version=None, actor=author)
    session.commit()
    browser = sign_in({"reader": reader, "author": author, "facilitator": facilitator}[who])
    assert browser.get("/settings/trash/incident/1/destroy").status == 403
    data = {"number": "INC-1", "reason": "Mine"}
    assert browser.post("/settings/trash/incident/1/destroy", data).status == 403
    assert session.scalar(select(func.count()).select_from(Incident)) == 1


def test_what_was_published_stays_readable_and_what_was_not_goes(
    session: Session, admin: Person, author: Person, facilitator: Person, anonymous: Browser, sign_in: SignIn
) -> None:
    """Nothing would hold the unpublished saves back from facilitators, once the restricted incident is gone."""
    incident = make_incident(session, author, "Hidden", restricted=True)
    make_event(session, incident, "The frozen event.")
    draft = make_writeup(session, author, "Told", body="First zqxone.", incidents=[incident])
    for body in ("Second public.", "Third zqxthree."):
        save_writeup(session, draft, {"body": body}, version=None, actor=author)
        if body.startswith("Second"):
            publish(session, draft, actor=author)
    delete_incident(session, incident, version=None, actor=author)
    session.commit()
    reading = sign_in(facilitator)
    before = reading.get(f"/writeups/{draft.slug}")
    assert reading.get(f"/writeups/{draft.slug}/edit").status == 403
    destroy(session, Kind.INCIDENT, incident.id, typed="INC-1", reason="Law", actor=admin)
    session.commit()
    after = reading.get(f"/writeups/{draft.slug}")
    assert "Second public." in after.text
    assert "The frozen event." in after.text
    assert before.text.count("The frozen event.") == after.text.count("The frozen event.")
    edit = reading.get(f"/writeups/{draft.slug}/edit")
    assert edit.forms[-1].data["body"] == ["Second public."]
    everything = reading.get(f"/writeups/{draft.slug}/history").html + edit.html + after.html
    assert "zqx" not in everything
    assert session.scalars(select(Revision.number)).all() == [2]
    assert session.scalars(select(Publication.number)).all() == [1]
    is_whole(session)
    assert reading.submit(f"/writeups/{draft.slug}/edit", {"body": "Fourth."}).status == 303
    assert reading.submit(f"/writeups/{draft.slug}/publish", {"reason": "More."}).status == 303
    assert "Fourth." in reading.get(f"/writeups/{draft.slug}").text


def test_a_draft_about_other_incidents_too_is_asked_about_first(
    session: Session, admin: Person, sign_in: SignIn
) -> None:
    first, second = make_incident(session, admin), make_incident(session, admin)
    make_writeup(session, admin, "About both", incidents=[first, second])
    delete_incident(session, first, version=None, actor=admin)
    session.commit()
    browser = sign_in(admin)
    url = "/settings/trash/incident/1/destroy"
    assert "About both" in browser.get(url).text
    page = browser.submit(url, {"number": "INC-1", "reason": "Law"})
    assert page.status == 422
    assert "“About both”: not published, and about other incidents too." in page.text
    assert session.get(Incident, first.id) is not None


def test_numbers_are_never_given_out_again(session: Session, admin: Person) -> None:
    def numbers() -> tuple[int, ...]:
        incident = make_incident(session, admin)
        things: list[Any] = [
            incident,
            make_action(session, incident),
            make_event(session, incident),
            make_factor(session, incident),
            make_writeup(session, admin, "Same", incidents=[incident]),
        ]
        return tuple(thing.id for thing in things)

    before = numbers()
    incident = session.get_one(Incident, before[0])
    delete_incident(session, incident, version=None, actor=admin)
    destroy(session, Kind.INCIDENT, incident.id, typed=incident.reference, reason="Law", actor=admin)
    session.commit()
    after = numbers()
    assert all(new > old for new, old in zip(after, before, strict=True))


def test_a_double_click_destroys_once(session: Session, admin: Person, sign_in: SignIn) -> None:
    incident = make_incident(session, admin)
    delete_incident(session, incident, version=None, actor=admin)
    session.commit()
    browser = sign_in(admin)
    data = {"number": "INC-1", "reason": "Law"}
    pages = [browser.post("/settings/trash/incident/1/destroy", data, follow=True) for _ in "12"]
    assert "INC-1 was destroyed for good." in pages[0].text
    assert "not in the trash any more" in pages[1].text
    told = select(func.count()).where(HistoryEntry.verb == "destroyed")
    assert session.scalar(told) == 1


def test_what_stays_calls_people_by_their_roles(
    session: Session, admin: Person, author: Person, facilitator: Person, sign_in: SignIn
) -> None:
    """What was typed may name who took part in a restricted incident, and whoever may see drafts would read it now."""
    incident = make_incident(session, author, "Hidden", restricted=True)
    edit_incident(
        session, incident, {"participants": [(admin.email, "on-call engineer")]}, version=None, actor=author
    )
    draft = make_writeup(session, author, "Told", body=f"{admin.name} saw it.", incidents=[incident])
    publish(session, draft, actor=author)
    delete_incident(session, incident, version=None, actor=author)
    session.commit()
    destroy(session, Kind.INCIDENT, incident.id, typed="INC-1", reason="Law", actor=admin)
    session.commit()
    reading = sign_in(facilitator)
    edit = reading.get(f"/writeups/{draft.slug}/edit")
    assert edit.forms[-1].data["body"] == ["The on-call engineer saw it."]
    assert f"{admin.name} saw" not in reading.get(f"/writeups/{draft.slug}/history").text
    assert session.scalars(select(Revision.body)).all() == ["The on-call engineer saw it."]
