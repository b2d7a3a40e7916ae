"""What stands at the end of an entry of what its readers gave back: one statement, asked again only after a write."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    Date,
    Integer,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.readers.addresses import short
from postmortem.readers.enums import CITATION_KIND_LABELS, CitationKind
from postmortem.readers.models import Citation, Reaction, ReaderVisit
from postmortem.readers.reach import COMES_BACK_AFTER, Reach, counted_before, reach_of
from postmortem.web.kept import remembered
from postmortem.writeups.models import writeup_authors, writeup_teams
from postmortem.writeups.voters import voter

# What keyed hashes are made for: a reaction and a visit of one reader have nothing in common.
REACTION, VISIT = "reaction", "visit"
# So many of the places where it was used stand under the entry; all of them have a page.
SHOWN = 5


@dataclass(frozen=True)
class Place:
    """Where a write-up was used."""

    id: int
    kind: str
    url: str
    title: str

    @property
    def label(self) -> str:
        return self.title or short(self.url)

    @property
    def kind_label(self) -> str:
        return CITATION_KIND_LABELS[CitationKind(self.kind)]


@dataclass(frozen=True)
class GivenBack:
    """For one reader. `is_counted` says that staying would change nothing: the page then asks for no visit."""

    helped: int
    has_helped: bool
    is_author: bool
    places: Sequence[Place]
    used: int
    reach: Reach | None
    until: date
    is_counted: bool


def given_back(session: Session, person: Person, row: Any) -> GivenBack:
    """What readers gave back to a published write-up; `row` is as writeups/pages.py selects it."""
    today = clock.today()
    key = ("given back", row.id, row.feed_id, person.id, today)
    return remembered(session, key, lambda: _given_back(session, person, row))


def _given_back(session: Session, person: Person, row: Any) -> GivenBack:
    today = clock.today()
    until = counted_before(today)
    parameters = {
        "writeup": row.id,
        "person": person.id,
        "my_reaction": voter(session, REACTION, row, person),
        "my_visit": voter(session, VISIT, row, person),
        "until": until,
        "due": today - COMES_BACK_AFTER,
    }
    found: dict[str, list[Any]] = defaultdict(list)
    for each in session.connection().execute(_GIVEN, parameters):
        found[each.part].append(each)
    [helped], [reach], [about] = found["helped"], found["reach"], found["about"]
    mine = found["visit"]
    return GivenBack(
        helped=helped.a,
        has_helped=bool(helped.b),
        is_author=bool(about.c),
        places=tuple(Place(each.a, each.kind, each.url, each.title) for each in reversed(found["place"])),
        used=about.a,
        reach=reach_of(
            reach.a,
            reach.b,
            reach.c,
            has_team=bool(about.b),
            published_on=row.published_at.date(),
            today=today,
        ),
        until=until,
        is_counted=bool(about.c) or any(not each.a for each in mine),
    )


_WRITEUP: BindParameter[int] = bindparam("writeup", type_=Integer)
_UNTIL: BindParameter[Any] = bindparam("until", type_=Date)
_DUE: BindParameter[Any] = bindparam("due", type_=Date)
_NOTHING = (literal("").label("kind"), literal("").label("url"), literal("").label("title"))


def _ones(condition: Any) -> Any:
    """How many rows a condition holds for, as a whole number."""
    return cast(func.coalesce(func.sum(case((condition, 1), else_=0)), 0), Integer)


_OF_IT = Citation.writeup_id == _WRITEUP, Citation.deleted_at.is_(None)
_NEWEST = (
    select(Citation.id, Citation.kind, Citation.url, Citation.title)
    .where(*_OF_IT)
    .order_by(Citation.id.desc())
    .limit(SHOWN)
    .subquery()
)
_HAS_TEAM = select(writeup_teams.c.team_id).where(writeup_teams.c.writeup_id == _WRITEUP).exists()
_IS_AUTHOR = (
    select(writeup_authors.c.person_id)
    .where(writeup_authors.c.writeup_id == _WRITEUP, writeup_authors.c.person_id == bindparam("person"))
    .exists()
)
_GIVEN = union_all(
    select(
        literal("helped").label("part"),
        cast(func.count(Reaction.id), Integer).label("a"),
        _ones(Reaction.reader == bindparam("my_reaction")).label("b"),
        literal(0).label("c"),
        *_NOTHING,
    ).where(Reaction.writeup_id == _WRITEUP),
    select(
        literal("reach"),
        cast(func.count(ReaderVisit.id), Integer),
        _ones(ReaderVisit.is_beyond_team),
        _ones(ReaderVisit.came_back),
        *_NOTHING,
    ).where(ReaderVisit.writeup_id == _WRITEUP, ReaderVisit.first_on < _UNTIL),
    # 1 where another visit from now on says that they came back.
    select(
        literal("visit"),
        case((ReaderVisit.came_back, 0), (ReaderVisit.first_on <= _DUE, 1), else_=0),
        literal(0),
        literal(0),
        *_NOTHING,
    ).where(ReaderVisit.writeup_id == _WRITEUP, ReaderVisit.reader == bindparam("my_visit")),
    select(
        literal("about"),
        cast(select(func.count(Citation.id)).where(*_OF_IT).scalar_subquery(), Integer),
        case((_HAS_TEAM, 1), else_=0),
        case((_IS_AUTHOR, 1), else_=0),
        *_NOTHING,
    ),
    select(
        literal("place"),
        _NEWEST.c.id,
        literal(0),
        literal(0),
        cast(_NEWEST.c.kind, String),
        _NEWEST.c.url,
        _NEWEST.c.title,
    ),
).order_by("part", "a")
