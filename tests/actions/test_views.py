"""Adding an action, and the page of one."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.incidents.models import Incident
from tests.factories.accounts import make_person, make_team
from tests.factories.actions import make_action, stored_actions
from tests.factories.incidents import make_incident
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


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
    (action,) = stored_actions(session)
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
    assert [action.due_on for action in stored_actions(session)] == [date(2026, 4, 1), None]


def test_save_and_add_another_leads_to_an_empty_form(
    session: Session, incident: Incident, browser: Browser
) -> None:
    url = f"/incidents/{incident.id}/actions/new"
    page = browser.submit(url, {"title": "Rehearse", "add_another": "1"}, follow=True)
    assert "ACT-1 was added." in page.text
    assert page.forms[-1].data["title"] == [""]
    assert len(stored_actions(session)) == 1


def test_a_form_posted_twice_adds_one(session: Session, incident: Incident, browser: Browser) -> None:
    url = f"/incidents/{incident.id}/actions/new"
    data = {**browser.get(url).forms[-1].data, "title": "Rehearse"}
    pages = [browser.post(url, data) for _ in range(2)]
    assert {(page.status, page.location) for page in pages} == {(303, f"/incidents/{incident.id}#actions")}
    assert len(stored_actions(session)) == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", " ", "Say what is to be done; start with a verb."),
        ("title", "x" * 201, "Shorten this to 200 characters."),
        ("due_on", "next week", "Enter a day like 2026-03-09."),
        ("due_on", "2026-02-30", "Enter a day like 2026-03-09."),
        (
            "owner",
            "nobody@example.com",
            "Nobody active here has the address or the name “nobody@example.com”.",
        ),
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
    assert stored_actions(session) == []


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
    (kept,) = stored_actions(session)
    assert (kept.owner, kept.team, kept.title) == (gone, team, "Rehearse")


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
        "cli added this action, for Aino Author of the team Playback, due 18 February 2026 (P1, Process)",
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
    for typed in ({"status": "done"}, {"status": "verified", "status_reason": "It rang in the drill."}):
        assert sign_in(facilitator).submit(f"/actions/{action.id}/edit", typed).status == 303
    page = sign_in(facilitator).get(f"/actions/{action.id}")
    assert "Verified by Fay Facilitator, 2 March 2026" in page.text
    assert "It rang in the drill." in page.text
    imported = make_action(session, action.incident, status="verified")
    assert "Verified by" not in sign_in(facilitator).get(f"/actions/{imported.id}").text


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
