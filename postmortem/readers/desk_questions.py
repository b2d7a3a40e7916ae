"""The page of a write-up's questions, as it is shown after each form too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.readers import queries_questions as queries
from postmortem.readers import rules_questions as rules
from postmortem.readers.forms_questions import AnswerForm, AskForm
from postmortem.readers.outcomes import Piece, linked_outcome
from postmortem.readers.queries_questions import Asked
from postmortem.web.paging import PAGE_SIZE, Cursor, id_key, page_of


@dataclass(frozen=True)
class Came:
    """A form that came back: a question, or an answer to the question `to`."""

    ask: AskForm | None = None
    answer: AnswerForm | None = None
    to: int = 0


def questions_page(session: Session, person: Person, asked: Asked, came: Came | None = None) -> str:
    """The questions of readers, newest first, and what the text leaves open."""
    came = came or Came(to=request.args.get("answer", 0, type=int))
    only_open = request.args.get("show") == "open"
    cursor = Cursor.from_request()
    key = cursor.parse(id_key)
    # An answer that came back stands below its question, wherever in the list that is.
    start = came.to + 1 if came.answer and key is None else key[0] if key else None
    rows = queries.question_rows(
        session,
        asked.writeup.id,
        only_open=only_open,
        cursor=start,
        is_backward=cursor.is_backward,
        limit=PAGE_SIZE + 1,
    )
    found, still_open = queries.counts_of(session, asked.writeup.id)
    page = page_of(
        rows,
        cursor=cursor,
        key=lambda row: (row.id,),
        found=still_open if only_open else found,
        noun="question",
    )
    return render_template(
        "readers/questions.html",
        asked=asked,
        slug=asked.writeup.slug,
        page=page,
        threads=queries.threads_of(session, person, asked, page.rows),
        found=found,
        still_open=still_open,
        only_open=only_open,
        left_open=_left_open(session, asked.writeup.id),
        can_settle=rules.can_settle(person, asked.writeup),
        ask_form=came.ask or AskForm(formdata=None),
        answer_form=came.answer or AnswerForm(formdata=None),
        answering=came.to,
        is_author=person.id in asked.author_ids,
        is_unnamed=not asked.signed(person),
    )


def _left_open(session: Session, writeup_id: int) -> Sequence[tuple[Any, list[Piece]]]:
    return [(row, linked_outcome(row.outcome)) for row in queries.left_open(session, writeup_id)]
