"""`postmortem worker`: delivers what is owed, in a process of its own or as a child of `postmortem serve`."""

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from types import FrameType

import click

from postmortem.cli.context import checked_database, settings
from postmortem.config import Config
from postmortem.outbox.worker import LEASE, Worker
from postmortem.outbox.workplace import Duty, Handler, Workplace

# The only list of who delivers. Every module has HANDLERS, from kind to function.
DELIVERED_BY: tuple[str, ...] = (
    "postmortem.accounts.deliveries",
    "postmortem.notifications.deliveries",
    "postmortem.notifications.deliveries_receivers",
    "postmortem.reviews.deliveries",
    "postmortem.writeups.newsletter_sending",
)
# The only list of who tells news of records: each module registers its tellers when it is imported.
TELLERS: tuple[str, ...] = (
    "postmortem.incidents.news",
    "postmortem.actions.news",
    "postmortem.action_reviews.news",
    "postmortem.writeups.news",
    "postmortem.reviews.news",
    "postmortem.readers.news_citations",
    "postmortem.readers.news_questions",
    "postmortem.reviews.news_talk",
)
# The only list of duties: what is looked at about once a minute. Every module has DUTIES.
DUTIES_OF: tuple[str, ...] = (
    "postmortem.actions.reminders",
    "postmortem.reviews.reminders",
    "postmortem.reviews.scheduled",
    "postmortem.notifications.digests",
    "postmortem.attachments.sweeping",
    "postmortem.readers.operations_open",
    "postmortem.writeups.newsletter_sending",
)


class Stopping:
    """Whether it is time to end. A second signal ends the process at once."""

    def __init__(self, parent: int | None) -> None:
        self._parent = parent
        self._is_signalled = False

    def __call__(self) -> bool:
        return self._is_signalled or self.is_orphan

    @property
    def is_orphan(self) -> bool:
        """Whether the server that started this worker is gone, however it ended."""
        return self._parent is not None and os.getppid() != self._parent

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._is_signalled = True
        signal.signal(number, signal.SIG_DFL)


@click.command()
@click.option("--once", is_flag=True, help="Deliver what is due now and end; for cron.")
@click.option("--child-of", type=int, hidden=True, help="End when this process is not the parent any more.")
@click.option(
    "--lease",
    type=click.FloatRange(1, 600),
    default=LEASE.total_seconds(),
    hidden=True,
    help="Seconds after which a killed worker's deliveries are another's.",
)
def worker(once: bool, child_of: int | None, lease: float) -> None:
    """Deliver mails and other messages until stopped; what is under way is finished first."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s: %(message)s")
    stopping = Stopping(child_of)
    signal.signal(signal.SIGTERM, stopping.on_signal)
    signal.signal(signal.SIGINT, stopping.on_signal)
    config = settings()
    with _worker(config, timedelta(seconds=lease)) as working:
        if once:
            working.drain()
            return
        if child_of is None:
            click.echo(f"The worker delivers; links begin with {config.base_url}  (stop with Ctrl-C)")
        working.run(stopping)


def handlers() -> dict[str, Handler]:
    """Who delivers what, by kind. Whoever tells news of records is there too."""
    found: dict[str, Handler] = {}
    for module in TELLERS:
        import_module(module)
    for module in DELIVERED_BY:
        found.update(import_module(module).HANDLERS)
    return found


def duties() -> list[Duty]:
    """What is looked at about once a minute."""
    return [duty for module in DUTIES_OF for duty in import_module(module).DUTIES]


@contextmanager
def _worker(config: Config, lease: timedelta) -> Iterator[Worker]:
    database = checked_database(config)
    try:
        yield Worker(Workplace(config, database), handlers(), duties=duties(), lease=lease)
    finally:
        database.dispose()
