"""What was promised is done, checked, asked about again, and outlives who promised it."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from tests.factories.accounts import make_person
from tests.support.client import Browser


def test_from_done_to_known_to_work(
    session: Session, admin: Person, author: Person, sign_in: Callable[[Person], Browser]
) -> None:
    grace = make_person(session, "Grace Hopper")
    browser = sign_in(author)
    browser.submit("/incidents/new", {"title": "Playback stops"})
    for title in ("Add an alarm for empty manifests", "Alert on empty manifests"):
        fields = {"title": title, "owner": author.email, "end_state": "It rings in staging."}
        assert browser.submit("/incidents/1/actions/new", fields).status == 303

    # The second is the first under another name.
    page = browser.submit("/actions/2/merge", {"into": "ACT-1"}, follow=True)
    assert "Duplicates of this: ACT-2" in page.text

    # Done is the owner's word; somebody else looks.
    browser.submit("/actions/1/edit", {"status": "done"})
    assert "To be checked from" in browser.get("/actions/1").text
    page = sign_in(grace).submit(
        "/actions/1/verify", {"outcome": "worked", "how": "Emptied one; it rang."}, follow=True
    )
    assert "It worked. Emptied one; it rang." in page.text and "Grace Hopper" in page.text

    # It happens again.
    browser.submit("/incidents/new", {"title": "Playback stops again"})
    fields = {"relations-0-number": "1", "relations-0-kind": "same_cause_as"}
    page = browser.submit("/incidents/2/edit", fields, follow=True)
    assert "Whether ACT-1 worked is asked again" in page.text
    assert "INC-2 Playback stops again is said to have the same cause. Did this work?" in (
        browser.get("/actions/1").text
    )
    page = browser.submit(
        "/actions/1/verify",
        {
            "outcome": "new",
            "how": "It did not ring: another region.",
            "title": "Add the alarm in every region",
        },
        follow=True,
    )
    assert page.title.startswith("ACT-3 Add the alarm in every region")
    assert "Came from: ACT-1" in page.text
    page = browser.get("/actions/1")
    assert "It did not. It did not ring: another region." in page.text
    assert "Did this work?" not in page.text

    # The owner leaves; what they owned is not lost sight of.
    boss = sign_in(admin)
    page = boss.post(f"/people/{author.id}/deactivate", follow=True)
    assert "Aino Author owns 1 open action: hand it over." in page.text
    fields = {"to": grace.email, "reason": "Grace takes over alarms.", "all": "1"}
    page = boss.submit("/actions/leavers", fields, follow=True)
    assert "Nothing is left behind" in page.text
    page = sign_in(grace).get("/actions/3")
    assert "Grace takes over alarms." in page.text
