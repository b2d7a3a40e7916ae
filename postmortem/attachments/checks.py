"""Whether the files of all pictures are there and what they were."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.attachments.files import file_of
from postmortem.attachments.models import Attachment


def missing_files(session: Session, data_dir: Path) -> Iterator[str]:
    """What is wrong with the whole pictures, deleted ones too; nothing when all is well. Reads every one of them."""
    for image in session.scalars(select(Attachment).order_by(Attachment.id)):
        path = file_of(data_dir, image)
        try:
            if hashlib.sha256(path.read_bytes()).hexdigest() != image.sha256:
                yield f"The picture {path} is not what it was. Take it out of a backup."
        except OSError:
            yield f"The picture {path} is missing. Take it out of a backup."
