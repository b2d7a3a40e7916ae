"""Plans for tests: it is noon on a Tuesday, something is planned for nine the next morning, and the worker looks then."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.workplace import Workplace
from postmortem.reviews.scheduled import publish_what_is_due
from postmortem.writeups import operations
from postmortem.writeups.models import Publication, Writeup
from postmortem.writeups.scheduling import plan_publication
from tests.factories.writeups import make_writeup
from tests.support.client import Browser

# A Tuesday.
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NINE = NOON + timedelta(hours=21)
SignIn = Callable[[Person], Browser]
Work = Callable[[], None]


@pytest.fixture(autouse=True)
def at_noon(frozen: Callable[[datetime], None]) -> None:
    frozen(NOON)


@pytest.fixture
def draft(session: Session, author: Person) -> Writeup:
    return make_writeup(session, author, "The cache")


@pytest.fixture
def nine(session: Session, config: Any, database: Database, frozen: Callable[[datetime], None]) -> Work:
    """It is nine, and the worker looks."""

    def do() -> None:
        frozen(NINE)
        session.commit()
        publish_what_is_due(Workplace(config, database))
        session.expire_all()

    return do


def plan(session: Session, writeup: Writeup, person: Person, **values: Any) -> None:
    plan_publication(session, writeup, at=NINE, actor=person, **values)
    session.commit()


def publications(session: Session) -> list[Publication]:
    return list(session.scalars(select(Publication).order_by(Publication.number)))


def verbs(session: Session) -> list[str]:
    return list(session.scalars(select(HistoryEntry.verb).order_by(HistoryEntry.id)))


def why_not(session: Session) -> str:
    [entry] = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "did not publish"))
    assert entry.actor_name == "worker"
    assert entry.changes["publish_at"] == [NINE.isoformat(), None]
    return str(entry.changes["why"][1])


def told(session: Session) -> list[dict[str, Any]]:
    rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [row.payload for row in rows if row.payload.get("event") == "held"]


def is_unplanned(writeup: Writeup) -> bool:
    return (writeup.publish_at, writeup.publish_by_id, writeup.publish_version) == (None, None, None)


def change_text(session: Session, writeup: Writeup, author: Person) -> None:
    operations.save_writeup(session, writeup, {"body": "Another text."}, version=None, actor=author)
