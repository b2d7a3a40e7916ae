"""Addresses of write-ups: made from the title once, and kept for ever.

Whoever starts one learns from its address whether that was free. So a write-up about something restricted never
takes the address that its title alone would give: it ends in something random.
"""

import secrets
from collections.abc import Iterator, Sequence
from itertools import count

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.text.slugs import slugify
from postmortem.writeups.models import Writeup
from postmortem.writeups.models_around import WriteupOldSlug

# These lead elsewhere under /writeups/.
RESERVED = frozenset({"new", "feed", "preview", "language"})
_LOCK = 0x5772_6974


def new_slugs(session: Session, titles: Sequence[str], hidden: Sequence[bool] = ()) -> list[str]:
    """A free slug for each title: `the-cache`, then `the-cache-2`. Two statements, however many titles.

    For those that `hidden` marks, in the order of the titles, it is `the-cache-` and something random.
    On PostgreSQL two transactions could find the same one free; so they take turns until the first is over.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    bases = [slugify(title) for title in titles]
    statement = select(Writeup.slug)
    if len(bases) == 1:
        statement = statement.where(Writeup.slug.startswith(bases[0], autoescape=True))
    # An address that was left because it held a name goes on leading its writers to the write-up.
    left = select(WriteupOldSlug.slug)
    taken = {*session.scalars(statement), *session.scalars(left), *RESERVED}
    slugs = []
    for index, base in enumerate(bases):
        candidates = _random(base) if hidden and hidden[index] else _candidates(base)
        slug = next(candidate for candidate in candidates if candidate not in taken)
        taken.add(slug)
        slugs.append(slug)
    return slugs


def _random(base: str) -> Iterator[str]:
    while True:
        yield f"{base}-{secrets.token_hex(3)}"


def _candidates(base: str) -> Iterator[str]:
    yield base
    yield from (f"{base}-{number}" for number in count(2))
