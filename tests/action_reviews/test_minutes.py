"""Minutes: what they tell, to whom, and what of them can become a write-up. Past meetings and what became of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.action_reviews.minutes import minutes_for, minutes_to_publish
from postmortem.action_reviews.models import ActionReview
from postmortem.action_reviews.news import ReviewNews
from postmortem.action_reviews.queries_past import what_became
from postmortem.actions.operations import delete_action, edit_action
from postmortem.history.operations import CLI
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News
from postmortem.outbox.models import OutboxMessage
from postmortem.writeups.models import Writeup
from tests.factories.accounts import make_team
from tests.factories.action_reviews import decisions_of, items_of, make_review, sent
from tests.factories.actions import make_action, stored_actions
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.pages import Page

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
SECRET = "zqxsecret"


@dataclass
class Meeting:
    """A meeting of an admin, about two open actions and one of a restricted incident; all three are decided."""

    review: ActionReview
    admin: Person
    browser: Browser
    session: Session

    def decide(self, place: int, decision: str, **fields: str) -> Page:
        item = items_of(self.session, self.review)[place]
        return self.browser.post(f"/actions/review/{self.review.id}/decide", sent(item, decision, **fields))


@pytest.fixture
def meeting(
    session: Session,
    admin: Person,
    author: Person,
    outsider: Person,
    app: Flask,
    frozen: Callable[[datetime], None],
) -> Meeting:
    frozen(NOW)
    team = make_team(session, "Sound", author)
    open_one = make_incident(session, author, "Playback stops")
    secret = make_incident(session, author, f"{SECRET} title", restricted=True)
    today = NOW.date()
    make_action(
        session, open_one, "Add *an* alarm", owner=author, team=team, due_on=today - timedelta(days=9)
    )
    make_action(session, secret, f"{SECRET} action", owner=author, due_on=today - timedelta(days=5))
    make_action(session, open_one, "Rehearse it", due_on=today - timedelta(days=1))
    browser = Browser(app)
    browser.sign_in(admin)
    review = make_review(session, admin, team=team, people=(author, outsider))
    return Meeting(review, admin, browser, session)


def decide_all(meeting: Meeting, frozen: Callable[[datetime], None]) -> None:
    meeting.decide(0, "redate", due_on="2026-07-01")
    meeting.decide(1, "not_doing", reason=f"{SECRET} reason")
    meeting.decide(2, "hand_over", owner="otto-outsider@example.com")
    frozen(NOW + timedelta(minutes=12))
    meeting.browser.post(f"/actions/review/{meeting.review.id}/notes", {"notes": "Who *pays*?", "version": 1})
    assert meeting.browser.post(f"/actions/review/{meeting.review.id}/end").status == 303
    meeting.session.expire_all()


def test_minutes_tell_who_was_there_what_was_decided_and_the_numbers(
    meeting: Meeting, session: Session, frozen: Callable[[datetime], None]
) -> None:
    decide_all(meeting, frozen)
    text = minutes_for(session, meeting.review, meeting.admin).markdown
    for part in (
        "# Monday’s review\n",
        "1 June 2026 of the team Sound, led by Ada Admin. 3 of 3 actions were decided in 12 minutes; 45 minutes were planned.",
        "## Present\n\nAda Admin, Aino Author, Otto Outsider",
        "| Overdue | 3 | 1 |",
        "| Without owner | 1 | 0 |",
        "- ACT-1 **Add \\*an\\* alarm** (INC-1 Playback stops): due 23 May 2026 → 1 July 2026 (Ada Admin)",
        f"- ACT-2 **{SECRET} action** (INC-2 {SECRET} title, restricted): not doing. {SECRET} reason (Ada Admin)",
        "- ACT-3 **Rehearse it** (INC-1 Playback stops): has an owner now: Otto Outsider (Ada Admin)",
        "## Open questions\n\nWho *pays*?",
    ):
        assert part in text, part
    page = meeting.browser.get(f"/actions/review/{meeting.review.id}/minutes")
    assert "Add *an* alarm" in page.text and "http://localhost/actions/1" in page.html
    raw = meeting.browser.get(f"/actions/review/{meeting.review.id}/minutes.md")
    assert raw.headers["Content-Type"].startswith("text/markdown")
    assert (
        raw.html == minutes_for(session, meeting.review, meeting.admin, base_url="http://localhost").markdown
    )


def test_what_was_not_reached_stands_in_the_minutes(meeting: Meeting, session: Session) -> None:
    meeting.decide(0, "keep")
    meeting.browser.post(f"/actions/review/{meeting.review.id}/end")
    session.expire_all()
    text = minutes_for(session, meeting.review, meeting.admin).markdown
    assert "1 of 3 actions were decided" in text
    assert "## Not reached (2)" in text and "**Rehearse it** (INC-1 Playback stops) (overdue)" in text


def test_others_hear_nothing_of_what_is_restricted(
    meeting: Meeting,
    session: Session,
    facilitator: Person,
    outsider: Person,
    sign_in: Callable[[Person], Browser],
    frozen: Callable[[datetime], None],
) -> None:
    """Not in the queue, its numbers, the state that pages ask for, the minutes, the mail, or the list of past ones."""
    others = [sign_in(facilitator), sign_in(outsider)]
    path = f"/actions/review/{meeting.review.id}"
    second = items_of(session, meeting.review)[1]
    for browser in others:
        page = browser.get(path)
        assert SECRET not in page.html and "0 of 2 decided" in page.text and "1 of 2" in page.text
        assert (
            SECRET not in browser.get(f"{path}?item=2").html and browser.get(f"{path}?item=3").status == 404
        )
        assert browser.post(f"{path}/decide", sent(second, "keep")).status == 404
        before = browser.client.get(f"{path}/state").get_data()
        meeting.decide(1, "not_doing", reason=f"{SECRET} reason")
        made = decisions_of(session, meeting.review)[-1]
        assert browser.client.get(f"{path}/state").get_data() == before
        assert browser.post(f"{path}/decisions/{made.id}/undo").status == 404
        meeting.browser.post(f"{path}/decisions/{made.id}/undo")
    decide_all(meeting, frozen)
    for browser, person in zip(others, (facilitator, outsider), strict=True):
        for page in (browser.get(f"{path}/minutes"), browser.get(f"{path}/minutes.md")):
            assert SECRET not in page.html and "2 of 2 actions were decided" in page.html
        assert "| Overdue | 2 | 1 |" in browser.get(f"{path}/minutes.md").html
        assert "2 decided: 1 open, 1 overdue" in browser.get("/actions/review").text
        story = ReviewNews().story(session, the_news(meeting), person)
        assert story is not None and SECRET not in repr(story) and "2 of 2" in story.sentence
    assert "3 decided: 1 not to be done, 1 open, 1 overdue" in meeting.browser.get("/actions/review").text
    author_sees = what_became(session, [meeting.review.id], meeting.admin, NOW.date())
    assert author_sees[meeting.review.id].decided == 3


def the_news(meeting: Meeting) -> News:
    return News(event=Event.MINUTES, subject_type="action_reviews", subject_id=meeting.review.id)


def test_minutes_are_owed_once_to_who_was_there(
    meeting: Meeting, session: Session, author: Person, outsider: Person, frozen: Callable[[datetime], None]
) -> None:
    decide_all(meeting, frozen)
    meeting.browser.post(f"/actions/review/{meeting.review.id}/end")
    owed = [each.payload for each in session.scalars(select(OutboxMessage))]
    (minutes,) = [each for each in owed if each.get("event") == "minutes"]
    assert minutes["to"] == sorted([author.id, outsider.id])
    assert (minutes["subject_type"], minutes["subject_id"]) == ("action_reviews", meeting.review.id)
    assert ReviewNews().story(session, the_news(meeting), None) is None


def test_a_write_up_is_made_of_what_is_open_to_everybody_and_names_nobody(
    meeting: Meeting, session: Session, frozen: Callable[[datetime], None]
) -> None:
    path = f"/actions/review/{meeting.review.id}/writeup"
    assert meeting.browser.post(path).status == 422
    decide_all(meeting, frozen)
    page = meeting.browser.post(path)
    (writeup,) = session.scalars(select(Writeup))
    assert page.location == f"/writeups/{writeup.slug}/edit"
    assert SECRET not in writeup.body + writeup.tldr
    for name in ("Ada", "Aino", "Otto"):
        assert name not in writeup.body
    assert "INC-1 Playback stops, Sound" in writeup.body and "| Overdue | 2 | 1 |" in writeup.body
    assert writeup.body == minutes_to_publish(session, meeting.review, meeting.admin).body.rstrip()
    assert meeting.browser.post(path).location == f"/writeups/{writeup.slug}"
    assert session.query(Writeup).count() == 1


def test_past_meetings_say_what_became_of_their_decisions(
    meeting: Meeting, session: Session, frozen: Callable[[datetime], None]
) -> None:
    decide_all(meeting, frozen)
    edit_action(session, stored_actions(session)[0], {"status": "done"}, version=None, actor=CLI)
    session.commit()
    became = what_became(session, [meeting.review.id], meeting.admin, NOW.date())[meeting.review.id]
    assert became.words == "3 decided: 1 done since, 1 not to be done, 1 overdue"


def test_two_who_write_open_questions_lose_nothing(
    meeting: Meeting, session: Session, author: Person, sign_in: Callable[[Person], Browser]
) -> None:
    path = f"/actions/review/{meeting.review.id}/notes"
    browser = sign_in(author)
    form = browser.get(path).forms[-1].data
    assert meeting.browser.post(path, {"notes": "Mine", "version": 1}).status == 303
    page = browser.post(path, form | {"notes": "Yours"})
    assert page.status == 409 and "Mine" in page.html and "Yours" in page.html
    session.expire_all()
    assert session.get_one(ActionReview, meeting.review.id).notes == "Mine"


def test_what_was_split_off_and_deleted_is_quoted_nowhere(
    meeting: Meeting, session: Session, frozen: Callable[[datetime], None]
) -> None:
    meeting.decide(0, "split", title="Write zqxsplit words")
    here = f"/actions/review/{meeting.review.id}"
    part = next(each for each in stored_actions(session) if "zqxsplit" in each.title)
    assert f"ACT-{part.id} Write zqxsplit words was split off" in meeting.browser.get(f"{here}/minutes").text
    assert "zqxsplit" in meeting.browser.get(f"{here}?item=1").text
    delete_action(session, part, actor=CLI)
    session.commit()
    for address in (f"{here}/minutes", f"{here}/minutes.md", f"{here}?item=1"):
        page = meeting.browser.get(address)
        assert "Write zqxsplit words" not in page.text
        assert f"ACT-{part.id} was split off, and deleted since" in page.text


@pytest.mark.parametrize(
    "title",
    [
        "Keep p99 < 200 ms ~ $5 ^ 2 | a",
        "<b>x</b> <script>alert(1)</script> <!-- c -->",
        "[l](javascript:alert(1)) ![i](https://evil.example/i.png) *b* _i_ `c` ~~d~~",
        "\\ # 1. > - ==m==",
    ],
)
def test_a_title_reads_in_minutes_as_it_was_typed(meeting: Meeting, session: Session, title: str) -> None:
    stored_actions(session)[0].title = title
    session.commit()
    page = meeting.browser.get(f"/actions/review/{meeting.review.id}/minutes")
    assert f"ACT-1 {title} (INC-1" in page.text
    assert "<script>alert" not in page.html and 'evil.example/i.png"' not in page.html
