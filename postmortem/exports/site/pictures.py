"""The pictures of the texts, under names made of what is in them."""

import shutil
from pathlib import Path

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.attachments import files, queries
from postmortem.attachments.models import Attachment
from postmortem.errors import NotVisible

FOLDER = "images"


class Pictures:
    """Copies into the site what its readers may see, each picture once for each width that a page offers."""

    def __init__(self, session: Session, reader: Person | None, data_dir: Path, folder: Path) -> None:
        self._session, self._reader, self._data_dir, self._folder = session, reader, data_dir, folder
        self._known: dict[str, Attachment | None] = {}
        self._copied: dict[tuple[str, str], str | None] = {}

    def file_of(self, key: str, size: str) -> str | None:
        """The file in the site, copied when first asked for; None for a picture that is not there for readers."""
        if (key, size) not in self._copied:
            self._copied[key, size] = self._copy(key, size)
        return self._copied[key, size]

    @property
    def count(self) -> int:
        """How many pictures there are, whatever their widths."""
        return len({key for (key, _), file in self._copied.items() if file})

    def _copy(self, key: str, size: str) -> str | None:
        image = self._image(key)
        if image is None:
            return None
        is_whole = size == f"{image.width}x{image.height}"
        if not is_whole and "x" in size:
            return None
        source = files.file_of(self._data_dir, image, None if is_whole else int(size))
        name = f"{FOLDER}/{image.sha256[:24]}-{source.name}"
        target = self._folder / name
        try:
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, target)
        except FileNotFoundError:
            return None
        return name

    def _image(self, key: str) -> Attachment | None:
        if key not in self._known:
            try:
                self._known[key] = queries.visible_image(self._session, self._reader, key)
            except NotVisible:
                self._known[key] = None
        return self._known[key]
