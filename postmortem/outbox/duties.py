"""What is looked at about once a minute beside delivering: reminders by time, digests that are due.

Each worker does it in a thread of its own, so that a duty that takes long holds up no delivery. Several workers may
do the same duty at the same moment: whatever it owes must be unique in the database.
"""

import logging
import threading
import time
import traceback
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from postmortem.outbox.workplace import Duty, Workplace

LOG = logging.getLogger("postmortem.worker")
EVERY = 60.0


class Duties:
    """Begins the next round when its time has come; one round at a time."""

    def __init__(self, duties: Sequence[Duty], workplace: Workplace, *, every: float = EVERY) -> None:
        self._duties, self._workplace, self._every = tuple(duties), workplace, every
        self._begun_at: float | None = None
        self._thread: threading.Thread | None = None

    def begin_if_time(self) -> None:
        """Start a round in the background, unless one goes on or the last began less than a minute ago."""
        if not self._duties or (self._thread is not None and self._thread.is_alive()):
            return
        if self._begun_at is not None and time.monotonic() - self._begun_at < self._every:
            return
        self._begun_at = time.monotonic()
        self._thread = threading.Thread(target=self.do_all, name="duties", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> None:
        """Let the round that goes on come to its end."""
        if self._thread is not None:
            self._thread.join(seconds)

    def do_all(self) -> None:
        """Each duty once; one that fails is logged, and the next is done all the same."""
        for duty in self._duties:
            name = getattr(duty, "__name__", type(duty).__name__)
            try:
                duty(self._workplace)
            except SQLAlchemyError as error:
                LOG.warning(
                    "%s: the database did not take it (%s); again in a minute", name, type(error).__name__
                )
            except Exception as failure:
                # Only where and what kind: the message of an unforeseen error may hold anything.
                LOG.error("%s failed (%s)\n%s", name, type(failure).__name__, places(failure))


def places(failure: BaseException) -> str:
    """The traceback's places without the error's own words."""
    return "".join(traceback.format_tb(failure.__traceback__)).rstrip()
