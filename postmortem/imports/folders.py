"""Which files of a folder are read, what the collection is called, and what a file is called in it. Pure."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from postmortem.imports.plan import Plan, Skip, SkipKind

# Folders with such a name say nothing about where the files are from; the one above does.
SAY_NOTHING = frozenset(
    [
        "_posts",
        "content",
        "data",
        "docs",
        "files",
        "incidents",
        "markdown",
        "md",
        "pages",
        "post-mortems",
        "postmortems",
        "posts",
        "reports",
        "src",
    ]
)
MAX_SOURCE = 100


@dataclass(frozen=True)
class Where:
    """What is read: the collection's name, the folder that file names are relative to, the zone of naive times."""

    source: str
    root: Path
    timezone: str | None = None


def collection(path: Path, source: str | None, timezone: str | None) -> Where:
    """The collection that a file or folder belongs to: called `source`, else after its folder."""
    folder = path.parent if path.is_file() else path
    if source:
        return Where(source[:MAX_SOURCE], folder, timezone)
    named = folder
    while named.name.casefold() in SAY_NOTHING and named.parent.name:
        named = named.parent
    return Where(as_text(named.name)[:MAX_SOURCE] or "files", named, timezone)


def shown(path: Path, where: Where) -> str:
    """A file's name in reports: its path below the collection's folder."""
    relative = path.relative_to(where.root) if path.is_relative_to(where.root) else path
    return as_text(relative.as_posix())


def as_text(name: str) -> str:
    """A file name as text: bytes that are no UTF-8 become question marks."""
    return os.fsencode(name).decode("utf-8", "replace")


def files_below(folder: Path, suffixes: tuple[str, ...], plan: Plan, where: Where) -> Iterator[Path]:
    """Files with these endings in a stable order; hidden ones are passed over, links are not followed.

    What cannot be looked into, and links, become skips of the plan; other files are counted there.
    """

    def unreadable(error: OSError) -> None:
        reason = f"The folder cannot be read: {error.strerror}."
        plan.skips.append(Skip(shown(Path(error.filename), where), reason, SkipKind.UNUSABLE))

    for parent, folders, names in os.walk(folder, onerror=unreadable):
        here = Path(parent)
        for name in [name for name in folders if (here / name).is_symlink()]:
            plan.skips.append(_linked(here / name, where, "folder"))
        folders[:] = sorted(n for n in folders if not n.startswith(".") and not (here / n).is_symlink())
        for name in sorted(names):
            if name.startswith(".") or not name.casefold().endswith(suffixes):
                plan.other_files += 1
            elif (here / name).is_symlink():
                plan.skips.append(_linked(here / name, where, "file"))
            else:
                yield here / name


def _linked(path: Path, where: Where, what: str) -> Skip:
    return Skip(shown(path, where), f"It is a link to another {what}. To bring that in, name it itself.")
