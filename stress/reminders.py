"""A hundred thousand overdue actions: what a round of the worker's reminders costs, while there are some to give and after.

The first rounds give as many as a round gives; those after them find nothing to give. No transaction may hold the
database for writing longer than a moment, because people save at the same time.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.reminders import MOST_A_ROUND, remind
from postmortem.notifications.models import Reminder
from postmortem.outbox.workplace import Workplace
from stress import arguments
from stress.action_lists import a_site
from stress.kill_storm import place
from tests.factories.many_actions import insert_actions
from tests.support.sql import counted

# Longer than this nobody who saves something waits for the reminders.
LONGEST_WRITE = 2.0


@dataclass
class Round:
    """What one round cost."""

    seconds: float
    computing: float
    statements: int
    longest_write: float
    given: int


@dataclass(frozen=True)
class Timed(Workplace):
    """Notes how long each writing session was open."""

    writes: list[float] = field(default_factory=lambda: [0.0])

    @contextmanager
    def writing(self) -> Iterator[Session]:
        began = time.perf_counter()
        with super().writing() as session:
            yield session
        self.writes.append(time.perf_counter() - began)


def a_round(workplace: Workplace) -> Round:
    """Do the duty once."""
    timed = Timed(workplace.config, workplace.database)
    began, computing = time.perf_counter(), time.process_time()
    with counted(workplace.database) as sent:
        remind(timed)
    took = time.perf_counter() - began, time.process_time() - computing
    with workplace.reading() as session:
        given = session.scalar(select(func.count()).select_from(Reminder)) or 0
    return Round(*took, len(sent), max(timed.writes), given)


def rounds(folder: Path, many: int, *, database_url: str = "") -> list[Round]:
    """Rounds over so many overdue actions, until one gives no reminder."""
    with a_site(folder, database_url) as (app, session):
        insert_actions(session, many)
        late = clock.today() - timedelta(days=5)
        values = {"due_on": late, "status": ActionStatus.ACCEPTED, "closed_at": None}
        session.execute(
            update(Action).where(Action.owner_id.is_not(None)).values(**values, sort_key=late.toordinal())
        )
        session.commit()
        session.close()
        workplace = Workplace(app.extensions["config"], app.extensions["database"])
        found = [a_round(workplace)]
        while len(found) < 2 or found[-1].given > found[-2].given:
            found.append(a_round(workplace))
    return found


def main() -> int:
    """Measure; the exit code is 0 only when each was reminded of once and nobody was kept waiting."""
    parser = arguments.parser(__doc__, short=3_000, long=100_000, unit="actions")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    given = parser.parse_args()
    with place(given.postgresql) as (folder, database_url):
        found = rounds(folder, arguments.rounds(given), database_url=database_url)
    for name, each in (("first", found[0]), ("with nothing to give", found[-1])):
        print(
            f"round {name}: {each.statements:,} statements, {each.computing:.2f} s of computing, {each.seconds:.1f} s"
        )
    longest = max(each.longest_write for each in found)
    print(f"{found[-1].given:,} reminders in {len(found) - 1} rounds, longest transaction {longest:.2f} s")
    return 0 if longest < LONGEST_WRITE and found[0].given <= MOST_A_ROUND else 1


if __name__ == "__main__":
    sys.exit(main())
