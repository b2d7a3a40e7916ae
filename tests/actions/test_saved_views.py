"""Saved views: a question with a name and a link; whose is whose."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.actions.models_around import SavedView
from postmortem.actions.operations_saved import MOST_VIEWS, save_view
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


def saved(
    session: Session, person: Person, name: str, query: str = "status=open", *, shared: bool
) -> SavedView:
    view = save_view(session, person, name=name, query=query, is_shared=shared, actor=person)
    session.commit()
    return view


def test_what_the_list_asks_is_kept_under_a_name(session: Session, action: Action, browser: Browser) -> None:
    page = browser.get("/actions/?status=open&group=team&sort=-due_on&after=~0~9000000~1&other=x")
    link = next(link for link in page.links if link.startswith("/actions/views/new"))
    page = browser.submit(link, {"name": "By team"})
    assert (page.status, page.location) == (303, "/actions/?status=open&group=team&sort=-due_on")
    view = session.scalars(select(SavedView)).one()
    assert (view.query, view.is_shared) == ("status=open&group=team&sort=-due_on", False)
    assert browser.get(f"/actions/views/{view.id}").location == page.location
    page = browser.get(page.location)
    assert "“By team” is saved." in page.text
    assert f"/actions/views/{view.id}" in page.links and f"/actions/views/{view.id}/edit" in page.links


def test_a_private_one_is_there_for_nobody_else(
    session: Session, author: Person, admin: Person, outsider: Person, browser: Browser, sign_in: SignIn
) -> None:
    private = saved(session, author, "Only mine", shared=False)
    shared = saved(session, author, "For all", shared=True)
    assert "Only mine" in browser.get("/actions/?status=closed").text
    for person in (admin, outsider):
        other = sign_in(person)
        for path in ("", "/edit"):
            assert other.get(f"/actions/views/{private.id}{path}").status == 404
        assert other.post(f"/actions/views/{private.id}/delete").status == 404
        page = other.get("/actions/?status=closed")
        assert "Only mine" not in page.text and f"For all ({author.name})" in page.text
        assert other.get(f"/actions/views/{shared.id}").location == "/actions/?status=open"
    assert sign_in(outsider).get(f"/actions/views/{shared.id}/edit").status == 403
    assert sign_in(outsider).post(f"/actions/views/{shared.id}/delete").status == 403
    assert sign_in(admin).get(f"/actions/views/{shared.id}/edit").status == 200


def test_a_shared_question_shows_each_reader_their_own_answer(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    make_action(session, make_incident(session, author, restricted=True), "Secret", owner=author)
    shared = saved(session, author, "Of the author", f"owner={author.email}", shared=True)
    link = sign_in(outsider).get(f"/actions/views/{shared.id}").location
    assert "Secret" not in sign_in(outsider).get(link).text
    assert "Secret" in sign_in(author).get(link).text


def test_renaming_sharing_and_deleting(session: Session, author: Person, browser: Browser) -> None:
    view = saved(session, author, "Old name", shared=False)
    path = f"/actions/views/{view.id}"
    form = browser.get(f"{path}/edit").forms[-1].data
    assert browser.submit(f"{path}/edit", {"name": ""}).status == 422
    assert (
        browser.submit(f"{path}/edit", {"name": "New name", "is_shared": "y"}).location
        == "/actions/?status=open"
    )
    session.expire_all()
    assert (view.name, view.is_shared) == ("New name", True)
    page = browser.post(f"{path}/edit", {**form, "name": "From an old form"})
    assert page.status == 409 and "New name" in page.text
    assert browser.post(f"{path}/delete").location == "/actions/"
    assert session.scalars(select(SavedView)).all() == []


def test_a_name_is_taken_once(
    session: Session, author: Person, outsider: Person, browser: Browser, sign_in: SignIn
) -> None:
    saved(session, author, "Late", shared=True)
    other = saved(session, author, "Other", shared=False)
    page = browser.submit("/actions/views/new?show=overdue", {"name": "Late"})
    assert page.status == 422 and "There is a view of this name already." in page.text
    page = browser.submit(f"/actions/views/{other.id}/edit", {"name": "Late"})
    assert page.status == 422 and "There is a view of this name already." in page.text
    assert sign_in(outsider).submit("/actions/views/new?show=overdue", {"name": "Late"}).status == 303


def test_what_cannot_be_saved(session: Session, author: Person, browser: Browser) -> None:
    assert browser.get("/actions/views/new?status=banana").status == 422
    page = browser.submit("/actions/views/new", {"name": "Everything"})
    assert page.status == 422 and "Narrow the list first" in page.text
    for number in range(MOST_VIEWS):
        saved(session, author, f"View {number}", shared=False)
    page = browser.submit("/actions/views/new?status=open", {"name": "One too many"})
    assert page.status == 422 and "One too many" in page.html and f"{MOST_VIEWS} views already" in page.text


def test_a_form_sent_twice_saves_one(session: Session, browser: Browser) -> None:
    form = browser.get("/actions/views/new?status=open").forms[-1]
    for _ in range(2):
        assert browser.post(form.action, {**form.data, "name": "Once"}).status == 303
    assert len(session.scalars(select(SavedView)).all()) == 1
