"""Readers' questions and their answers as a page shows them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.readers.models import OpenQuestion, ReaderAnswer, ReaderQuestion
from postmortem.readers.rules_questions import (
    IS_CURRENT,
    can_close,
    can_delete_answer,
    can_delete_question,
    visible_to,
)
from postmortem.writeups.models import Publication, Writeup
from postmortem.writeups.queries_desk import linked_for
from postmortem.writeups.references import link

# So many questions are counted exactly, and one more where there are more.
COUNTED = 10_000
# So many answers stand open below a question; the rest is folded.
ANSWERS_OPEN = 5


@dataclass(frozen=True)
class Asked:
    """A published write-up for whoever asks about it: as its readers know it."""

    writeup: Writeup
    title: str
    author_line: str

    @property
    def author_ids(self) -> set[int]:
        authors = {author.id for author in self.writeup.authors}
        return authors or ({self.writeup.created_by_id} if self.writeup.created_by_id else set())

    def signed(self, person: Person) -> str:
        """How a question or an answer is signed. An author whom the write-up does not name is not named here either."""
        if person.id in self.author_ids and not is_named(person.name, self.author_line):
            return ""
        return person.name


@dataclass(frozen=True)
class Said:
    """A question or an answer for one reader. `name` is blank for an author whom the write-up does not name."""

    row: Any
    html: str
    name: str
    is_author: bool
    is_mine: bool
    can_delete: bool


@dataclass(frozen=True)
class Thread:
    """A question with its answers, the first ones and those that are folded."""

    question: Said
    answers: Sequence[Said]
    can_close: bool

    @property
    def shown(self) -> Sequence[Said]:
        return self.answers[:ANSWERS_OPEN]

    @property
    def folded(self) -> Sequence[Said]:
        return self.answers[ANSWERS_OPEN:]


def is_named(name: str, author_line: str) -> bool:
    """Whether the line of authors names this person."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", author_line) is not None


def asked_writeup(session: Session, person: Person | None, slug: str) -> Asked:
    """What was published at this address, for whoever may ask about it. Raises NotVisible."""
    return _asked(session, person, Writeup.slug == slug)


def _asked(session: Session, person: Person | None, which: Any) -> Asked:
    row = session.execute(
        select(Writeup, Publication.title, Publication.author_line)
        .join(Publication, IS_CURRENT)
        .where(which, visible_to(person))
        .options(selectinload(Writeup.authors), selectinload(Writeup.incidents))
    ).one_or_none()
    if row is None:
        raise NotVisible
    return Asked(*row)


def visible_question(
    session: Session, person: Person | None, question_id: int, *, also_deleted: bool = False
) -> tuple[ReaderQuestion, Asked]:
    """A question and what it is about. Raises NotVisible."""
    question = session.get(ReaderQuestion, question_id)
    if question is None or (question.deleted_at is not None and not also_deleted):
        raise NotVisible
    return question, _asked(session, person, Writeup.id == question.writeup_id)


def visible_answer(
    session: Session, person: Person | None, answer_id: int, *, also_deleted: bool = False
) -> tuple[ReaderAnswer, Asked]:
    """An answer to a question that stands, and what it is about. Raises NotVisible."""
    answer = session.get(ReaderAnswer, answer_id)
    if answer is None or (answer.deleted_at is not None and not also_deleted):
        raise NotVisible
    _, asked = visible_question(session, person, answer.question_id)
    return answer, asked


def visible_open_question(
    session: Session, person: Person | None, question_id: int
) -> tuple[OpenQuestion, Asked]:
    """A question that a published text leaves open, and the write-up. Raises NotVisible."""
    question = session.get(OpenQuestion, question_id)
    if question is None or question.is_gone:
        raise NotVisible
    return question, _asked(session, person, Writeup.id == question.writeup_id)


def counts_of(session: Session, writeup_id: int) -> tuple[int, int]:
    """How many questions readers asked about it, and how many of them are open."""
    some = (
        select(ReaderQuestion.answered_at)
        .where(ReaderQuestion.writeup_id == writeup_id, ReaderQuestion.deleted_at.is_(None))
        .limit(COUNTED + 1)
        .subquery()
    )
    is_open = case((some.c.answered_at.is_(None), 1))
    found, still = session.execute(select(func.count(), func.count(is_open)).select_from(some)).one()
    return found, still


def question_rows(
    session: Session,
    writeup_id: int,
    *,
    only_open: bool,
    cursor: int | None,
    is_backward: bool,
    limit: int,
) -> Sequence[ReaderQuestion]:
    """Up to `limit` questions behind the cursor (an id) in its direction; the newest first."""
    statement = select(ReaderQuestion).where(
        ReaderQuestion.writeup_id == writeup_id, ReaderQuestion.deleted_at.is_(None)
    )
    if only_open:
        statement = statement.where(ReaderQuestion.answered_at.is_(None))
    if cursor is not None:
        statement = statement.where(ReaderQuestion.id > cursor if is_backward else ReaderQuestion.id < cursor)
    order = ReaderQuestion.id.asc() if is_backward else ReaderQuestion.id.desc()
    return session.scalars(
        statement.options(joinedload(ReaderQuestion.asked_by)).order_by(order).limit(limit)
    ).all()


def threads_of(
    session: Session, person: Person, asked: Asked, questions: Sequence[ReaderQuestion]
) -> list[Thread]:
    """These questions with their answers, and with links to what this person may see. Five statements at most."""
    answers: dict[int, list[ReaderAnswer]] = defaultdict(list)
    ids = [question.id for question in questions]
    for answer in session.scalars(
        select(ReaderAnswer)
        .where(ReaderAnswer.question_id.in_(ids), ReaderAnswer.deleted_at.is_(None))
        .options(joinedload(ReaderAnswer.author))
        .order_by(ReaderAnswer.id)
    ):
        answers[answer.question_id].append(answer)
    texts = [*questions, *(answer for some in answers.values() for answer in some)]
    html = _with_links(session, person, texts)

    def said(row: Any, by: Person, can_delete: bool) -> Said:
        is_author = by.id in asked.author_ids
        return Said(row, html[row], asked.signed(by), is_author, by.id == person.id, can_delete)

    return [
        Thread(
            said(question, question.asked_by, can_delete_question(person, question)),
            [said(each, each.author, can_delete_answer(person, each)) for each in answers[question.id]],
            can_close(person, question),
        )
        for question in questions
    ]


def _with_links(session: Session, person: Person, texts: Iterable[Any]) -> dict[Any, str]:
    html = {text: text.text_html for text in texts}
    linked = linked_for(session, person, "\n".join(html.values()))
    return {text: link(each, linked) for text, each in html.items()}


def left_open(session: Session, writeup_id: int) -> Sequence[OpenQuestion]:
    """What the published text leaves open, in its order, with who settled it."""
    return session.scalars(
        select(OpenQuestion)
        .where(OpenQuestion.writeup_id == writeup_id, OpenQuestion.is_gone.is_(False))
        .options(joinedload(OpenQuestion.settled_by))
        .order_by(OpenQuestion.position, OpenQuestion.id)
    ).all()
