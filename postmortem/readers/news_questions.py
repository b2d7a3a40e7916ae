"""What is told of readers' questions: that one was asked, that it was answered, that somebody is named in it."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News, Story, register
from postmortem.readers.models import ReaderAnswer, ReaderQuestion
from postmortem.readers.queries_questions import Asked, visible_answer, visible_question
from postmortem.text.reading import plain_text

EXCERPT = 400


class QuestionNews:
    """Tells of questions: to the authors, and to whom they name."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        """Nobody beside those whom the news is for."""
        return ()

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """The question as it reads now; nothing where it was deleted or the write-up is not to be read any more."""
        if reader is None or news.event not in (Event.QUESTION_ASKED, Event.MENTIONED):
            return None
        try:
            question, asked = visible_question(session, reader, news.subject_id)
        except NotVisible:
            return None
        who = _signed(asked, question.asked_by, news)
        did = "asks about" if news.event is Event.QUESTION_ASKED else "mentions you in a question about"
        return _story(
            asked, f"{who} {did} “{asked.title}”.", question, f"question-{question.id}", question.text
        )


class AnswerNews:
    """Tells of answers: to whoever asked, and to whom they name."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        """Nobody beside those whom the news is for."""
        return ()

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """The answer as it reads now; nothing where it or its question was deleted."""
        if reader is None or news.event not in (Event.QUESTION_ANSWERED, Event.MENTIONED):
            return None
        try:
            answer, asked = visible_answer(session, reader, news.subject_id)
        except NotVisible:
            return None
        who = _signed(asked, answer.author, news)
        did = (
            "answers your question" if news.event is Event.QUESTION_ANSWERED else "mentions you in an answer"
        )
        return _story(
            asked, f"{who} {did} about “{asked.title}”.", answer.question, f"answer-{answer.id}", answer.text
        )


def _signed(asked: Asked, person: Person, news: News) -> str:
    if news.actor_id != person.id:
        return news.actor_name or "Somebody"
    return asked.signed(person) or "An author"


def _story(asked: Asked, sentence: str, question: ReaderQuestion, anchor: str, text: str) -> Story:
    return Story(
        headline=asked.title,
        sentence=sentence,
        path=f"/writeups/{asked.writeup.slug}/questions?after={question.id + 1}#{anchor}",
        excerpt=plain_text(text, EXCERPT),
        team_ids=frozenset(team.id for team in asked.writeup.teams),
    )


register(ReaderQuestion.__tablename__, QuestionNews())
register(ReaderAnswer.__tablename__, AnswerNews())
