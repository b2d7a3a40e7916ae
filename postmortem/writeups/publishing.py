"""Publishing, withdrawing, and rendering again what was published. Readers get `Publication`, and nothing else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.operations import check_version
from postmortem.attachments.operations import show_to_readers
from postmortem.attachments.queries import keys_in
from postmortem.blameless.roles import Renaming
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, record, set_fields
from postmortem.incidents.enums import Visibility
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell
from postmortem.text.markdown import RENDERER_VERSION, Rendered, reading_minutes, render, render_many
from postmortem.writeups.after_publishing import after_publishing
from postmortem.writeups.blocks import freeze_blocks
from postmortem.writeups.enums import Audience, ReasonFor, WriteupState
from postmortem.writeups.frozen import chunks, frozen_of, render_frozen
from postmortem.writeups.models import Publication, Revision, Writeup
from postmortem.writeups.naming import LIMITS, Names, Published, frozen_with, names_of, shortened
from postmortem.writeups.operations_naming import address_without_names, keep_numbers

RENDER_BATCH = 100
# What makes one publication differ from the next.
_CONTENT = (
    *("revision_number", "audience", "title", "tldr", "body", "author_line", "rendered_with", "frozen"),
)

# What a write-up without a plan has.
NO_PLAN: dict[str, Any] = {"publish_at": None, "publish_by": None, "publish_version": None}
_KEPT = ("title", "tldr", "body", "author_line", "frozen", "reason")


def publish(
    session: Session,
    writeup: Writeup,
    *,
    actor: Actor,
    published_at: datetime | None = None,
    audience: Audience | None = None,
    reason: str = "",
    version: int | None = None,
) -> Publication:
    """Publish the working copy as it is now, for `audience` (default: the write-up's).

    Freezes text, timeline, factors and the actions' titles and teams, and puts roles in the place of names; where
    nothing would change, the current publication is returned. `reason` says why it was published again. The first
    publication's time stays. Raises Conflict for a stale version and a deleted write-up, Refused for one without
    any text.
    """
    check_version(writeup, version)
    if audience is not None:
        writeup.audience = audience
    return publish_writeups(session, [(writeup, published_at)], actor=actor, reason=reason)[0]


def publish_writeups(
    session: Session,
    due: Sequence[tuple[Writeup, datetime | None]],
    *,
    actor: Actor,
    reason: str = "",
) -> list[Publication]:
    """Publish several, each as `publish` does. The number of reads grows by twelve for every 500 of them."""
    session.flush()
    ids = [writeup.id for writeup, _ in due]
    frozen, names = frozen_of(session, ids), names_of(session, ids)
    revisions, earlier = _highest(session, Revision, ids), _highest(session, Publication, ids)
    published = []
    for writeup, published_at in due:
        if writeup.state == WriteupState.DELETED:
            raise Conflict
        if not writeup.body.strip() and not writeup.tldr.strip():
            raise Refused("There is nothing to read yet. Write a text first.", field="body")
        if writeup.rendered_with != RENDERER_VERSION:
            keep_rendering(writeup, render(writeup.body))
        body = freeze_blocks(session, writeup, writeup.body)
        renaming = names.renaming(writeup, body, frozen[writeup.id], " ".join(reason.split()))
        publication = Publication(
            writeup_id=writeup.id,
            number=1 + earlier.get(writeup.id, 0),
            revision_number=revisions[writeup.id],
            published_at=published_at or clock.now(),
            published_by_id=actor.id,
            audience=writeup.audience,
            **_for_readers(writeup, names.published(writeup, renaming, frozen[writeup.id])),
        )
        published.append(_publish_one(session, writeup, publication, actor, names, renaming))
    after_publishing(session, published)
    return published


def _for_readers(writeup: Writeup, texts: Published) -> dict[str, Any]:
    """The columns of a publication that readers see; what no name was taken out of is rendered already."""
    kept: dict[str, Any] = {name: getattr(texts, name) for name in _KEPT}
    if texts.body == writeup.body:
        looks = {"headings": writeup.headings, "body_html": writeup.body_html}
    else:
        rendered = render(texts.body)
        looks = {"headings": _rows(rendered), "body_html": rendered.html}
    return kept | looks | {"rendered_with": RENDERER_VERSION}


def _publish_one(
    session: Session,
    writeup: Writeup,
    publication: Publication,
    actor: Actor,
    names: Names,
    renaming: Renaming,
) -> Publication:
    is_news = writeup.state != WriteupState.PUBLISHED
    if not is_news:
        current = current_publication(session, writeup)
        if current and all(getattr(current, name) == getattr(publication, name) for name in _CONTENT):
            _end_plan(session, writeup, actor)
            return current
    without_names: dict[str, Any] = {}
    if renaming.names_in_slug(writeup.slug):
        without_names["slug"] = address_without_names(session, writeup, publication.title)
    if telling := names.tags_with_names(writeup.id, renaming):
        without_names["tags"] = [tag for tag in writeup.tags if tag.name not in telling]
    changes = set_fields(
        writeup,
        {
            "state": WriteupState.PUBLISHED,
            "published_at": writeup.published_at or publication.published_at,
            "publication_number": publication.number,
            "reading_minutes": reading_minutes(f"{publication.tldr}\n\n{publication.body}"),
            "withdrawn_reason": "",
            "withdrawn_at": None,
            **NO_PLAN,
            **without_names,
        },
    )
    changes.pop("publish_version", None)
    writeup.updated_at = clock.now()
    # The row's version first: of two who publish at the same time, the slower one finds it changed.
    session.flush()
    session.add(publication)
    session.flush()
    show_to_readers(session, publication.id, writeup.id, keys_in(publication.body))
    keep_numbers(session, writeup, names, renaming, actor=actor)
    if publication.number > 1:
        _take_names_out_of_earlier(session, writeup, names, publication.number)
    changes["audience"] = [None, writeup.audience.value]
    record(session, "published", writeup, actor=actor, changes=changes)
    if is_news:
        tell(session, Event.PUBLISHED, writeup, actor=actor)
    return publication


def _end_plan(session: Session, writeup: Writeup, actor: Actor) -> None:
    """What was planned is what readers have already."""
    if changes := set_fields(writeup, NO_PLAN):
        changes.pop("publish_version", None)
        record(session, "found published already", writeup, actor=actor, changes=changes)


def _take_names_out_of_earlier(session: Session, writeup: Writeup, names: Names, number: int) -> None:
    """What was published before follows the same choices: readers compare it with what is published now."""
    earlier = select(Publication).where(Publication.writeup_id == writeup.id, Publication.number < number)
    for row in session.scalars(earlier):
        texts = names.renaming_of(writeup.id, row.title, row.tldr, row.body, row.frozen, row.reason).texts
        changed = {
            "title": shortened(texts["title"], LIMITS["title"]),
            "tldr": shortened(texts["tldr"], LIMITS["tldr"]),
            "reason": shortened(texts["reason"], LIMITS["reason"]),
            "body": texts["body"],
            "frozen": frozen_with(row.frozen, texts),
        }
        if any(getattr(row, name) != value for name, value in changed.items()):
            for name, value in changed.items():
                setattr(row, name, value)
            row.rendered_with = 0


def withdraw(
    session: Session, writeup: Writeup, *, reason: str, actor: Actor, version: int | None = None
) -> None:
    """Take a published write-up off the blog at once; its published texts leave the readers' history too.

    Refuses what is not published. The working copy stays, and can be published again. Readers are told the reason
    (see `queries_withdrawn.py`), unless an incident in it is restricted.
    """
    check_version(writeup, version)
    if writeup.state != WriteupState.PUBLISHED:
        raise Refused("This write-up is not published, so there is nothing to withdraw.")
    changes = set_fields(
        writeup,
        {
            "state": WriteupState.WITHDRAWN,
            "withdrawn_reason": reason.strip()[:500],
            "withdrawn_at": clock.now(),
            "publication_number": None,
            **NO_PLAN,
        },
    )
    changes.pop("publish_version", None)
    writeup.updated_at = clock.now()
    session.execute(update(Publication).where(Publication.writeup_id == writeup.id).values(is_withdrawn=True))
    if writeup.withdrawn_reason:
        is_for = (
            ReasonFor.READERS
            if all(each.visibility == Visibility.OPEN for each in writeup.incidents)
            else ReasonFor.WRITERS
        )
        changes["reason_for"] = [None, is_for.value]
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
    if writeup.publication_number is None:
        return None
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
    stale = select(Publication).where(Publication.rendered_with != RENDERER_VERSION).limit(RENDER_BATCH)
    while rows := session.scalars(stale).all():
        for publication, rendered in zip(rows, render_many([row.body for row in rows]), strict=True):
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
