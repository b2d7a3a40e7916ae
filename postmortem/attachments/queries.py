"""Reading images."""

import re
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.attachments.models import Attachment
from postmortem.attachments.rules import visible_to
from postmortem.errors import NotVisible

_ADDRESS = re.compile(r"/attachments/([A-Za-z0-9_-]{20,43})/")


def visible_image(session: Session, person: Person | None, key: str) -> Attachment:
    """The image of this key. Raises NotVisible."""
    found = session.scalar(select(Attachment).where(Attachment.key == key, visible_to(person)))
    if found is None:
        raise NotVisible
    return found


def images_of_writeup(session: Session, writeup_id: int, *, is_deleted: bool = False) -> Sequence[Attachment]:
    """The images of a write-up, newest first. Whoever asks may see its working copy."""
    return _images(session, Attachment.writeup_id == writeup_id, is_deleted)


def images_of_event(session: Session, event_id: int, *, is_deleted: bool = False) -> Sequence[Attachment]:
    """The images of a timeline event, newest first. Whoever asks may see the event."""
    return _images(session, Attachment.event_id == event_id, is_deleted)


def images_of_events(session: Session, event_ids: Collection[int]) -> dict[int, list[Attachment]]:
    """The images of each of these events, oldest first; one statement. Whoever asks may see the events."""
    found: dict[int, list[Attachment]] = {id_: [] for id_ in event_ids}
    if found:
        statement = select(Attachment).where(Attachment.event_id.in_(found), Attachment.deleted_at.is_(None))
        for image in session.scalars(statement.order_by(Attachment.id)):
            found[image.event_id or 0].append(image)
    return found


def keys_in(text: str) -> set[str]:
    """The keys of all images that a text shows or links to."""
    return set(_ADDRESS.findall(text))


def all_keys(session: Session) -> set[str]:
    """The key of every row there is, deleted ones too."""
    return set(session.scalars(select(Attachment.key)))


def _images(session: Session, which: object, is_deleted: bool) -> Sequence[Attachment]:
    gone = Attachment.deleted_at.is_not(None) if is_deleted else Attachment.deleted_at.is_(None)
    return session.scalars(select(Attachment).where(which, gone).order_by(Attachment.id.desc())).all()  # type: ignore[arg-type]
