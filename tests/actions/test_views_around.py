"""What stands around an action on its page: calls that lead to people, links that come back, who is told."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.coaching import SAY_WHAT, START_WITH_A_VERB
from postmortem.actions.models import Action
from postmortem.actions.operations import edit_action
from postmortem.actions.operations_comments import add_comment
from postmortem.actions.operations_links import add_link, links_of
from postmortem.db import Database
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from tests.factories.accounts import make_person
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.sql import counted

SignIn = Callable[[Person], Browser]
FIRST, SECOND = "https://tracker.example/1", "https://tracker.example/2?a=b&c=d"


@pytest.mark.parametrize(("url", "is_own"), [(FIRST, True), (SECOND, False)])
def test_a_link_that_was_removed_comes_back_by_undo(
    session: Session, action: Action, browser: Browser, url: str, is_own: bool
) -> None:
    for each in (FIRST, SECOND):
        add_link(session, action, each, f"Title & {each[-1]}", actor=CLI)
    session.commit()
    page = browser.post(f"/actions/{action.id}/links/remove", {"url": url}, follow=True)
    undo = next(form for form in page.forms if "/links/restore" in (form.action or ""))
    assert parse_qs(urlsplit(undo.action or "").query) == {"link": [url], "title": [f"Title & {url[-1]}"]}
    for _ in range(2):
        page = browser.post(undo.action or "", undo.data, follow=True)
        assert "The link is back." in page.text
    session.expire_all()
    assert {action.tracker_url, *(link.url for link in links_of(session, action))} == {FIRST, SECOND}
    assert (action.tracker_url == url) is is_own


def test_no_link_comes_back_that_is_none(session: Session, action: Action, browser: Browser) -> None:
    page = browser.post(f"/actions/{action.id}/links/restore?link=javascript:alert(1)")
    assert page.status == 422
    session.expire_all()
    assert not action.tracker_url


def test_who_is_called_in_a_comment_is_a_link_where_they_hear_of_it(
    session: Session, author: Person, sign_in: SignIn, database: Database
) -> None:
    incident: Incident = make_incident(session, author, restricted=True)
    action = make_action(session, incident)
    for name in ("Called", "Stranger"):
        make_person(session, name).handle = name.lower()
    called = session.query(Person).filter_by(handle="called").one()
    edit_action(session, action, {"owner": called.email}, version=None, actor=author)
    browser = sign_in(author)

    def sent() -> int:
        with counted(database) as found:
            browser.get(f"/actions/{action.id}")
        return len(found)

    add_comment(session, action, "@Called and @stranger: look. `@called`", actor=author)
    session.commit()
    sent()
    before = sent()
    page = browser.get(f"/actions/{action.id}")
    assert f'<a class="mention" href="/people/{called.id}">@Called</a> and @stranger: look.' in page.html
    assert page.html.count('class="mention"') == 1
    add_comment(session, action, "@called again", actor=author)
    session.commit()
    assert sent() == before


def test_an_owner_is_told_anyway_and_is_not_asked_to_watch(
    session: Session, incident: Incident, author: Person, browser: Browser
) -> None:
    theirs = make_action(session, incident, owner=author)
    page = browser.get(f"/actions/{theirs.id}")
    assert f"/actions/{theirs.id}/watch" not in {form.action for form in page.forms}
    assert "because it is yours" in page.text
    other = make_action(session, incident)
    assert f"/actions/{other.id}/watch" in {form.action for form in browser.get(f"/actions/{other.id}").forms}


@pytest.mark.parametrize(
    ("title", "hint"),
    [
        ("Fix bug", SAY_WHAT),
        ("Monitoring of the queue", START_WITH_A_VERB),
        ("Add an alarm for the queue", ""),
        ("", ""),
        ("Fix " * 5000, SAY_WHAT),
    ],
)
def test_a_title_gets_its_word_while_it_is_typed(
    reader: Person, sign_in: SignIn, title: str, hint: str
) -> None:
    browser = sign_in(reader)
    answer = browser.client.post(
        "/actions/title-hint", data={"title": title, "csrf_token": browser.csrf_token()}
    )
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.get_data(as_text=True) == hint
