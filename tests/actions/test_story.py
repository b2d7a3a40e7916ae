"""An action's story in words, its pages, and what a reader does not find in it."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.actions.operations import edit_action
from postmortem.actions.operations_comments import add_comment, delete_comment
from postmortem.actions.operations_watching import watch
from postmortem.actions.queries_story import story_of
from postmortem.actions.story import told
from postmortem.actions.words import first_sentence
from postmortem.history.operations import CLI, record
from postmortem.incidents.models import Incident
from tests.factories.actions import make_action
from tests.support.client import Browser

NAMES = {"aino@example.com": "Aino", "otto@example.com": "Otto", "sound": "Sound"}


@pytest.mark.parametrize(
    ("verb", "changes", "sentence"),
    [
        ("edited", {"status": ["proposed", "accepted"]}, "accepted it"),
        ("edited", {"status": ["done", "in_progress"]}, "took it up again"),
        (
            "edited",
            {"status": ["accepted", "not_doing"], "status_reason": ["", "Going away."]},
            "decided not to do it: “Going away.”",
        ),
        (
            "edited",
            {"due_on": ["2026-03-03", "2026-04-01"], "owner": ["aino@example.com", "otto@example.com"]},
            "handed it from Aino to Otto and moved the due date from 3 March 2026 to 1 April 2026",
        ),
        ("edited", {"owner": [None, "aino@example.com"]}, "took it on"),
        ("edited", {"owner": ["otto@example.com", None]}, "took it off Otto, so that nobody owns it"),
        ("edited", {"owner": [None, "gone@example.com"]}, "handed it to gone@example.com"),
        (
            "edited",
            {"team": [None, "sound"], "reason": ["", "Theirs."]},
            "gave it to the team Sound: “Theirs.”",
        ),
        ("edited", {"tracker_url": ["", "https://x.example/browse/AB-1"]}, "added a link to AB-1"),
        ("edited", {"something": [1, 2]}, "changed it"),
        (
            "added",
            {
                "owner": [None, "aino@example.com"],
                "team": [None, "sound"],
                "due_on": [None, "2026-03-03"],
                "priority": [None, "p1"],
                "kind": [None, "repair"],
                "title": [None, "Add an alarm"],
            },
            "added this action, for Aino of the team Sound, due 3 March 2026 (P1, Repair)",
        ),
        ("added", {"team": [None, "sound"]}, "added this action, for the team Sound"),
        (
            "questioned",
            {"questioned_by": [[], ["INC-9"]]},
            "asked whether it really worked, because of INC-9",
        ),
        ("questioned", {}, "asked whether it really worked"),
        ("deleted", {}, "deleted it"),
    ],
)
def test_what_was_done_is_told_in_words(verb: str, changes: dict[str, Any], sentence: str) -> None:
    assert told(verb, changes, NAMES, "Aino") == sentence


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("It stopped. Then more.", "It stopped."),
        ("At 14.05 it stopped, e.g. for 3.5 hours! More", "At 14.05 it stopped, e.g. for 3.5 hours!"),
        ("No end", "No end"),
        ("", ""),
    ],
)
def test_the_first_sentence(text: str, first: str) -> None:
    assert first_sentence(text) == first
    assert len(first_sentence("word " * 200)) <= 240


def test_what_was_done_and_said_stands_in_one_order_page_by_page(
    session: Session, action: Action, author: Person
) -> None:
    for number in range(120):
        record(session, "did", action, actor=CLI, changes={"n": [None, str(number)]}, incident_id=1)
        add_comment(session, action, f"Comment {number}", actor=author)
    session.commit()
    first = story_of(session, author, action)
    assert len(first.items) == 100 and first.earlier is not None
    seen, page = list(first.items), first
    while page.earlier:
        at, rank, number = page.earlier.split("~")
        page = story_of(session, author, action, before=(datetime.fromisoformat(at), int(rank), int(number)))
        seen = [*page.items, *seen]
    assert len(seen) == 241
    assert [item.at for item in seen] == sorted(item.at for item in seen)
    comments = [item.comment.text for item in seen if item.comment]
    assert comments == [f"Comment {number}" for number in range(120)]


def test_deleted_comments_and_who_watches_are_not_in_it(
    session: Session, action: Action, author: Person, reader: Person
) -> None:
    delete_comment(session, add_comment(session, action, "Gone", actor=author), actor=author)
    watch(session, action, actor=reader)
    session.commit()
    assert [item.sentence for item in story_of(session, reader, action).items] == ["added this action"]


def test_what_was_written_is_told_as_people_call_it(
    session: Session, incident: Incident, author: Person, browser: Browser
) -> None:
    action = make_action(
        session,
        incident,
        "Add an alarm",
        owner=author,
        due_on=date(2026, 3, 3),
        end_state="It rings.",
        description="For *both* queues.",
        status="accepted",
    )
    values = {"description": "For all queues.", "tracker_title": "The ticket", "due_on": date(2026, 4, 1)}
    edit_action(session, action, values, version=None, actor=author)
    session.commit()
    added, edited = story_of(session, author, action).items
    assert [(change.field, change.old, change.new) for change in added.changes] == [
        ("What is to be done", "", "Add an alarm"),
        ("How we will know", "", "It rings."),
        ("Description", "", "For *both* queues."),
        ("Status", "", "Accepted"),
    ]
    assert [(change.field, change.old, change.new) for change in edited.changes] == [
        ("Description", "For *both* queues.", "For all queues."),
        ("What the link is called", "", "The ticket"),
    ]
    page = browser.get(f"/actions/{action.id}")
    assert "End state" not in page.text and "blank → It rings." not in page.text
