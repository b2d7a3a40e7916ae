"""Delivered at least once, by one worker at a time, retried with growing gaps, at last given up."""

import logging
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.outbox import claims
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.workplace import Delivery, NotDelivered, Undeliverable, Workplace
from tests.outbox.conftest import KIND, MakeWorker, Owe, Received

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def rows(session: Session) -> list[OutboxMessage]:
    session.expire_all()
    return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_what_is_owed_is_delivered_and_marked(
    owed: Owe, make_worker: MakeWorker, received: Received, session: Session
) -> None:
    message = owed(person_id=7)
    make_worker(received).drain()
    [delivery] = received.deliveries
    assert (delivery.delivery_id, delivery.payload, delivery.attempts) == (
        message.delivery_id,
        {"person_id": 7},
        1,
    )
    [row] = rows(session)
    assert row.is_delivered
    assert row.finished_at is not None
    assert (row.last_error, row.claimed_until) == ("", None)


def test_what_was_rolled_back_is_not_owed(
    make_worker: MakeWorker, received: Received, workplace: Workplace
) -> None:
    from postmortem.outbox.operations import owe

    with workplace.database.session(writes=True) as session:
        owe(session, KIND, {})
        session.flush()
        session.rollback()
    make_worker(received).drain()
    assert received.deliveries == []


def test_what_is_due_later_waits(
    session: Session, make_worker: MakeWorker, received: Received, frozen
) -> None:
    from postmortem.outbox.operations import owe

    frozen(START)
    owe(session, KIND, {}, due_at=START + timedelta(hours=1))
    session.commit()
    make_worker(received).drain()
    assert received.deliveries == []
    frozen(START + timedelta(hours=1))
    make_worker(received).drain()
    assert len(received.deliveries) == 1


def test_a_failure_is_tried_again_after_growing_gaps_and_at_last_given_up(
    owed: Owe, make_worker: MakeWorker, session: Session, frozen
) -> None:
    frozen(START)
    tried: list[datetime] = []

    def fails(_delivery: Delivery, _workplace: Workplace) -> None:
        tried.append(clock.now())
        raise NotDelivered("The far end is closed.")

    owed()
    worker = make_worker(fails)
    worker.drain()
    while (row := rows(session)[0]).finished_at is None:
        assert row.last_error == "The far end is closed."
        assert row.claimed_until is None
        frozen(row.due_at - timedelta(seconds=1))
        worker.drain()
        assert rows(session)[0].attempts == len(tried)
        frozen(row.due_at)
        worker.drain()
    gaps = [after - before for before, after in pairwise(tried)]
    assert gaps == list(claims.GAPS) == sorted(gaps)
    assert len(tried) == claims.MAX_ATTEMPTS
    assert not rows(session)[0].is_delivered


def test_what_can_never_work_is_given_up_at_once(
    owed: Owe, make_worker: MakeWorker, session: Session
) -> None:
    def refuses(_delivery: Delivery, _workplace: Workplace) -> None:
        raise Undeliverable("There is no such address. " + "x" * 1000)

    owed()
    make_worker(refuses).drain()
    [row] = rows(session)
    assert (row.attempts, row.is_delivered) == (1, False)
    assert row.finished_at is not None
    assert row.last_error.startswith("There is no such address.")
    assert len(row.last_error) == claims.ERROR_LENGTH


def test_an_error_of_the_program_is_kept_without_its_words(
    owed: Owe, make_worker: MakeWorker, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(delivery: Delivery, _workplace: Workplace) -> None:
        raise ValueError(delivery.payload["said"])

    owed(said="https://site.example/password/s3cret")
    with caplog.at_level(logging.INFO):
        make_worker(breaks).drain()
    [row] = rows(session)
    assert (row.finished_at, row.attempts) == (None, 1)
    assert "ValueError" in row.last_error
    assert "in breaks" in caplog.text
    assert "s3cret" not in caplog.text + row.last_error


def test_one_bad_row_delays_no_other(
    session: Session, owed: Owe, make_worker: MakeWorker, received: Received
) -> None:
    """One far end hangs; what is owed to the others goes out meanwhile, also more than there are threads."""
    may_end = threading.Event()

    def handler(delivery: Delivery, workplace: Workplace) -> None:
        if delivery.payload.get("hangs"):
            may_end.wait(20)
        received(delivery, workplace)

    owed(hangs=True)
    good = [owed(number=number).delivery_id for number in range(7)]
    worker = make_worker(handler, threads=2)
    thread = threading.Thread(target=worker.drain)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while len(received.ids) < 7 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert sorted(received.ids) == sorted(good)
    finally:
        may_end.set()
        thread.join()
    assert all(row.is_delivered for row in rows(session))


def test_several_workers_at_once_deliver_each_row_once(
    owed: Owe, make_worker: MakeWorker, received: Received, session: Session
) -> None:
    owing = {owed(number=number).delivery_id for number in range(60)}
    workers = [threading.Thread(target=make_worker(received).drain) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert Counter(received.ids) == Counter(dict.fromkeys(owing, 1))
    assert all(row.is_delivered and row.attempts == 1 for row in rows(session))


def test_a_long_delivery_keeps_its_row(
    owed: Owe, make_worker: MakeWorker, received: Received, session: Session
) -> None:
    """The lease is renewed while the worker lives: a second worker finds nothing to do, however long it takes."""
    lease = timedelta(seconds=1)
    begun, may_end = threading.Event(), threading.Event()

    def slow(delivery: Delivery, workplace: Workplace) -> None:
        begun.set()
        may_end.wait(20)
        received(delivery, workplace)

    owed()
    thread = threading.Thread(target=make_worker(slow, lease=lease).drain)
    thread.start()
    assert begun.wait(10)
    second = make_worker(received, lease=lease)
    for _ in range(6):
        time.sleep(0.5)
        second.drain()
    assert received.ids == []
    may_end.set()
    thread.join()
    assert len(received.ids) == 1
    assert rows(session)[0].attempts == 1


def test_after_a_crash_the_lease_runs_out_and_the_same_id_goes_out_again(
    owed: Owe, workplace: Workplace, make_worker: MakeWorker, received: Received, frozen
) -> None:
    frozen(START)
    message = owed()
    with workplace.writing() as session:
        [crashed] = claims.claim(
            session, [KIND], room=claims.Room(10, 10, 10, 10), lease=timedelta(seconds=60)
        )
    make_worker(received).drain()
    assert received.ids == []
    frozen(START + timedelta(seconds=60))
    make_worker(received).drain()
    assert received.ids == [message.delivery_id] == [crashed.delivery_id]


def test_a_worker_that_was_given_up_for_dead_changes_nothing_any_more(
    owed: Owe, workplace: Workplace, session: Session, frozen
) -> None:
    frozen(START)
    owed()
    claimed = []
    for minutes in (0, 2):
        frozen(START + timedelta(minutes=minutes))
        with workplace.writing() as writing:
            claimed += claims.claim(
                writing, [KIND], room=claims.Room(1, 1, 1, 1), lease=timedelta(seconds=60)
            )
    late, present = claimed
    with workplace.writing() as writing:
        claims.give_up(writing, late, "late")
        claims.renew(writing, [late], lease=timedelta(days=1))
    [row] = rows(session)
    assert (row.finished_at, row.claimed_until) == (None, START + timedelta(minutes=3))
    with workplace.writing() as writing:
        claims.finish(writing, present)
        claims.put_off(writing, present, "too late")
    [row] = rows(session)
    assert (row.is_delivered, row.last_error) == (True, "")


def test_what_ends_the_worker_each_time_is_not_tried_for_ever(
    owed: Owe, make_worker: MakeWorker, received: Received, session: Session
) -> None:
    owed()
    session.execute(update(OutboxMessage).values(attempts=claims.MAX_ATTEMPTS))
    make_worker(received).drain()
    [row] = rows(session)
    assert received.ids == []
    assert row.last_error == "The worker ended each time this was tried."
    assert not row.is_delivered


def test_an_unknown_kind_is_kept_for_a_program_that_knows_it(
    owed: Owe, make_worker: MakeWorker, received: Received, session: Session
) -> None:
    owed()
    session.execute(update(OutboxMessage).values(kind="from_the_future"))
    make_worker(received).drain()
    [row] = rows(session)
    assert received.ids == []
    assert (row.attempts, row.finished_at, row.kind) == (0, None, "from_the_future")


def test_a_database_that_is_away_is_waited_for(
    owed: Owe, make_worker: MakeWorker, received: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    owed()
    worker, turns = make_worker(received), []
    asked = claims.anything_due

    def away(*arguments) -> bool:
        turns.append(1)
        if len(turns) < 3:
            raise OperationalError("SELECT", {}, Exception("gone"))
        return asked(*arguments)

    monkeypatch.setattr(claims, "anything_due", away)
    worker.run(lambda: bool(received.ids) and len(turns) > 3)
    assert len(received.ids) == 1


def test_finished_rows_are_forgotten_after_a_while(
    owed: Owe, workplace: Workplace, session: Session, frozen
) -> None:
    frozen(START)
    for outcome in ("delivered", "given up", "waiting"):
        owed()
        with workplace.writing() as writing:
            if outcome != "waiting":
                [claim] = claims.claim(
                    writing, [KIND], room=claims.Room(1, 1, 1, 1), lease=timedelta(seconds=60)
                )
                if outcome == "delivered":
                    claims.finish(writing, claim)
                else:
                    claims.give_up(writing, claim, "why")
    left = []
    for days in (6, 8, 89, 91):
        frozen(START + timedelta(days=days))
        with workplace.writing() as writing:
            claims.forget_old(writing)
        left.append([row.id for row in rows(session)])
    assert left == [[1, 2, 3], [2, 3], [2, 3], [3]]
