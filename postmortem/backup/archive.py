"""The tar file: written member by member, read member by member, checked while reading.

It is read by hand and not by `tarfile`: of all that a tar file can hold (links, devices, headers of any length)
a backup has plain files alone, and everything else is refused before it costs anything.
"""

import gzip
import hashlib
import os
import re
import tarfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from postmortem.backup.manifest import (
    ATTACHMENTS,
    MANIFEST,
    Manifest,
    Member,
    Show,
    manifest_from_json,
)
from postmortem.errors import Refused

BLOCK = 512
CHUNK = 1024 * 1024
MANIFEST_MAX = 64 * 1024 * 1024
# Text shrinks tenfold, an empty page a thousandfold; a file that grows more than this is no backup.
RATIO_MAX, RATIO_FREE = 300, 64 * 1024 * 1024
_ATTACHMENT = re.compile(rf"{ATTACHMENTS}(/(?!\.)[A-Za-z0-9._-]{{1,100}}){{1,4}}")


class _Counter:
    """How many bytes of all are done."""

    def __init__(self, words: str, manifest: Manifest, show: Show) -> None:
        self._words, self._show, self._done = words, show, 0
        self._total = sum(member.size for member in manifest.members)

    def add(self, size: int) -> None:
        self._done += size
        self._show(self._words, self._done, self._total)


def described(name: str, path: Path) -> Member:
    """A file as the manifest lists it."""
    with path.open("rb") as file:
        return Member(name, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def write_archive(target: Path, manifest: Manifest, sources: Iterable[tuple[str, Path]], show: Show) -> None:
    """Write the manifest and the files it lists, mode 0600, and have the disk keep them."""
    counter = _Counter("Packing", manifest, show)
    with (
        os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=5) as packed,
    ):
        text = manifest.to_json()
        packed.write(_header(MANIFEST, len(text)))
        packed.write(text + _padding(len(text)))
        for name, path in sources:
            size = path.stat().st_size
            packed.write(_header(name, size))
            with path.open("rb") as file:
                while part := file.read(CHUNK):
                    packed.write(part)
                    counter.add(len(part))
            packed.write(_padding(size))
        packed.write(b"\0" * BLOCK * 2)
        packed.close()
        raw.flush()
        os.fsync(raw.fileno())


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return b"\0" * (-size % BLOCK)


def read_archive(file: Path, folder: Path, show: Show) -> Manifest:
    """Unpack a backup into an empty folder. Raises Refused where anything is not as its manifest says."""
    try:
        with gzip.open(file) as packed:
            manifest = _read_manifest(packed)
            _check_members(manifest, file.stat().st_size)
            counter = _Counter("Reading", manifest, show)
            for member in manifest.members:
                name, size = _next(packed)
                if (name, size) != (member.name, member.size):
                    raise Refused(f"This backup is damaged: {member.name} is not where it should be.")
                _unpack(packed, folder / member.name, member, counter)
            if _next(packed) != ("", 0):
                raise Refused("This backup is damaged: it holds more than it lists.")
            return manifest
    except (gzip.BadGzipFile, EOFError, zlib.error, tarfile.HeaderError) as error:
        raise Refused(f"{file} is no backup of Postmortem, or it is damaged: {error}.") from error


def _next(packed: gzip.GzipFile) -> tuple[str, int]:
    """Name and size of the next file; blank at the end."""
    block = _exactly(packed, BLOCK)
    if not block.strip(b"\0"):
        return "", 0
    info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or info.size < 0:
        raise Refused("This is no backup of Postmortem: it holds something else than plain files.")
    return info.name, info.size


def _read_manifest(packed: gzip.GzipFile) -> Manifest:
    name, size = _next(packed)
    if name != MANIFEST or size > MANIFEST_MAX:
        raise Refused("This is no backup of Postmortem: it does not begin with its list of contents.")
    text = _exactly(packed, size)
    _exactly(packed, -size % BLOCK)
    return manifest_from_json(text)


def _check_members(manifest: Manifest, packed_size: int) -> None:
    names = [member.name for member in manifest.members]
    if names[:1] != [manifest.database_member] or len(set(names)) != len(names):
        raise Refused("This is no backup of Postmortem: there is no database in it.")
    for name in names[1:]:
        if not _ATTACHMENT.fullmatch(name):
            raise Refused(f"This backup holds a file with a name that is none of ours: {name[:100]!r}.")
    if sum(member.size for member in manifest.members) > packed_size * RATIO_MAX + RATIO_FREE:
        raise Refused(
            "This backup says that it unpacks to far more than any backup does. It is not unpacked."
        )


def _unpack(packed: gzip.GzipFile, target: Path, member: Member, counter: "_Counter") -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    left, digest = member.size, hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while left:
            part = _exactly(packed, min(left, CHUNK))
            digest.update(part)
            file.write(part)
            left -= len(part)
            counter.add(len(part))
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != member.sha256:
        raise Refused(f"This backup is damaged: {member.name} is not what it was. Use another backup.")
    _exactly(packed, -member.size % BLOCK)


def _exactly(packed: gzip.GzipFile, size: int) -> bytes:
    found = packed.read(size) if size else b""
    if len(found) != size:
        raise EOFError("it ends too early")
    return found
