"""Which lists have feeds, by address: everything, a tag, a year, a team, a service, an author; and who finds one there."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.queries import service_by_slug, team_by_slug
from postmortem.errors import NotVisible
from postmortem.writeups import queries
from postmortem.writeups.authors import author_in_use
from postmortem.writeups.entries import EVERYTHING, FIRST_YEAR, LAST_YEAR, Listing, Scope

NAME = "Failing Forward"
ALL = "/writeups"
KINDS = ("atom", "json")
_FOLDER = re.compile(r"/(tags|archive|teams|services|authors)/([^/]+)")
_FEED = re.compile(r"(/.+)/feed\.(atom|json)")


@dataclass(frozen=True)
class Source:
    """What a feed is made of. `folder` is where it lies, `page` the page with the same entries; both as in addresses."""

    title: str
    folder: str
    page: str
    listing: Listing
    may_be_empty: bool = True

    def path(self, kind: str) -> str:
        return f"{self.folder}/feed.{kind}"


def everything() -> Source:
    return Source(NAME, ALL, "/", EVERYTHING)


def of_tag(session: Session, person: Person | None, name: str) -> Source:
    tag_id, found = queries.tag_in_use(session, person, name)
    return Source(f"{NAME}: {found.name}", found.url, found.url, Listing(Scope.TAG, tag_id))


def of_year(session: Session, person: Person | None, year: str | int) -> Source:
    """A year without anything for this reader has no feed, as it has no page."""
    if not str(year).isascii() or not str(year).isdigit() or len(str(year)) > 4:
        raise NotVisible
    number = int(year)
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise NotVisible
    page = f"/archive/{number}"
    return Source(f"{NAME}: {number}", page, page, Listing(Scope.YEAR, number), may_be_empty=False)


def of_team(session: Session, person: Person | None, slug: str) -> Source:
    return _of(team_by_slug, session, person, slug, "teams", Scope.TEAM)


def of_service(session: Session, person: Person | None, slug: str) -> Source:
    return _of(service_by_slug, session, person, slug, "services", Scope.SERVICE)


def of_author(session: Session, person: Person | None, key: str) -> Source:
    found = author_in_use(session, person, key)
    return Source(
        f"{NAME}: {found.name}", found.url, found.url, Listing(Scope.AUTHOR, lines=found.lines), False
    )


def source_at(session: Session, person: Person | None, folder: str) -> Source:
    """The source at a decoded address without `/feed.…`. Raises NotVisible where there is none for this person."""
    if folder == ALL:
        return everything()
    parts = _FOLDER.fullmatch(folder)
    if parts is None:
        raise NotVisible
    return _OF[parts[1]](session, person, parts[2])


def split_path(path: str) -> tuple[str, str]:
    """The folder and the kind of a feed's address. Raises NotVisible for what is none."""
    parts = _FEED.fullmatch(path)
    if parts is None:
        raise NotVisible
    return parts[1], parts[2]


def decoded(source: Source, kind: str) -> str:
    """The address of its feed as it is kept: readable, and never longer than what it names."""
    return unquote(source.path(kind))


def encoded(path: str) -> str:
    """A kept address as it stands in links."""
    return quote(path)


def _of(
    find: Callable[..., Any], session: Session, person: Person | None, slug: str, folder: str, scope: Scope
) -> Source:
    """A team's or service's. Its mere name is not for who is not signed in: an empty one is not there."""
    subject = find(session, slug)
    if subject is None:
        raise NotVisible
    page = f"/{folder}/{subject.slug}"
    return Source(
        f"{NAME}: {subject.name}", page, page, Listing(scope, subject.id), may_be_empty=person is not None
    )


_OF: dict[str, Callable[[Session, Person | None, str], Source]] = {
    "tags": of_tag,
    "archive": of_year,
    "teams": of_team,
    "services": of_service,
    "authors": of_author,
}
