"""A worker killed between sending and marking, again and again: nothing is missing, doubles carry the same id.

Incidents are filed, their news is shared out to several receivers and mailed to a follower. Whenever something arrives
for the first time the worker is killed at that moment or a little later, until it was killed often enough; then it may
work off the rest. At the end everything that was owed is marked as delivered, arrived, and arrived under its own id.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.notifications.enums import Event, Pace
from postmortem.notifications.models import Follow, NotificationChoice
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.worker import THREADS
from postmortem.tags.operations import tags_named
from stress import arguments
from stress.kill_storm import furnished, place
from stress.ledger import config_of
from tests.factories.incidents import make_incident
from tests.factories.receivers import make_receiver
from tests.support.far_end import Call, FarEnd, far_end
from tests.support.smtp import Taken, mail_server

RECEIVERS = 4
# So much news for each kill: every incident makes RECEIVERS calls and a mail, and there must be enough to kill at.
PER_INCIDENT = 3
PATIENCE = 60.0


@dataclass
class Killer:
    """Kills the worker that runs when something arrives for the first time, `left` times."""

    left: int
    chance: random.Random
    worker: "subprocess.Popen[bytes] | None" = None
    arrived: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    guard: threading.Lock = field(default_factory=threading.Lock)

    def call(self, taken: Call) -> None:
        self._note(taken.id, taken.body)

    def mail(self, taken: Taken) -> None:
        self._note(str(taken.message["Message-ID"]).strip("<>").partition("@")[0], b"")

    def _note(self, delivery_id: str, body: bytes) -> None:
        with self.guard:
            is_new = delivery_id not in self.arrived
            self.arrived[delivery_id].append(body)
            victim = self.worker
            if not is_new or self.left <= 0 or victim is None or victim.poll() is not None:
                return
            self.left -= 1
            self.worker = None
        # Half of them before the answer goes out, half somewhere between the answer and the mark.
        pause = self.chance.choice((0.0, self.chance.uniform(0.0, 0.02)))
        if pause:
            threading.Timer(pause, os.kill, (victim.pid, signal.SIGKILL)).start()
        else:
            os.kill(victim.pid, signal.SIGKILL)


def storm(folder: Path, kills: int, *, seed: int, database_url: str = "", say: bool = False) -> list[str]:
    """Kill so often; returns what did not hold."""
    killer = Killer(kills, random.Random(seed))
    with mail_server() as mails, far_end() as end:
        mails.on_taken, end.on_taken = killer.mail, killer.call
        site = furnished(folder, mails, database_url)
        environment = {**os.environ, **site.environ, "POSTMORTEM_WEBHOOK_ALLOW": "127.0.0.1"}
        database = Database(config_of(site).database_url, secret_key=config_of(site).secret_key)
        try:
            with database.session(writes=True) as session:
                _owe(session, end, 1 + kills // PER_INCIDENT)
            problems = _work_off(database, environment, killer)
            with database.session(writes=False) as session:
                problems += _compared(session, killer)
        finally:
            database.dispose()
    if say:
        doubled = sum(len(bodies) - 1 for bodies in killer.arrived.values())
        print(f"   {kills - killer.left} kills, {len(killer.arrived)} things owed, {doubled} came again")
    return problems


def _owe(session: Session, end: FarEnd, incidents: int) -> None:
    """Receivers, a follower who is mailed at once, and news for them."""
    people = session.scalars(select(Person).order_by(Person.id)).all()
    for number in range(RECEIVERS):
        make_receiver(session, f"Receiver {number}", url=end.url)
    [tag] = tags_named(session, ["dns"])
    session.flush()
    follower = people[0].id
    session.add(Follow(person_id=follower, tag_id=tag.id, created_at=clock.now()))
    session.add(NotificationChoice(person_id=follower, event=Event.INCIDENT_FILED.value, pace=Pace.AT_ONCE))
    session.commit()
    for number in range(incidents):
        make_incident(session, people[1], f"Number {number}", tags=["dns"])


def _work_off(database: Database, environment: dict[str, str], killer: Killer) -> list[str]:
    """Run workers, one after the other, until nothing is left to do."""
    command = [sys.executable, "-m", "postmortem.cli", "worker", "--lease", "1"]
    last_progress, seen = time.monotonic(), -1
    running: subprocess.Popen[bytes] | None = None
    try:
        while _count(database, OutboxMessage.finished_at.is_(None)) or killer.left:
            if running is None or running.poll() is not None:
                running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
                with killer.guard:
                    killer.worker = running
            if (count := len(killer.arrived)) != seen:
                last_progress, seen = time.monotonic(), count
            if time.monotonic() - last_progress > PATIENCE:
                return [f"nothing arrived for {PATIENCE:.0f} s, {killer.left} kills left"]
            time.sleep(0.1)
    finally:
        if running is not None:
            running.terminate()
            running.wait(30)
    return []


def _count(database: Database, *conditions: object) -> int:
    with database.session(writes=False) as session:
        return session.scalar(select(func.count()).select_from(OutboxMessage).where(*conditions)) or 0  # type: ignore[arg-type]


def _compared(session: Session, killer: Killer) -> list[str]:
    """What is missing, doubled under another id, or called delivered though it never arrived."""
    rows = session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind.in_(("news_call", "news_mail")))
    ).all()
    incidents = session.scalar(select(func.count()).where(OutboxMessage.kind == "news")) or 0
    owed = {row.delivery_id for row in rows}
    problems = [
        f"{row.kind} {row.delivery_id} was given up: {row.last_error}" for row in rows if not row.is_delivered
    ]
    if len(rows) < incidents * RECEIVERS:
        problems.append(
            f"{incidents} incidents and {RECEIVERS} receivers, and only {len(rows)} things are owed"
        )
    problems += [f"{each} is called delivered and never arrived" for each in owed - set(killer.arrived)]
    problems += [f"{each} arrived and was never owed" for each in set(killer.arrived) - owed]
    problems += [
        f"{each} came with two texts" for each, bodies in killer.arrived.items() if len(set(bodies)) > 1
    ]
    told = [next(iter(bodies)) for bodies in killer.arrived.values() if bodies[0]]
    problems += [
        f"told {told.count(text)} times under different ids"
        for text in set(told)
        if told.count(text) > RECEIVERS
    ]
    return problems


def main(arguments_given: list[str] | None = None) -> int:
    """Kill the worker; the exit code is 0 only when everything held."""
    parser = arguments.parser(__doc__, short=3, long=100, unit="kills")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="for the same pauses again")
    given = parser.parse_args(arguments_given)
    print(f"   seed {given.seed}, up to {THREADS} deliveries under way at each kill")
    with place(given.postgresql) as (folder, url):
        problems = storm(folder, arguments.rounds(given), seed=given.seed, database_url=url, say=True)
    for problem in problems[:50]:
        print(f"   WRONG {problem}")
    print("   " + (f"{len(problems)} problems" if problems else "everything held"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
