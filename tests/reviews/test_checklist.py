"""The checklist: answers per write-up, kept with the question as it was worded."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.reviews.checklist import checklist_of
from postmortem.reviews.models import ChecklistAnswer
from postmortem.reviews.operations_policy import set_policy
from postmortem.reviews.policy import AS_SHIPPED, Policy
from tests.factories.writeups import make_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
URL = "/writeups/the-cache-that-remembered/review"


def test_answers_are_kept_with_a_note_and_changed_by_others(
    session: Session, sign_in: SignIn, author: Person, facilitator: Person
) -> None:
    writeup = make_writeup(session, author)
    first, second = checklist_of(session, writeup)[:2]
    sent = {f"met-{first.key}": "yes", f"met-{second.key}": "no", f"note-{second.key}": "The handover."}
    browser = sign_in(author)
    assert browser.post(f"{URL}/checklist", sent).status == 303
    page = browser.get(URL).text
    assert "2 of 5 questions are answered, 1 with “not yet”." in page
    assert "The handover." in page

    # Saying the same again, and no answer at all, change nothing.
    count = len(session.scalars(select(HistoryEntry)).all())
    assert browser.post(f"{URL}/checklist", sent | {f"met-{first.key}": "perhaps"}).status == 303
    session.expire_all()
    assert len(session.scalars(select(HistoryEntry)).all()) == count

    other = sign_in(facilitator)
    assert other.post(f"{URL}/checklist", {f"met-{second.key}": "yes"}).status == 303
    session.expire_all()
    rows = {row.question: row for row in session.scalars(select(ChecklistAnswer))}
    assert (rows[second.question].is_met, rows[second.question].note) == (True, "")
    assert rows[second.question].answered_by_id == facilitator.id
    assert rows[first.question].answered_by_id == author.id


def test_a_note_that_is_too_long_comes_back(session: Session, sign_in: SignIn, author: Person) -> None:
    writeup = make_writeup(session, author)
    key = checklist_of(session, writeup)[0].key
    page = sign_in(author).post(f"{URL}/checklist", {f"met-{key}": "no", f"note-{key}": "x" * 501})
    assert page.status == 422
    assert "x" * 501 in page.html
    assert session.scalars(select(ChecklistAnswer)).all() == []


def test_an_answer_stays_with_the_question_as_it_was_worded(
    session: Session, sign_in: SignIn, author: Person, admin: Person
) -> None:
    writeup = make_writeup(session, author)
    key = checklist_of(session, writeup)[0].key
    browser = sign_in(author)
    browser.post(f"{URL}/checklist", {f"met-{key}": "yes", f"note-{key}": "I asked them."})
    set_policy(session, Policy(AS_SHIPPED.rules, ("Is it fair?",)), version=0, actor=admin)
    session.commit()
    page = browser.get(f"{URL}/checklist").text
    assert "Not asked any more" in page
    assert "I asked them." in page.partition("Not asked any more")[2]
    assert "0 of 1 questions are answered." in browser.get(URL).text
