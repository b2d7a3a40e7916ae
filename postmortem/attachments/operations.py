"""Adding an image to a write-up or an event, wording it, taking it away and bringing it back."""

from collections.abc import Collection

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.attachments.files import Kept
from postmortem.attachments.models import Attachment, publication_images
from postmortem.errors import Refused
from postmortem.history.operations import Actor, created, record, set_fields
from postmortem.text.clean import clean_source

MOST_IMAGES = 200
ALT_MAX = 500
WANTS_ALT = "Say what the picture shows, for those who do not see it: “CPU of the cache at 100 % from 14:02”."


def add_image(
    session: Session,
    kept: Kept,
    alt: str,
    *,
    writeup_id: int | None = None,
    event_id: int | None = None,
    incident_id: int | None = None,
    actor: Actor,
) -> Attachment:
    """Make a row of an image whose files are there, for a write-up or an event: exactly one of the two.

    Raises Refused (fields `image` and `alt`) for no words and for more than 200 pictures in one place.
    """
    alt = checked_alt(alt)
    of_same = Attachment.writeup_id == writeup_id if writeup_id else Attachment.event_id == event_id
    count = session.scalar(
        select(func.count()).select_from(Attachment).where(of_same, Attachment.deleted_at.is_(None))
    )
    if (count or 0) >= MOST_IMAGES:
        raise Refused(f"There are {MOST_IMAGES} pictures here already. Remove one first.", field="image")
    image = Attachment(
        key=kept.key,
        writeup_id=writeup_id,
        event_id=event_id,
        alt=alt,
        content_type=kept.prepared.content_type,
        width=kept.prepared.width,
        height=kept.prepared.height,
        widths=kept.prepared.widths,
        size_bytes=kept.size_bytes,
        sha256=kept.sha256,
        uploaded_by_id=actor.id,
        created_at=clock.now(),
    )
    session.add(image)
    session.flush()
    made = created(image, ("writeup_id", "event_id", "alt"))
    record(session, "added", image, actor=actor, changes=made, incident_id=incident_id)
    return image


def word_image(
    session: Session, image: Attachment, alt: str, *, incident_id: int | None = None, actor: Actor
) -> None:
    """Change what the picture shows in words; texts that show it keep the words that they were given."""
    if changes := set_fields(image, {"alt": checked_alt(alt)}):
        record(session, "edited", image, actor=actor, changes=changes, incident_id=incident_id)


def delete_image(
    session: Session, image: Attachment, *, incident_id: int | None = None, actor: Actor
) -> None:
    """Take an image away, also from readers of what is published. Nothing happens to one that is gone already."""
    if image.deleted_at is None:
        image.deleted_at = clock.now()
        session.flush()
        record(session, "deleted", image, actor=actor, incident_id=incident_id)


def restore_image(
    session: Session, image: Attachment, *, incident_id: int | None = None, actor: Actor
) -> None:
    """Bring an image back where it was, for readers too."""
    if image.deleted_at is not None:
        image.deleted_at = None
        session.flush()
        record(session, "brought back", image, actor=actor, incident_id=incident_id)


def show_to_readers(session: Session, publication_id: int, writeup_id: int, keys: Collection[str]) -> None:
    """Note which images of a write-up its readers see in a publication: those of `keys` that are its own."""
    session.execute(delete(publication_images).where(publication_images.c.publication_id == publication_id))
    if not keys:
        return
    own = select(Attachment.id).where(Attachment.writeup_id == writeup_id, Attachment.key.in_(keys))
    rows = [{"publication_id": publication_id, "attachment_id": id_} for id_ in session.scalars(own)]
    if rows:
        session.execute(insert(publication_images), rows)


def checked_alt(alt: str) -> str:
    """The words in one line. Raises Refused (field `alt`) for none and for too many."""
    alt = " ".join(clean_source(alt).split())
    if not alt:
        raise Refused(WANTS_ALT, field="alt")
    if len(alt) > ALT_MAX:
        raise Refused(f"Shorten this to {ALT_MAX} characters.", field="alt")
    return alt
