"""Two people at the very same moment, on both databases: one record, one winner, and nobody's text is lost.

On PostgreSQL both really work at once: each waits before its first write until the other has come as far.
On SQLite writers queue from their first statement on.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.models import metadata
from postmortem.tags.models import Tag
from postmortem.writeups.models import Publication, Revision, Writeup
from tests.factories.accounts import make_person
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.pages import Page
from tests.support.secrets import Cast
from tests.support.targets import furnished, targets

Send = Callable[[], Page]


@contextmanager
def side_by_side(database: Database) -> Iterator[None]:
    """Of two threads neither writes before the other is about to."""
    both, mine = threading.Barrier(2), threading.local()

    def wait(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SELECT", "BEGIN")) and not hasattr(mine, "waited"):
            mine.waited = True
            try:
                both.wait(timeout=2)
            except threading.BrokenBarrierError:
                pass

    if database.is_sqlite:
        yield
        return
    event.listen(database.writing, "before_cursor_execute", wait)
    try:
        yield
    finally:
        event.remove(database.writing, "before_cursor_execute", wait)


def at_once(database: Database, *sends: Send) -> list[Page]:
    """Send them all at the same moment; the answers in the same order."""
    start, answers = threading.Barrier(len(sends)), dict[int, Page | BaseException]()

    def run(index: int, send: Send) -> None:
        start.wait()
        try:
            answers[index] = send()
        except BaseException as error:
            answers[index] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(sends)]
    with side_by_side(database):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    pages = []
    for index in range(len(sends)):
        answer = answers[index]
        if isinstance(answer, BaseException):
            raise answer
        pages.append(answer)
    return pages


@pytest.fixture
def site(session: Session) -> tuple[Cast, Person]:
    return furnished(session)


@pytest.fixture
def two(site: tuple[Cast, Person], session: Session, sign_in: Callable[[Person], Browser]) -> list[Browser]:
    """Two admins, each with a browser."""
    return [sign_in(site[1]), sign_in(make_person(session, "Trudy Admin", role="admin"))]


CREATE = {
    "/incidents/new": ("incidents", {"title": "Twice"}),
    "/incidents/1/events/new": ("timeline_events", {"text": "Twice"}),
    "/incidents/1/factors/new": ("factors", {"text": "Twice"}),
    "/incidents/1/actions/new": ("actions", {"title": "Twice"}),
    "/incidents/1/ideas": ("ideas", {"text": "Twice"}),
    "/writeups/new": ("writeups", {"title": "Twice"}),
    "/people/new": ("people", {"name": "Twice", "email": "twice@example.com"}),
    "/teams/new": ("teams", {"name": "Twice"}),
    "/services/new": ("services", {"name": "Twice"}),
}


@pytest.mark.parametrize("path", CREATE)
def test_a_form_sent_twice_at_once_makes_one_record(
    app: Flask, database: Database, session: Session, two: list[Browser], path: str
) -> None:
    name, values = CREATE[path]
    table = metadata.tables[name]
    [target] = targets(two[0], path)
    twin = Browser(app)
    twin.client.set_cookie("postmortem", _cookie(two[0]))
    counted = select(func.count()).select_from(table)
    told = select(func.count()).where(HistoryEntry.subject_type == name, HistoryEntry.verb.in_(MADE))
    before = session.scalar(counted), session.scalar(told)
    first, second = at_once(
        database, *(partial(each.post, target.action, target.data | values) for each in (two[0], twin))
    )
    assert (first.status, second.status) == (303, 303)
    assert first.location == second.location
    assert (session.scalar(counted), session.scalar(told)) == (before[0] + 1, before[1] + 1)
    assert two[0].get((first.location or "").split("#")[0]).status == 200


MADE = ("reported", "added", "started")


def test_of_two_who_say_that_none_is_needed_at_once_one_is_asked(
    database: Database, session: Session, two: list[Browser]
) -> None:
    path = "/incidents/2/no-actions-needed"
    forms = [next(targets(browser, path)).data for browser in two]
    sends = [
        partial(browser.post, path, data | {"reason": reason})
        for browser, data, reason in zip(two, forms, ("First", "Second"), strict=True)
    ]
    pages = at_once(database, *sends)
    assert sorted(page.status for page in pages) == [303, 409]
    said = session.scalars(select(metadata.tables["no_actions_needed"].c.reason)).all()
    assert said == ["First" if pages[0].status == 303 else "Second"]


def test_an_action_added_while_somebody_says_that_none_is_needed_wins(
    database: Database, session: Session, two: list[Browser]
) -> None:
    path = "/incidents/2/no-actions-needed"
    forms = [next(targets(two[0], path)).data, next(targets(two[1], "/incidents/2/actions/new")).data]
    said, added = at_once(
        database,
        partial(two[0].post, path, forms[0] | {"reason": "None"}),
        partial(two[1].post, "/incidents/2/actions/new", forms[1] | {"title": "Act"}),
    )
    assert added.status == 303
    assert said.status in (303, 422)
    assert session.scalars(select(metadata.tables["no_actions_needed"].c.id)).all() == []


def test_two_who_make_an_idea_an_action_at_once_make_one(
    database: Database, session: Session, two: list[Browser]
) -> None:
    path, actions = "/ideas/1/promote", metadata.tables["actions"]
    before = session.scalar(select(func.count()).select_from(actions))
    forms = [
        next(targets(browser, path)).data | {"reason": "Now", "end_state": "It rings."} for browser in two
    ]
    pages = at_once(
        database, *(partial(browser.post, path, data) for browser, data in zip(two, forms, strict=True))
    )
    assert [page.status for page in pages] == [303, 303]
    assert pages[0].location == pages[1].location
    assert session.scalar(select(func.count()).select_from(actions)) == (before or 0) + 1


def test_of_two_first_decisions_of_the_policy_one_wins(
    database: Database, session: Session, two: list[Browser]
) -> None:
    path = "/settings/actions"
    forms = [next(targets(browser, path)).data for browser in two]
    sends = [
        partial(browser.post, path, data | {"stale_days": days})
        for browser, data, days in zip(two, forms, ("11", "12"), strict=True)
    ]
    pages = at_once(database, *sends)
    assert sorted(page.status for page in pages) == [303, 409]
    days = session.scalars(select(metadata.tables["action_policy"].c.stale_days)).all()
    assert days == [11 if pages[0].status == 303 else 12]


def test_of_two_first_changes_of_a_template_one_wins(
    database: Database, session: Session, two: list[Browser]
) -> None:
    path, table = "/settings/templates/near_miss/edit", metadata.tables["writeup_templates"]
    forms = [next(targets(browser, path)).data for browser in two]
    sends = [
        partial(browser.post, path, data | {"name": name})
        for browser, data, name in zip(two, forms, ("One", "Two"), strict=True)
    ]
    pages = at_once(database, *sends)
    assert sorted(page.status for page in pages) == [303, 409]
    names = session.scalars(select(table.c.name).where(table.c.key == "near_miss")).all()
    assert names == ["One" if pages[0].status == 303 else "Two"]
    assert session.scalar(select(func.count()).select_from(table)) == 6


def _cookie(browser: Browser) -> str:
    cookie = browser.client.get_cookie("postmortem")
    assert cookie is not None
    return cookie.value


EDIT = {
    "/incidents/1/edit": ("incidents", "title"),
    "/events/1/edit": ("timeline_events", "text"),
    "/factors/1/edit": ("factors", "text"),
    "/actions/1/edit": ("actions", "title"),
    "/ideas/1/edit": ("ideas", "text"),
    "/writeups/the-third/edit": ("writeups", "body"),
    "/people/1/edit": ("people", "name"),
    "/teams/sound/edit": ("teams", "name"),
    "/services/playback/edit": ("services", "name"),
}


@pytest.mark.parametrize("path", EDIT)
def test_of_two_edits_one_wins_and_the_other_sees_both_texts(
    database: Database, session: Session, two: list[Browser], path: str
) -> None:
    name, field = EDIT[path]
    texts = "The text of Mallory", "The text of Trudy"
    opened = [next(targets(browser, path)) for browser in two]
    told = select(func.count()).where(HistoryEntry.subject_type == name, HistoryEntry.verb == "edited")
    before = session.scalar(told)
    sends = [
        partial(browser.post, path, target.data | {field: text})
        for browser, target, text in zip(two, opened, texts, strict=True)
    ]
    pages = at_once(database, *sends)
    assert sorted(page.status for page in pages) == [303, 409]
    lost = 0 if pages[0].status == 409 else 1
    assert _stored(session, name, field) == texts[1 - lost]
    assert session.scalar(told) == before + 1
    assert "saved this while you were writing" in pages[lost].text
    assert texts[0] in pages[lost].text
    assert texts[1] in pages[lost].text
    again = max(pages[lost].forms, key=lambda form: len(form.data))
    assert again.data[field] == [texts[lost]]
    # The desk of a write-up asks what becomes of the paragraph; other forms are sent again.
    assert two[lost].post(path, again.data | {"choice-body-0": "mine"}).status == 303
    assert _stored(session, name, field) == texts[lost]


def _stored(session: Session, name: str, field: str) -> Any:
    table = metadata.tables[name]
    slug = {"writeups": table.c.get("slug") == "the-third"}.get(name)
    statement = select(table.c[field]).order_by(table.c.id).limit(1)
    return session.scalar(statement.where(slug) if slug is not None else statement)


@pytest.mark.parametrize(
    ("path", "field", "values"),
    [
        ("/incidents/1/edit", "tags", ("dns, one", "dns, two")),
        ("/factors/1/edit", "tags", ("dns, one", "dns, two")),
        ("/teams/sound/edit", "members", ("filer-person@example.com", "lead-person@example.com")),
    ],
)
def test_lists_alone_conflict_too(
    database: Database, two: list[Browser], path: str, field: str, values: tuple[str, str]
) -> None:
    """Two add a tag or a member each: neither overwrites the other unseen."""
    opened = [next(targets(browser, path)) for browser in two]
    sends = [
        partial(browser.post, path, target.data | {field: value})
        for browser, target, value in zip(two, opened, values, strict=True)
    ]
    pages = at_once(database, *sends)
    assert sorted(page.status for page in pages) == [303, 409]
    lost = next(page for page in pages if page.status == 409)
    assert "saved this while you were writing" in lost.text


def test_at_the_desk_what_either_adds_to_a_list_is_kept(
    database: Database, two: list[Browser], session: Session
) -> None:
    path = "/writeups/the-third/edit"
    opened = [next(targets(browser, path)) for browser in two]
    sends = [
        partial(browser.post, path, target.data | {"tags": tags})
        for browser, target, tags in zip(two, opened, ("dns, one", "dns, two"), strict=True)
    ]
    assert [page.status for page in at_once(database, *sends)] == [303, 303]
    writeup = session.scalars(select(Writeup).where(Writeup.slug == "the-third")).one()
    assert {"one", "two"} <= {tag.name for tag in writeup.tags}


def test_two_who_make_the_same_new_tag_at_once_both_succeed(
    database: Database, two: list[Browser], session: Session
) -> None:
    sends = [
        lambda: two[0].submit("/incidents/new", {"title": "One", "tags": "brand-new, shared"}),
        lambda: two[1].submit("/writeups/new", {"title": "Two", "tags": "shared, brand-new"}),
    ]
    assert [page.status for page in at_once(database, *sends)] == [303, 303]
    assert sorted(session.scalars(select(Tag.name))) == ["brand-new", "dns", "shared"]


def test_two_drafts_of_one_title_get_an_address_each(
    database: Database, two: list[Browser], session: Session
) -> None:
    sends = [partial(browser.submit, "/writeups/new", {"title": "Same"}) for browser in two]
    pages = at_once(database, *sends)
    assert sorted(str(page.location) for page in pages) == ["/writeups/same-2/edit", "/writeups/same/edit"]


def test_saving_and_publishing_at_once_publishes_no_text_that_nobody_looked_at(
    database: Database, two: list[Browser], session: Session
) -> None:
    edit, publish = (
        next(targets(browser, f"/writeups/the-third/{page}"))
        for browser, page in zip(two, ("edit", "publish"), strict=True)
    )
    pages = at_once(
        database,
        lambda: two[0].post(edit.action, edit.data | {"body": "Unseen"}),
        lambda: two[1].post(publish.action, publish.data),
    )
    # The desk saves beside a publication that came first; the other way round the page must be looked at again.
    assert [page.status for page in pages] in ([303, 303], [303, 409])
    published = session.scalars(select(Publication).join(Writeup).where(Writeup.slug == "the-third")).all()
    assert len(published) == (1 if pages[1].status == 303 else 0)
    assert all("Unseen" not in each.body_html for each in published)


def test_publishing_twice_at_once_publishes_once(
    database: Database, two: list[Browser], session: Session
) -> None:
    opened = [next(targets(browser, "/writeups/the-third/publish")) for browser in two]
    sends = [
        partial(browser.post, target.action, target.data) for browser, target in zip(two, opened, strict=True)
    ]
    assert sorted(page.status for page in at_once(database, *sends)) == [303, 409]
    third = select(Writeup.id).where(Writeup.slug == "the-third").scalar_subquery()
    numbers = session.scalars(select(Publication.number).where(Publication.writeup_id == third)).all()
    assert numbers == [1]
    assert session.scalars(select(Revision.number).where(Revision.writeup_id == third)).all() == [1]


@pytest.mark.parametrize("kind", ["events", "factors", "actions"])
def test_deleting_what_somebody_is_editing_loses_no_text(
    database: Database, two: list[Browser], session: Session, kind: str
) -> None:
    path = f"/{kind}/1/edit"
    target = next(targets(two[0], path))
    field = "title" if kind == "actions" else "text"
    edited, deleted = at_once(
        database,
        lambda: two[0].post(path, target.data | {field: "My long text"}),
        lambda: two[1].post(f"/{kind}/1/delete"),
    )
    assert edited.status in (303, 409)
    assert deleted.status in (303, 409)
    assert {edited.status, deleted.status} != {409}
    if edited.status == 409:
        again = max(edited.forms, key=lambda form: len(form.data))
        assert again.data[field] == ["My long text"]
        assert two[0].post(path, again.data).status == 303
        assert "My long text" in two[0].get("/incidents/1").text


def test_two_admins_who_deactivate_each_other_leave_one(
    database: Database, session: Session, sign_in: Callable[[Person], Browser], admin: Person
) -> None:
    other = make_person(session, "Trudy Admin", role="admin")
    sends = [
        lambda: sign_in(admin).post(f"/people/{other.id}/deactivate"),
        lambda: sign_in(other).post(f"/people/{admin.id}/deactivate"),
    ]
    statuses = [page.status for page in at_once(database, *sends)]
    active = session.scalar(select(func.count()).select_from(Person).where(Person.is_active))
    assert active == 1, statuses


def test_of_two_actions_that_are_merged_into_each_other_at_once_one_stays(
    database: Database, session: Session, site: tuple[Cast, Person], two: list[Browser]
) -> None:
    incident = make_incident(session, site[1])
    one, other = (
        make_action(session, incident, "Add an alarm"),
        make_action(session, incident, "Add that alarm"),
    )
    paths = [(f"/actions/{one.id}/merge", other), (f"/actions/{other.id}/merge", one)]
    forms = [next(targets(browser, path)).data for browser, (path, _) in zip(two, paths, strict=True)]
    sends = [
        partial(browser.post, path, form | {"into": into.reference})
        for browser, (path, into), form in zip(two, paths, forms, strict=True)
    ]
    pages = at_once(database, *sends)
    assert sorted(page.status for page in pages) == [303, 422]
    session.expire_all()
    assert sorted([one.merged_into_id or 0, other.merged_into_id or 0]) in ([0, one.id], [0, other.id])
