"""That no action is needed: said, changed, taken back, and what is asked for until then."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.operations import delete_action, restore_action
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from postmortem.incidents.operations_deletion import delete_incident
from tests.factories.actions import make_action
from tests.factories.ideas import make_none_needed, stored_reasons
from tests.factories.incidents import make_incident
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
SAY = "/incidents/1/no-actions-needed"
ASKED = "A SEV 1 needs an action or a reason why none is needed."


def verbs(session: Session) -> list[str]:
    found = select(HistoryEntry.verb).where(HistoryEntry.subject_type == "no_actions_needed")
    return list(session.scalars(found.order_by(HistoryEntry.id)))


def test_a_severe_incident_asks_until_somebody_says_why_none_is_needed(
    session: Session, browser: Browser, author: Person
) -> None:
    assert ASKED in browser.get("/incidents/1").text
    data = {**browser.get(SAY).forms[-1].data, "reason": "It's O'Hara's <i>cable</i>"}
    for _ in range(2):
        assert browser.post(SAY, data).location == "/incidents/1#actions"
    [said] = stored_reasons(session)
    assert (said.reason, said.person) == ("It's O'Hara's <i>cable</i>", author)
    page = browser.get("/incidents/1")
    assert ASKED not in page.text
    assert "No actions needed: It's O'Hara's <i>cable</i>" in page.text
    assert f"Said by {author.name}, 5 March 2026" in page.text
    assert verbs(session) == ["said"]


def test_the_reason_is_changed_by_somebody_else_who_then_stands_behind_it(
    session: Session, incident: Incident, author: Person, browser: Browser, admin: Person, sign_in: SignIn
) -> None:
    make_none_needed(session, incident, author)
    mine = browser.get(SAY).forms[-1].data
    sign_in(admin).submit(SAY, {"reason": "Theirs"})
    [said] = stored_reasons(session)
    assert (said.reason, said.person) == ("Theirs", admin)
    page = browser.post(SAY, {**mine, "reason": "Mine"})
    assert page.status == 409
    assert "Theirs" in page.text
    assert stored_reasons(session)[0].reason == "Theirs"
    browser.post(SAY, page.forms[-1].data)
    assert stored_reasons(session)[0].reason == "Mine"
    assert verbs(session) == ["said", "edited", "edited"]


def test_who_saw_nothing_said_overwrites_nothing(
    session: Session, incident: Incident, author: Person, browser: Browser
) -> None:
    mine = browser.get(SAY).forms[-1].data
    make_none_needed(session, incident, author, "First")
    page = browser.post(SAY, {**mine, "reason": "Second"})
    assert page.status == 409
    assert stored_reasons(session)[0].reason == "First"


def test_it_is_taken_back_once(
    session: Session, incident: Incident, author: Person, browser: Browser
) -> None:
    make_none_needed(session, incident, author)
    mine = browser.get(SAY).forms[-1].data
    for _ in range(2):
        assert browser.post(f"{SAY}/take-back").status == 303
    assert stored_reasons(session) == []
    assert verbs(session) == ["said", "took back"]
    assert ASKED in browser.get("/incidents/1").text
    page = browser.post(SAY, {**mine, "reason": "Still none"})
    assert page.status == 409
    assert "Somebody took this back" in page.text
    assert browser.post(SAY, page.forms[-1].data).status == 303
    assert stored_reasons(session)[0].reason == "Still none"


@pytest.mark.parametrize("way", ["adding", "bringing back"])
def test_an_action_takes_it_back_by_itself(
    session: Session, incident: Incident, author: Person, browser: Browser, way: str
) -> None:
    gone = make_action(session, incident)
    delete_action(session, gone, actor=CLI)
    make_none_needed(session, incident, author)
    if way == "adding":
        browser.submit("/incidents/1/actions/new", {"title": "Add an alarm"})
    else:
        restore_action(session, gone, actor=CLI)
        session.commit()
    assert stored_reasons(session) == []
    assert verbs(session) == ["said", "took back"]
    assert "No actions needed:" not in browser.get("/incidents/1").text


def test_where_there_are_actions_it_is_refused(
    session: Session, incident: Incident, browser: Browser
) -> None:
    make_action(session, incident)
    page = browser.submit(SAY, {"reason": "None"})
    assert page.status == 422
    assert "INC-1 has actions already" in page.text
    assert stored_reasons(session) == []


def test_a_reason_is_needed(session: Session, browser: Browser) -> None:
    for reason in ("", "  ", "x" * 501):
        assert browser.submit(SAY, {"reason": reason}).status == 422
    assert stored_reasons(session) == []


def test_readers_say_nothing(
    session: Session, incident: Incident, author: Person, reader: Person, sign_in: SignIn
) -> None:
    make_none_needed(session, incident, author)
    browser = sign_in(reader)
    assert "No actions needed: It is repaired" in browser.get("/incidents/1").text
    assert browser.get(SAY).status == 403
    assert browser.post(f"{SAY}/take-back").status == 403
    assert len(stored_reasons(session)) == 1


def test_the_list_of_what_is_missing(
    session: Session, incident: Incident, author: Person, browser: Browser, outsider: Person, sign_in: SignIn
) -> None:
    def titled(title: str, **values: object) -> Incident:
        return make_incident(session, author, title, **{"severity": "sev2", **values})

    titled("Mild", severity="sev3")
    titled("Not rated", severity=None)
    titled("Drill", is_drill=True)
    titled("Secret", restricted=True)
    make_action(session, titled("Followed up"))
    make_none_needed(session, titled("Said why"), author)
    deleted = titled("Deleted")
    delete_incident(session, deleted, version=None, actor=CLI)
    lost = make_action(session, titled("Lost its action"))
    delete_action(session, lost, actor=CLI)
    session.commit()
    page = browser.get("/actions/missing")
    shown = {
        title
        for title in (
            "Mild",
            "Not rated",
            "Drill",
            "Secret",
            "Followed up",
            "Said why",
            "Deleted",
            "Lost its action",
        )
        if title in page.text
    }
    assert shown == {"Secret", "Lost its action"}
    assert incident.title in page.text
    assert "3 incidents" in page.text
    page = sign_in(outsider).get("/actions/missing")
    assert "Secret" not in page.text
    assert "2 incidents" in page.text


def test_the_list_goes_on_for_pages_and_back(session: Session, author: Person, sign_in: SignIn) -> None:
    for number in range(30):
        make_incident(session, author, f"Number {number:02}.", severity="sev1")
    browser = sign_in(author)
    first = browser.get("/actions/missing")
    onward = next(link for link in first.links if "after=" in link)
    second = browser.get(onward)
    seen = [number for number in range(30) if f"Number {number:02}." in first.text]
    rest = [number for number in range(30) if f"Number {number:02}." in second.text]
    assert sorted(seen + rest) == list(range(30))
    assert (len(seen), len(rest)) == (25, 5)
    back = browser.get(next(link for link in second.links if "before=" in link))
    assert [number for number in range(30) if f"Number {number:02}." in back.text] == seen
    assert browser.get("/actions/missing?after=nonsense").status == 422
