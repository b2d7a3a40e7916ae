"""What whoever delivers works with, and what they may say instead of delivering."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from postmortem.config import Config
from postmortem.db import Database


@dataclass(frozen=True)
class Delivery:
    """One row as it was claimed. `attempts` counts this try too.

    `is_suspect`: something of its lane failed before; `was_cut_off`: the worker that had it before ended over it.
    """

    id: int
    delivery_id: str
    kind: str
    payload: dict[str, Any]
    created_at: datetime
    attempts: int
    lane: str | None = None
    is_suspect: bool = False
    was_cut_off: bool = False


class NotDelivered(Exception):
    """It did not work this time. The message is a short sentence for admins, without secrets.

    `asked` is how long the far end asks to be left alone.
    """

    def __init__(self, sentence: str, *, asked: timedelta = timedelta(0)) -> None:
        super().__init__(sentence)
        self.asked = asked


class Undeliverable(NotDelivered):
    """It will not work later either: given up at once."""


@dataclass(frozen=True)
class Workplace:
    """Settings, and sessions that end before anything leaves the machine."""

    config: Config
    database: Database

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads. Close it before talking to anybody outside."""
        with self.database.session(writes=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits at its end. Close it before talking to anybody outside."""
        with self.database.session(writes=True) as session:
            yield session
            session.commit()


Handler = Callable[[Delivery, Workplace], None]
# What is looked at about once a minute; several workers may do it at the same time.
Duty = Callable[[Workplace], None]
