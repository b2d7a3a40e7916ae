"""Readers ask under what was published, and anybody who knows answers.

A question is answered once an author has answered it, or once whoever asked, an author or a facilitator says so of
one that has an answer. Without any answer it is open.
"""

from typing import Any

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import check_version
from postmortem.actions.mentions import named_in, spellings
from postmortem.errors import Refused
from postmortem.history.operations import Actor, created, record, set_fields
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell
from postmortem.readers.models import ReaderAnswer, ReaderQuestion
from postmortem.readers.operations_open import gather_again
from postmortem.text.clean import clean_source
from postmortem.text.markdown import RENDERER_VERSION, render, render_many
from postmortem.writeups.models import Writeup, writeup_authors

MAX_TEXT = 5_000
RENDER_BATCH = 100


def ask(session: Session, writeup: Writeup, text: str, *, actor: Person) -> ReaderQuestion:
    """Ask about a published write-up; its authors are told. Refuses blank and too long texts."""
    question = ReaderQuestion(writeup=writeup, text=_checked(text), asked_by=actor, created_at=clock.now())
    _render(question)
    session.add(question)
    session.flush()
    record(
        session,
        "asked",
        question,
        actor=actor,
        changes=created(question, ("writeup_id", "text", "asked_by")),
    )
    authors = authors_of(session, writeup.id)
    tell(session, Event.QUESTION_ASKED, question, actor=actor, to=authors)
    _tell_named(session, question, "", actor=actor, but=authors)
    return question


def answer(session: Session, question: ReaderQuestion, text: str, *, actor: Person) -> ReaderAnswer:
    """Answer a question; whoever asked is told. Refuses blank and too long texts."""
    made = ReaderAnswer(
        writeup_id=question.writeup_id,
        question=question,
        text=_checked(text),
        author=actor,
        created_at=clock.now(),
    )
    _render(made)
    session.add(made)
    session.flush()
    fields = ("writeup_id", "text", "author")
    changes = created(made, fields) | {"question": [None, question.id]}
    record(session, "answered", made, actor=actor, changes=changes)
    _see_whether_answered(session, question)
    tell(session, Event.QUESTION_ANSWERED, made, actor=actor, to=[question.asked_by_id])
    _tell_named(session, made, "", actor=actor, but={question.asked_by_id})
    return made


def edit(
    session: Session, said: ReaderQuestion | ReaderAnswer, text: str, *, version: int | None, actor: Person
) -> None:
    """Word a question or an answer otherwise. Whoever is named now and was not before is told. Raises Conflict and Refused."""
    check_version(said, version)
    before = said.text
    changes = set_fields(said, {"text": _checked(text)})
    if not changes:
        return
    _render(said)
    said.edited_at = clock.now()
    record(session, "edited", said, actor=actor, changes=changes)
    _tell_named(session, said, before, actor=actor)


def delete(session: Session, said: ReaderQuestion | ReaderAnswer, *, actor: Actor) -> None:
    """Take it away; `restore` brings it back. A question takes its answers along; without any answer left it is open again."""
    if said.deleted_at is not None:
        return
    said.deleted_at = clock.now()
    record(session, "deleted", said, actor=actor)
    if isinstance(said, ReaderAnswer):
        session.flush()
        if not _has_answer(session, said.question):
            _set_answered(session, said.question, None)


def restore(session: Session, said: ReaderQuestion | ReaderAnswer, *, actor: Actor) -> None:
    """Bring it back as it was."""
    if said.deleted_at is None:
        return
    said.deleted_at = None
    record(session, "brought back", said, actor=actor)
    if isinstance(said, ReaderAnswer):
        session.flush()
        _see_whether_answered(session, said.question)


def close(session: Session, question: ReaderQuestion, *, actor: Actor) -> None:
    """Say that a question is answered. Refuses one that nobody answered."""
    if question.answered_at is not None:
        return
    if not _has_answer(session, question):
        raise Refused("Nobody has answered this yet. Answer it, or delete it if you found out yourself.")
    _set_answered(session, question, clock.now())
    record(session, "closed", question, actor=actor)


def reopen(session: Session, question: ReaderQuestion, *, actor: Actor) -> None:
    """Say that a question is not answered after all."""
    if question.answered_at is not None:
        _set_answered(session, question, None)
        record(session, "reopened", question, actor=actor)


def authors_of(session: Session, writeup_id: int) -> set[int]:
    """Who speaks for a write-up, by id: its authors; whoever started it where it names none."""
    authors = set(
        session.scalars(select(writeup_authors.c.person_id).where(writeup_authors.c.writeup_id == writeup_id))
    )
    if authors:
        return authors
    started_by = session.scalar(select(Writeup.created_by_id).where(Writeup.id == writeup_id))
    return {started_by} if started_by else set()


def render_again(session: Session) -> int:
    """Render anew what an older renderer made, and gather open questions that are not written down; says how many."""
    count = sum(_render_again(session, model) for model in (ReaderQuestion, ReaderAnswer))
    return count + gather_again(session)


def _render_again(session: Session, model: Any) -> int:
    count, last_id = 0, 0
    outdated = select(model.id, model.text).where(model.rendered_with != RENDERER_VERSION)
    while rows := session.execute(
        outdated.where(model.id > last_id).order_by(model.id).limit(RENDER_BATCH)
    ).all():
        for row, rendered in zip(rows, render_many([row.text for row in rows]), strict=True):
            session.execute(
                update(model)
                .where(model.id == row.id, model.text == row.text)
                .values(text_html=rendered.html, rendered_with=RENDERER_VERSION)
                .execution_options(synchronize_session=False)
            )
        count, last_id = count + len(rows), rows[-1].id
    return count


def _see_whether_answered(session: Session, question: ReaderQuestion) -> None:
    """An author's answer answers it."""
    authors = authors_of(session, question.writeup_id)
    if question.answered_at is None and _has_answer(session, question, authors):
        _set_answered(session, question, clock.now())


def _has_answer(session: Session, question: ReaderQuestion, by: set[int] | None = None) -> bool:
    stands = select(ReaderAnswer.id).where(
        ReaderAnswer.question_id == question.id, ReaderAnswer.deleted_at.is_(None)
    )
    if by is not None:
        stands = stands.where(ReaderAnswer.author_id.in_(by))
    return bool(session.scalar(select(exists(stands))))


def _set_answered(session: Session, question: ReaderQuestion, at: Any) -> None:
    """Not as a new version: whoever words the question otherwise at this moment is in nobody's way."""
    session.flush()
    session.execute(
        update(ReaderQuestion)
        .where(ReaderQuestion.id == question.id)
        .values(answered_at=at)
        .execution_options(synchronize_session=False)
    )
    session.expire(question, ["answered_at"])


def _tell_named(
    session: Session,
    said: ReaderQuestion | ReaderAnswer,
    before: str,
    *,
    actor: Person,
    but: set[int] | None = None,
) -> None:
    """Tell those whom the text names with `@handle` and did not before, beside those who are told anyway."""
    already = set(spellings(before))
    words = [word for word in spellings(said.text) if word not in already]
    if not words:
        return
    wanted = or_(
        Person.handle.in_(words), *(Person.handle.ilike(_escaped(word), escape="\\") for word in words[:20])
    )
    people = session.execute(select(Person.handle, Person.id).where(wanted, Person.is_active))
    by_handle = {str(handle): id_ for handle, id_ in people}
    named = [by_handle[handle] for handle in named_in(said.text, by_handle) if handle.casefold() in words]
    if told := [id_ for id_ in named if id_ not in (but or ())]:
        tell(session, Event.MENTIONED, said, actor=actor, to=told)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _checked(text: str) -> str:
    text = clean_source(text).strip()
    if not text:
        raise Refused("Write something first.", field="text")
    if len(text) > MAX_TEXT:
        raise Refused(f"Shorten this to {MAX_TEXT:,} characters.", field="text")
    return text


def _render(said: ReaderQuestion | ReaderAnswer) -> None:
    said.text_html = render(said.text).html
    said.rendered_with = RENDERER_VERSION
