"""A site that sends mail to the recording server."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from postmortem.config import Config
from tests.support.client import Browser
from tests.support.mailing import Deliver, deliver
from tests.support.smtp import MailServer, mail_server


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def mailing(make_app: Callable[..., Flask], mails: MailServer) -> Flask:
    """The application of a site that sends mail."""
    return make_app(smtp=mails.settings())


@pytest.fixture
def visitor(mailing: Flask) -> Browser:
    """Somebody signed out there."""
    return Browser(mailing)


@pytest.fixture
def work_off(config: Config, mails: MailServer) -> Deliver:
    """Let a worker deliver all that is due."""
    return lambda: deliver(config, mails)
