"""Comments, links and watching: what operations change, refuse, record and owe."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions import operations_comments as comments
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment, ActionLink, ActionWatch
from postmortem.actions.operations_links import add_link, links_of, remove_link
from postmortem.actions.operations_watching import unwatch, watch
from postmortem.errors import Conflict, Refused
from postmortem.history.models import HistoryEntry
from postmortem.outbox.models import OutboxMessage
from tests.factories.accounts import make_person
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident


def owed(session: Session) -> list[tuple[str, list[int]]]:
    """Event and receivers of all news that is owed."""
    payloads = [
        message.payload for message in session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    ]
    return [(each["event"], each["to"]) for each in payloads if each["subject_type"] != "incidents"]


def told(session: Session) -> list[str]:
    entries = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id)).all()
    return [
        f"{entry.verb} {entry.subject_type}" for entry in entries if entry.subject_type.startswith("action_")
    ]


def named(session: Session, name: str, handle: str, **values: Any) -> Person:
    person = make_person(session, name, **values)
    person.handle = handle
    session.commit()
    return person


def test_a_comment_is_rendered_recorded_and_makes_the_action_fresh(
    session: Session, action: Action, reader: Person
) -> None:
    action.touched_at = clock.now() - timedelta(days=90)
    comment = comments.add_comment(session, action, "  It *rang*. \n", actor=reader)
    session.commit()
    assert (comment.text, comment.text_html) == ("It *rang*.", "<p>It <em>rang</em>.</p>")
    assert clock.now() - action.touched_at < timedelta(minutes=1)
    assert told(session) == ["added action_comments"]
    assert owed(session) == [("watched", [])]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 10_001])
def test_nothing_and_too_much_are_refused(
    session: Session, action: Action, reader: Person, text: str
) -> None:
    with pytest.raises(Refused) as refused:
        comments.add_comment(session, action, text, actor=reader)
    assert refused.value.field == "text"


def test_who_is_named_hears_of_it_once_and_not_for_their_own_words(
    session: Session, action: Action, author: Person
) -> None:
    deniz = named(session, "Deniz", "deniz")
    author.handle = "aino"
    comment = comments.add_comment(session, action, "@DENIZ, @aino and @nobody: look.", actor=author)
    assert owed(session) == [("mentioned", [deniz.id]), ("watched", [])]
    sora = named(session, "Sora", "Sora")
    comments.edit_comment(session, comment, "@deniz and @sora: look.", version=comment.version, actor=author)
    session.commit()
    assert owed(session)[2:] == [("mentioned", [sora.id])]
    assert comment.edited_at is not None


def test_who_may_not_see_the_incident_is_told_nothing(session: Session, author: Person) -> None:
    _outsider, gone = named(session, "Otto", "otto"), named(session, "Gone", "gone", role="admin")
    insider = named(session, "Ina", "ina")
    gone.is_active = False
    incident = make_incident(session, author, restricted=True, lead=insider.email)
    action = make_action(session, incident)
    comments.add_comment(session, action, "@otto @gone @ina", actor=author)
    session.commit()
    assert owed(session) == [("mentioned", [insider.id]), ("watched", [])]


def test_a_stale_comment_is_a_conflict_and_the_same_text_no_change(
    session: Session, action: Action, author: Person
) -> None:
    comment = comments.add_comment(session, action, "One", actor=author)
    session.commit()
    version = comment.version
    comments.edit_comment(session, comment, "One", version=version, actor=author)
    session.commit()
    assert (comment.version, comment.edited_at) == (version, None)
    comments.edit_comment(session, comment, "Two", version=version, actor=author)
    session.commit()
    with pytest.raises(Conflict):
        comments.edit_comment(session, comment, "Three", version=version, actor=author)


def test_deleting_and_bringing_back_are_recorded_once(
    session: Session, action: Action, author: Person
) -> None:
    comment = comments.add_comment(session, action, "One", actor=author)
    for act in (comments.delete_comment, comments.restore_comment):
        for _ in range(2):
            act(session, comment, actor=author)
    session.commit()
    assert told(session) == [f"{verb} action_comments" for verb in ("added", "deleted", "brought back")]


def test_comments_are_rendered_again(session: Session, action: Action, author: Person) -> None:
    old = comments.add_comment(session, action, "*a*", actor=author)
    session.commit()
    session.execute(update(ActionComment).values(rendered_with=0, text_html="old"))
    assert comments.render_again(session) == 1
    session.refresh(old)
    assert old.text_html == "<p><em>a</em></p>"


def test_the_first_link_is_the_actions_own_and_further_ones_stand_beside(
    session: Session, action: Action, author: Person
) -> None:
    for number in range(3):
        add_link(session, action, f"https://tracker.example/{number}", f"Title {number}", actor=author)
    session.commit()
    assert (action.tracker_url, action.tracker_title) == ("https://tracker.example/0", "Title 0")
    assert [(link.url, link.title) for link in links_of(session, action)] == [
        (f"https://tracker.example/{number}", f"Title {number}") for number in (1, 2)
    ]
    for url in ("https://tracker.example/0", "https://tracker.example/1", "https://tracker.example/none"):
        remove_link(session, action, url, actor=author)
    session.commit()
    assert (action.tracker_url, action.tracker_title) == ("", "")
    assert [link.url for link in session.scalars(select(ActionLink))] == ["https://tracker.example/2"]
    assert told(session) == ["added action_links", "added action_links", "removed action_links"]


@pytest.mark.parametrize("url", ["", "tracker.example/1", "javascript:alert(1)", "ftp://a/b", "https:///"])
def test_a_link_is_a_web_address(session: Session, action: Action, author: Person, url: str) -> None:
    with pytest.raises(Refused):
        add_link(session, action, url, actor=author)


def test_no_link_stands_twice(session: Session, action: Action, author: Person) -> None:
    for url in ("https://tracker.example/1", "https://tracker.example/2"):
        add_link(session, action, url, actor=author)
        with pytest.raises(Refused, match="stands here already"):
            add_link(session, action, url, actor=author)


def test_watching_twice_is_watching_once(session: Session, action: Action, reader: Person) -> None:
    for _ in range(2):
        watch(session, action, actor=reader)
        session.commit()
    assert len(session.scalars(select(ActionWatch)).all()) == 1
    for _ in range(2):
        unwatch(session, action, actor=reader)
        session.commit()
    assert not session.scalars(select(ActionWatch)).all()
    assert told(session) == ["began action_watches", "stopped action_watches"]
    assert owed(session) == []


def test_comments_that_call_thousands_leave_the_page_readable(
    session: Session, action: Action, reader: Person, sign_in: Any
) -> None:
    """Databases bear only so many values in one question; a page that nobody can open any more helps nobody."""
    letters = [chr(number) for number in range(0x4E00, 0x4E00 + 99)]
    texts = [" ".join(f"@{letter}{number}" for number in range(1400)) for letter in letters]
    assert len(texts[0]) <= comments.MAX_COMMENT
    now = clock.now()
    values = {"action_id": action.id, "author_id": reader.id, "created_at": now}
    session.add_all(ActionComment(text=text, text_html=f"<p>{text[:9]}</p>", **values) for text in texts)
    session.commit()
    browser = sign_in(reader)
    page = browser.get(f"/actions/{action.id}")
    assert page.status == 200
    assert all(f"@{letter}0" in page.text for letter in letters)


def test_a_comment_that_calls_thousands_looks_few_of_them_up(
    session: Session, action: Action, reader: Person, author: Person
) -> None:
    named(session, "First", "first")
    named(session, "Last", "last")
    many = " ".join(f"@x{number}" for number in range(1300))
    comments.add_comment(session, action, f"@first {many} @last", actor=reader)
    session.commit()
    [mentioned] = [to for event, to in owed(session) if event == "mentioned"]
    assert len(mentioned) == 1
