"""An admin sets what is expected of follow-up, somebody leaves, and what they promised finds new owners."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from tests.factories.accounts import make_person
from tests.factories.actions import make_action, stored_actions
from tests.factories.incidents import make_incident
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


def test_what_admins_decide_is_what_everybody_is_offered(
    session: Session, admin: Person, author: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author, "Playback stops", severity="sev2")
    rated_lower = make_incident(session, author, "A page is slow", severity="sev3")
    admins, authors = sign_in(admin), sign_in(author)

    # From the settings to the policy: more days for SEV 2, and an action is expected after SEV 3, too.
    assert "/settings/actions" in admins.get("/settings/").links
    form = admins.get("/settings/actions").forms[-1]
    days = next(name for name in form.data if "sev2" in name)
    wanted = {days: "9", "needs_action": ["sev1", "sev2", "sev3"], "due_soon_days": "3"}
    page = admins.submit("/settings/actions", wanted, follow=True)
    assert admin.name in page.text and "History" in page.text

    # Whoever adds an action is offered that day, and may choose another.
    form = authors.get(f"/incidents/{incident.id}/actions/new").forms[-1]
    assert form.data["due_on"] == [(clock.today() + timedelta(days=9)).isoformat()]
    assert "A page is slow" in authors.get("/actions/missing").text
    authors.submit(f"/incidents/{rated_lower.id}/actions/new", {"title": "Measure how slow"})
    assert "A page is slow" not in authors.get("/actions/missing").text

    # Two admins at once: the second is shown both numbers. And all can go back to as it was.
    stale = admins.get("/settings/actions").forms[-1].data
    admins.submit("/settings/actions", {"stale_days": "50"})
    page = admins.post("/settings/actions", {**stale, "stale_days": "60"})
    assert page.status == 409 and "50" in page.text and "60" in page.text
    admins.post("/settings/actions/reset")
    form = authors.get(f"/incidents/{incident.id}/actions/new").forms[-1]
    assert form.data["due_on"] != [(clock.today() + timedelta(days=9)).isoformat()]
    # It is the admins' page.
    assert authors.get("/settings/actions").status == 403


def test_what_somebody_leaves_behind_finds_owners(
    session: Session, admin: Person, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author, "Playback stops")
    heir = make_person(session, "Hedda Heir")
    for title in ("Add an alarm", "Rehearse the failover", "Write the runbook"):
        make_action(session, incident, title, owner=outsider)
    admins, heirs = sign_in(admin), sign_in(heir)

    # Whoever switches the account off is told, and led to the pile.
    page = admins.post(f"/people/{outsider.id}/deactivate", follow=True)
    assert "owns 3 open actions: hand them over." in page.text
    page = admins.get(next(link for link in page.links if link.startswith("/actions/leavers")))
    assert "Left behind by Otto Outsider" in page.text
    assert "/actions/leavers" in admins.get("/actions/").links

    # Two by name, for a reason; the last with the other button.
    rows = [part.split('"')[0] for part in page.html.split('name="number" value="')[1:]]
    data = {**page.forms[-1].data, "to": "hedda heir", "reason": "She knows the player.", "number": rows[:2]}
    page = admins.post("/actions/leavers", data, follow=True)
    assert "2 actions of Otto Outsider are handed over." in page.text and "1 open action." in page.text
    page = admins.submit(
        "/actions/leavers", {"to": author.email, "reason": "The rest.", "all": "1"}, follow=True
    )
    assert "Nothing is left behind" in page.text
    assert [action.owner_id for action in stored_actions(session)] == [heir.id, heir.id, author.id]

    # It is on her page, and each tells why.
    assert "Add an alarm" in heirs.get("/me").text and "Write the runbook" not in heirs.get("/me").text
    page = heirs.get("/actions/1")
    assert "handed it from Otto Outsider to Hedda Heir: “She knows the player.”" in page.text
