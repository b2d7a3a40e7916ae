"""Readers ask under what was published; authors and whoever knows answer."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.errors import Refused
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News
from postmortem.outbox.models import OutboxMessage
from postmortem.readers import operations_questions as operations
from postmortem.readers.models import ReaderAnswer, ReaderQuestion
from postmortem.readers.news_questions import AnswerNews, QuestionNews
from postmortem.writeups.models import Publication, Writeup
from postmortem.writeups.operations import save_writeup, withdraw
from postmortem.writeups.operations_deletion import delete_writeup
from tests.factories.incidents import make_incident
from tests.factories.writeups import publish_writeup
from tests.support.client import Browser
from tests.support.sql import counted

SignIn = Callable[[Person], Browser]
PAGE = "/writeups/the-cache-that-remembered/questions"


@pytest.fixture
def told(session: Session, author: Person) -> Writeup:
    return publish_writeup(session, author)


def ask(
    session: Session, writeup: Writeup, person: Person, text: str = "Which clock was right?"
) -> ReaderQuestion:
    question = operations.ask(session, writeup, text, actor=person)
    session.commit()
    return question


def answer(
    session: Session, question: ReaderQuestion, person: Person, text: str = "Neither."
) -> ReaderAnswer:
    made = operations.answer(session, question, text, actor=person)
    session.commit()
    return made


def questions(session: Session) -> list[ReaderQuestion]:
    session.expire_all()
    return list(session.scalars(select(ReaderQuestion).order_by(ReaderQuestion.id)))


def owed(session: Session, event: Event) -> list[list[int]]:
    payloads = session.scalars(select(OutboxMessage.payload).order_by(OutboxMessage.id))
    return [payload["to"] for payload in payloads if payload.get("event") == event]


def test_a_reader_asks_and_an_author_answers(
    session: Session, told: Writeup, reader: Person, author: Person, sign_in: SignIn
) -> None:
    browser = sign_in(reader)
    assert (
        f'href="{PAGE}">Ask a question about this' in browser.get("/writeups/the-cache-that-remembered").sent
    )
    page = browser.submit(PAGE, {"text": "Which *clock* was right?"}, follow=True)
    assert "<em>clock</em>" in page.sent
    assert reader.name in page.sent
    [question] = questions(session)
    assert question.answered_at is None
    assert owed(session, Event.QUESTION_ASKED) == [[author.id]]

    theirs = sign_in(author)
    assert (
        "1 question from readers</a>, none answered yet"
        in theirs.get("/writeups/the-cache-that-remembered").sent
    )
    page = theirs.submit(f"{PAGE}?answer={question.id}", {"text": "Neither."}, form=-2, follow=True)
    assert '<span class="flag">author</span>' in page.sent
    assert questions(session)[0].answered_at is not None
    assert owed(session, Event.QUESTION_ANSWERED) == [[reader.id]]
    shown = browser.get("/writeups/the-cache-that-remembered").sent
    assert "1 question from readers</a> ·" in shown
    assert "Neither." in browser.get(PAGE).text


def test_it_is_answered_by_an_author_or_where_its_asker_says_so(
    session: Session, told: Writeup, reader: Person, outsider: Person, author: Person
) -> None:
    question = ask(session, told, reader)
    with pytest.raises(Refused):
        operations.close(session, question, actor=reader)
    knows = answer(session, question, outsider, "The one in the rack.")
    assert question.answered_at is None
    operations.close(session, question, actor=reader)
    session.commit()
    assert question.answered_at is not None
    operations.reopen(session, question, actor=reader)
    assert question.answered_at is None

    by_author = answer(session, question, author)
    assert question.answered_at is not None
    for each in (by_author, knows):
        operations.delete(session, each, actor=author)
    assert question.answered_at is None, "without any answer it is open again"
    operations.restore(session, by_author, actor=author)
    assert question.answered_at is not None
    session.commit()


def test_sent_twice_it_is_asked_once(
    session: Session, told: Writeup, reader: Person, sign_in: SignIn
) -> None:
    browser = sign_in(reader)
    sent = {"text": "Why?", "form_key": "a-question"}
    for _ in range(2):
        assert browser.post(PAGE, sent).status == 303
    [question] = questions(session)
    for _ in range(2):
        assert (
            browser.post(f"/reader-questions/{question.id}/answer", {"text": "So.", "form_key": "b"}).status
            == 303
        )
    assert len(session.scalars(select(ReaderAnswer)).all()) == 1


def test_what_cannot_be_kept_comes_back_as_it_was_typed(
    session: Session, told: Writeup, reader: Person, sign_in: SignIn
) -> None:
    browser = sign_in(reader)
    for text in ("", " \n ", "x" * 5_001):
        page = browser.post(PAGE, {"text": text, "form_key": "k"})
        assert page.status == 422
        assert text.strip() in page.sent
    assert questions(session) == []
    question = ask(session, told, reader)
    for number in range(26):
        ask(session, told, reader, f"Number {number}?")
    page = browser.post(f"/reader-questions/{question.id}/answer", {"text": "", "form_key": "k"})
    assert page.status == 422
    assert f'id="question-{question.id}"' in page.sent, (
        "the answer stands below its question, far down as it is"
    )


def test_only_its_asker_words_it_otherwise_and_a_stale_form_shows_both(
    session: Session, told: Writeup, reader: Person, facilitator: Person, sign_in: SignIn
) -> None:
    question = ask(session, told, reader)
    said = answer(session, question, reader, "I know now.")
    for url in (f"/reader-questions/{question.id}/edit", f"/reader-answers/{said.id}/edit"):
        assert sign_in(facilitator).get(url).status == 403
        browser = sign_in(reader)
        first = browser.get(url).forms[-1].data
        assert browser.post(url, {**first, "text": "The first one"}).status == 303
        page = browser.post(url, {**first, "text": "The second one"})
        assert page.status == 409
        assert "The first one" in page.sent and "The second one" in page.sent
        assert browser.post(url, {**page.forms[-1].data, "text": "Both"}).status == 303
    [question] = questions(session)
    assert (question.text, question.answers[0].text) == ("Both", "Both")
    assert question.edited_at is not None


def test_what_was_deleted_while_it_was_worded_otherwise_comes_back_only_when_asked_for(
    session: Session, told: Writeup, reader: Person, facilitator: Person, sign_in: SignIn
) -> None:
    question, browser = ask(session, told, reader), sign_in(reader)
    said = answer(session, question, reader)
    for each, url in (
        (said, f"/reader-answers/{said.id}/edit"),
        (question, f"/reader-questions/{question.id}/edit"),
    ):
        typed = {**browser.get(url).forms[-1].data, "text": "More exactly"}
        operations.delete(session, each, actor=facilitator)
        session.commit()
        page = browser.post(url, typed)
        assert page.status == 409
        session.expire_all()
        assert each.deleted_at is not None
        assert browser.post(url, page.forms[-1].data).status == 303
        session.expire_all()
        assert (each.deleted_at, each.text) == (None, "More exactly")


def test_deleted_ones_are_gone_until_undo(
    session: Session, told: Writeup, reader: Person, outsider: Person, facilitator: Person, sign_in: SignIn
) -> None:
    question = ask(session, told, reader, "Where was the spare lamp?")
    said = answer(session, question, outsider, "In the cellar.")
    assert sign_in(outsider).post(f"/reader-questions/{question.id}/delete").status == 403
    assert sign_in(reader).post(f"/reader-answers/{said.id}/delete").status == 403
    browser = sign_in(reader)
    page = browser.post(f"/reader-questions/{question.id}/delete", follow=True)
    assert "spare lamp" not in page.text and "cellar" not in page.text
    assert "spare lamp" not in browser.get("/questions").text
    assert browser.post(f"/reader-questions/{question.id}/answer", {"text": "x"}).status == 404
    assert browser.get(f"/reader-answers/{said.id}/edit").status == 404
    browser.post(f"/reader-questions/{question.id}/restore")
    assert "cellar" in browser.get(PAGE).text
    sign_in(facilitator).post(f"/reader-answers/{said.id}/delete")
    page = browser.get(PAGE)
    assert "spare lamp" in page.text and "cellar" not in page.text


def test_nobody_else_reads_them(
    session: Session, author: Person, reader: Person, sign_in: SignIn, make_app: Callable[..., object]
) -> None:
    public = publish_writeup(session, author, "For everybody", is_public=True)
    question = ask(session, public, reader, "Is the lamp safe?")
    answer(session, question, author)
    nobody = Browser(make_app(public_reading=True))  # type: ignore[arg-type]
    shown = nobody.get("/writeups/for-everybody")
    assert shown.status == 200
    assert (
        "from readers" not in shown.sent
        and "/questions" not in shown.sent.partition("<main")[2].partition("browse")[0]
    )
    for path in ("/questions", "/questions?kind=readers", "/questions?q=lamp", "/questions?state=all"):
        page = nobody.get(path)
        assert page.status == 200
        assert "Is the lamp" not in page.text and reader.name not in page.text
    assert nobody.get("/writeups/for-everybody/questions").location.startswith("/login")


@pytest.mark.parametrize("away", ["withdrawn", "deleted"])
def test_they_go_with_the_write_up(
    session: Session, told: Writeup, author: Person, reader: Person, sign_in: SignIn, away: str
) -> None:
    question = ask(session, told, reader, "Where is the spare lamp?")
    news = News(event=Event.QUESTION_ASKED, subject_type="reader_questions", subject_id=question.id)
    assert QuestionNews().story(session, news, author) is not None
    withdraw(session, told, reason="Too early", actor=author)
    if away == "deleted":
        session.flush()
        delete_writeup(session, told, version=told.version, actor=author)
    session.commit()
    for person in (author, reader):
        browser = sign_in(person)
        assert browser.get(PAGE).status == 404
        assert browser.post(f"/reader-questions/{question.id}/answer", {"text": "x"}).status == 404
        assert "spare lamp" not in browser.get("/questions").text
        assert browser.get("/questions").status == 200
    assert QuestionNews().story(session, news, author) is None


def test_what_a_reader_may_not_see_is_no_link(
    session: Session, told: Writeup, admin: Person, reader: Person, sign_in: SignIn
) -> None:
    opened, closed = (
        make_incident(session, admin, "Open"),
        make_incident(session, admin, "Hush", restricted=True),
    )
    ask(session, told, admin, f"Like INC-{opened.id}, or like INC-{closed.id}?")
    page = sign_in(reader).get(PAGE)
    assert f'href="/incidents/{opened.id}"' in page.sent
    assert f'href="/incidents/{closed.id}"' not in page.sent and "Hush" not in page.text
    assert f'href="/incidents/{closed.id}"' in sign_in(admin).get(PAGE).sent


def test_who_is_named_is_told_and_nobody_of_their_own_deed(
    session: Session, told: Writeup, author: Person, reader: Person, outsider: Person
) -> None:
    outsider.handle = "out"
    author.handle = "ada"
    session.commit()
    ask(session, told, author, "Who knows? @out @ada")
    assert owed(session, Event.QUESTION_ASKED) == [[]]
    assert owed(session, Event.MENTIONED) == [[outsider.id]]
    question = ask(session, told, reader, "And @ada?")
    assert owed(session, Event.MENTIONED) == [[outsider.id]], "its author is told once, of the question"
    operations.edit(session, question, "And @ada and @out?", version=question.version, actor=reader)
    session.commit()
    assert owed(session, Event.MENTIONED)[1:] == [[outsider.id]]
    answer(session, question, reader, "I found out.")
    assert owed(session, Event.QUESTION_ANSWERED) == [[]]


def test_an_author_whom_the_write_up_does_not_name_is_not_named_by_an_answer(
    session: Session, told: Writeup, author: Person, reader: Person, sign_in: SignIn
) -> None:
    publication = session.scalars(select(Publication)).one()
    publication.author_line = "the on-call engineer"
    session.commit()
    question = ask(session, told, reader)
    said = answer(session, question, author)
    assert "is signed “An author”" in sign_in(author).get(f"{PAGE}?answer={question.id}").text
    page = sign_in(reader).get(PAGE)
    assert "An author" in page.text and author.name not in page.text
    news = News(
        event=Event.QUESTION_ANSWERED,
        subject_type="reader_answers",
        subject_id=said.id,
        actor_id=author.id,
        actor_name=author.name,
    )
    story = AnswerNews().story(session, news, reader)
    assert story is not None
    assert story.sentence == "An author answers your question about “The cache that remembered”."
    publication.author_line = f"{author.name} and others"
    session.commit()
    story = AnswerNews().story(session, news, reader)
    assert story is not None and story.sentence.startswith(author.name)


def test_three_hundred_questions_are_paged_and_many_answers_folded(
    session: Session, told: Writeup, author: Person, reader: Person, sign_in: SignIn, database: Database
) -> None:
    browser = sign_in(reader)
    one = ask(session, told, reader, "The first question")
    answer(session, one, author)
    browser.get(PAGE)
    with counted(database) as sent_for_one:
        browser.get(PAGE)
    session.add_all(
        ReaderQuestion(
            writeup_id=told.id,
            text="?",
            text_html=f"<p>No. {n}.</p>",
            asked_by_id=reader.id,
            created_at=clock.now(),
        )
        for n in range(2, 301)
    )
    for n in range(8):
        operations.answer(session, one, f"Answer {n}", actor=reader)
    session.commit()
    with counted(database) as sent:
        page = browser.get(PAGE)
    assert len(sent) == len(sent_for_one)
    assert "300 questions" in page.text
    assert page.sent.count('<article class="thread"') == 25 and "No. 300." in page.sent
    last = browser.get(f"{PAGE}?after={one.id + 1}")
    assert "The first question" in last.text and "4 more answers" in last.text
    with counted(database) as sent_for_entry:
        shown = browser.get("/writeups/the-cache-that-remembered")
    assert "300 questions from readers</a>, 299 without an answer" in shown.sent
    assert sum("reader_questions" in statement for statement in sent_for_entry) == 1
    only_open = browser.get(f"{PAGE}?show=open")
    assert "299 questions" in only_open.text


def test_the_page_that_a_browser_keeps_is_made_anew_for_a_question(
    session: Session, told: Writeup, author: Person, reader: Person, sign_in: SignIn
) -> None:
    browser = sign_in(reader)
    path = "/writeups/the-cache-that-remembered"
    tag = browser.get(path).headers["ETag"]
    question = ask(session, told, reader)
    again = browser.get(path, headers={"If-None-Match": tag})
    assert again.status == 200
    tag = again.headers["ETag"]
    answer(session, question, author)
    assert browser.get(path, headers={"If-None-Match": tag}).status == 200
    save_writeup(session, told, {"title": "Another title"}, version=told.version, actor=author)
    session.commit()
    assert "Which clock" in browser.get(PAGE).text
