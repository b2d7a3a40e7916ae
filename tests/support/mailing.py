"""Working off the outbox in a test: one worker, the real handlers, the recording mail server."""

import re
from collections.abc import Callable
from dataclasses import replace

from postmortem.cli.worker import handlers
from postmortem.config import Config
from postmortem.db import Database
from postmortem.outbox.worker import Worker
from postmortem.outbox.workplace import Workplace
from tests.support.smtp import MailServer, Taken

BASE_URL = "http://localhost"


def deliver(config: Config, mails: MailServer | None) -> None:
    """Deliver all that is due, as `postmortem worker --once` does."""
    database = Database(config.database_url)
    settings = replace(config, smtp=mails.settings() if mails else None)
    try:
        Worker(Workplace(settings, database), handlers()).drain()
    finally:
        database.dispose()


def link_in(taken: Taken) -> str:
    """The path of the link in a mail; the text and the HTML must lead to the same."""
    [link] = set(re.findall(r"\S+/password/[\w-]+", taken.part("plain")))
    assert link.startswith(f"{BASE_URL}/password/")
    assert link in taken.part("html")
    return link.removeprefix(BASE_URL)


Deliver = Callable[[], None]
