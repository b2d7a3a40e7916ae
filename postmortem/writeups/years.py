"""The years of the blog: in which something was published that a reader may read."""

from functools import cache
from typing import Any

from sqlalchemy import Select, extract, func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.web.kept import remembered
from postmortem.writeups.models import Writeup
from postmortem.writeups.rules import IS_PUBLIC, IS_PUBLISHED


def years_of(session: Session, person: Person | None) -> list[tuple[int, int]]:
    """The years in which something was published that this person may read, newest first, with how much."""
    statement = _years(person is not None)
    key = ("write-up years", person is not None)
    return remembered(session, key, lambda: [(int(year), n) for year, n in session.execute(statement)])


@cache
def _years(signed_in: bool) -> Select[*tuple[Any, ...]]:
    year = extract("year", Writeup.published_at)
    readable = IS_PUBLISHED if signed_in else IS_PUBLIC
    return select(year, func.count()).where(readable).group_by(year).order_by(year.desc())
