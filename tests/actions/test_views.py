"""The pages of actions through HTTP."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.actions.operations import delete_action
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from tests.factories.accounts import make_person, make_service, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.sql import counted

SignIn = Callable[[Person], Browser]
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def incident(session: Session, author: Person) -> Incident:
    return make_incident(session, author, severity="sev2")


@pytest.fixture
def action(session: Session, incident: Incident) -> Action:
    return make_action(session, incident)


@pytest.fixture
def browser(author: Person, sign_in: SignIn) -> Browser:
    """The author's."""
    return sign_in(author)


def stored(session: Session) -> list[Action]:
    session.expire_all()
    return list(session.scalars(select(Action).order_by(Action.id)))


def entries(session: Session, verb: str) -> int:
    found = select(func.count()).where(HistoryEntry.subject_type == "actions", HistoryEntry.verb == verb)
    return session.scalar(found) or 0


# Adding


def test_adding_an_action_with_every_field(
    session: Session, incident: Incident, author: Person, browser: Browser
) -> None:
    make_team(session, "Playback")
    fields = {
        "title": "  Add an   alarm ",
        "description": "When *more than 10* wait.",
        "kind": "detect",
        "owner": author.email,
        "team": "playback",
        "priority": "p1",
        "due_on": "2026-04-01",
        "end_state": "It rings in the drill.",
        "tracker_url": "https://tracker.example/PLAY-1",
    }
    page = browser.submit(f"/incidents/{incident.id}/actions/new", fields)
    assert (page.status, page.location) == (303, f"/incidents/{incident.id}#actions")
    (action,) = stored(session)
    assert (action.title, action.status, action.owner, action.incident_id) == (
        "Add an alarm",
        "proposed",
        author,
        incident.id,
    )
    assert (action.due_on, action.first_due_on, action.redated_count) == (
        date(2026, 4, 1),
        date(2026, 4, 1),
        0,
    )
    assert action.description_html == "<p>When <em>more than 10</em> wait.</p>"


def test_the_due_date_is_proposed_and_shown_before_saving(
    session: Session,
    incident: Incident,
    author: Person,
    sign_in: SignIn,
    frozen: Callable[[datetime], None],
) -> None:
    frozen(MONDAY)
    browser = sign_in(author)
    page = browser.get(f"/incidents/{incident.id}/actions/new")
    assert page.forms[-1].data["due_on"] == ["2026-04-01"]
    assert "Proposed: 30 days from today, usual after a SEV 2" in page.text
    browser.submit(f"/incidents/{incident.id}/actions/new", {"title": "Rehearse"})
    browser.submit(f"/incidents/{incident.id}/actions/new", {"title": "Ask", "due_on": ""})
    assert [action.due_on for action in stored(session)] == [date(2026, 4, 1), None]


def test_save_and_add_another_leads_to_an_empty_form(
    session: Session, incident: Incident, browser: Browser
) -> None:
    url = f"/incidents/{incident.id}/actions/new"
    page = browser.submit(url, {"title": "Rehearse", "then": "another"}, follow=True)
    assert "ACT-1 was added." in page.text
    assert page.forms[-1].data["title"] == [""]
    assert len(stored(session)) == 1


def test_a_form_posted_twice_adds_one(session: Session, incident: Incident, browser: Browser) -> None:
    url = f"/incidents/{incident.id}/actions/new"
    data = {**browser.get(url).forms[-1].data, "title": "Rehearse"}
    pages = [browser.post(url, data) for _ in range(2)]
    assert {(page.status, page.location) for page in pages} == {(303, f"/incidents/{incident.id}#actions")}
    assert len(stored(session)) == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", " ", "Say what is to be done; start with a verb."),
        ("title", "x" * 201, "Shorten this to 200 characters."),
        ("due_on", "next week", "Enter a day like 2026-03-09."),
        ("due_on", "2026-02-30", "Enter a day like 2026-03-09."),
        ("owner", "nobody@example.com", "There is no “nobody@example.com” to choose here."),
        ("team", "nowhere", "There is no “nowhere” to choose here."),
        ("kind", "wish", "Choose one of the list."),
        ("priority", "p0", "Choose one of the list."),
        ("tracker_url", "javascript:alert(1)", "Enter a full address that starts with https:// or http://."),
        ("tracker_url", "https:///", "Enter a full address that starts with https:// or http://."),
    ],
)
def test_bad_input_keeps_what_was_typed(
    session: Session, incident: Incident, browser: Browser, field: str, value: str, sentence: str
) -> None:
    url = f"/incidents/{incident.id}/actions/new"
    page = browser.submit(url, {"title": "Rehearse", "description": "Typed.", field: value})
    assert page.status == 422
    assert sentence in page.text
    assert page.forms[-1].data["description"] == ["Typed."]
    if field not in ("owner", "team", "kind", "priority"):
        assert page.forms[-1].data[field] == [value.strip()]
    assert stored(session) == []


def test_the_owner_of_a_restricted_incidents_action_is_warned_of(
    session: Session, author: Person, browser: Browser
) -> None:
    restricted = make_incident(session, author, restricted=True)
    page = browser.get(f"/incidents/{restricted.id}/actions/new")
    assert "The incident is restricted: its actions’ owners can see it." in page.text


def test_only_active_people_and_teams_are_offered_but_the_present_ones_stay(
    session: Session, incident: Incident, browser: Browser
) -> None:
    gone, team = make_person(session, "Gone Girl"), make_team(session, "Old Team")
    action = make_action(session, incident, owner=gone, team=team)
    gone.is_active = team.is_active = False
    session.commit()
    assert "Gone Girl" not in browser.get(f"/incidents/{incident.id}/actions/new").html
    page = browser.submit(f"/actions/{action.id}/edit", {"title": "Rehearse"})
    assert page.status == 303
    (kept,) = stored(session)
    assert (kept.owner, kept.team, kept.title) == (gone, team, "Rehearse")


# One action


def test_the_page_of_an_action_says_everything(
    session: Session, incident: Incident, author: Person, sign_in: SignIn, frozen: Callable[[datetime], None]
) -> None:
    frozen(MONDAY)
    browser = sign_in(author)
    action = make_action(
        session,
        incident,
        "Rehearse the failover",
        owner=author,
        team=make_team(session, "Playback"),
        description="With a **stale** replica.",
        end_state="Somebody notices within ten minutes.",
        tracker_url="https://tracker.example/PLAY-1",
        due_on=date(2026, 2, 18),
        first_due_on=date(2026, 1, 5),
        redated_count=2,
        priority="p1",
        kind="process",
    )
    page = browser.get(f"/actions/{action.id}")
    assert page.title.startswith("ACT-1 Rehearse the failover")
    for words in (
        "INC-1 Playback stops",
        "SEV 2",
        "Proposed Overdue",
        "Aino Author",
        "Playback",
        "18 February 2026",
        "12 days ago",
        "re-dated twice, first due 5 January 2026",
        "P1",
        "Process",
        "Somebody notices within ten minutes.",
        "With a stale replica.",
        "cli added action ACT-1 Rehearse the failover",
    ):
        assert words in page.text
    assert "https://tracker.example/PLAY-1" in page.links
    assert f"/actions/{action.id}/edit" in page.links


def test_what_is_written_in_an_action_stays_text(
    session: Session, incident: Incident, browser: Browser
) -> None:
    hostile = "<script>alert(1)</script>"
    action = make_action(
        session,
        incident,
        f"Add {hostile}",
        description=f"{hostile} [a](javascript:alert(1))",
        end_state=hostile,
        status="not_doing",
        status_reason=hostile,
    )
    for url in (f"/actions/{action.id}", f"/actions/{action.id}/edit", "/actions/"):
        page = browser.get(url)
        assert hostile not in page.html
        assert 'href="javascript:' not in page.html


def test_a_verified_action_names_who_verified_it(
    session: Session, action: Action, facilitator: Person, sign_in: SignIn, frozen: Callable[[datetime], None]
) -> None:
    frozen(MONDAY)
    sign_in(facilitator).submit(
        f"/actions/{action.id}/edit", {"status": "verified", "status_reason": "It rang in the drill."}
    )
    page = sign_in(facilitator).get(f"/actions/{action.id}")
    assert "Verified by Fay Facilitator, 2 March 2026" in page.text
    assert "It rang in the drill." in page.text
    imported = make_action(session, action.incident, status="verified")
    assert "Verified by" not in sign_in(facilitator).get(f"/actions/{imported.id}").text


# Changing


def test_changing_every_field(session: Session, action: Action, author: Person, browser: Browser) -> None:
    make_team(session, "Playback")
    fields = {
        "title": "Add two alarms",
        "description": "Twice.",
        "kind": "prevent",
        "owner": author.email,
        "team": "playback",
        "priority": "p3",
        "due_on": "0987-01-02",
        "end_state": "Both ring.",
        "status": "in_progress",
        "status_reason": "Begun.",
        "tracker_url": "http://tracker.example/2",
    }
    page = browser.submit(f"/actions/{action.id}/edit", fields)
    assert (page.status, page.location) == (303, f"/actions/{action.id}")
    stored(session)
    assert (action.owner, action.team and action.team.slug) == (author, "playback")
    assert action.due_on == date(987, 1, 2)
    for name in (
        "title",
        "description",
        "kind",
        "priority",
        "end_state",
        "status",
        "status_reason",
        "tracker_url",
    ):
        assert getattr(action, name) == fields[name]
    assert entries(session, "edited") == 1
    form = browser.get(f"/actions/{action.id}/edit").forms[-1]
    assert {name: form.data[name] for name in fields} == {name: [value] for name, value in fields.items()}
    browser.submit(f"/actions/{action.id}/edit")
    assert entries(session, "edited") == 1


def test_not_doing_needs_a_reason(session: Session, action: Action, browser: Browser) -> None:
    page = browser.submit(f"/actions/{action.id}/edit", {"status": "not_doing", "title": "Typed"})
    assert page.status == 422
    assert "Say why we are not doing this" in page.text
    assert page.forms[-1].data["status"] == ["not_doing"]
    assert page.forms[-1].data["title"] == ["Typed"]
    assert stored(session)[0].status == "proposed"


def test_redating_is_counted_and_shown(session: Session, incident: Incident, browser: Browser) -> None:
    action = make_action(session, incident, due_on=date(2026, 3, 3))
    for due_on in ("2026-04-01", "2026-05-01"):
        browser.submit(f"/actions/{action.id}/edit", {"due_on": due_on})
    assert "re-dated twice, first due 3 March 2026" in browser.get(f"/actions/{action.id}").text


def test_a_stale_form_comes_back_with_both_texts(
    session: Session, action: Action, browser: Browser, facilitator: Person, sign_in: SignIn
) -> None:
    url = f"/actions/{action.id}/edit"
    mine = {**browser.get(url).forms[-1].data, "title": "My words", "priority": "p1"}
    sign_in(facilitator).submit(url, {"title": "Their words"})

    page = browser.post(url, mine)
    assert page.status == 409
    assert "Their words" in page.text
    assert page.forms[-1].data["title"] == ["My words"]
    assert stored(session)[0].title == "Their words"

    again = browser.post(url, page.forms[-1].data)
    assert again.status == 303
    assert (stored(session)[0].title, stored(session)[0].priority) == ("My words", "p1")


def test_a_form_of_an_action_deleted_meanwhile_can_bring_it_back(
    session: Session, action: Action, browser: Browser
) -> None:
    url = f"/actions/{action.id}/edit"
    mine = {**browser.get(url).forms[-1].data, "title": "My words"}
    browser.post(f"/actions/{action.id}/delete")
    page = browser.post(url, mine)
    assert page.status == 409
    assert "Somebody deleted ACT-1 while you were writing." in page.text
    assert stored(session)[0].deleted_at is not None

    assert browser.post(url, page.forms[-1].data).status == 303
    (action,) = stored(session)
    assert (action.title, action.deleted_at) == ("My words", None)


def test_the_owner_changes_their_own_also_as_a_reader(
    session: Session, incident: Incident, reader: Person, sign_in: SignIn
) -> None:
    action = make_action(session, incident, owner=reader)
    page = sign_in(reader).submit(f"/actions/{action.id}/edit", {"status": "accepted"})
    assert page.status == 303
    assert stored(session)[0].status == "accepted"


def test_handing_on_the_only_way_to_a_restricted_incident_leads_to_the_list(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    restricted = make_incident(session, author, restricted=True)
    first, second = (make_action(session, restricted, owner=outsider) for _ in range(2))
    browser = sign_in(outsider)
    assert (
        browser.submit(f"/actions/{first.id}/edit", {"owner": author.email}).location
        == f"/actions/{first.id}"
    )
    page = browser.submit(f"/actions/{second.id}/edit", {"owner": author.email})
    assert page.location == "/actions/"
    assert browser.get(f"/actions/{second.id}").status == 404
    last = make_action(session, restricted, owner=outsider)
    assert browser.post(f"/actions/{last.id}/delete").location == "/actions/"


# Deleting and bringing back


def test_deleting_can_be_undone(session: Session, action: Action, browser: Browser) -> None:
    page = browser.post(f"/actions/{action.id}/delete")
    assert page.location == f"/incidents/{action.incident_id}#actions"
    listed = browser.get("/actions/")
    assert "ACT-1 was deleted." in listed.text
    assert "0 actions" in listed.text
    assert browser.get(f"/actions/{action.id}").status == 404
    undo = next(form for form in listed.forms if form.action == f"/actions/{action.id}/restore")
    page = browser.post(undo.action, undo.data)
    assert page.location == f"/actions/{action.id}"
    assert browser.get(f"/actions/{action.id}").status == 200
    assert stored(session)[0].deleted_at is None


def test_deleting_twice_is_deleting_once(session: Session, action: Action, browser: Browser) -> None:
    for path, verb in (("delete", "deleted"), ("restore", "brought back")):
        for _ in range(2):
            assert browser.post(f"/actions/{action.id}/{path}").status == 303
        assert entries(session, verb) == 1


# Who may


@pytest.mark.parametrize("path", ["/edit", "/delete", "/restore"])
def test_a_reader_changes_nothing(
    session: Session, action: Action, reader: Person, sign_in: SignIn, path: str
) -> None:
    browser = sign_in(reader)
    page = browser.post(f"/actions/{action.id}{path}", {"title": "Mine"})
    assert page.status == 403
    assert "Only contributors and the action's owner may change it." in page.text
    shown = browser.get(f"/actions/{action.id}")
    assert (shown.status, shown.forms) == (200, [])
    assert f"/actions/{action.id}/edit" not in shown.links
    assert browser.get(f"/actions/{action.id}/edit").status == 403
    assert (stored(session)[0].title, stored(session)[0].deleted_at) == ("Add an alarm for the queue", None)


def test_a_reader_adds_nothing(session: Session, incident: Incident, reader: Person, sign_in: SignIn) -> None:
    url = f"/incidents/{incident.id}/actions/new"
    assert sign_in(reader).get(url).status == 403
    assert sign_in(reader).post(url, {"title": "Mine"}).status == 403
    assert stored(session) == []


def test_what_is_restricted_is_not_there_for_outsiders(
    session: Session, author: Person, outsider: Person, facilitator: Person, sign_in: SignIn
) -> None:
    action = make_action(session, make_incident(session, author, "Secret", restricted=True), "Hidden words")
    for person in (outsider, facilitator):
        browser = sign_in(person)
        for url in (
            f"/actions/{action.id}",
            f"/actions/{action.id}/edit",
            f"/incidents/{action.incident_id}/actions/new",
        ):
            page = browser.get(url)
            assert page.status == 404
            assert "Hidden words" not in page.html and "Secret" not in page.html
        for url in ("edit", "delete", "restore"):
            assert browser.post(f"/actions/{action.id}/{url}", {"title": "Mine"}).status == 404
        page = browser.get("/actions/")
        assert "0 actions" in page.text and "Hidden words" not in page.html
    assert stored(session)[0].title == "Hidden words"
    assert "Hidden words" in sign_in(author).get("/actions/").text


@pytest.mark.parametrize("path", ["/actions/", "/actions/1", "/actions/1/edit", "/incidents/1/actions/new"])
def test_signed_out_people_are_asked_to_sign_in(action: Action, anonymous: Browser, path: str) -> None:
    page = anonymous.get(path)
    assert page.status == 303
    assert page.location is not None and page.location.startswith("/login?next=")


@pytest.mark.parametrize("path", ["edit", "delete", "restore"])
def test_signed_out_posts_change_nothing(
    session: Session, action: Action, anonymous: Browser, path: str
) -> None:
    assert anonymous.post(f"/actions/{action.id}/{path}", {"title": "Mine"}).location == "/login"
    assert (stored(session)[0].title, stored(session)[0].deleted_at) == ("Add an alarm for the queue", None)


@pytest.mark.parametrize("number", ["999", "0", "-1", "x", "2147483648", "9" * 30])
def test_there_is_no_such_action(author: Person, browser: Browser, number: str) -> None:
    for path in (f"/actions/{number}", f"/actions/{number}/edit", f"/incidents/{number}/actions/new"):
        assert browser.get(path).status == 404
    assert browser.post(f"/actions/{number}/delete").status == 404


@pytest.mark.parametrize("path", ["/actions/1/delete", "/actions/1/restore"])
def test_reading_an_address_that_changes_things_does_nothing(
    session: Session, action: Action, browser: Browser, path: str
) -> None:
    page = browser.get(path)
    assert (page.status, page.headers["Allow"]) == (405, "OPTIONS, POST")
    assert stored(session)[0].deleted_at is None


# The list


def test_the_list_says_how_many_and_what_is_filtered(
    session: Session, incident: Incident, author: Person, browser: Browser
) -> None:
    make_service(session, "Player")
    make_action(session, incident, "Rehearse", owner=author, due_on=clock.today() - timedelta(days=1))
    make_action(session, incident, "Closed words", status="done")
    page = browser.get("/actions/")
    assert "2 actions" in page.text and "Active filters" not in page.html
    page = browser.get("/actions/?q=rehearse&status=open&owner=me&overdue=y&severity=sev2")
    assert "1 action" in page.text and "Closed words" not in page.text
    for label in (
        "Find: rehearse",
        "Status: Open",
        "Owner: Me",
        "Overdue",
        "Severity of the incident: SEV 2",
    ):
        assert f"Remove filter: {label}" in page.text
    assert "/actions/?q=rehearse&status=open&overdue=y&severity=sev2" in page.links
    assert "No action fits" in browser.get("/actions/?service=player").text


def test_the_list_turns_pages_and_keeps_filter_and_sorting(
    session: Session, incident: Incident, browser: Browser
) -> None:
    for number in range(27):
        make_action(session, incident, f"Do {number:02}", due_on=date(2026, 4, 1) + timedelta(days=number))
    page = browser.get("/actions/?status=open&sort=-due_on")
    assert "27 actions" in page.text and "Do 26" in page.text and "Do 00" not in page.text
    following = next(link for link in page.links if "after=" in link)
    second = browser.get(following)
    assert "27 actions" in second.text
    assert "Do 01" in second.text and "Do 00" in second.text and "Do 02" not in second.text
    back = next(link for link in second.links if "before=" in link)
    assert "Do 26" in browser.get(back).text
    assert "sort=due_on" in " ".join(page.links)


@pytest.mark.parametrize("query", ["status=banana", "owner=x%40example.com", "kind=wish", "q=" + "x" * 201])
def test_a_filter_that_does_not_exist_is_told(action: Action, browser: Browser, query: str) -> None:
    page = browser.get(f"/actions/?{query}")
    assert page.status == 422
    assert "This address asks for something that is not here" in page.text
    assert "Add an alarm" not in page.text


@pytest.mark.parametrize("cursor", ["after=x~1", "after=1", "before=1~2~3", "after=1~99999999999"])
def test_a_page_that_does_not_exist_is_told(action: Action, browser: Browser, cursor: str) -> None:
    page = browser.get(f"/actions/?{cursor}")
    assert page.status == 422
    assert "That page of the list does not exist." in page.text


@pytest.mark.parametrize(("path", "statements"), [("/actions/", 4), ("/actions/1", 3)])
def test_more_rows_need_no_more_statements(
    session: Session,
    incident: Incident,
    author: Person,
    browser: Browser,
    database: Database,
    path: str,
    statements: int,
) -> None:
    def sent() -> int:
        with counted(database) as found:
            browser.get(path)
        return len(found)

    team = make_team(session, "Playback")
    make_action(session, incident, owner=author, team=team)
    sent()
    assert sent() == statements
    for number in range(2):
        person = make_person(session, f"Person {number}")
        action = make_action(session, make_incident(session, author), owner=person, team=team)
        delete_action(session, make_action(session, action.incident), actor=CLI)
        browser.submit("/actions/1/edit", {"title": f"Title {number}"})
    assert sent() == statements


def test_a_form_keeps_its_list_of_statements(
    session: Session, action: Action, browser: Browser, database: Database
) -> None:
    def sent(data: dict[str, Any] | None) -> int:
        with counted(database) as found:
            browser.post(f"/actions/{action.id}/edit", data)
        return len(found)

    form = browser.get(f"/actions/{action.id}/edit").forms[-1].data
    with_one = sent({**form, "title": ""})
    for number in range(3):
        make_person(session, f"Person {number}")
        make_team(session, f"Team {number}")
    assert sent({**form, "title": ""}) == with_one


# On the incident's page


def test_the_incidents_page_lists_its_actions_with_ways_to_change_them(
    session: Session, incident: Incident, author: Person, browser: Browser, reader: Person, sign_in: SignIn
) -> None:
    url = f"/incidents/{incident.id}"
    assert "No actions yet" in browser.get(url).text
    make_action(session, incident, "Later", due_on=clock.today() + timedelta(days=1), owner=author)
    make_action(session, incident, "Sooner", due_on=clock.today() - timedelta(days=1), end_state="It rings.")
    page = browser.get(url)
    assert page.text.index("Sooner") < page.text.index("Later")
    assert "Done when: It rings." in page.text and "Overdue" in page.text
    assert {f"{url}/actions/new", "/actions/1/edit", "/actions/2/edit"} <= set(page.links)
    delete = next(form for form in page.forms if form.action == "/actions/2/delete")
    assert "ACT-2 was deleted." in browser.post(delete.action, delete.data, follow=True).text
    assert "Sooner" not in browser.get(url).html.split("History")[0]

    page = sign_in(reader).get(url)
    assert "Later" in page.text
    assert not [link for link in page.links if link.endswith(("/actions/new", "/actions/1/edit"))]
    assert not [form for form in page.forms if "/actions/" in form.action]
