"""A workplace on the test's database, and handlers that note what they were given."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from postmortem.config import Config
from postmortem.db import Database
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.operations import owe
from postmortem.outbox.worker import Worker
from postmortem.outbox.workplace import Delivery, Handler, Workplace

Owe = Callable[..., OutboxMessage]
MakeWorker = Callable[..., Worker]
KIND = DeliveryKind.NOTICE


class Received:
    """A far end that remembers, from many threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self.deliveries: list[Delivery] = []

    def __call__(self, delivery: Delivery, _workplace: Workplace) -> None:
        with self._guard:
            self.deliveries.append(delivery)

    @property
    def ids(self) -> list[str]:
        with self._guard:
            return [each.delivery_id for each in self.deliveries]


@pytest.fixture
def received() -> Received:
    return Received()


@pytest.fixture
def workplace(config: Config) -> Iterator[Workplace]:
    database = Database(config.database_url)
    yield Workplace(config, database)
    database.dispose()


@pytest.fixture
def make_worker(config: Config) -> Iterator[MakeWorker]:
    """A worker with connections of its own, as in a process of its own."""
    databases: list[Database] = []

    def make(handler: Handler, *, lease: timedelta = timedelta(seconds=60), threads: int = 8) -> Worker:
        databases.append(Database(config.database_url))
        return Worker(Workplace(config, databases[-1]), {KIND: handler}, lease=lease, threads=threads)

    yield make
    for database in databases:
        database.dispose()


@pytest.fixture
def owed(session: Session) -> Owe:
    """Something owed, committed."""

    def do(**payload: object) -> OutboxMessage:
        message = owe(session, KIND, payload)
        session.commit()
        return message

    return do
