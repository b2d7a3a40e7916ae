"""What is restricted or unpublished does not exist for others: not a word, not a count, not one byte.

A stranger's whole site is looked at before and after a restricted incident is filed; nothing may differ.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.operations import edit_team
from postmortem.actions.operations import edit_action
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from postmortem.writeups import operations as writeups
from postmortem.writeups.enums import Audience
from postmortem.writeups.models import Writeup
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.factories.writeups import make_writeup
from tests.support.client import Browser
from tests.support.crawl import address, crawl, every, routes, without_tokens
from tests.support.pages import Page
from tests.support.second_run import sample
from tests.support.secrets import SIGN, Cast, Planted, furnish, make_cast, plant

TODAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
STRANGERS = sample(("anonymous", "outsider", "facilitator"), "outsider")
Seen = dict[str, tuple[Any, ...]]


@dataclass
class Site:
    """A site with public reading, its people, and a browser for each of them."""

    app: Flask
    session: Session
    cast: Cast

    def browser(self, name: str) -> Browser:
        browser = Browser(self.app)
        if name != "anonymous":
            browser.sign_in(getattr(self.cast, name))
        return browser


@pytest.fixture
def site(
    make_app: Callable[..., Flask], session: Session, frozen: Callable[[datetime], None]
) -> Iterator[Site]:
    frozen(TODAY)
    app = make_app(public_reading=True)
    cast = make_cast(session)
    yield Site(app, session, cast)


# Questions to the lists that no link asks.
QUESTIONS = (
    *(f"/incidents/?{asked}" for asked in ("severity=sev1", "team=sound", "service=playback", "tag=dns")),
    *(
        f"/incidents/?{asked}"
        for asked in ("status=open", "kind=incident", "period=12-months", "is_drill=all")
    ),
    *(f"/incidents/?{asked}" for asked in ("sort=oldest", "sort=filed", "since=2026-03-01", "q=the")),
    *(f"/actions/?{asked}" for asked in ("severity=sev1", "team=sound", "service=playback", "status=closed")),
    *(f"/actions/?group={by}" for by in ("owner", "team", "incident")),
    *(f"/actions/?{asked}" for asked in ("show=left", "since=2020-01-01&until=2099-12-31", "team=mine")),
    *("/actions/actions.csv", "/actions/actions.csv?team=sound"),
    *(f"/actions/pictures{asked}" for asked in ("", "?team=sound", "?kind=repair", "/created-closed.csv")),
    *(f"/actions/pictures/{key}.csv" for key in ("age", "in-time", "redated", "redated-by")),
    *(f"/actions/?{asked}" for asked in ("status=not_doing", "q=mend", "owner=owner-person%40example.com")),
    *(
        "/teams/sound/feed.atom",
        "/services/playback/feed.atom",
        "/tags/dns",
        "/tags/dns/feed.atom",
        "/me",
        "/actions/missing",
        "/actions/leavers",
    ),
    *("/archive/2024", "/archive/2024/feed.atom", "/archive/2025", "/writeups/new", "/incidents/new"),
)


def as_seen(page: Page, *own: str) -> tuple[Any, ...]:
    """All of an answer that somebody could learn something from, but what they asked for (`own`) themselves."""
    body, location = without_tokens(page.sent), page.location or ""
    for word in sorted((word for word in own if not word.isdigit()), key=len, reverse=True):
        for spelling in (word, quote(word, safe=""), quote(word, safe="/?")):
            body, location = body.replace(spelling, "…"), location.replace(spelling, "…")
    return page.status, location, page.headers.get("ETag"), body


def look_around(browser: Browser) -> Seen:
    """Everything that a reader finds by following links and by asking the lists."""
    walk = crawl(browser, "/", *QUESTIONS, queries=1)
    return {path: as_seen(visit.page) for path, visit in walk.visits.items()}


@pytest.mark.parametrize("name", STRANGERS)
def test_filing_a_restricted_incident_changes_nothing_for_others(site: Site, name: str) -> None:
    """Also lists, counts, filters, tags, archives, feeds, neighbours, histories, error pages and ETags."""
    open_one = furnish(site.session, site.cast)
    browser = site.browser(name)
    before = look_around(browser)
    assert len(before) > (40 if name == "anonymous" else 70)
    planted = plant(site.session, site.cast, related=[open_one])
    differing = [path for path, seen in before.items() if as_seen(browser.get(path)) != seen]
    assert not differing, every(differing)
    asked = 0
    for method, secret, none in _probes(site.app, planted):
        there, nowhere = (_ask(browser, method, path) for path, _ in (secret, none))
        assert as_seen(there, *secret) == as_seen(nowhere, *none), f"{method} {secret[0]}"
        asked += 1
    assert asked > 50


def _probes(app: Flask, planted: Planted) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Every address that could name a secret: method, the address with its telling part, and one that names nothing."""
    for method in ("GET", "POST"):
        for rule in routes(app, method):
            for secret, none in _names(rule.rule, planted):
                if rule.arguments == {secret[0]}:
                    paths = address(rule, dict([secret])), address(rule, dict([none]))
                    yield method, (paths[0], str(secret[1])), (paths[1], str(none[1]))
    number, action = planted.incident.id, planted.actions[0].id
    for path, secret, none in (
        ("/incidents/?tag={}", f"{SIGN}tag", "nosuchtag"),
        ("/incidents/?q={}", f"{SIGN}title", "nosuchword"),
        ("/incidents/?q={}", f"INC-{number}", "INC-999999"),
        ("/actions/?q={}", f"{SIGN}action", "nosuchword"),
        ("/actions/?q={}", f"ACT-{action}", "ACT-999999"),
        ("/writeups/new?incident={}", str(number), "999999"),
    ):
        yield "GET", (path.format(secret), secret), (path.format(none), none)


def _names(rule: str, planted: Planted) -> Iterator[tuple[tuple[str, Any], tuple[str, Any]]]:
    """What the parts of an address may be called: name and value of a secret, and of what is not there."""
    if rule.startswith("/incidents/"):
        yield ("number", planted.incident.id), ("number", 999_999)
    elif rule.startswith("/actions/"):
        yield ("number", planted.actions[0].id), ("number", 999_999)
    elif rule.startswith("/writeups/"):
        yield from ((("slug", each.slug), ("slug", "no-such-thing")) for each in planted.writeups)
    yield from ((("event_id", each.id), ("event_id", 999_999)) for each in planted.events)
    yield from ((("factor_id", each.id), ("factor_id", 999_999)) for each in planted.factors)
    yield from ((("comment_id", each.id), ("comment_id", 999_999)) for each in planted.comments)
    yield from ((("idea_id", each.id), ("idea_id", 999_999)) for each in planted.ideas)
    yield from ((("tag", tag), ("tag", "nosuchtag")) for tag in planted.tags)


def _ask(browser: Browser, method: str, path: str) -> Page:
    return browser.post(path) if method == "POST" else browser.get(path)


@pytest.mark.parametrize("name", STRANGERS)
def test_restricting_what_everybody_saw_takes_every_word_of_it_away(site: Site, name: str) -> None:
    """Also from the other incidents that name it, their histories, and drafts that others take part in."""
    open_one = furnish(site.session, site.cast)
    planted = plant(site.session, site.cast, restricted=False, related=[open_one])
    number = planted.incident.id
    relations = [(number, "duplicate_of")]
    edit_incident(site.session, open_one, {"relations": relations}, version=None, actor=site.cast.outsider)
    site.session.commit()
    browser = site.browser(name)
    if name != "anonymous":
        assert f"{SIGN}title" in browser.get("/incidents/").text
        assert f"INC-{number}" in browser.get(f"/incidents/{open_one.id}").text
    edit_incident(site.session, planted.incident, {"visibility": "restricted"}, version=None, actor=CLI)
    site.session.commit()
    walk = crawl(browser, "/", *QUESTIONS, queries=1)
    telling = re.compile(rf"{SIGN}|INC-{number}\b|incidents/{number}\b|ACT-{planted.actions[0].id}\b")
    for path, visit in walk.visits.items():
        page = visit.page
        told = page.sent + repr(sorted(page.headers.items()))
        assert not telling.search(told), (path, telling.findall(told))
    assert (
        "changed the report" not in walk.visits.get(f"/incidents/{open_one.id}", walk.visits["/"]).page.text
    )
    linked = [line for line in walk.with_status(404, 403, 500) if "(on the start)" not in line]
    assert not linked, every(linked)


def test_who_it_concerns_sees_all_of_it(site: Site) -> None:
    """The other side of the same coin: without this, an empty site would pass."""
    planted = plant(site.session, site.cast, related=[furnish(site.session, site.cast)])
    for name in site.cast.insiders:
        seen = _words_seen(site.browser(name), planted)
        wanted = planted.words | (planted.draft_words if name in ("filer", "admin") else set())
        assert wanted <= seen, (name, wanted - seen)
        assert name in ("filer", "admin") or not planted.draft_words & seen, name


def _words_seen(browser: Browser, planted: Planted) -> set[str]:
    number, action = planted.incident.id, planted.actions[0].id
    paths = [f"/incidents/{number}", f"/actions/{action}", "/incidents/", "/actions/", "/tags/"]
    for writeup in planted.writeups:
        paths += [f"/writeups/{writeup.slug}", f"/writeups/{writeup.slug}/history"]
    # A page that is not there names the address that was asked for, and its title is in that.
    pages = (browser.get(path).html.replace(f"?path={path}", "") for path in paths)
    return {word for html in pages for word in re.findall(rf"{SIGN}\w+", html)}


@pytest.mark.parametrize("name", sample(("anonymous", "member"), "member"))
def test_starting_a_draft_changes_nothing_for_others(site: Site, name: str) -> None:
    open_one = furnish(site.session, site.cast)
    browser = site.browser(name)
    before = look_around(browser)
    draft = _draft(site, open_one)
    differing = [path for path, seen in before.items() if as_seen(browser.get(path)) != seen]
    assert not differing, every(differing)
    for page in ("", "/edit", "/history", "/publish", "/withdraw"):
        for method in ("GET", "POST"):
            there = _ask(browser, method, f"/writeups/{draft.slug}{page}")
            nowhere = _ask(browser, method, f"/writeups/no-such-thing{page}")
            assert as_seen(there, f"/writeups/{draft.slug}{page}") == as_seen(
                nowhere, f"/writeups/no-such-thing{page}"
            ), page


@pytest.mark.parametrize("name", sample(("filer", "facilitator", "admin"), "filer"))
def test_a_draft_is_seen_by_its_author_facilitators_and_admins(site: Site, name: str) -> None:
    open_one = furnish(site.session, site.cast)
    draft = _draft(site, open_one)
    browser = site.browser(name)
    page = browser.get(f"/writeups/{draft.slug}")
    assert {f"{SIGN}{word}" for word in ("title", "tldr", "body", "tag")} <= set(
        re.findall(rf"{SIGN}\w+", page.html)
    )
    assert f"/writeups/{draft.slug}" in browser.get(f"/incidents/{open_one.id}").links


def _draft(site: Site, incident: Incident) -> Writeup:
    return make_writeup(
        site.session,
        site.cast.filer,
        f"About {SIGN}title",
        tldr=f"In short {SIGN}tldr",
        body=f"## What\n\n{SIGN}body\n",
        tags=["dns", f"{SIGN}tag"],
        services=["playback"],
        teams=["sound"],
        incidents=[incident],
    )


@pytest.mark.parametrize("name", sample(("anonymous", "reader"), "reader"))
def test_what_is_published_of_a_restricted_incident_is_frozen_and_nothing_of_it_lives(
    site: Site, name: str
) -> None:
    furnish(site.session, site.cast)
    planted = plant(site.session, site.cast)
    draft = planted.writeups[0]
    writeups.publish(site.session, draft, actor=site.cast.filer, audience=Audience.PUBLIC, published_at=TODAY)
    site.session.commit()
    browser = site.browser(name)
    page = browser.get(f"/writeups/{draft.slug}")
    shown = set(re.findall(rf"{SIGN}\w+", page.html))
    frozen = {"event", "undated", "when", "actorrole", "factor", "action", "drafttitle", "drafttldr"}
    assert {f"{SIGN}{word}" for word in frozen} <= shown
    assert not {f"{SIGN}{word}" for word in ("title", "summary", "impact", "role", "tag", "reason")} & shown
    assert "Owner Person" not in page.text
    assert "Not doing" not in page.text
    before = look_around(browser)
    number, action = planted.incident.id, planted.actions[0]
    telling = re.compile(rf"INC-{number}\b|incidents/{number}\b|actions/{action.id}\b")
    allowed = shown | {f"{SIGN}draftbody", f"{SIGN}draftheading"}
    for path, (_, _, _, body) in before.items():
        assert not telling.search(body), path
        assert set(re.findall(rf"{SIGN}\w+", body)) <= allowed, path
    _live_on(site, planted)
    differing = [path for path, seen in before.items() if as_seen(browser.get(path)) != seen]
    assert not differing, every(differing)


def _live_on(site: Site, planted: Planted) -> None:
    """The incident, its timeline and its action change after publishing."""
    [action], incident = planted.actions, planted.incident
    edit_action(
        site.session, action, {"status": "proposed", "title": "Another"}, version=None, actor=site.cast.owner
    )
    values = {"title": "Renamed", "severity": "sev4", "status": "closed", "tags": ["other"]}
    edit_incident(site.session, incident, values, version=None, actor=CLI)
    make_event(site.session, incident, "One more.")
    site.session.commit()


@pytest.mark.parametrize("name", sample(("anonymous", "reader", "member"), "member"))
def test_working_on_a_published_write_up_changes_nothing_for_readers(site: Site, name: str) -> None:
    """Not even the tag by which a browser asks whether the page is another."""
    furnish(site.session, site.cast)
    browser = site.browser(name)
    before = look_around(browser)
    published = site.session.scalars(select(Writeup).where(Writeup.slug == "the-first")).one()
    values = {"title": f"Another {SIGN}title", "body": f"## Another\n\n{SIGN}body\n"}
    writeups.save_writeup(site.session, published, values, version=None, actor=site.cast.outsider)
    site.session.commit()
    differing = [path for path, seen in before.items() if as_seen(browser.get(path)) != seen]
    assert not differing, every(differing)


def test_no_address_tells_that_a_title_is_taken_by_something_restricted(site: Site) -> None:
    incident = make_incident(site.session, site.cast.filer, restricted=True)
    hidden = make_writeup(site.session, site.cast.filer, "A token in a log", incidents=[incident])
    assert re.fullmatch(r"a-token-in-a-log-[0-9a-f]{6}", hidden.slug)
    page = site.browser("outsider").submit(
        "/writeups/new", {"title": "A token in a log", "body": "Text.", "template": "free"}
    )
    assert page.location == "/writeups/a-token-in-a-log/edit"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ("/incidents/new", "relations-0-number"),
        ("/incidents/1/edit", "relations-0-number"),
        ("/writeups/new", "incidents"),
        ("/writeups/the-third/edit", "incidents"),
    ],
)
def test_a_form_that_names_a_hidden_incident_says_what_it_says_of_none(
    site: Site, form: str, field: str
) -> None:
    furnish(site.session, site.cast)
    planted = plant(site.session, site.cast)
    browser = site.browser("outsider")
    typed = {"title": "Something", "body": "Text.", field: ""}
    answers = []
    for number in (planted.incident.id, 999_999):
        page = browser.submit(form, {**typed, field: f"INC-{number}"})
        assert page.status == 422
        assert f"INC-{number}" in page.text
        answers.append(without_tokens(page.html).replace(f"INC-{number}", "…"))
    assert answers[0] == answers[1]


def test_a_factor_takes_no_event_of_a_hidden_incident(site: Site) -> None:
    furnish(site.session, site.cast)
    planted = plant(site.session, site.cast)
    browser = site.browser("outsider")
    answers = []
    for number in (planted.events[0].id, 999_999):
        page = browser.submit("/incidents/1/factors/new", {"text": "It was old.", "events": str(number)})
        assert page.status == 422
        answers.append(without_tokens(page.html).replace(f"“{number}”", "…"))
    assert answers[0] == answers[1]


def test_who_leaves_sees_nothing_from_the_next_page_on(site: Site) -> None:
    """A member taken off the team, and a participant taken off the list, in browsers that stay open."""
    planted = plant(site.session, site.cast)
    pages = {name: site.browser(name) for name in ("member", "participant")}
    paths = [f"/incidents/{planted.incident.id}", f"/actions/{planted.actions[0].id}"]
    for browser in pages.values():
        assert [browser.get(path).status for path in paths] == [200, 200]
        assert f"{SIGN}title" in browser.get("/incidents/").text
    edit_team(site.session, site.cast.team, {"members": []}, version=None, actor=CLI)
    edit_incident(site.session, planted.incident, {"participants": []}, version=None, actor=CLI)
    site.session.commit()
    for browser in pages.values():
        assert [browser.get(path).status for path in paths] == [404, 404]
        for path in ("/incidents/", "/actions/", "/tags/", "/me", "/"):
            assert SIGN not in browser.get(path).html, path
