"""Planning in the browser: making, changing and taking back a plan, and where it is shown."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.writeups import operations
from postmortem.writeups.models import Writeup
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.factories.writeups import make_writeup, publish_writeup
from tests.writeups.planning import (
    NINE,
    SignIn,
    Work,
    at_noon,
    change_text,
    draft,
    is_unplanned,
    nine,
    plan,
    publications,
    verbs,
)

__all__ = ["at_noon", "draft", "nine"]


def sent(**values: object) -> dict[str, object]:
    return {"when": "at", "publish_at": "2026-11-25T10:00", "timezone": "Europe/Helsinki", **values}


def test_planning_changing_and_taking_back(
    session: Session, author: Person, draft: Writeup, sign_in: SignIn
) -> None:
    browser, path = sign_in(author), "/writeups/the-cache"
    page = browser.submit(f"{path}/publish", sent(audience="public"), follow=True)
    words = "Wednesday 25 November 2026, 09:00 CET"
    assert f"Will be published {words}." in page.text
    session.expire_all()
    assert draft.publish_at == datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert (draft.publish_by_id, draft.publish_version) == (author.id, draft.version)
    assert publications(session) == []
    for place in ("/", "/me", f"{path}/edit", f"{path}/publish"):
        assert words in browser.get(place).text, place
    # The page has the plan filled in; another time replaces it.
    form = browser.get(f"{path}/publish").forms[-1].data
    assert form["publish_at"] == ["2026-11-25T09:00"]
    assert browser.submit(f"{path}/publish", sent(publish_at="2026-11-26T10:00")).status == 303
    session.expire_all()
    assert draft.publish_at == datetime(2026, 11, 26, 8, tzinfo=UTC)
    page = browser.post(f"{path}/publish/take-back", {"version": draft.version}, follow=True)
    assert "The plan is taken back" in page.text
    session.expire_all()
    assert is_unplanned(draft)
    assert verbs(session)[-1] == "took back the plan for"
    assert "Nothing was planned any more" in browser.post(f"{path}/publish/take-back", follow=True).text


def test_pressed_twice_it_is_planned_once(
    session: Session, author: Person, draft: Writeup, sign_in: SignIn
) -> None:
    browser = sign_in(author)
    form = {**browser.get("/writeups/the-cache/publish").forms[-1].data, **sent()}
    for _ in range(2):
        assert browser.post("/writeups/the-cache/publish", form).status == 303
    assert verbs(session).count("planned to publish") == 1


def test_a_stale_page_plans_and_takes_back_nothing(
    session: Session, author: Person, draft: Writeup, sign_in: SignIn
) -> None:
    browser = sign_in(author)
    form = {**browser.get("/writeups/the-cache/publish").forms[-1].data, **sent()}
    change_text(session, draft, author)
    session.commit()
    assert browser.post("/writeups/the-cache/publish", form).status == 409
    session.expire_all()
    assert is_unplanned(draft)
    plan(session, draft, author)
    page = browser.post("/writeups/the-cache/publish/take-back", {"version": draft.version - 1}, follow=True)
    assert "Somebody saved a change" in page.text
    session.expire_all()
    assert draft.publish_at == NINE


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"publish_at": "2026-11-24T13:59"}, "That time is over"),
        ({"publish_at": ""}, "Say when: a day and a time of day."),
        ({"publish_at": "2026-11-25"}, "Say at what time of day, too."),
        ({"publish_at": "tomorrow"}, "Enter a day and time like"),
        ({"timezone": "Nowhere"}, "Enter a time zone by its name"),
        ({"publish_at": "2027-03-28T03:30"}, "03:30 did not exist"),
        ({"publish_at": "2027-10-31T03:30"}, "happened twice"),
    ],
)
def test_times_that_are_none_are_refused_and_kept_in_the_form(
    session: Session, author: Person, draft: Writeup, sign_in: SignIn, values: Any, sentence: str
) -> None:
    page = sign_in(author).submit("/writeups/the-cache/publish", sent(**values))
    assert page.status == 422
    assert sentence in page.text
    for name, value in values.items():
        assert page.forms[-1].data[name] == [value]
    session.expire_all()
    assert is_unplanned(draft)
    assert publications(session) == []


def test_of_an_hour_that_comes_twice_the_second_can_be_meant(
    session: Session, author: Person, draft: Writeup, sign_in: SignIn
) -> None:
    values = sent(publish_at="2027-10-31T03:30", publish_at_fold="1")
    assert sign_in(author).submit("/writeups/the-cache/publish", values).status == 303
    session.expire_all()
    assert draft.publish_at == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_publishing_now_does_not_mind_what_stands_in_the_plan(
    session: Session, author: Person, draft: Writeup, sign_in: SignIn
) -> None:
    values = {"publish_at": "whenever"}
    assert sign_in(author).submit("/writeups/the-cache/publish", values).status == 303
    assert len(publications(session)) == 1


def test_pages_say_when_a_plan_will_not_hold(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = make_writeup(session, author, "Timely", incidents=[make_incident(session, author)])
    plan(session, writeup, author)
    browser = sign_in(author)
    make_event(session, writeup.incidents[0], "Later.")
    page = browser.get("/writeups/timely/publish")
    assert "will not be. What readers would see is not what was looked at: the timeline changed" in page.text
    change_text(session, writeup, author)
    session.commit()
    assert "it was changed after it was planned" in browser.get("/writeups/timely").text
    assert "will be published" not in browser.get("/").text


def test_only_who_may_publish_takes_a_plan_back(
    session: Session, author: Person, outsider: Person, reader: Person, draft: Writeup, sign_in: SignIn
) -> None:
    plan(session, draft, author)
    assert sign_in(outsider).post("/writeups/the-cache/publish/take-back").status == 404
    assert sign_in(reader).post("/writeups/the-cache/publish/take-back").status in (403, 404)
    session.expire_all()
    assert draft.publish_at == NINE


def test_a_planned_update_stands_on_the_published_page_for_its_writers_alone(
    session: Session, author: Person, reader: Person, sign_in: SignIn, nine: Work
) -> None:
    writeup = publish_writeup(session, author, "Told")
    readers = sign_in(reader)
    readers.get("/writeups/told")
    before = readers.get("/writeups/told")
    operations.save_writeup(session, writeup, {"body": "More."}, version=None, actor=author)
    plan(session, writeup, author, reason="More is known.")
    after = readers.get("/writeups/told", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status == 304
    writers = sign_in(author)
    words = "The next text will be published Wednesday 25 November 2026, 10:00 CET."
    assert words in writers.get("/writeups/told").text
    assert "will be published Wednesday" in writers.get("/").text
    change_text(session, writeup, author)
    session.commit()
    assert "was to be published Wednesday" in writers.get("/writeups/told").text
    plan(session, writeup, author, reason="More is known.")
    nine()
    assert "was to be" not in sign_in(author).get("/writeups/told").text
    assert "Updated 25 November 2026: More is known." in sign_in(reader).get("/writeups/told").text
