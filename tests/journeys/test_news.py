"""What people are told: an action is handed over, falls overdue, the week is told, and somebody has had enough."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.cli.worker import duties
from tests.accounts.mail_fixtures import mails
from tests.notifications.news_fixtures import Work, site, work
from tests.support.client import Browser
from tests.support.smtp import MailServer, Taken

__all__ = ["mails", "site", "work"]
# A Tuesday.
START = datetime(2026, 3, 3, 10, tzinfo=UTC)


def test_from_a_hand_over_to_leaving_the_digest(
    app: Flask,
    session: Session,
    author: Person,
    outsider: Person,
    sign_in: Callable[[Person], Browser],
    work: Work,
    mails: MailServer,
    frozen: Callable[[datetime], None],
) -> None:
    def after(days: float) -> list[Taken]:
        """The mails that came by then, since the last time."""
        frozen(START + timedelta(days=days))
        before = len(mails.taken)
        work(*duties())
        return mails.taken[before:]

    # An incident is filed; somebody who follows its tag hears of it with the week, not at once.
    frozen(START)
    authors, otto = sign_in(author), sign_in(outsider)
    authors.submit("/incidents/new", {"title": "Names do not resolve", "tags": "dns"})
    assert "You follow dns now." in otto.post("/me/follow/tag/dns", follow=True).text
    authors.submit("/incidents/new", {"title": "Names do not resolve again", "tags": "dns"})
    assert after(0) == []

    # An action is handed to them: that is told at once, and the link leads to it.
    authors.submit(
        "/incidents/1/actions/new",
        {
            "title": "Add an alarm for the resolver",
            "owner": outsider.email,
            "due_on": "2026-03-05",
            "end_state": "It rings.",
        },
    )
    [mail] = after(0.1)
    assert mail.recipients == [outsider.email]
    assert "Aino Author" in mail.part("plain")
    assert "http://localhost/actions/1" in mail.part("html")
    assert otto.get("/actions/1").status == 200

    # It falls overdue: a mail the day after, none on the next, one again two days later.
    assert [taken.message["Subject"] for taken in after(3)] == ["ACT-1 Add an alarm for the resolver"]
    assert after(4) == []
    assert len(after(5)) == 1

    # On Monday morning the week is told, once: the incident, and what is due.
    [digest] = after(5.95)
    text = digest.part("plain")
    assert digest.message["Subject"].startswith("Your week")
    assert "INC-2 Names do not resolve again" in text
    assert "Due 5 March 2026, 4 days ago" in text
    assert after(5.96) == []

    # Enough: one click in the mail program, and no week is told any more.
    address = str(digest.message["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost")
    assert app.test_client().post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    sign_in(author).submit("/incidents/new", {"title": "Once more", "tags": "dns"})
    assert [taken for taken in after(13) if "Your week" in taken.message["Subject"]] == []
    [form] = [
        form for form in sign_in(outsider).get("/me/notifications").forms if "pace_assigned" in form.data
    ]
    assert (form.data["pace_assigned"], form.data["pace_incident_filed"]) == (["at_once"], ["never"])
