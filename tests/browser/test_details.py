"""What script adds to the forms, and what the keyboard and an impatient finger find there, in a real Chromium."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.incidents.models import Incident
from postmortem.timeline.models import TimelineEvent
from tests.factories.accounts import make_service
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.factories.writeups import make_writeup

NewPage = Callable[..., Page]
# One of everything that the renderer treats in a way of its own.
TEXT = """## What happened

The index lost **one shard** of ten; see [the runbook](https://example.com/shards).[^1]

| shard | rows |
|---|---|
| 7 | 0 |

```python
for shard in shards:
    print(shard.rows)
```

- [ ] count them each night
- [x] bring it back

Shard
:   a tenth of the index

<b>not HTML</b> ![a graph](https://example.com/graph.png)

[^1]: Which now exists.
"""


def typed(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, name: str, limit: int = 40) -> None:
    """Press Tab until the link or button of this name has the focus."""
    wanted = page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first
    for _ in range(limit):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"Tab does not reach {name!r}")


def test_a_long_pick_list_is_searched_and_keeps_what_is_ticked(
    new_page: NewPage, session: Session, author: Person
) -> None:
    for name in ("Café Finder", "Checkout", "Delivery", "Gateway", "Ledger", "Mailer", "Queue", "Search"):
        make_service(session, name)
    page = new_page(author)
    page.goto("/incidents/new")
    page.fill("#title", "Orders without receipts")
    services = page.locator("#services")
    box, count = page.get_by_label("Find in Services"), services.get_by_role("status")
    services.get_by_label("Mailer").check()

    box.fill("cafe")
    expect(services.get_by_label("Café Finder")).to_be_visible()
    expect(services.get_by_label("Mailer")).to_be_visible()
    expect(services.get_by_label("Gateway")).to_be_hidden()
    expect(count).to_have_text("2 of 8 shown, 1 ticked")

    box.press("Enter")
    expect(page).to_have_url(re.compile("/incidents/new$"))
    expect(box).to_have_value("")
    expect(count).to_have_text("2 ticked")
    expect(services.get_by_label("Gateway")).to_be_visible()

    page.get_by_role("button", name="Save now").click()
    page.wait_for_url(re.compile(r"/incidents/\d+$"))
    incident = session.scalars(select(Incident)).one()
    assert {service.name for service in incident.services} == {"Café Finder", "Mailer"}


def test_rows_are_added_blank_and_all_are_saved(new_page: NewPage, session: Session, author: Person) -> None:
    incident = make_incident(session, author, title="Orders without receipts")
    page = new_page(author)
    page.goto(f"/incidents/{incident.id}/edit")
    page.locator("summary", has_text="Tags, links").click()
    links = page.locator("#links")
    before = links.locator("[data-row]").count()
    words = ("Channel", "Graph", "Ticket", "Status page", "Recording")
    for index, word in enumerate(words):
        if index >= links.locator("[data-row]").count():
            page.get_by_role("button", name="Add another link").click()
            expect(links.locator("[data-row]").last.get_by_label("Words")).to_be_focused()
            expect(links.locator("[data-row]").last.get_by_label("Words")).to_have_value("")
        row = links.locator("[data-row]").nth(index)
        row.get_by_label("Words").fill(word)
        row.get_by_label("Address").fill(f"https://example.com/{index}")
    assert links.locator("[data-row]").count() == len(words) > before
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)")
    assert len(ids) == len(set(ids))

    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/incidents/\d+$"))
    for index, word in enumerate(words):
        expect(page.get_by_role("link", name=word)).to_have_attribute("href", f"https://example.com/{index}")


def test_the_preview_is_the_published_rendering(new_page: NewPage, session: Session, author: Person) -> None:
    writeup = make_writeup(session, author, title="The shard that was not there")
    page = new_page(author)
    page.goto(f"/writeups/{writeup.slug}/edit")
    page.fill("#body", TEXT)
    preview = page.locator("#panel-preview .prose")
    expect(preview.locator("strong")).to_have_text("one shard")
    # Its ids are prefixed, so that none stands twice on the page; nothing else may differ.
    seen = preview.inner_html().replace('id="preview-', 'id="').replace('href="#preview-', 'href="#')

    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Published. It is on the front page now.")).to_be_visible()
    published = page.locator("article .prose--article").first
    assert published.inner_html() == seen
    expect(published.locator("td").first).to_have_text("7")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_deleted_event_comes_back(
    new_page: NewPage, session: Session, author: Person, script: bool
) -> None:
    incident = make_incident(session, author, title="Search is half blind")
    event = make_event(session, incident, text="The on-call engineer counts the shards.")
    page = new_page(author, script=script)
    page.goto(f"/incidents/{incident.id}")
    page.get_by_role("button", name="Delete this event").click()
    expect(page.locator(f"#event-{event.id}")).to_have_count(0)
    expect(page.get_by_text("No events yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(f"#event-{event.id}")).to_contain_text("counts the shards")
    session.expire_all()
    assert session.scalars(select(TimelineEvent)).one().deleted_at is None


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_double_click_files_one_incident(
    new_page: NewPage, session: Session, author: Person, script: bool
) -> None:
    page = new_page(author, script=script)
    page.goto("/incidents/new")
    page.fill("#title", "Orders without receipts")
    page.get_by_role("button", name="Save now").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders without receipts")
    assert session.scalar(select(func.count()).select_from(Incident)) == 1


def test_filing_needs_no_mouse(new_page: NewPage, session: Session, author: Person) -> None:
    page = new_page(author)
    tab_to(page, "File an incident")
    typed(page, "Enter")
    expect(page.locator("#title")).to_be_focused()

    typed(page, "Enter")
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    tab_to(page, "Title: Enter a title", limit=3)
    typed(page, "Enter")
    expect(page.locator("#title")).to_be_focused()

    page.keyboard.type("Orders without receipts")
    typed(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders without receipts")
    tab_to(page, "Add an event")
    typed(page, "Enter")
    page.wait_for_url(re.compile(r"/events/new$"))
    assert session.scalars(select(Incident.title)).all() == ["Orders without receipts"]


@pytest.mark.parametrize("width", [1280, 390])
def test_what_has_the_focus_is_never_under_the_buttons(
    new_page: NewPage, session: Session, author: Person, width: int
) -> None:
    """The end of a long form stays in sight; WCAG 2.2, 2.4.11: it may not hide where one is."""
    incident = make_incident(session, author, title="Orders without receipts")
    page = new_page(author, width=width)
    page.goto(f"/incidents/{incident.id}/edit")
    expect(page.locator(".form > .buttons")).to_be_in_viewport()
    page.locator("#title").focus()
    for _ in range(30):
        typed(page, "Tab")
        hidden = page.evaluate("""() => {
            const at = document.activeElement, bar = document.querySelector(".form > .buttons");
            return !bar.contains(at) && at.getBoundingClientRect().bottom > bar.getBoundingClientRect().top
                ? at.id || at.textContent : null;
        }""")
        assert hidden is None
