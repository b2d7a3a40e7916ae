"""The survey after a review: open afterwards, once for each, averages by threes, nothing that names anybody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.errors import Refused
from postmortem.history.models import HistoryEntry
from postmortem.reviews.models import ReviewMeeting, SurveyAnswer
from postmortem.reviews.survey import answer_survey, survey_of
from postmortem.writeups.enums import Audience
from postmortem.writeups.models import Writeup
from tests.factories.accounts import make_person
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
ALL = {"learnt": "5", "blameless": "4", "time": "3", "actions": "2"}


def path_of(writeup: Writeup) -> str:
    return f"/writeups/{writeup.slug}/review/survey"


def people(session: Session, number: int) -> list[Person]:
    return [make_person(session, f"Guest {each}", role=Role.FACILITATOR) for each in range(number)]


def scores(learnt: int) -> dict[str, int]:
    return {"learnt": learnt, "blameless": 5, "time": 4, "actions": 3}


def test_an_answer_is_kept_once_and_names_nobody(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup, browser = publish_writeup(session, author), sign_in(author)
    before = session.scalar(select(func.count()).select_from(HistoryEntry))
    page = browser.submit(path_of(writeup), ALL, follow=True)
    assert "Nobody learns which answer is yours" in page.text
    assert "You have answered" in page.text
    [row] = session.scalars(select(SurveyAnswer))
    assert row.scores == {"learnt": 5, "blameless": 4, "time": 3, "actions": 2}
    assert len(row.voter) == 64
    assert session.scalar(select(func.count()).select_from(HistoryEntry)) == before
    data = browser.get(f"/writeups/{writeup.slug}/review").forms[0].data["csrf_token"]
    again = browser.post(path_of(writeup), {"csrf_token": data, **ALL, "learnt": "1"}, follow=True)
    assert "You answered before" in again.text
    session.expire_all()
    assert session.scalars(select(SurveyAnswer)).one().scores["learnt"] == 5


def test_codes_of_one_person_have_nothing_in_common(session: Session, author: Person) -> None:
    for title in ("One", "Two"):
        answer_survey(session, publish_writeup(session, author, title), scores(3), person=author)
    first, second = session.scalars(select(SurveyAnswer.voter))
    assert first != second


def test_averages_show_by_threes(session: Session, author: Person, sign_in: SignIn) -> None:
    """A fourth answer changes nothing that is shown: the difference would be what it says."""
    writeup, browser = publish_writeup(session, author), sign_in(author)
    entry = f"/writeups/{writeup.slug}"
    for number, person in enumerate(people(session, 6)):
        shown = survey_of(session, writeup.id)
        assert (shown.answers, shown.missing) == (number // 3 * 3, 3 - number % 3)
        assert ("looked back" in browser.get(entry).text) == (number >= 3)
        answer_survey(session, writeup, scores(1 if number < 3 else 5), person=person)
        session.commit()
        if number in (2, 4):
            assert dict(survey_of(session, writeup.id).averages)["I learnt something from it."] == 1.0
    assert dict(survey_of(session, writeup.id).averages)["I learnt something from it."] == 3.0
    assert "I learnt something from it 3.0" in browser.get(entry).text
    assert "Averages of 6 answers" in browser.get(f"{entry}/review").text


def test_readers_without_an_account_see_nothing_of_it(
    session: Session, author: Person, make_app: Callable[..., object]
) -> None:
    writeup = publish_writeup(session, author, audience=Audience.PUBLIC)
    for person in people(session, 3):
        answer_survey(session, writeup, scores(5), person=person)
    session.commit()
    page = Browser(make_app(public_reading=True)).get(f"/writeups/{writeup.slug}")
    assert page.status == 200
    assert "looked back" not in page.text


def test_it_opens_when_the_meeting_is_over(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup, browser = make_writeup(session, author), sign_in(author)
    assert "It is too early" in browser.get(path_of(writeup)).text
    assert "Looking back" not in browser.get(f"/writeups/{writeup.slug}/review").text
    with pytest.raises(Refused):
        answer_survey(session, writeup, scores(3), person=author)
    began = clock.now() - timedelta(hours=2)
    meeting = ReviewMeeting(
        writeup_id=writeup.id, starts_at=began, minutes=60, timezone="UTC", uid="a", created_at=began
    )
    session.add(meeting)
    session.commit()
    assert "Looking back" in browser.get(f"/writeups/{writeup.slug}/review").text
    assert "Thank you" in browser.submit(path_of(writeup), ALL, follow=True).text


@pytest.mark.parametrize("wrong", [{"learnt": ""}, {"learnt": "6"}, {"learnt": "²"}, {"learnt": "55"}])
def test_what_is_no_answer_is_asked_for_again(
    session: Session, author: Person, sign_in: SignIn, wrong: dict[str, str]
) -> None:
    writeup = publish_writeup(session, author)
    page = sign_in(author).submit(path_of(writeup), ALL | wrong)
    assert page.status == 422
    assert "Choose one answer to each question" in page.text
    assert not session.scalars(select(SurveyAnswer)).all()


def test_who_does_not_see_the_review_does_not_see_the_survey(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    writeup = publish_writeup(session, author)
    assert sign_in(reader).get(path_of(writeup)).status == 404
