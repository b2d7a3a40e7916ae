"""A write-up goes out with the newsletter, is read from there, comes back a year later; somebody has had enough."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.cli.worker import duties
from tests.accounts.mail_fixtures import mails
from tests.factories.writeups import publish_writeup
from tests.notifications.news_fixtures import Work, site, work
from tests.support.client import Browser
from tests.support.smtp import MailServer

__all__ = ["mails", "site", "work"]
# Friday, nine o'clock in UTC, and the Wednesday before.
FRIDAY = datetime(2026, 11, 27, 9, tzinfo=UTC)
WEDNESDAY = FRIDAY - timedelta(days=2)


def test_from_the_mail_to_the_page_and_back_a_year_later(
    app: Flask,
    session: Session,
    author: Person,
    reader: Person,
    sign_in: Callable[[Person], Browser],
    work: Work,
    mails: MailServer,
    frozen: Callable[[datetime], None],
) -> None:
    session.execute(update(Person).values(created_at=WEDNESDAY - timedelta(days=90)))
    frozen(WEDNESDAY)
    publish_writeup(session, author, "What the cache kept")
    assert "What the cache kept" in sign_in(reader).get("/newsletter").text
    frozen(FRIDAY)
    work(*duties())
    mail = next(taken for taken in mails.taken if taken.recipients == [reader.email])
    paths = re.findall(r"http://localhost(/[^\s]+)", mail.part("plain"))
    rita = sign_in(reader)
    assert "The cache kept yesterday" in rita.get("/writeups/what-the-cache-kept").text
    assert {"/writeups/what-the-cache-kept", "/newsletter/2026-W48"} <= set(paths)
    assert "What the cache kept" in rita.get("/newsletter/2026-W48").text
    [leaving] = [path for path in paths if path.startswith("/unsubscribe/")]
    assert "newsletters of the week" in rita.get(leaving).text
    rita.submit(leaving)

    # A year later it is back on the front page, and in the mail of whoever still wants it.
    frozen(datetime(2027, 11, 24, 12, tzinfo=UTC))
    publish_writeup(session, author, "Something else")
    assert "A year ago this week What the cache kept" in sign_in(reader).get("/").text
    mails.taken.clear()
    frozen(datetime(2027, 11, 26, 9, tzinfo=UTC))
    work(*duties())
    assert {taken.recipients[0] for taken in mails.taken} == {author.email}
    [mail] = mails.taken
    assert "A year ago this week" in mail.part("plain")
