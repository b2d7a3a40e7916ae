"""What hangs on a page does not make it ask the database more often: one of each thing, and three of each."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Team
from postmortem.actions.models import Action
from postmortem.actions.operations_comments import add_comment
from postmortem.actions.operations_links import add_link
from postmortem.actions.operations_merge import merge_action
from postmortem.actions.verifying import note_verification
from postmortem.db import Database
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from postmortem.notifications.models import Receiver
from postmortem.notifications.operations_receivers import send_test_call
from postmortem.readers.models import ReaderQuestion
from postmortem.readers.operations_questions import answer as reply
from postmortem.readers.operations_questions import ask as ask_about
from postmortem.reviews.enums import Verdict
from postmortem.reviews.operations import ask, give_verdict, newest_revision
from postmortem.reviews.operations_comments import answer, comment_on
from postmortem.reviews.operations_meeting import Plan, plan_meeting
from postmortem.reviews.queries_meeting import planned_meeting
from postmortem.writeups import operations as writeups
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations_months import choose_entry
from postmortem.writeups.operations_series import place_writeup
from tests.factories.accounts import make_person, make_service, make_team
from tests.factories.actions import make_action
from tests.factories.ideas import make_idea
from tests.factories.incidents import make_incident
from tests.factories.receivers import make_receiver
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser
from tests.support.sql import counted

DAY = datetime(2026, 3, 9, 14, 5, tzinfo=UTC)
PAGES = (
    *("/", "/archive/2026", "/tags/", "/tags/dns", "/writeups/feed.atom", "/tags/dns/feed.atom"),
    *("/incidents/", "/incidents/?tag=dns", "/incidents/new", "/incidents/1", "/incidents/1/edit"),
    *("/incidents/1/events/new", "/events/1/edit", "/incidents/1/factors/new", "/factors/1/edit"),
    *(f"/actions/?group={by}" for by in ("owner", "team", "incident")),
    *("/actions/?show=stale&team=mine", "/actions/actions.csv", "/actions/views/new?status=open"),
    *("/actions/", "/actions/?status=open", "/incidents/1/actions/new", "/actions/1", "/actions/1/edit"),
    *("/ideas/1/edit", "/ideas/1/promote", "/incidents/1/no-actions-needed", "/actions/missing"),
    *(
        "/settings/actions",
        "/settings/language",
        "/settings/templates",
        "/settings/templates/study/edit",
        "/actions/1/merge",
        "/actions/leavers",
        "/actions/leavers?of=3",
        "/people/3",
    ),
    *("/writeups/new", "/writeups/new?incident=1", "/writeups/told", "/writeups/told/history"),
    *("/writeups/draft", "/writeups/draft/edit", "/writeups/draft/publish", "/writeups/told/withdraw"),
    *("/authors/", "/authors/person-1", "/authors/person-1/feed.atom"),
    *("/writeups/feed.json", "/writeups/told/markdown", "/writeups/told/around"),
    *("/entries-of-the-month", "/writeups/told/month", "/newsletter"),
    *(
        "/writeups/draft/review",
        "/writeups/draft/review?on=1",
        "/writeups/draft/review/checklist",
        "/writeups/draft/review/meeting",
        "/writeups/told/review/survey",
        "/settings/reviews",
    ),
    *("/writeups/draft/naming", "/writeups/told/naming"),
    *(
        "/people/",
        "/people/1",
        "/people/1/edit",
        "/people/new",
        "/me",
        "/me/calendar",
        "/me/feeds",
        "/me/profile",
        "/me/sessions",
    ),
    *("/teams/", "/teams/team-1", "/teams/team-1/edit", "/teams/new", "/teams/team-1/feed.atom"),
    *("/actions/pictures", "/actions/pictures?team=team-1&kind=repair", "/actions/pictures/in-time.csv"),
    *("/incidents/1/delete", "/writeups/draft/delete", "/settings/trash"),
    *("/questions", "/questions?q=why&tag=dns", "/writeups/told/questions"),
    "/settings/history",
    *("/settings/receivers/", "/settings/receivers/1", "/me/notifications/receivers/"),
    *("/services/", "/services/service-1", "/services/service-1/edit", "/services/new"),
)


class Growing:
    """A site in which everything can be made to have one more of everything."""

    def __init__(self, session: Session, admin: Person) -> None:
        self.session, self.admin = session, admin
        self.incidents: list[Incident] = []
        self.teams: list[Team] = []
        self.people: list[Person] = []

    def grow(self) -> None:
        """One more of each thing; the first incident, write-ups, team, service and person get one more of each."""
        count = len(self.incidents) + 1
        self.people.append(make_person(self.session, f"Person {count}"))
        self.teams.append(make_team(self.session, f"Team {count}", *self.people))
        make_service(self.session, f"Service {count}", self.teams[0])
        tags = ["dns", *(f"tag-{number}" for number in range(count))]
        self.incidents.append(
            make_incident(self.session, self.admin, f"Incident {count}", severity="sev1", tags=tags)
        )
        self._hang_on(count, tags)

    def _hang_on(self, count: int, tags: list[str]) -> None:
        first, session = self.incidents[0], self.session
        linked: dict[str, Any] = {
            "tags": tags,
            "teams": [team.slug for team in self.teams],
            "services": [f"service-{number}" for number in range(1, count + 1)],
        }
        others = [(other.id, "related_to") for other in self.incidents[1:]]
        everybody = [(person.email, "") for person in self.people]
        values = linked | {"relations": others, "participants": everybody, "severity": f"sev{count}"}
        edit_incident(session, first, values, version=None, actor=self.admin)
        event = make_event(session, first, at=DAY)
        make_factor(session, first, tags=tags, events=[event.id])
        make_action(session, first, owner=self.admin, team=self.teams[0])
        self._leave_behind(count)
        make_idea(session, first, by=self.admin)
        self._add_receivers(count)
        everything = {**linked, "incidents": self.incidents, "authors": [p.email for p in self.people]}
        told = publish_writeup(session, self.admin, f"Told {count}" if count > 1 else "Told", **everything)
        choose_entry(session, told, month=f"2026-{count:02}", note="Worth it.", actor=self.admin)
        related, version = ["told"] if count > 1 else [], None
        place_writeup(
            session, told, series="All", position=count, related=related, version=version, actor=self.admin
        )
        make_writeup(session, self.admin, f"Draft {count}" if count > 1 else "Draft", **everything)
        for slug in ("told", "draft"):
            self._save_again(slug, count, everything)
        session.commit()

    def _leave_behind(self, count: int) -> None:
        """Two more people left, the first one with one more action; another check and duplicate of the first action."""
        session, first = self.session, self.incidents[0]
        for name in ("Gone", "Away"):
            gone = make_person(session, f"{name} {count}")
            make_action(session, first, owner=gone)
            gone.is_active = False
        action, duplicate = session.get_one(Action, 1), make_action(session, first, "Do it twice")
        note_verification(session, action, how="Looked.", has_worked=True, actor=self.admin)
        merge_action(session, duplicate, action, version=None, actor=self.admin)
        add_comment(session, action, f"Comment {count}", actor=self.people[-1])
        add_link(session, action, f"https://tracker.example/{count}", actor=self.admin)
        make_action(session, first, owner=session.get_one(Person, 3))

    def _add_receivers(self, count: int) -> None:
        """The site's, one's own, and somebody's that was switched off; the first has one more call that waits."""
        session = self.session
        make_receiver(session, f"Ours {count}", team=self.teams[-1])
        make_receiver(session, f"Mine {count}", of=self.admin)
        theirs = make_receiver(session, f"Theirs {count}", of=self.people[-1])
        theirs.is_active, theirs.switched_off_at = False, DAY
        send_test_call(session, session.get_one(Receiver, 1), actor=self.admin)

    def _save_again(self, slug: str, count: int, everything: dict[str, Any]) -> None:
        """One more revision of the first write-ups, with one more of what they name."""
        session = self.session
        writeup = session.scalars(select(Writeup).where(Writeup.slug == slug)).one()
        values = {
            "incidents": self.incidents,
            "tags": everything["tags"],
            "body": f"## Text {count}\n\nText.\n\n## Open questions\n\n"
            + "- Why?\n- How?\n- Who?\n"[: 7 * count],
        }
        writeups.save_writeup(session, writeup, values, version=None, actor=self.admin)
        if slug == "told":
            writeups.publish(session, writeup, actor=self.admin)
            self._ask_about(writeup, count)
        else:
            self._review(writeup, count)

    def _ask_about(self, writeup: Writeup, count: int) -> None:
        """One more reader asks about it, and one more answers the first question."""
        reader = make_person(self.session, f"Asks {count}")
        asked_about = ask_about(self.session, writeup, "Like @nobody in INC-1 and ACT-1?", actor=reader)
        reply(self.session, asked_about, "So.", actor=reader)
        reply(self.session, self.session.get_one(ReaderQuestion, 1), "Or so.", actor=self.admin)

    def _review(self, writeup: Writeup, count: int) -> None:
        """One more person is asked, and says something about the text, which is answered."""
        session, person = self.session, make_person(self.session, f"Reviewer {count}")
        ask(session, writeup, person, note="", actor=self.admin)
        number = newest_revision(session, writeup.id)
        comment = comment_on(
            session, writeup, "So?", revision=number, paragraph=count, suggestion="x", actor=person
        )
        answer(session, comment, "So.", actor=self.admin)
        give_verdict(session, writeup, Verdict.APPROVE, "", revision=number, actor=person)
        at = clock.now() + timedelta(days=count)
        version = planned.version if (planned := planned_meeting(session, writeup)) else 0
        plan_meeting(session, writeup, Plan(at, 60, "UTC"), version=version, actor=self.admin)


@pytest.fixture
def site(session: Session, admin: Person) -> Growing:
    return Growing(session, admin)


def test_pages_ask_as_often_for_three_as_for_one(
    site: Growing, admin: Person, sign_in: Callable[[Person], Browser], database: Database
) -> None:
    browser = sign_in(admin)
    site.grow()
    once = asked(browser, database)
    sign_in(admin)
    sign_in(admin)
    site.grow()
    site.grow()
    thrice = asked(browser, database)
    more = {path: (once[path], thrice[path]) for path in PAGES if thrice[path] != once[path]}
    assert not more
    assert max(once.values()) <= MOST, max(once, key=lambda path: once[path])


# An incident's page shows eight nouns; everything else stays far below.
MOST = 21


def asked(browser: Browser, database: Database) -> dict[str, int]:
    """How many statements each page sends; asked the second time, when what a process keeps is kept."""
    found = {}
    for path in PAGES:
        assert browser.get(path).status == 200, path
        with counted(database) as sent:
            browser.get(path)
        found[path] = len(sent)
    return found
