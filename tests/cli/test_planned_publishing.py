"""Planned publishing by real workers: killed in its middle or done by two at once, it happens once or not at all."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.config import Config
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.outbox.workplace import Workplace
from postmortem.reviews.scheduled import publish_what_is_due
from postmortem.writeups.models import Publication, Writeup
from postmortem.writeups.scheduling import plan_publication
from tests.cli.conftest import Run
from tests.factories.writeups import make_writeup

# Publishes as the worker does, and is killed where everything is written and nothing committed.
KILLED = f"""
import os
from postmortem.cli import main
from postmortem.reviews import scheduled

publish = scheduled.publish_as_planned

def and_be_killed(session, writeup):
    publish(session, writeup)
    session.flush()
    os.kill(os.getpid(), {int(signal.SIGKILL)})

scheduled.publish_as_planned = and_be_killed
main(["worker", "--once"])
"""


def planned(session: Session, author: Person, title: str, frozen: Callable[..., None]) -> Writeup:
    """A plan made yesterday for an hour ago."""
    now = clock.now()
    frozen(now - timedelta(days=1))
    writeup = make_writeup(session, author, title)
    plan_publication(session, writeup, at=now - timedelta(hours=1), actor=author)
    session.commit()
    frozen(now)
    return writeup


def published(session: Session) -> list[int]:
    session.expire_all()
    return list(session.scalars(select(Publication.writeup_id).order_by(Publication.writeup_id)))


def test_a_worker_that_is_killed_over_it_leaves_it_to_the_next(
    session: Session, author: Person, environment: dict[str, str], run: Run, frozen: Callable[..., None]
) -> None:
    writeup = planned(session, author, "Killed", frozen)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env={**os.environ, **environment}, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert published(session) == []
    assert writeup.publish_at is not None
    for _ in range(2):
        assert run("worker", "--once").exit_code == 0
    assert published(session) == [writeup.id]
    acts = select(HistoryEntry.verb).where(HistoryEntry.verb == "published")
    assert session.scalars(acts).all() == ["published"]


def test_two_workers_at_once_publish_each_once(
    session: Session, author: Person, config: Config, frozen: Callable[..., None]
) -> None:
    writeups = [planned(session, author, f"Number {number}", frozen) for number in range(4)]
    databases = [Database(config.database_url) for _ in range(2)]
    failed: list[BaseException] = []
    start = threading.Barrier(2)

    def work(database: Database) -> None:
        start.wait()
        try:
            publish_what_is_due(Workplace(config, database))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases:
        # What one of the two found in the other's hands waits for the next round.
        publish_what_is_due(Workplace(config, database))
        database.dispose()
    assert failed == []
    assert published(session) == [writeup.id for writeup in writeups]
