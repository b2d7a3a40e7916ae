"""A form open in another tab while its record is deleted: nothing is changed, and what was typed comes back."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.incidents.operations_deletion import delete_incident
from postmortem.writeups.operations_deletion import delete_writeup
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup
from tests.support.client import Browser
from tests.support.crawl import without_tokens
from tests.support.targets import targets

FORMS = {
    "/incidents/1/edit": "summary",
    "/incidents/1/events/new": "text",
    "/incidents/1/factors/new": "text",
    "/incidents/1/actions/new": "description",
    "/events/1/edit": "text",
    "/factors/1/edit": "text",
    "/actions/1/edit": "description",
    "/writeups/the-draft/edit": "body",
}
TYPED = "Half an hour of <b>my</b> work."


@pytest.mark.parametrize("path", FORMS)
def test_what_was_typed_is_handed_back_and_nothing_is_saved(
    session: Session, admin: Person, sign_in: Callable[[Person], Browser], path: str
) -> None:
    incident = make_incident(session, admin)
    make_event(session, incident)
    make_factor(session, incident)
    make_action(session, incident)
    draft = make_writeup(session, admin, "The draft", incidents=[incident])
    browser = sign_in(admin)
    [target] = targets(browser, path)
    if path.startswith("/writeups"):
        delete_writeup(session, draft, version=None, actor=admin)
    else:
        delete_incident(session, incident, version=None, actor=admin)
    session.commit()
    versions = incident.version, draft.version
    typed = {FORMS[path]: TYPED}
    page = browser.post(path, target.data | typed)
    assert page.status == 404
    assert "deleted it or closed it to you while you were writing" in page.text
    assert TYPED in page.text
    assert "<b>my</b>" not in page.html
    session.expire_all()
    assert (incident.version, draft.version) == versions
    nowhere = browser.post(path.replace("1", "999").replace("the-draft", "none"), target.data | typed)
    assert (nowhere.status, without_tokens(nowhere.html)) == (404, without_tokens(page.html))


def test_a_button_alone_and_looking_get_the_plain_page(
    session: Session, admin: Person, sign_in: Callable[[Person], Browser]
) -> None:
    browser = sign_in(admin)
    for page in (browser.get("/incidents/1"), browser.post("/actions/1/delete")):
        assert page.status == 404
        assert "while you were writing" not in page.text
        assert "What you typed" not in page.text
