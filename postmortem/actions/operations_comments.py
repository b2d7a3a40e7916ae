"""Saying something about an action: writing, changing, deleting and bringing back comments, naming people in them."""

from collections.abc import Iterable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import check_version
from postmortem.actions.mentions import named_in, spellings
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment
from postmortem.actions.operations import RENDER_BATCH, touch
from postmortem.actions.queries_mentions import people_by_handle
from postmortem.errors import Refused
from postmortem.history.operations import Actor, created, record, set_fields
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell
from postmortem.text.markdown import RENDERER_VERSION, render, render_many

MAX_COMMENT = 10_000


def add_comment(session: Session, action: Action, text: str, *, actor: Person) -> ActionComment:
    """Say something about an action; whoever it names and may see the incident is told. Raises Refused for a blank text."""
    comment = ActionComment(action=action, author=actor, text=_checked(text), created_at=clock.now())
    _render(comment)
    session.add(comment)
    touch(action)
    session.flush()
    made = created(comment, ("action", "author", "text"))
    record(session, "added", comment, actor=actor, changes=made, incident_id=action.incident_id)
    _tell(session, comment, people_named(session, action, comment.text), actor=actor)
    return comment


def edit_comment(
    session: Session, comment: ActionComment, text: str, *, version: int | None, actor: Actor
) -> None:
    """Put it otherwise. Whoever is named now and was not before is told. Raises Conflict and Refused."""
    check_version(comment, version)
    before = set(people_named(session, comment.action, comment.text))
    changes = set_fields(comment, {"text": _checked(text)})
    if not changes:
        return
    _render(comment)
    comment.edited_at = clock.now()
    touch(comment.action)
    record(session, "edited", comment, actor=actor, changes=changes, incident_id=comment.action.incident_id)
    named = [each for each in people_named(session, comment.action, comment.text) if each not in before]
    if named:
        tell(session, Event.MENTIONED, comment, actor=actor, to=named)


def delete_comment(session: Session, comment: ActionComment, *, actor: Actor) -> None:
    """Take a comment away; `restore_comment` brings it back. Nothing happens to one already gone."""
    if comment.deleted_at is None:
        comment.deleted_at = clock.now()
        record(session, "deleted", comment, actor=actor, incident_id=comment.action.incident_id)


def restore_comment(session: Session, comment: ActionComment, *, actor: Actor) -> None:
    """Bring a deleted comment back as it was."""
    if comment.deleted_at is not None:
        comment.deleted_at = None
        record(session, "brought back", comment, actor=actor, incident_id=comment.action.incident_id)


def people_named(session: Session, action: Action, text: str) -> list[int]:
    """Whom a text names by handle, by id: those alone who may see the action's incident, so that nobody else is told."""
    words = spellings(text)
    ids = people_by_handle(session, action, words)
    return [ids[handle] for handle in named_in(text, ids)]


def render_again(session: Session) -> int:
    """Render anew what an older renderer made, deleted comments too; says how many. Leaves no history."""
    count, last_id = 0, 0
    outdated = select(ActionComment.id, ActionComment.version, ActionComment.text).where(
        ActionComment.rendered_with != RENDERER_VERSION
    )
    while rows := session.execute(
        outdated.where(ActionComment.id > last_id).order_by(ActionComment.id).limit(RENDER_BATCH)
    ).all():
        for row, rendered in zip(rows, render_many([row.text for row in rows]), strict=True):
            session.execute(
                update(ActionComment)
                .where(ActionComment.id == row.id, ActionComment.version == row.version)
                .values(text_html=rendered.html, rendered_with=RENDERER_VERSION)
                .execution_options(synchronize_session=False)
            )
        count, last_id = count + len(rows), rows[-1].id
    return count


def _tell(session: Session, comment: ActionComment, named: Iterable[int], *, actor: Actor) -> None:
    """Who is named hears of it once, as a mention; the others as whoever watches."""
    named = list(named)
    if named:
        tell(session, Event.MENTIONED, comment, actor=actor, to=named)
    tell(session, Event.WATCHED, comment, actor=actor, facts={"named": named})


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise Refused("Write something first.", field="text")
    if len(text) > MAX_COMMENT:
        raise Refused(f"Shorten this to {MAX_COMMENT:,} characters.", field="text")
    return text


def _render(comment: ActionComment) -> None:
    comment.text_html = render(comment.text).html
    comment.rendered_with = RENDERER_VERSION
