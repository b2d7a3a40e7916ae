"""A team keeps its promises in sight: it narrows and groups the list, saves the view, changes many, takes a copy."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from tests.factories.accounts import make_person, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser


def test_from_a_pile_to_a_list_that_somebody_answers_for(
    session: Session, author: Person, outsider: Person, sign_in: Callable[[Person], Browser]
) -> None:
    late = clock.today() - timedelta(days=3)
    taker = make_person(session, "Tove Taker")
    team = make_team(session, "Playback", author, taker)
    incident = make_incident(session, author, "Playback stops", severity="sev2")
    for title in ("Rehearse the failover", "Add an alarm"):
        make_action(session, incident, title, team=team, due_on=late, end_state="It holds.")
    make_action(session, incident, "Somebody else's", owner=outsider, due_on=late)
    browser = sign_in(author)

    # What waits is on one's own page, and one click leads to all of it.
    page = browser.get("/me")
    assert "Rehearse the failover" in page.text and "Somebody else's" not in page.text
    page = browser.get("/actions/?team=mine&show=unowned")
    assert "2 actions" in page.text

    # The question is asked each week: it gets a name and a link, and a colleague follows it.
    saving = next(link for link in page.links if link.startswith("/actions/views/new"))
    browser.submit(saving, {"name": "Ours without owner", "is_shared": "y"}, follow=True)
    link = next(
        link
        for link in browser.get("/actions/?team=mine&show=unowned").links
        if link[-1:].isdigit() and "/views/" in link
    )
    colleague = sign_in(taker)
    page = colleague.get(colleague.get(link).location)
    assert "Rehearse the failover" in page.text and "Ours without owner" in page.text

    # Both are ticked and handed over, for one reason; then there is nothing left without owner.
    form = next(form for form in page.forms if form.action.startswith("/actions/bulk"))
    boxes = [part.split('"')[0] for part in page.html.split('name="row" value="')[1:]]
    data = {**form.data, "row": boxes, "change": "owner", "owner": taker.email, "reason": "I have the time."}
    page = colleague.post(form.action, data, follow=True)
    assert "2 actions are changed." in page.text and "No action fits" in page.text
    assert "I have the time." in colleague.get("/actions/1").text

    # By owner, everybody sees who has how much; and the copy says the same.
    page = browser.get("/actions/?status=open&group=owner")
    assert f"{outsider.name} 1" in page.text and "Tove Taker 2" in page.text
    copy = browser.client.get("/actions/actions.csv?status=open").get_data(as_text=True)
    owners = [row["owner"] for row in csv.DictReader(io.StringIO(copy, newline=""))]
    assert sorted(owners) == sorted([taker.email, taker.email, outsider.email])
