"""Comments on paragraphs: saying, answering, resolving, deleting; suggestions that are applied or declined."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.errors import NotVisible, Refused
from postmortem.history.operations import Actor, created, record, set_fields
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell
from postmortem.reviews.enums import SuggestionState
from postmortem.reviews.models import Review, ReviewComment
from postmortem.reviews.operations import checked
from postmortem.reviews.paragraphs import WHOLE, paragraphs_of, replaced
from postmortem.text.clean import clean_source
from postmortem.text.markdown import RENDERER_VERSION, render, render_many
from postmortem.writeups.models import Revision, Writeup
from postmortem.writeups.operations import save_writeup

GONE = (
    "The paragraph reads otherwise by now, so the suggestion cannot take its place. "
    "Look at both, and change the text by hand or decline it."
)
RENDER_BATCH = 100
_FIELDS = ("writeup_id", "parent_id", "revision_number", "author", "text", "suggestion", "suggestion_state")


def comment_on(
    session: Session,
    writeup: Writeup,
    text: str,
    *,
    revision: int,
    paragraph: int,
    suggestion: str = "",
    actor: Person,
) -> ReviewComment:
    """Say something about a paragraph of a saved text (0: about all of it), perhaps with other words for it.

    A suggestion that changes nothing is none. Refuses a blank comment without one; a paragraph that is not there is
    NotVisible.
    """
    quote = _quote(session, writeup, revision, paragraph)
    other: str | None = clean_source(suggestion).strip("\n").rstrip()
    if not other or not quote or other == quote.rstrip():
        other = None
    words = checked(text, is_needed=other is None, sentence="Write something, or change the words below.")
    return _added(
        session,
        ReviewComment(
            writeup_id=writeup.id,
            revision_number=revision,
            quote=quote,
            text=words,
            suggestion=other,
            suggestion_state=SuggestionState.OPEN if other is not None else None,
            author=actor,
        ),
        actor,
    )


def answer(session: Session, comment: ReviewComment, text: str, *, actor: Person) -> ReviewComment:
    """Say something to a comment; an answer to an answer stands in the same thread."""
    words = checked(text, is_needed=True, sentence="Write something first.")
    made = ReviewComment(
        writeup_id=comment.writeup_id,
        parent_id=comment.parent_id or comment.id,
        revision_number=comment.revision_number,
        text=words,
        author=actor,
    )
    return _added(session, made, actor)


def resolve(session: Session, comment: ReviewComment, *, actor: Person) -> None:
    """Nothing more is to be said. Nothing happens to one that is resolved, and to an answer."""
    if comment.resolved_at is None and comment.parent_id is None:
        changes = set_fields(comment, {"resolved_at": clock.now(), "resolved_by": actor})
        record(session, "resolved", comment, actor=actor, changes=changes)


def reopen(session: Session, comment: ReviewComment, *, actor: Actor) -> None:
    """There is more to say after all."""
    if comment.resolved_at is not None:
        changes = set_fields(comment, {"resolved_at": None, "resolved_by": None})
        record(session, "reopened", comment, actor=actor, changes=changes)


def delete_comment(session: Session, comment: ReviewComment, *, actor: Actor) -> None:
    """Take a comment away; `restore_comment` brings it back. Its answers stay."""
    if comment.deleted_at is None:
        comment.deleted_at = clock.now()
        record(session, "deleted", comment, actor=actor)


def restore_comment(session: Session, comment: ReviewComment, *, actor: Actor) -> None:
    """Bring a deleted comment back as it was."""
    if comment.deleted_at is not None:
        comment.deleted_at = None
        record(session, "brought back", comment, actor=actor)


def apply_suggestion(session: Session, comment: ReviewComment, *, actor: Person) -> None:
    """Put the suggestion in the paragraph's place, as a new text by whoever applies it. Nothing happens to one decided.

    Refuses where the paragraph does not stand there any more as it was, or stands there twice.
    """
    if comment.deleted_at is not None or comment.suggestion_state is not SuggestionState.OPEN:
        return
    writeup = session.get_one(Writeup, comment.writeup_id)
    values = replaced(writeup.tldr, writeup.body, comment.quote, comment.suggestion or "")
    if values is None:
        raise Refused(GONE)
    save_writeup(session, writeup, values, version=writeup.version, actor=actor)
    decided: dict[str, Any] = {"suggestion_state": SuggestionState.APPLIED}
    if comment.resolved_at is None:
        decided |= {"resolved_at": clock.now(), "resolved_by": actor}
    record(session, "applied", comment, actor=actor, changes=set_fields(comment, decided))
    _tell_its_author(session, comment, "applied", actor)


def decline_suggestion(session: Session, comment: ReviewComment, *, actor: Actor) -> None:
    """The words stay as they are; what was said about them stays open. Nothing happens to one decided."""
    if comment.deleted_at is None and comment.suggestion_state is SuggestionState.OPEN:
        changes = set_fields(comment, {"suggestion_state": SuggestionState.DECLINED})
        record(session, "declined", comment, actor=actor, changes=changes)
        _tell_its_author(session, comment, "declined", actor)


def render_again(session: Session) -> int:
    """Render anew what an older renderer made; says how many. Leaves no history."""
    return sum(_render_again(session, model) for model in (Review, ReviewComment))


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


def _quote(session: Session, writeup: Writeup, revision: int, paragraph: int) -> str:
    saved = session.scalar(
        select(Revision).where(Revision.writeup_id == writeup.id, Revision.number == revision)
    )
    if saved is None:
        raise NotVisible
    if paragraph == WHOLE:
        return ""
    for each in paragraphs_of(saved.tldr, saved.body):
        if each.number == paragraph:
            return each.text
    raise NotVisible


def _added(session: Session, comment: ReviewComment, actor: Person) -> ReviewComment:
    comment.created_at = clock.now()
    comment.text_html, comment.rendered_with = render(comment.text).html, RENDERER_VERSION
    session.add(comment)
    session.flush()
    record(session, "added", comment, actor=actor, changes=created(comment, _FIELDS))
    did = "answer" if comment.parent_id else "comment"
    tell(session, Event.REVIEW_TALK, comment, actor=actor, facts={"did": did})
    return comment


def _tell_its_author(session: Session, comment: ReviewComment, did: str, actor: Actor) -> None:
    """What became of a suggestion; nothing where its author decided it."""
    if comment.author_id != actor.id:
        tell(session, Event.REVIEW_TALK, comment, actor=actor, to=[comment.author_id], facts={"did": did})
