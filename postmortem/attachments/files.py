"""Where images lie: in the data folder, under names that are made here; nothing of a name comes from outside.

Files are there before their row is committed. What has no row for a day is swept away: an upload that came to nothing,
or an image that was destroyed.
"""

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from postmortem.attachments.models import Attachment
from postmortem.attachments.pictures import ENDINGS, MOST_BYTES, TOO_LARGE, Prepared, prepare
from postmortem.errors import Refused

FOLDER = "attachments"
INCOMING = ".incoming"
_SWEPT_AFTER = 24 * 3600


def root_of(data_dir: Path) -> Path:
    """The folder of all images."""
    return data_dir / FOLDER


def folder_of(data_dir: Path, key: str) -> Path:
    """The folder of one image."""
    return root_of(data_dir) / key[:2] / key


def file_of(data_dir: Path, attachment: Attachment, width: int | None = None) -> Path:
    """The file to show at this width in pixels: the narrowest that is wide enough, else the whole picture."""
    fitting = [each for each in attachment.widths if width is not None and each >= width]
    chosen = fitting[0] if fitting else attachment.widths[-1]
    return folder_of(data_dir, attachment.key) / f"{chosen}.{ENDINGS[attachment.content_type]}"


@dataclass(frozen=True)
class Kept:
    """An image whose files are in their place, for a row to be made of."""

    key: str
    prepared: Prepared
    sha256: str
    size_bytes: int


def keep(data_dir: Path, data: bytes) -> Kept:
    """Look at an image and put its files under a new key. Takes its time: call it while no transaction is open.

    Raises Refused (field `image`) for what is no picture and for one that is too large; OSError where the disk is full.
    """
    key = secrets.token_urlsafe(24)
    if not data:
        raise Refused("Choose a picture first.", field="image")
    if len(data) > MOST_BYTES:
        raise Refused(TOO_LARGE, field="image")
    with _incoming(data_dir) as folder:
        source = folder / "source"
        source.write_bytes(data)
        made = folder / "made"
        made.mkdir(mode=0o700)
        prepared = prepare(source, made)
        for path in made.iterdir():
            _settle(path)
        whole = made / f"{prepared.width}.{ENDINGS[prepared.content_type]}"
        content = whole.read_bytes()
        target = folder_of(data_dir, key)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made.rename(target)
        _sync(target.parent)
    return Kept(key, prepared, hashlib.sha256(content).hexdigest(), len(content))


def sweep(data_dir: Path, known: Collection[str]) -> int:
    """Remove the folders of images that no row knows (`known`: the keys) and that are older than a day; how many."""
    gone = 0
    before = time.time() - _SWEPT_AFTER
    for folder in root_of(data_dir).glob("??/*"):
        if folder.is_dir() and folder.name not in known and folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    for folder in (root_of(data_dir) / INCOMING).glob("*"):
        if folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)
    return gone


@contextmanager
def _incoming(data_dir: Path) -> Iterator[Path]:
    """A folder of its own for one upload, on the same disk; gone afterwards."""
    folder = root_of(data_dir) / INCOMING / secrets.token_hex(8)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settle(path: Path) -> None:
    path.chmod(0o600)
    with path.open("rb") as opened:
        os.fsync(opened.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
