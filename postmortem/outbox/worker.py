"""The worker: claims what is due, delivers it in a few threads, notes what came of it. Knows no web.

Delivering happens outside any transaction. Several workers may run at once, on several machines.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from postmortem.outbox import claims
from postmortem.outbox.duties import Duties, places
from postmortem.outbox.workplace import Delivery, Duty, Handler, NotDelivered, Undeliverable, Workplace

LOG = logging.getLogger("postmortem.worker")
# So many deliveries at once: far ends are waited for, not worked on, and one that hangs holds one thread only.
THREADS = 12
# How long after a worker was killed its deliveries wait; while it lives it renews the lease in time.
LEASE = timedelta(seconds=20)
REST = 1.0
TIDY_EVERY = 3600.0
NOTE_TRIES = 10
# How long the end of the process waits for a duty that goes on; what it began is rolled back then.
LAST_DUTY = 10.0


class Worker:
    """Delivers with these handlers, by kind. `run` until told to stop, or `drain` what is due now.

    `duties` are done about once a minute beside it.
    """

    def __init__(
        self,
        workplace: Workplace,
        handlers: Mapping[str, Handler],
        *,
        duties: Sequence[Duty] = (),
        threads: int = THREADS,
        lease: timedelta = LEASE,
    ) -> None:
        self.workplace, self.handlers = workplace, handlers
        self._threads, self._lease = threads, lease
        self._duties = Duties(duties, workplace)
        self._in_flight: dict[int, Delivery] = {}
        self._guard = threading.Lock()
        self._wake = threading.Event()
        self._renewed_at = self._tidied_at = 0.0
        self._is_database_away = False

    def run(self, should_stop: Callable[[], bool]) -> None:
        """Deliver until `should_stop()`, asked at least once a second; what is under way is finished first."""
        with ThreadPoolExecutor(self._threads, "delivery") as pool:
            while not should_stop():
                self._duties.begin_if_time()
                self._turn(pool)
                self._rest()
            self._wait_for_the_last()
            self._duties.wait(LAST_DUTY)

    def drain(self) -> None:
        """Do the duties, then deliver all that is due now, each once."""
        self._duties.do_all()
        with ThreadPoolExecutor(self._threads, "delivery") as pool:
            while True:
                # What ends during a turn may make room for more of its lane.
                was_idle = not self._in_flight
                if not self._turn(pool) and was_idle:
                    return
                self._rest()

    def _turn(self, pool: ThreadPoolExecutor) -> int:
        """Renew, claim, start. A database that is away is waited for."""
        try:
            self._renew()
            started = self._start_due(pool)
            self._tidy()
        except SQLAlchemyError as error:
            if not self._is_database_away:
                LOG.warning("the database does not answer (%s); waiting for it", type(error).__name__)
            self._is_database_away = True
            return 0
        if self._is_database_away:
            LOG.info("the database answers again")
        self._is_database_away = False
        return started

    def _start_due(self, pool: ThreadPoolExecutor) -> int:
        room = self._room()
        if room.all <= 0:
            return 0
        with self.workplace.reading() as session:
            if not claims.anything_due(session, self.handlers):
                return 0
        with self.workplace.writing() as session:
            claimed = claims.claim(session, self.handlers, room=room, lease=self._lease)
        for delivery in claimed:
            with self._guard:
                self._in_flight[delivery.id] = delivery
            pool.submit(self._deliver, delivery)
        return len(claimed)

    def _room(self) -> claims.Room:
        """At most half of the threads are for lanes, half of those for lanes that failed before, and one for what
        was in hand when a worker ended. At most two thirds are for mail: a mail server that hangs leaves the rest."""
        with self._guard:
            held = list(self._in_flight.values())
        for_lanes = max(1, self._threads // 2)
        in_lanes = [each for each in held if each.lane is not None]
        suspects = sum(each.is_suspect for each in in_lanes)
        return claims.Room(
            all=self._threads - len(held),
            lanes=max(0, for_lanes - len(in_lanes)),
            suspects=max(0, min(max(1, for_lanes // 2) - suspects, for_lanes - len(in_lanes))),
            others=max(0, self._threads - self._threads // 3 - (len(held) - len(in_lanes))),
            cut_off=0 if any(each.was_cut_off for each in held) else 1,
        )

    def _deliver(self, delivery: Delivery) -> None:
        try:
            note = self._outcome(delivery)
            self._note(delivery, note)
        finally:
            with self._guard:
                self._in_flight.pop(delivery.id, None)
            self._wake.set()

    def _outcome(self, delivery: Delivery) -> Callable[[Session], None]:
        """Try it; returns how to note what came of it."""
        if delivery.attempts > claims.MAX_ATTEMPTS:
            # Each try ended the worker before anything could be noted: it is not tried for ever.
            error = "The worker ended each time this was tried."
            return lambda session: claims.give_up(session, delivery, error)
        asked = timedelta(0)
        try:
            self.handlers[delivery.kind](delivery, self.workplace)
        except Undeliverable as why:
            error = str(why)
            return lambda session: claims.give_up(session, delivery, error)
        except NotDelivered as why:
            error, asked = str(why), why.asked
        except Exception as failure:
            # Only where and what kind: the message of an unforeseen error may hold anything.
            error = f"The program failed here ({type(failure).__name__}). The worker's log says where."
            LOG.error("delivery %s: %s\n%s", delivery.delivery_id, error, places(failure))
        else:
            return lambda session: claims.finish(session, delivery)
        return lambda session: claims.put_off(session, delivery, error, asked)

    def _note(self, delivery: Delivery, note: Callable[[Session], None]) -> None:
        """Write down what came of it; a busy database is asked again, because otherwise it goes out twice."""
        for tries_left in reversed(range(NOTE_TRIES)):
            try:
                with self.workplace.writing() as session:
                    note(session)
            except SQLAlchemyError as error:
                LOG.warning("delivery %s could not be noted (%s)", delivery.delivery_id, type(error).__name__)
                if tries_left:
                    time.sleep(REST)
            else:
                return

    def _renew(self) -> None:
        if time.monotonic() - self._renewed_at < self._lease.total_seconds() / 3:
            return
        with self._guard:
            held = list(self._in_flight.values())
        if held:
            with self.workplace.writing() as session:
                claims.renew(session, held, lease=self._lease)
        self._renewed_at = time.monotonic()

    def _tidy(self) -> None:
        if self._tidied_at and time.monotonic() - self._tidied_at < TIDY_EVERY:
            return
        with self.workplace.writing() as session:
            claims.forget_old(session)
        self._tidied_at = time.monotonic()

    def _wait_for_the_last(self) -> None:
        while self._in_flight:
            try:
                self._renew()
            except SQLAlchemyError as error:
                LOG.warning("a lease could not be renewed (%s)", type(error).__name__)
            self._rest()

    def _rest(self) -> None:
        """A second, or until a thread is free again."""
        self._wake.wait(REST)
        self._wake.clear()
