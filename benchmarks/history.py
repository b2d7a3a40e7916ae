"""What the chain costs: `python -m benchmarks.history` writes 2,000 entries with it and without, in turn.

Without: the rows inserted as they are, in one transaction. With: recorded as operations do, which gives each a digest
and its place in the chain at the commit. Prints the ratio; the cheapest of several rounds counts.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time

from sqlalchemy.orm import Session

import postmortem.models  # noqa: F401
from postmortem import clock, schema
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI, SITE, record

ENTRIES, ROUNDS = 2000, 7
CHANGES = {"title": [None, "Playback stops"], "summary": [None, "Nothing " * 40], "severity": [None, "sev2"]}


def without(session: Session) -> None:
    for number in range(ENTRIES):
        session.add(
            HistoryEntry(
                at=clock.now(),
                actor_id=None,
                actor_name="import",
                verb="added",
                subject_type="incidents",
                subject_id=number,
                subject_label=f"incident INC-{number}",
                incident_id=number,
                changes=CHANGES,
                digest="",
            )
        )
    session.flush()


def with_chain(session: Session) -> None:
    for number in range(ENTRIES):
        record(session, "added", SITE, actor=CLI, changes=CHANGES, incident_id=number)


def cost(database: Database, write: Callable[[Session], None]) -> float:
    before = process_time()
    with database.session(writes=True) as session:
        write(session)
        session.commit()
    return process_time() - before


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'x.db'}", secret_key="k" * 40)
        schema.upgrade(database)
        pairs = [(cost(database, without), cost(database, with_chain)) for _ in range(ROUNDS)]
        database.dispose()
    plain, chained = (min(each) for each in zip(*pairs, strict=True))
    each = (chained - plain) / ENTRIES * 1e6
    print(f"{ENTRIES:,} entries: {plain:.3f} s without the chain, {chained:.3f} s with it")
    print(f"x {chained / plain:.2f}, {each:.0f} microseconds of CPU for each entry")


if __name__ == "__main__":
    main()
