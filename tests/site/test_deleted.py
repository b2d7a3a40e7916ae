"""What was deleted does not exist for anybody, admins included, outside the trash: not a word, not a number."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from postmortem.incidents.operations_deletion import delete_incident, restore_incident
from postmortem.writeups import operations as writeups
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations_deletion import delete_writeup
from tests.factories.writeups import make_writeup
from tests.site.test_leaks import QUESTIONS, _ask, _probes, as_seen
from tests.support.client import Browser
from tests.support.crawl import crawl, every
from tests.support.second_run import sample
from tests.support.secrets import SIGN, Cast, Planted, furnish, make_cast, plant

TODAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
EVERYBODY = (
    *("anonymous", "reader", "outsider", "facilitator", "admin"),
    *("filer", "lead", "participant", "owner", "member"),
)
# What admins look through on purpose: the trash itself, and what was done.
TRASH = re.compile(r"/settings/(trash|history(\.\w+)?)(/|\?|$)")


@dataclass
class Site:
    """A site from which an open incident with everything and a write-up of another incident were deleted."""

    app: Flask
    session: Session
    cast: Cast
    open_one: Incident
    planted: Planted
    alone: Writeup

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
    cast = make_cast(session, owner_role="contributor")
    open_one = furnish(session, cast)
    planted = plant(session, cast, restricted=False, related=[open_one])
    relations = [(planted.incident.id, "duplicate_of")]
    edit_incident(session, open_one, {"relations": relations}, version=None, actor=cast.outsider)
    alone = make_writeup(
        session,
        cast.filer,
        f"Alone {SIGN}alone",
        body=f"## {SIGN}heading\n",
        tags=["dns", f"{SIGN}alonetag"],
        services=["playback"],
        teams=["sound"],
        incidents=[open_one],
    )
    writeups.publish(session, alone, actor=CLI, published_at=TODAY)
    writeups.withdraw(session, alone, reason=f"{SIGN}aloneread", actor=CLI)
    session.commit()
    yield Site(app, session, cast, open_one, planted, alone)


def delete(site: Site) -> None:
    """By the program, so that it is nobody's own deletion to undo."""
    delete_incident(site.session, site.planted.incident, version=None, actor=CLI)
    delete_writeup(site.session, site.alone, version=None, actor=CLI)
    site.session.commit()


@pytest.mark.parametrize("name", sample(EVERYBODY, "outsider", "admin"))
def test_no_word_of_it_is_anywhere(site: Site, name: str) -> None:
    delete(site)
    number, action = site.planted.incident.id, site.planted.actions[0].id
    telling = re.compile(rf"{SIGN}|INC-{number}\b|incidents/{number}\b|ACT-{action}\b")
    walk = crawl(site.browser(name), "/", *QUESTIONS, "/settings/", queries=1)
    assert len(walk.visits) > 40
    told = [
        (path, found)
        for path, visit in walk.visits.items()
        if not TRASH.match(path)
        and (found := telling.findall(visit.page.sent + repr(sorted(visit.page.headers.items()))))
    ]
    assert not told, every(map(str, told))
    # The whole history names what it was about; everywhere else a link to what is gone would tell of it.
    linked = [
        f"{visit.path} (on {visit.found_on}): {visit.status}"
        for visit in walk.visits.values()
        if visit.status >= 400 and visit.found_on != "the start" and not TRASH.match(visit.found_on)
    ]
    assert not linked, every(linked)


@pytest.mark.parametrize("name", sample(("anonymous", "outsider", "facilitator", "filer"), "outsider"))
def test_its_addresses_answer_as_if_it_had_never_been(site: Site, name: str) -> None:
    delete(site)
    browser = site.browser(name)
    site.planted.writeups.append(site.alone)
    asked = 0
    for method, secret, none in _probes(site.app, site.planted):
        if secret[0].startswith("/settings/"):
            continue
        there, nowhere = (_ask(browser, method, path) for path, _ in (secret, none))
        assert as_seen(there, *secret) == as_seen(nowhere, *none), f"{method} {secret[0]}"
        asked += 1
    assert asked > 50


def test_admins_find_it_in_the_trash_and_nowhere_else(site: Site) -> None:
    """The positive control; and that admins have no other way in but bringing it back."""
    before = _seen_of_it(site)
    assert before["admin"] > 20
    delete(site)
    assert set(_seen_of_it(site).values()) == {0}
    trash = site.browser("admin").get("/settings/trash").text
    for words in (f"{SIGN}title", f"INC-{site.planted.incident.id}", f"{SIGN}alone", "1 action", "2 events"):
        assert words in trash, words
    restore_incident(site.session, site.planted.incident, actor=CLI)
    site.session.commit()
    after = _seen_of_it(site)
    # The withdrawn write-up of the other incident is still in the trash, and on no page that this looks at.
    assert after == before


def _seen_of_it(site: Site) -> dict[str, int]:
    """How many different planted words each of them finds where these would stand."""
    number, action = site.planted.incident.id, site.planted.actions[0].id
    paths = [f"/incidents/{number}", f"/actions/{action}", "/incidents/", "/actions/", "/tags/"]
    for writeup in site.planted.writeups:
        paths += [f"/writeups/{writeup.slug}", f"/writeups/{writeup.slug}/history"]
    return {
        name: len(
            {
                word
                for path in paths
                for page in [browser.get(path)]
                # The page for what is not there repeats the address that was asked for.
                if page.status == 200
                for word in re.findall(rf"{SIGN}\w+", page.html)
            }
        )
        for name in EVERYBODY
        for browser in [site.browser(name)]
    }
