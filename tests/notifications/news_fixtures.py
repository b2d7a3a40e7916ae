"""A worker with the real tellers and a mail server that remembers; news about incidents, whose teller is the simplest."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.cli.worker import handlers
from postmortem.config import Config
from postmortem.db import Database
from postmortem.notifications.enums import Event, Pace
from postmortem.notifications.models import Follow, NotificationChoice, NotificationSettings
from postmortem.outbox.worker import Worker
from postmortem.outbox.workplace import Duty, Workplace
from postmortem.tags.operations import tags_named
from tests.accounts.mail_fixtures import mails
from tests.support.smtp import MailServer

__all__ = ["mails", "site", "work"]
Work = Callable[..., None]


@pytest.fixture
def site(config: Config, mails: MailServer) -> Iterator[Workplace]:
    """The workplace of a site that sends mail."""
    database = Database(config.database_url)
    yield Workplace(replace(config, smtp=mails.settings()), database)
    database.dispose()


@pytest.fixture
def work(site: Workplace) -> Work:
    """Do these duties, then deliver all that is due, in this thread's time."""

    def do(*duties: Duty, has_mail: bool = True) -> None:
        place = site if has_mail else Workplace(replace(site.config, smtp=None), site.database)
        for duty in duties:
            duty(place)
        Worker(place, handlers()).drain()

    return do


def follow(session: Session, person: Person, tag: str) -> None:
    [found] = tags_named(session, [tag])
    session.flush()
    session.add(Follow(person_id=person.id, tag_id=found.id, created_at=clock.now()))
    session.commit()


def choose(
    session: Session, person: Person, event: Event, pace: Pace, receiver_id: int | None = None
) -> None:
    session.merge(
        NotificationChoice(person_id=person.id, event=event.value, pace=pace, receiver_id=receiver_id)
    )
    session.commit()


def settings(session: Session, person: Person, **values: object) -> None:
    session.add(NotificationSettings(person_id=person.id, **values))
    session.commit()
