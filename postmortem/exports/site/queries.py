"""What stands in the site: the entries that its readers may read, and what they are about."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person, Service, Team
from postmortem.db import Database
from postmortem.tags.models import Tag
from postmortem.text.slugs import slugify
from postmortem.writeups.authors import authors_of
from postmortem.writeups.entries import EVERYTHING, Entry, Listing, Scope, list_entries
from postmortem.writeups.models import Writeup, writeup_services, writeup_tags, writeup_teams
from postmortem.writeups.rules import published_to

BATCH = 500
# What any file server can serve under its own name, and a folder beside it cannot be taken for it.
_FILE_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")


@dataclass(frozen=True)
class Subject:
    """A tag, team, service, author or year with its entries, as their positions among all entries."""

    scope: Scope
    id: int
    key: str
    name: str
    places: tuple[int, ...]
    # Of an author: the lines above the entries in which it stands, and whether it is a role.
    lines: tuple[str, ...] = ()
    is_role: bool = False

    @property
    def folder(self) -> str:
        return "archive" if self.scope == Scope.YEAR else f"{self.scope.value}s"

    @property
    def address(self) -> str:
        """Its page in the program."""
        return f"/{self.folder}/{quote(self.key, safe='')}"

    @property
    def stem(self) -> str:
        """Its file without `.html`."""
        return f"{self.folder}/{file_name(self.key)}"

    @property
    def listing(self) -> Listing:
        return Listing(self.scope, self.id, self.lines)


def file_name(key: str) -> str:
    """A name that every file system and server takes; tags may hold letters of every script."""
    if _FILE_NAME.fullmatch(key) and not key.endswith(".html"):
        return key
    return f"{slugify(key, max_length=60)}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def somebody_who_works_here() -> Person:
    """A reader who is nobody in particular: in no team, took part in nothing, owns nothing. Never added to a session."""
    return Person(
        id=0, version=0, email="", name="", role=Role.READER, is_active=True, timezone="UTC", teams=[]
    )


@contextmanager
def one_state(database: Database) -> Iterator[Session]:
    """A session that reads one state of the database however long it takes, and keeps nobody from writing."""
    if database.is_sqlite:
        with database.session(writes=False) as session:
            yield session
        return
    with database.reading.connect() as opened:
        connection = opened.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with Session(connection, expire_on_commit=False, info={"writes": False}) as session:
            yield session


def every_entry(session: Session, reader: Person | None) -> list[Entry]:
    """Every entry for this reader, newest first, without severities: they change, and are for who works here."""
    found: list[Entry] = []
    while True:
        behind = (found[-1].published_at, found[-1].id) if found else None
        batch = list_entries(session, reader, EVERYTHING, behind=behind, limit=BATCH)
        found += batch
        if len(batch) < BATCH:
            return found


def published_for(session: Session, reader: Person | None) -> int:
    """How many write-ups this reader may read."""
    return session.scalar(select(func.count()).select_from(Writeup).where(published_to(reader))) or 0


def subjects(session: Session, reader: Person | None, entries: list[Entry]) -> list[Subject]:
    """The tags, teams, services, authors and years of the entries, each kind by name, years newest first."""
    place = {entry.id: position for position, entry in enumerate(entries)}
    found = [
        *_of(session, reader, place, Scope.TAG, Tag.id, Tag.name, Tag.name, writeup_tags),
        *_of(session, reader, place, Scope.TEAM, Team.id, Team.slug, Team.name, writeup_teams),
        *_of(session, reader, place, Scope.SERVICE, Service.id, Service.slug, Service.name, writeup_services),
    ]
    found += _authors(session, reader, entries)
    years: dict[int, list[int]] = defaultdict(list)
    for position, entry in enumerate(entries):
        years[entry.published_at.year].append(position)
    found += [Subject(Scope.YEAR, year, str(year), str(year), tuple(years[year])) for year in years]
    return found


def _authors(session: Session, reader: Person | None, entries: list[Entry]) -> list[Subject]:
    by_line: dict[str, list[int]] = defaultdict(list)
    for position, entry in enumerate(entries):
        by_line[entry.author_line].append(position)
    found = []
    for each in authors_of(session, reader).values():
        places = sorted({place for line in each.lines for place in by_line[line]})
        found.append(Subject(Scope.AUTHOR, 0, each.key, each.name, tuple(places), each.lines, each.is_role))
    return sorted(found, key=lambda each: (each.name.casefold(), each.key))


def _of(
    session: Session,
    reader: Person | None,
    place: dict[int, int],
    scope: Scope,
    id_: Any,
    key: Any,
    name: Any,
    table: Any,
) -> list[Subject]:
    statement = (
        select(id_, key, name, table.c.writeup_id)
        .join(table, table.c[f"{scope.value}_id"] == id_)
        .join(Writeup, Writeup.id == table.c.writeup_id)
        .where(published_to(reader))
    )
    rows: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for row_id, row_key, row_name, writeup_id in session.execute(statement):
        rows[row_id, row_key, row_name].append(place[writeup_id])
    ordered = sorted(rows.items(), key=lambda item: (item[0][2].casefold(), item[0][1]))
    return [Subject(scope, id_, key, name, tuple(sorted(places))) for (id_, key, name), places in ordered]
