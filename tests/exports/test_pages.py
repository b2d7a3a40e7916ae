"""What stands on the pages of the site: paging, the entry of the month, series and related ones, nothing live."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.enums import ActionStatus
from postmortem.exports.site.pages import PER_PAGE
from postmortem.incidents.enums import Severity
from postmortem.writeups.operations_months import choose_entry
from tests.exports.conftest import Export
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.factories.writeups import publish_writeup
from tests.writeups.test_series import place

START = datetime(2024, 12, 20, 12, tzinfo=UTC)


def titles(file: Path) -> list[str]:
    """The entries of a page of a list, in order."""
    return re.findall(r'<h[23] class="entry__title"><a href="[^"]+">([^<]+)</a>', file.read_text())


def test_lists_go_on_from_page_to_page(
    export: Export, session: Session, author: Person, tmp_path: Path
) -> None:
    count = PER_PAGE * 2 + 2
    for number in range(count):
        publish_writeup(
            session, author, f"Entry {number:02}", is_public=True, tags=["cache"] if number != 3 else [],
            published_at=START + timedelta(days=number),
        )  # fmt: skip
    site = tmp_path / "site"
    export(site)
    everything = [f"Entry {number:02}" for number in reversed(range(count))]
    pages = [site / "index.html", site / "page-2.html", site / "page-3.html"]
    assert [title for page in pages for title in titles(page)] == everything
    assert not (site / "page-4.html").exists()
    second = pages[1].read_text()
    assert 'rel="prev" href="index.html"' in second
    assert 'rel="next" href="page-3.html"' in second
    assert f"{count} write-ups" in second
    of_tag = [site / "tags/cache.html", site / "tags/cache/page-2.html", site / "tags/cache/page-3.html"]
    assert [title for page in of_tag for title in titles(page)] == [
        each for each in everything if each != "Entry 03"
    ]
    assert 'rel="prev" href="../cache.html"' in of_tag[1].read_text()
    assert len(titles(site / "archive/2024.html")) == 12
    assert titles(site / "archive/2025/page-2.html")[-1] == "Entry 12"


def test_the_entry_of_this_month_stands_first_and_once(
    export: Export, session: Session, author: Person, admin: Person, tmp_path: Path
) -> None:
    old = publish_writeup(session, author, "Old and good", is_public=True, published_at=START)
    ours = publish_writeup(session, author, "For us", published_at=START)
    publish_writeup(session, author, "New", is_public=True)
    this_month = clock.today().isoformat()[:7]
    next_year = f"{clock.today().year + 1}-01"
    choose_entry(session, old, month=this_month, note="Still true.", actor=admin)
    choose_entry(session, ours, month="2025-01", note="For us alone.", actor=admin)
    choose_entry(session, old, month=next_year, note="A surprise.", actor=admin)
    session.commit()
    site = tmp_path / "site"
    export(site)
    assert titles(site / "index.html") == ["Old and good", "New"]
    assert "Still true." in (site / "index.html").read_text()
    months = (site / "entries-of-the-month.html").read_text()
    assert "Still true." in months
    assert "For us alone." not in months
    assert "A surprise." not in months


def test_series_and_related_ones_lead_only_to_what_is_in_the_site(
    export: Export, session: Session, author: Person, tmp_path: Path
) -> None:
    one, two = (publish_writeup(session, author, f"Part {name}", is_public=True) for name in ("one", "two"))
    ours = publish_writeup(session, author, "Part for us")
    for position, each in enumerate((one, two, ours)):
        place(session, each, author, "How caches fail", position)
    place(session, one, author, "How caches fail", 0, related=[two, ours])
    site = tmp_path / "site"
    export(site)
    page = (site / "writeups/part-one.html").read_text()
    assert "Part 1 of 2: How caches fail" in page
    assert 'Next: <a href="part-two.html">Part two</a>' in page
    assert page.count('<a href="part-two.html">Part two</a>') == 2
    assert "for us" not in page
    export(site, include_internal=True)
    page = (site / "writeups/part-one.html").read_text()
    assert "Part 1 of 3: How caches fail" in page
    assert '<a href="part-for-us.html">Part for us</a>' in page


def test_nothing_live_stands_on_a_page(
    export: Export, session: Session, author: Person, tmp_path: Path
) -> None:
    incident = make_incident(session, author, "Playback stops", severity="sev1")
    make_event(session, incident, "The alarm rang.", at=START)
    action = make_action(session, incident, "Add an alarm")
    publish_writeup(
        session, author, "A long night", is_public=True, incidents=[incident],
        body=f"## What we do\n\nSee INC-{incident.id}.\n\n{{{{actions}}}}\n",
    )  # fmt: skip
    publish_writeup(session, author, "A short night", is_public=True, incidents=[incident])
    site = tmp_path / "site"
    export(site, include_internal=True)
    before = {path.name: path.read_bytes() for path in (site / "writeups").iterdir()}
    for page in ("a-long-night.html", "a-short-night.html"):
        text = (site / "writeups" / page).read_text()
        assert "Add an alarm" in text
        assert not re.search(r"SEV \d|Today|Proposed|status__dot|INC-\d+</a>|data-action", text)
    assert "The alarm rang." in (site / "writeups/a-short-night.html").read_text()
    assert f"See INC-{incident.id}." in (site / "writeups/a-long-night.html").read_text()
    action.status = ActionStatus.DONE
    incident.severity = Severity.SEV4
    session.commit()
    export(site, include_internal=True)
    assert {path.name: path.read_bytes() for path in (site / "writeups").iterdir()} == before
