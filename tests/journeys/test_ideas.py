"""From an idea to an action, and to an honest "no actions needed": what people do after an incident."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from tests.support.client import Browser

FRIDAY = datetime(2026, 3, 6, 16, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 10, 8, tzinfo=UTC)


def test_an_idea_soaks_over_the_weekend_and_becomes_an_action(
    session: Session,
    admin: Person,
    author: Person,
    reader: Person,
    sign_in: Callable[[Person], Browser],
    frozen: Callable[[datetime], None],
) -> None:
    # On Friday: a severe incident asks for follow-up, and is on the list of those without.
    frozen(FRIDAY)
    browser = sign_in(author)
    browser.submit("/incidents/new", {"title": "Playback stops", "severity": "sev1"})
    page = browser.get("/incidents/1")
    assert "A SEV 1 needs an action or a reason why none is needed." in page.text
    assert "Playback stops" in browser.get("/actions/missing").text
    form = next(form for form in page.forms if (form.action or "").endswith("/ideas"))
    browser.post(form.action or "", {**form.data, "text": "Rehearse O'Hara's fail-over"})
    assert "from Tuesday 10 March on" in browser.get("/incidents/1").text

    # An idea is no promise: the question stays, until somebody says that none is needed.
    assert "Playback stops" in browser.get("/actions/missing").text
    browser.submit("/incidents/1/no-actions-needed", {"reason": "The cable is mended."})
    page = sign_in(reader).get("/incidents/1")
    assert "No actions needed: The cable is mended." in page.text
    assert f"Said by {author.name}, 6 March 2026" in page.text
    assert "Nothing is missing" in browser.get("/actions/missing").text

    # On Tuesday the idea still looks good, and becomes an action; so one was needed after all.
    frozen(TUESDAY)
    browser = sign_in(author)
    page = browser.submit("/ideas/1/promote", {"end_state": "Somebody else did it alone."}, follow=True)
    assert "The idea is now ACT-1." in page.text
    page = browser.get("/incidents/1")
    assert "Became ACT-1" in page.text
    assert "No actions needed: The cable is mended." not in page.text
    assert "took back that no actions are needed" in page.text

    # An admin finds that even mild incidents deserve an answer.
    browser.submit("/incidents/new", {"title": "A typing error", "severity": "sev4"})
    assert "Nothing is missing" in browser.get("/actions/missing").text
    office = sign_in(admin)
    form = max(office.get("/settings/actions").forms, key=lambda form: len(form.data))
    office.post("/settings/actions", {**form.data, "needs_action": ["sev1", "sev2", "sev3", "sev4"]})
    assert "A typing error" in browser.get("/actions/missing").text
    assert "A SEV 4 needs an action or a reason" in browser.get("/incidents/2").text
