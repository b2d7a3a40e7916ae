"""Lanes: a far end that hangs or fails holds up its own rows only. Duties: beside delivering, never in its way."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.outbox import claims, lanes
from postmortem.outbox.duties import Duties
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.operations import owe
from postmortem.outbox.worker import Worker
from postmortem.outbox.workplace import Delivery, NotDelivered, Workplace
from tests.outbox.conftest import KIND, MakeWorker, Received

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def owe_in(session: Session, lane: str | None, count: int = 1, **payload: object) -> None:
    for number in range(count):
        owe(session, KIND, {"number": number, "lane": lane, **payload}, lane=lane)
    session.commit()


@contextmanager
def draining(worker: Worker) -> Iterator[None]:
    thread = threading.Thread(target=worker.drain)
    thread.start()
    try:
        yield
    finally:
        thread.join(30)


def until(condition, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())


def test_one_row_of_a_lane_at_a_time_and_in_their_order(
    session: Session, make_worker: MakeWorker, received: Received
) -> None:
    guard, under_way, most = threading.Lock(), [0], [0]

    def handler(delivery: Delivery, workplace: Workplace) -> None:
        with guard:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        time.sleep(0.02)
        received(delivery, workplace)
        with guard:
            under_way[0] -= 1

    owe_in(session, "receiver-1", 5)
    make_worker(handler).drain()
    assert most == [1]
    assert [each.payload["number"] for each in received.deliveries] == list(range(5))


def test_lanes_that_hang_leave_half_of_the_threads_to_the_rest(
    session: Session, make_worker: MakeWorker, received: Received
) -> None:
    may_end = threading.Event()

    def handler(delivery: Delivery, workplace: Workplace) -> None:
        if delivery.lane is not None:
            may_end.wait(20)
        received(delivery, workplace)

    for number in range(10):
        owe_in(session, f"receiver-{number}", 3)
    owe_in(session, None, 20)
    with draining(make_worker(handler, threads=4)):
        try:
            assert until(lambda: len(received.ids) == 20)
            assert {each.lane for each in received.deliveries} == {None}
        finally:
            may_end.set()
    assert len(received.ids) == 50


def test_a_mail_server_that_hangs_leaves_room_for_the_calls(
    session: Session, make_worker: MakeWorker, received: Received
) -> None:
    """Mail is in no lane. Without a limit twenty mails would hold all twelve threads until the server answers."""
    may_end = threading.Event()

    def handler(delivery: Delivery, workplace: Workplace) -> None:
        if delivery.lane is None:
            may_end.wait(20)
        received(delivery, workplace)

    owe_in(session, None, 20)
    with draining(make_worker(handler, threads=12)):
        try:
            assert until(lambda: len(mails_in_hand(session)) == 8)
            owe_in(session, "receiver-1", 3)
            assert until(lambda: len(received.deliveries) == 3, 8)
            assert {each.lane for each in received.deliveries} == {"receiver-1"}
        finally:
            may_end.set()
    assert len(received.deliveries) == 23


def mails_in_hand(session: Session) -> list[int]:
    is_held = OutboxMessage.claimed_until.is_not(None) & OutboxMessage.finished_at.is_(None)
    return list(session.scalars(select(OutboxMessage.id).where(is_held, OutboxMessage.lane.is_(None))))


def test_what_a_far_end_asks_for_is_kept_to_within_reason(
    session: Session, make_worker: MakeWorker, frozen
) -> None:
    """What else waits in the lane rests as long; less than our own gap, and days, are not heard."""
    frozen(START)
    asked = {"a": timedelta(minutes=20), "b": timedelta(days=3), "c": timedelta(seconds=1)}

    def handler(delivery: Delivery, workplace: Workplace) -> None:
        raise NotDelivered("Come again later.", asked=asked[delivery.payload["lane"]])

    for lane in asked:
        owe_in(session, lane, 2)
    make_worker(handler).drain()
    rows = session.execute(select(OutboxMessage.lane, OutboxMessage.due_at).order_by(OutboxMessage.id)).all()
    gaps = {(row.lane, row.due_at - START) for row in rows}
    wanted = {"a": timedelta(minutes=20), "b": timedelta(hours=1), "c": timedelta(seconds=10)}
    assert gaps == set(wanted.items())


def test_lanes_that_failed_before_never_take_the_room_of_the_good_ones(
    session: Session, make_worker: MakeWorker, received: Received
) -> None:
    """Eight that hang and are known for it, and a good one that comes last."""
    may_end = threading.Event()

    def handler(delivery: Delivery, workplace: Workplace) -> None:
        if delivery.lane != "good":
            may_end.wait(20)
        received(delivery, workplace)

    for number in range(8):
        owe_in(session, f"bad-{number}")
    session.query(OutboxMessage).update({"attempts": 1})
    owe_in(session, "good", 3)
    with draining(make_worker(handler, threads=8)):
        try:
            assert until(lambda: received.deliveries and len(received.deliveries) == 3, 8)
            assert {each.lane for each in received.deliveries} == {"good"}
        finally:
            may_end.set()


def test_a_failure_rests_its_whole_lane_and_no_other(
    session: Session, make_worker: MakeWorker, received: Received, frozen
) -> None:
    frozen(START)

    def handler(delivery: Delivery, workplace: Workplace) -> None:
        received(delivery, workplace)
        if delivery.lane == "bad":
            raise NotDelivered("It is closed.")

    owe_in(session, "bad", 5)
    owe_in(session, "good", 2)
    worker = make_worker(handler)
    worker.drain()
    assert sorted(str(each.lane) for each in received.deliveries) == ["bad", "good", "good"]
    frozen(START + timedelta(seconds=9))
    worker.drain()
    assert len(received.deliveries) == 3
    frozen(START + timedelta(seconds=10))
    worker.drain()
    assert len(received.deliveries) == 4
    assert session.scalar(select(OutboxMessage.due_at).order_by(OutboxMessage.due_at.desc()).limit(1)) <= (
        START + timedelta(seconds=10) + lanes.LONGEST_REST
    )


def test_what_is_held_is_replayed_with_its_ids(
    session: Session, make_worker: MakeWorker, received: Received
) -> None:
    owe_in(session, "receiver-1", 3)
    owe_in(session, "receiver-2")
    ids = set(session.scalars(select(OutboxMessage.delivery_id).where(OutboxMessage.lane == "receiver-1")))
    lanes.hold(session, "receiver-1", "It is off.")
    session.commit()
    make_worker(received).drain()
    assert [each.lane for each in received.deliveries] == ["receiver-2"]
    assert lanes.replay(session, "receiver-1") == 3
    assert lanes.replay(session, "receiver-2") == 0
    session.commit()
    make_worker(received).drain()
    assert set(received.ids[1:]) == ids


def test_duties_are_done_beside_delivering(
    session: Session, workplace: Workplace, received: Received
) -> None:
    """One hangs, one fails: deliveries go out all the same."""
    hangs, is_over, is_stopped = threading.Event(), threading.Event(), threading.Event()

    def duty(_workplace: Workplace) -> None:
        hangs.set()
        is_over.wait(20)

    owe_in(session, None, 3)
    worker = Worker(workplace, {KIND: received}, duties=[duty])
    thread = threading.Thread(target=worker.run, args=(is_stopped.is_set,))
    thread.start()
    try:
        assert hangs.wait(10)
        assert until(lambda: len(received.ids) == 3)
    finally:
        is_over.set()
        is_stopped.set()
        thread.join(20)


def test_a_duty_that_fails_is_logged_without_its_words_and_keeps_no_other_from_being_done(
    workplace: Workplace, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def breaks(_workplace: Workplace) -> None:
        raise ValueError("".join(("s3", "cret")))

    duties = Duties([breaks, lambda _workplace: done.append("done")], workplace, every=0.2)
    with caplog.at_level(logging.INFO):
        duties.begin_if_time()
        duties.wait(5)
        duties.begin_if_time()
        duties.wait(5)
    assert done == ["done"]
    assert "breaks failed (ValueError)" in caplog.text
    assert "s3cret" not in caplog.text
    assert until(lambda: (duties.begin_if_time(), duties.wait(1), len(done) >= 2)[-1], 3)


def test_once_does_the_duties_first_and_then_what_they_owe(workplace: Workplace, received: Received) -> None:
    def duty(place: Workplace) -> None:
        with place.writing() as session:
            owe(session, KIND, {})

    Worker(workplace, {KIND: received}, duties=[duty]).drain()
    assert len(received.ids) == 1


def test_one_row_that_ends_the_worker_does_not_count_out_those_beside_it(
    session: Session, workplace: Workplace, frozen
) -> None:
    """All are in hand at each end; the good ones get through before the bad one has used up its tries."""
    frozen(START)
    owe_in(session, None, 12)
    bad = session.scalar(select(OutboxMessage.id).order_by(OutboxMessage.id).limit(1))
    moment, delivered = START, 0
    for _ in range(60):
        with workplace.writing() as writing:
            room = claims.Room(all=12, lanes=6, suspects=3, others=12)
            claimed = claims.claim(writing, [KIND], room=room, lease=timedelta(seconds=20))
        if not claimed:
            break
        # The bad one ends the worker, and with it whatever else is in hand.
        if bad not in [each.id for each in claimed]:
            with workplace.writing() as writing:
                for each in claimed:
                    claims.finish(writing, each)
            delivered += len(claimed)
        elif claimed[0].attempts > claims.MAX_ATTEMPTS:
            with workplace.writing() as writing:
                claims.give_up(writing, claimed[0], "The worker ended each time.")
        moment += timedelta(seconds=21)
        frozen(moment)
    assert delivered == 11
    session.expire_all()
    tries = {row.id: row.attempts for row in session.scalars(select(OutboxMessage))}
    assert tries.pop(bad) == claims.MAX_ATTEMPTS + 1
    assert max(tries.values()) == 2
