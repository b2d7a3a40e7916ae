"""Publishing, withdrawing, and rendering again what was published."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.operations import check_version
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, record, set_fields
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell
from postmortem.text.markdown import RENDERER_VERSION, Rendered, reading_minutes, render, render_many
from postmortem.writeups.enums import Audience, WriteupState
from postmortem.writeups.frozen import author_lines, chunks, frozen_of, render_frozen
from postmortem.writeups.models import Publication, Revision, Writeup

RENDER_BATCH = 100
# What makes one publication differ from the next.
_CONTENT = ("revision_number", "audience", "author_line", "rendered_with", "frozen")


def publish(
    session: Session,
    writeup: Writeup,
    *,
    actor: Actor,
    published_at: datetime | None = None,
    audience: Audience | None = None,
    version: int | None = None,
) -> Publication:
    """Publish the working copy as it is now, for `audience` (default: the write-up's).

    Freezes text, timeline, factors and the actions' titles and teams; where nothing would change, the
    current publication is returned. The first publication's time stays. Raises Conflict for a stale version
    and a deleted write-up, Refused for one without any text.
    """
    check_version(writeup, version)
    if audience is not None:
        writeup.audience = audience
    return publish_writeups(session, [(writeup, published_at)], actor=actor)[0]


def publish_writeups(
    session: Session, due: Sequence[tuple[Writeup, datetime | None]], *, actor: Actor
) -> list[Publication]:
    """Publish several, each as `publish` does. Seven reads for every 500 of them."""
    session.flush()
    ids = [writeup.id for writeup, _ in due]
    frozen, authors = frozen_of(session, ids), author_lines(session, ids)
    revisions, earlier = _highest(session, Revision, ids), _highest(session, Publication, ids)
    published = []
    for writeup, published_at in due:
        if writeup.state == WriteupState.DELETED:
            raise Conflict
        if not writeup.body.strip() and not writeup.tldr.strip():
            raise Refused("There is nothing to read yet. Write a text first.", field="body")
        if writeup.rendered_with != RENDERER_VERSION:
            keep_rendering(writeup, render(writeup.body))
        publication = Publication(
            writeup_id=writeup.id,
            number=1 + earlier.get(writeup.id, 0),
            revision_number=revisions[writeup.id],
            published_at=published_at or clock.now(),
            published_by_id=actor.id,
            audience=writeup.audience,
            title=writeup.title,
            tldr=writeup.tldr,
            author_line=authors[writeup.id],
            rendered_with=writeup.rendered_with,
            headings=writeup.headings,
            frozen=frozen[writeup.id],
            body_html=writeup.body_html,
        )
        published.append(_publish_one(session, writeup, publication, actor))
    return published


def _publish_one(session: Session, writeup: Writeup, publication: Publication, actor: Actor) -> Publication:
    is_news = writeup.state != WriteupState.PUBLISHED
    if not is_news:
        current = current_publication(session, writeup)
        if current and all(getattr(current, name) == getattr(publication, name) for name in _CONTENT):
            return current
    changes = set_fields(
        writeup,
        {
            "state": WriteupState.PUBLISHED,
            "published_at": writeup.published_at or publication.published_at,
            "publication_number": publication.number,
            "reading_minutes": reading_minutes(f"{writeup.tldr}\n\n{writeup.body}"),
            "withdrawn_reason": "",
        },
    )
    writeup.updated_at = clock.now()
    # The row's version first: of two who publish at the same time, the slower one finds it changed.
    session.flush()
    session.add(publication)
    changes["audience"] = [None, writeup.audience.value]
    record(session, "published", writeup, actor=actor, changes=changes)
    if is_news:
        tell(session, Event.PUBLISHED, writeup, actor=actor)
    return publication


def withdraw(
    session: Session, writeup: Writeup, *, reason: str, actor: Actor, version: int | None = None
) -> None:
    """Take a published write-up off the blog at once; its published texts leave the readers' history too.

    Refuses what is not published. The working copy stays, and can be published again.
    """
    check_version(writeup, version)
    if writeup.state != WriteupState.PUBLISHED:
        raise Refused("This write-up is not published, so there is nothing to withdraw.")
    changes = set_fields(
        writeup,
        {
            "state": WriteupState.WITHDRAWN,
            "withdrawn_reason": reason.strip()[:500],
            "publication_number": None,
        },
    )
    writeup.updated_at = clock.now()
    session.execute(update(Publication).where(Publication.writeup_id == writeup.id).values(is_withdrawn=True))
    record(session, "withdrew", writeup, actor=actor, changes=changes)


def render_again(session: Session) -> int:
    """Render working copies and publications that another renderer rendered; says how many there were.

    Nothing in them changes but their looks, so no history is written.
    """
    return _render_writeups(session) + _render_publications(session)


def keep_rendering(writeup: Writeup, rendered: Rendered) -> None:
    """Store the rendering of the body beside it."""
    writeup.body_html = rendered.html
    writeup.headings = _rows(rendered)
    writeup.rendered_with = RENDERER_VERSION


def current_publication(session: Session, writeup: Writeup) -> Publication | None:
    """What readers see of a write-up; None while it is not published."""
    return session.scalar(
        select(Publication).where(
            Publication.writeup_id == writeup.id, Publication.number == writeup.publication_number
        )
    )


def _render_writeups(session: Session) -> int:
    done = 0
    stale = select(Writeup).where(Writeup.rendered_with != RENDERER_VERSION).limit(RENDER_BATCH)
    while rows := session.scalars(stale).all():
        for writeup, rendered in zip(rows, render_many([row.body for row in rows]), strict=True):
            keep_rendering(writeup, rendered)
        session.flush()
        done += len(rows)
    return done


def _render_publications(session: Session) -> int:
    done = 0
    stale = (
        select(Publication, Revision.body)
        .join(
            Revision,
            (Revision.writeup_id == Publication.writeup_id)
            & (Revision.number == Publication.revision_number),
        )
        .where(Publication.rendered_with != RENDERER_VERSION)
        .limit(RENDER_BATCH)
    )
    while rows := session.execute(stale).all():
        for (publication, _), rendered in zip(rows, render_many([body for _, body in rows]), strict=True):
            publication.body_html = rendered.html
            publication.headings = _rows(rendered)
            publication.frozen = render_frozen(publication.frozen)
            publication.rendered_with = RENDERER_VERSION
        session.flush()
        done += len(rows)
    return done


def _rows(rendered: Rendered) -> list[list[object]]:
    return [[each.level, each.id, each.text] for each in rendered.headings]


def _highest(
    session: Session, model: type[Revision] | type[Publication], ids: Sequence[int]
) -> dict[int, int]:
    """The highest number that each of these write-ups has so far."""
    found: dict[int, int] = {}
    for chunk in chunks(ids):
        statement = (
            select(model.writeup_id, func.max(model.number))
            .where(model.writeup_id.in_(chunk))
            .group_by(model.writeup_id)
        )
        found.update((id_, number) for id_, number in session.execute(statement))
    return found
