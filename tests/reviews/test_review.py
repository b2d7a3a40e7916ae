"""The page of a review: asking, verdicts, comments that survive edits, suggestions that are applied."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News
from postmortem.outbox.models import OutboxMessage
from postmortem.reviews.enums import SuggestionState, Verdict
from postmortem.reviews.models import Review, ReviewComment, ReviewRequest
from postmortem.reviews.news import RequestNews
from postmortem.reviews.operations import ask, take_back
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations import save_writeup
from tests.factories.accounts import make_team
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
URL = "/writeups/the-cache-that-remembered/review"
# "In short" is the first paragraph, a heading the second.
CACHE = "The cache kept yesterday"


@pytest.fixture
def writeup(session: Session, author: Person) -> Writeup:
    return make_writeup(session, author)


@pytest.fixture
def asked(session: Session, writeup: Writeup, author: Person, outsider: Person) -> ReviewRequest:
    request = ask(session, writeup, outsider, note="Is the *cache* told right?", actor=author)
    session.commit()
    return request


def send(browser: Browser, path: str, page: str = URL, **data: object) -> int:
    """The form of this page that is sent there, with other values."""
    form = next(form for form in browser.get(page).forms if form.action.partition("?")[0] == path)
    values = form.data | {
        name: value if isinstance(value, list) else [str(value)] for name, value in data.items()
    }
    return browser.post(path, values).status


def edit(session: Session, writeup: Writeup, body: str, author: Person) -> None:
    session.expire_all()
    save_writeup(session, writeup, {"body": body}, version=None, actor=author)
    session.commit()


def test_asking_opens_the_draft_and_tells(
    session: Session, sign_in: SignIn, writeup: Writeup, author: Person, outsider: Person
) -> None:
    reviewer = sign_in(outsider)
    assert reviewer.get(URL).status == 404
    assert send(sign_in(author), f"{URL}/requests", whom=outsider.email, note="The cache?") == 303

    session.expire_all()
    assert writeup.state is WriteupState.IN_REVIEW
    page = reviewer.get(URL)
    assert page.status == 200
    assert CACHE in page.text
    assert reviewer.get("/writeups/the-cache-that-remembered").status == 200
    assert reviewer.get("/writeups/the-cache-that-remembered/edit").status == 403
    [told] = [
        message.payload
        for message in session.scalars(select(OutboxMessage))
        if message.payload.get("event") == "review_requested"
    ]
    assert told["to"] == [outsider.id]


def test_the_news_names_the_asker_and_ends_with_the_request(
    session: Session, asked: ReviewRequest, author: Person, outsider: Person, reader: Person
) -> None:
    news = News(
        event=Event.REVIEW_REQUESTED,
        subject_type="review_requests",
        subject_id=asked.id,
        actor_id=author.id,
        actor_name=author.name,
        to=(outsider.id,),
        facts={},
    )
    story = RequestNews().story(session, news, outsider)
    assert story is not None
    assert story.path == URL
    assert author.name in story.sentence
    assert RequestNews().story(session, news, reader) is None
    take_back(session, asked, actor=author)
    session.commit()
    assert RequestNews().story(session, news, outsider) is None


def test_taking_the_last_request_back_closes_the_draft_again(
    session: Session,
    sign_in: SignIn,
    writeup: Writeup,
    asked: ReviewRequest,
    author: Person,
    outsider: Person,
) -> None:
    assert send(sign_in(author), f"/review-requests/{asked.id}/take-back") == 303
    session.expire_all()
    assert writeup.state is WriteupState.DRAFT
    assert sign_in(outsider).get(URL).status == 404


def test_whom_one_cannot_ask(
    session: Session, sign_in: SignIn, author: Person, outsider: Person, reader: Person
) -> None:
    restricted = make_incident(session, author, restricted=True)
    writeup = make_writeup(session, author, "Restricted", incidents=[restricted])
    make_team(session, "Sound", outsider)
    browser, url = sign_in(author), f"/writeups/{writeup.slug}/review"
    for whom in (author.email, outsider.email, "team:sound", "nobody@example.com", ""):
        assert send(browser, f"{url}/requests", url, whom=whom) == 422
    assert session.scalars(select(ReviewRequest)).all() == []


def test_a_team_is_asked_and_once(
    session: Session, sign_in: SignIn, writeup: Writeup, author: Person, reader: Person
) -> None:
    make_team(session, "Sound", reader)
    browser = sign_in(author)
    for _ in range(2):
        assert send(browser, f"{URL}/requests", whom="Sound (team)") == 303
    assert len(session.scalars(select(ReviewRequest)).all()) == 1
    assert sign_in(reader).get(URL).status == 200


def test_a_verdict_is_about_one_text(
    session: Session,
    sign_in: SignIn,
    writeup: Writeup,
    asked: ReviewRequest,
    author: Person,
    outsider: Person,
) -> None:
    browser = sign_in(outsider)
    assert send(browser, f"{URL}/verdict", verdict="changes", text=" ") == 422
    assert send(browser, f"{URL}/verdict", verdict="changes", text="Who was *asked*?") == 303
    assert "About an earlier text." not in browser.get(URL).text
    edit(session, writeup, "Another text.", author)
    assert "About an earlier text." in browser.get(URL).text
    assert send(browser, f"{URL}/verdict", verdict="approve") == 303
    page = browser.get(URL).text
    assert "About an earlier text." not in page
    assert "Who was" not in page
    verdicts = [
        (row.verdict, row.revision_number) for row in session.scalars(select(Review).order_by(Review.id))
    ]
    assert verdicts == [(Verdict.CHANGES, 1), (Verdict.APPROVE, 2)]


def test_asking_again_stands_beside_who_said_something_of_an_earlier_text(
    session: Session,
    sign_in: SignIn,
    writeup: Writeup,
    asked: ReviewRequest,
    author: Person,
    outsider: Person,
) -> None:
    writer, reviewer = sign_in(author), sign_in(outsider)
    assert send(reviewer, f"{URL}/verdict", verdict="changes", text="Who was *asked*?") == 303
    assert "Ask again" not in writer.get(URL).text
    edit(session, writeup, "Another text.", author)
    before = asked.created_at
    assert "Ask again" not in reviewer.get(URL).text
    assert send(writer, f"{URL}/requests") == 303
    page = writer.get(URL).text
    assert "Ask again" not in page
    assert f"{outsider.name} is asked, and can look at it." in page
    session.expire_all()
    [row] = session.scalars(select(ReviewRequest))
    assert row.created_at > before
    assert row.note == "Is the *cache* told right?"


def test_hints_about_language_stand_beside_and_words_are_kept_from_there(
    session: Session,
    sign_in: SignIn,
    writeup: Writeup,
    asked: ReviewRequest,
    author: Person,
    outsider: Person,
) -> None:
    edit(session, writeup, "The operator should have checked the queue.", author)
    writer, reviewer = sign_in(author), sign_in(outsider)
    page = reviewer.get(URL)
    assert "1 hint about its words" in page.text
    assert not any("/language/" in form.action for form in page.forms)
    url = "/writeups/the-cache-that-remembered/language"
    values = next(form for form in writer.get(URL).forms if form.action == f"{url}/keep").data
    answer = writer.post(f"{url}/keep", values | {"reason": ["It is what the alarm said."]})
    assert answer.location == f"{URL}#language"
    page = writer.get(URL)
    assert "hint about its words" not in page.text
    assert "because: It is what the alarm said." in page.text
    assert next(form for form in page.forms if form.action == f"{url}/unkeep")


def test_a_text_that_was_changed_meanwhile_is_looked_at_first(
    session: Session,
    sign_in: SignIn,
    writeup: Writeup,
    asked: ReviewRequest,
    author: Person,
    outsider: Person,
) -> None:
    edit(session, writeup, "Another text.", author)
    assert send(sign_in(outsider), f"{URL}/verdict", verdict="approve", revision="1") == 409
    assert session.scalars(select(Review)).all() == []


def say(browser: Browser, number: int, **data: object) -> int:
    return send(browser, f"{URL}/comments", f"{URL}?on={number}", **data)


def test_a_comment_stays_with_its_paragraph_while_that_changes(
    session: Session,
    sign_in: SignIn,
    writeup: Writeup,
    asked: ReviewRequest,
    author: Person,
    outsider: Person,
) -> None:
    browser = sign_in(outsider)
    assert say(browser, 3, text="Which *cache*?") == 303
    edit(session, writeup, f"A new start.\n\n{writeup.body}", author)
    assert "changed since" not in browser.get(URL).text
    assert "Which <em>cache</em>?" in passage(browser, CACHE)

    edit(session, writeup, "A new start.\n\nThe cache kept yesterday's whole catalogue.", author)
    assert "Which <em>cache</em>?" in passage(browser, "whole catalogue")
    assert "The paragraph was changed since" in browser.get(URL).text

    edit(session, writeup, "Nothing of that.", author)
    gone = browser.get(URL).text.partition("About paragraphs that are gone")[2]
    assert "The paragraph is gone. It read:" in gone
    assert "Which cache?" in gone


def passage(browser: Browser, words: str) -> str:
    """The HTML of the passage with these words and of what is said about it."""
    sections = browser.get(URL).html.split('<section class="passage"')[1:]
    [found] = [each for each in sections if words in each.partition("<article")[0]]
    return found


def test_threads_are_answered_resolved_reopened_and_deleted_with_undo(
    session: Session,
    sign_in: SignIn,
    writeup: Writeup,
    asked: ReviewRequest,
    author: Person,
    outsider: Person,
) -> None:
    reviewer, writer = sign_in(outsider), sign_in(author)
    say(reviewer, 3, text="Which cache?")
    comment = session.scalars(select(ReviewComment)).one()
    path = f"/review-comments/{comment.id}"
    assert send(writer, f"{path}/answer", f"{URL}?answer={comment.id}", text=" ") == 422
    assert send(writer, f"{path}/answer", f"{URL}?answer={comment.id}", text="The *second*.") == 303
    assert "The second." in reviewer.get(URL).text
    assert send(writer, f"{path}/resolve") == 303
    assert "No comment is open." in reviewer.get(URL).text
    assert send(reviewer, f"{path}/reopen") == 303
    assert "1 comment is open." in reviewer.get(URL).text

    assert writer.post(f"{path}/delete", {}).status == 403
    assert send(reviewer, f"{path}/delete") == 303
    page = reviewer.get(URL).text
    assert "This comment was deleted." in page
    assert "Which cache?" not in page
    assert "The second." in page
    assert reviewer.post(f"{path}/restore", {}).status == 303
    assert "Which cache?" in reviewer.get(URL).text


def test_a_suggestion_is_applied_with_one_click_as_a_save_of_who_applies_it(
    session: Session,
    sign_in: SignIn,
    writeup: Writeup,
    asked: ReviewRequest,
    author: Person,
    outsider: Person,
) -> None:
    reviewer, writer = sign_in(outsider), sign_in(author)
    assert say(reviewer, 3, suggestion="The second cache kept it.") == 303
    comment = session.scalars(select(ReviewComment)).one()
    path = f"/review-comments/{comment.id}"
    assert reviewer.post(f"{path}/apply", {}).status == 403
    assert send(writer, f"{path}/apply") == 303
    session.expire_all()
    assert writeup.body == (
        "## What happened\n\nThe second cache kept it.\n\n## What we learnt\n\nClocks disagree."
    )
    assert comment.suggestion_state is SuggestionState.APPLIED
    assert comment.resolved_by_id == author.id
    # Sent twice, it is applied once.
    assert writer.post(f"{path}/apply", {}).status == 303
    session.expire_all()
    assert writeup.body.count("second cache") == 1


def test_a_suggestion_for_words_that_changed_is_not_applied_and_says_so(
    session: Session,
    sign_in: SignIn,
    writeup: Writeup,
    asked: ReviewRequest,
    author: Person,
    outsider: Person,
) -> None:
    reviewer, writer = sign_in(outsider), sign_in(author)
    say(reviewer, 3, suggestion="The second cache kept it.")
    comment = session.scalars(select(ReviewComment)).one()
    body = "The cache kept yesterday's whole catalogue."
    edit(session, writeup, body, author)
    path = f"/review-comments/{comment.id}"
    assert "It cannot be applied" in writer.get(URL).text
    assert writer.post(f"{path}/apply", {}).status == 303
    assert "The paragraph reads otherwise by now" in writer.get(URL).text
    session.expire_all()
    assert writeup.body == body
    assert comment.suggestion_state is SuggestionState.OPEN
    assert send(writer, f"{path}/decline") == 303
    session.expire_all()
    assert comment.suggestion_state is not SuggestionState.OPEN


def test_the_words_as_they_are_and_nothing_said_is_no_comment(
    session: Session, sign_in: SignIn, writeup: Writeup, asked: ReviewRequest, outsider: Person
) -> None:
    browser = sign_in(outsider)
    assert say(browser, 3) == 422
    assert say(browser, 3, text="So.", revision="77") == 404
    assert say(browser, 3, text="So.", paragraph="77") == 404
    assert session.scalars(select(ReviewComment)).all() == []
    assert say(browser, 0, text="A *good* read.") == 303
    assert session.scalars(select(ReviewComment)).one().quote == ""
