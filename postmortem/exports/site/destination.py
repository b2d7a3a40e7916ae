"""Where the site goes: a folder that is new, empty or a former site of ours, replaced as a whole.

The new site is written beside the old one and takes its place only when all of it is there. A marker lists every file
of a site, so that nothing is ever thrown away that was not written here.
"""

import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postmortem.errors import Refused

MARKER = ".postmortem-site"
_FIRST_LINE = "Written by `postmortem export site`, which replaces this folder as a whole. The files:"
_LEFT_AFTER_SECONDS = 24 * 3600


@contextmanager
def new_site(destination: Path) -> Iterator[Path]:
    """A folder to write into; it takes the place of `destination` at the end, or is gone where anything failed.

    Raises Refused where that place is not ours to replace, and where the disk does not let us.
    """
    destination = destination.resolve()
    _refuse_place(destination)
    try:
        _clear_left(destination)
        folder = _folder_beside(destination)
        try:
            yield folder
            _mark(folder)
            _refuse_place(destination)
            _take_place(folder, destination)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise Refused(
            f"The site could not be written: {error.strerror or error}. What was there before is as it was."
        ) from error


def _folder_beside(destination: Path) -> Path:
    folder = destination.with_name(f".{destination.name}.new-{secrets.token_hex(6)}")
    try:
        folder.mkdir()
    except PermissionError as error:
        raise Refused(
            f"The new site is written beside the old one, and nothing may be written in {destination.parent}. "
            "Change that, or name another folder."
        ) from error
    return folder


def _refuse_place(destination: Path) -> None:
    if not destination.parent.is_dir():
        raise Refused(f"There is no folder {destination.parent}. Make it first, or name another one.")
    if not destination.exists():
        return
    if not destination.is_dir():
        raise Refused(f"{destination} is a file. Name a folder: a new one, an empty one or a former site.")
    try:
        there = files_in(destination)
    except OSError as error:
        raise Refused(f"{destination} cannot be read: {error.strerror}.") from error
    if not there:
        return
    written = _listed(destination)
    if written is None:
        raise Refused(
            f"{destination} holds files that no export of a site wrote. Name a new folder, an empty one or a former site."
        )
    if foreign := sorted(set(there) - written - {MARKER}):
        named = ", ".join(foreign[:3]) + (f" and {len(foreign) - 3} more" if len(foreign) > 3 else "")
        raise Refused(
            f"{destination} is a former site, but somebody put more into it: {named}. "
            "It is replaced as a whole; move that somewhere else first."
        )


def files_in(folder: Path) -> list[str]:
    """Every file below a folder, by its way from there."""
    found = []
    for place, _, names in os.walk(folder, onerror=_raise):
        found += [(Path(place) / name).relative_to(folder).as_posix() for name in names]
    return sorted(found)


def _raise(error: OSError) -> None:
    raise error


def _listed(folder: Path) -> set[str] | None:
    """The files that the marker of a former site lists; None where there is no marker of ours."""
    marker = folder / MARKER
    if not marker.is_file():
        return None
    first, *files = marker.read_text(encoding="utf-8", errors="replace").splitlines() or [""]
    return set(files) if first == _FIRST_LINE else None


def _mark(folder: Path) -> None:
    lines = [_FIRST_LINE, *files_in(folder)]
    (folder / MARKER).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _take_place(folder: Path, destination: Path) -> None:
    """Two renames: there is no moment at which half a site stands there."""
    aside = destination.with_name(f".{destination.name}.old-{secrets.token_hex(6)}")
    was_there = destination.exists()
    if was_there:
        shutil.copymode(destination, folder)
        _put_aside(destination, aside)
    try:
        folder.rename(destination)
    except BaseException:
        if was_there:
            aside.rename(destination)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _put_aside(destination: Path, aside: Path) -> None:
    try:
        destination.rename(aside)
    except OSError as error:
        if error.errno not in (errno.EBUSY, errno.EXDEV):
            raise
        raise Refused(
            f"{destination} cannot be replaced as a whole: a disk or volume begins there. Name a folder in it, "
            f"for example {destination / 'site'}."
        ) from error


def _clear_left(destination: Path) -> None:
    """Remove what an export that was killed left beside this place, once it is a day old: a younger one may be at work."""
    before = time.time() - _LEFT_AFTER_SECONDS
    for kind in ("new", "old"):
        for left in destination.parent.glob(f".{_plain(destination.name)}.{kind}-????????????"):
            if left.is_dir() and left.stat().st_mtime < before:
                shutil.rmtree(left, ignore_errors=True)


def _plain(name: str) -> str:
    """A name in which no character stands for others."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
