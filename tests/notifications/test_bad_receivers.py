"""A real worker, five receivers that misbehave each in its way, and one good one: it hears within five seconds."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.config import Config
from postmortem.outbox.models import OutboxMessage
from tests.factories.incidents import make_incident
from tests.factories.receivers import make_receiver
from tests.support.far_end import FarEnd, far_end

BAD = ("refuses", "hangs", "drips", "500", "redirects")
WITHIN = 5.0


@pytest.fixture
def ends() -> Iterator[dict[str, FarEnd]]:
    """The good one, the bad ones, and a place on this machine that one of them sends us to."""
    with ExitStack() as stack:
        inner, good = stack.enter_context(far_end()), stack.enter_context(far_end())
        bad = {fault: stack.enter_context(far_end(fault, redirect_to=inner.url)) for fault in BAD}
        yield {"inner": inner, "good": good, **bad}


@pytest.fixture
def worker(config: Config) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {
        **os.environ,
        "POSTMORTEM_DATA_DIR": str(config.data_dir),
        "POSTMORTEM_DATABASE_URL": config.database_url,
        "POSTMORTEM_BASE_URL": "http://localhost",
        "POSTMORTEM_WEBHOOK_ALLOW": "127.0.0.1",
    }
    command = [sys.executable, "-m", "postmortem.cli", "worker"]
    started = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    yield started
    started.kill()
    started.wait(10)


def test_the_good_receiver_hears_within_five_seconds(
    session: Session, admin: Person, ends: dict[str, FarEnd], worker: "subprocess.Popen[bytes]"
) -> None:
    make_receiver(session, "warming up", url=ends["good"].url)
    make_incident(session, admin, "The worker is up")
    deadline = time.monotonic() + 30
    while not ends["good"].taken and time.monotonic() < deadline:
        time.sleep(0.05)
    assert worker.poll() is None
    # The bad ones come first, so the good one is last in every order; and there is more than one piece of news.
    for fault in BAD:
        make_receiver(session, fault, url=ends[fault].url)
    make_receiver(session, "good", url=ends["good"].url)
    for number in range(3):
        ends["good"].taken.clear()
        owed_at = time.monotonic()
        make_incident(session, admin, f"Number {number}")
        while len(ends["good"].taken) < 2 and time.monotonic() - owed_at < 2 * WITHIN:
            time.sleep(0.02)
        assert len(ends["good"].taken) == 2
        assert time.monotonic() - owed_at < WITHIN
    assert ends["inner"].taken == [], "a redirect was followed"
    session.expire_all()
    failed = session.scalars(select(OutboxMessage).where(OutboxMessage.last_error != "")).all()
    assert failed
    assert not any("s3cret" in row.last_error for row in failed)
