"""Putting a write-up into a series, and beside related ones. Readers see both at once, as they do tags."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import check_version
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import created, record, set_fields
from postmortem.text.slugs import slugify
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Series, Writeup
from postmortem.writeups.models_around import writeup_relations
from postmortem.writeups.naming import line_for_readers
from postmortem.writeups.queries_series import between, published_ids, related_slugs

MOST_RELATED = 10
NAME_LIMIT = 200


def place_writeup(
    session: Session,
    writeup: Writeup,
    *,
    series: str,
    position: int,
    related: Sequence[str],
    version: int | None,
    actor: Person,
) -> None:
    """Put a write-up into the series of this name ("" for none) at a position, and beside the write-ups at these addresses.

    A series that is not there yet is made; its readers see the name, so people in it become the write-up's roles. Only what is published to the actor can be chosen, and related ones that
    they may not read stay. Raises Conflict for a stale version and a deleted write-up, Refused for an address where
    nothing is.
    """
    check_version(writeup, version)
    if writeup.state == WriteupState.DELETED:
        raise Conflict
    wanted = published_ids(session, actor, related)
    for slug in related:
        if slug not in wanted or slug == writeup.slug:
            raise Refused(f"There is no other published write-up at /writeups/{slug[:120]}.", field="related")
    if len(wanted) > MOST_RELATED:
        raise Refused(f"Choose at most {MOST_RELATED}.", field="related")
    name = (
        line_for_readers(session, writeup.id, " ".join(series.split()), NAME_LIMIT) if series.strip() else ""
    )
    values = {
        "series": _series(session, name, actor) if name else None,
        "series_position": position if name else 0,
    }
    changes = set_fields(writeup, values)
    before = related_slugs(session, actor, writeup)
    if set(before) != set(wanted):
        changes["related"] = [before, sorted(wanted)]
        _relate(session, writeup, published_ids(session, actor, before), wanted)
    if changes:
        writeup.updated_at = clock.now()
        session.flush()
        record(session, "edited", writeup, actor=actor, changes=changes)


def _relate(session: Session, writeup: Writeup, before: dict[str, int], after: dict[str, int]) -> None:
    gone, new = set(before.values()) - set(after.values()), set(after.values()) - set(before.values())
    session.execute(delete(writeup_relations).where(between(writeup.id, gone)))
    rows = [
        {"writeup_id": min(writeup.id, other), "other_id": max(writeup.id, other)} for other in sorted(new)
    ]
    if rows:
        session.execute(insert(writeup_relations), rows)


def _series(session: Session, name: str, actor: Person) -> Series:
    """The series of this name, however it is capitalised; a new one where there is none."""
    found: list[Series] = list(session.scalars(select(Series)))
    for each in found:
        if each.name.casefold() == name.casefold():
            return each
    taken, plain = {each.slug for each in found}, slugify(name) or "series"
    slug, number = plain, 1
    while slug in taken:
        number += 1
        slug = f"{plain}-{number}"
    series = Series(slug=slug, name=name)
    session.add(series)
    session.flush()
    record(session, "started", series, actor=actor, changes=created(series, ("name", "slug")))
    return series
