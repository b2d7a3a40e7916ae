"""A real worker, killed between sending and marking: nothing is missing, doubles carry the same id."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.config import Config
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.operations import owe
from tests.support.smtp import Taken, mail_server

MAILS, KILLS = 12, 3


def test_nothing_is_lost_when_the_worker_is_killed_with_mails_in_hand(
    config: Config, session: Session, admin: Person
) -> None:
    for _ in range(MAILS):
        owe(session, DeliveryKind.TEST_MAIL, {"person_id": admin.id})
    session.commit()
    owed = set(session.scalars(select(OutboxMessage.delivery_id)))
    workers: list[subprocess.Popen[bytes]] = []
    kills, guard = [0], threading.Lock()

    def kill_now_and_then(_taken: Taken) -> None:
        with guard:
            if kills[0] < KILLS and workers[-1].poll() is None:
                kills[0] += 1
                os.kill(workers[-1].pid, signal.SIGKILL)

    with mail_server() as mails:
        mails.on_taken = kill_now_and_then
        environment = {
            **os.environ,
            "POSTMORTEM_DATA_DIR": str(config.data_dir),
            "POSTMORTEM_DATABASE_URL": config.database_url,
            "POSTMORTEM_BASE_URL": "http://localhost",
            "POSTMORTEM_SMTP_HOST": "127.0.0.1",
            "POSTMORTEM_SMTP_PORT": str(mails.port),
            "POSTMORTEM_SMTP_FROM": "postmortem@example.com",
        }

        def start() -> None:
            command = [sys.executable, "-m", "postmortem.cli", "worker", "--lease", "1"]
            workers.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL))

        start()
        deadline = time.monotonic() + 60
        while _left(session) and time.monotonic() < deadline:
            if workers[-1].poll() is not None:
                start()
            time.sleep(0.1)
        workers[-1].terminate()
        assert workers[-1].wait(10) == 0
        assert kills[0] == KILLS
        arrived = Counter(taken.message["Message-ID"] for taken in mails.taken)
    assert set(arrived) == {f"<{delivery_id}@example.com>" for delivery_id in owed}
    assert _left(session) == 0
    # What was in hand at a kill may have come twice, and no more than that.
    assert sum(arrived.values()) - MAILS <= KILLS * 8


def _left(session: Session) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).where(OutboxMessage.is_delivered.is_(False))) or 0
