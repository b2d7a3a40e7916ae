"""The sample company, walked link by link by everybody: no dead ends, no errors, and looking changes nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.app import create_app
from postmortem.config import load_config
from postmortem.history.operations import CLI
from postmortem.imports.demo import load_samples
from postmortem.web import access
from tests.support.client import Browser
from tests.support.crawl import Crawl, assets_of, crawl, dump, every, gate_of
from tests.support.databases import TestDatabase
from tests.support.second_run import sample
from tests.support.secrets import SIGN, make_cast, plant

READERS = sample(("anonymous", "reader", "contributor", "facilitator", "admin"), "contributor", "admin")
Walk = tuple[Person | None, Crawl]
Dump = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def company(the_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A site with public reading that holds the sample company; for the whole module, because nobody changes it."""
    the_database.empty()
    settings = load_config(
        {
            "POSTMORTEM_DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "POSTMORTEM_DATABASE_URL": the_database.url,
            "POSTMORTEM_BASE_URL": "http://localhost",
        }
    )
    app = create_app(replace(settings, public_reading=True))
    app.testing = True
    with app.extensions["database"].session(writes=True) as session:
        load_samples(session, actor=CLI)
        session.commit()
        # Whoever came last walks for their role: of those who walk, the admin alone may come across what is planted.
        app.extensions["planted"] = plant(session, make_cast(session))
    yield app
    app.extensions["database"].dispose()


@pytest.fixture(scope="module")
def walked(company: Flask) -> tuple[dict[str, Walk], Dump, Dump]:
    """Everybody's walk through the whole site, and what the database held before and after."""
    database = company.extensions["database"]
    browsers: dict[str, tuple[Person | None, Browser]] = {"anonymous": (None, Browser(company))}
    with database.session(writes=False) as session:
        for role in Role:
            person = session.scalars(
                select(Person).where(Person.role == role, Person.is_active).order_by(Person.id.desc())
            ).first()
            assert person is not None, role
            browsers[role.value] = person, Browser(company)
    for person, browser in browsers.values():
        if person:
            browser.sign_in(person)
    browsers = {name: browsers[name] for name in READERS}
    before = dump(database)
    done = {name: (person, crawl(browser)) for name, (person, browser) in browsers.items()}
    return done, before, dump(database)


@pytest.fixture(scope="module")
def walks(walked: tuple[dict[str, Walk], Dump, Dump]) -> dict[str, Walk]:
    return walked[0]


def test_looking_changes_nothing(walked: tuple[dict[str, Walk], Dump, Dump]) -> None:
    _, before, after = walked
    assert sum(map(len, before.values())) > 500
    for table, rows in before.items():
        assert after[table] == rows, table


@pytest.mark.parametrize("name", READERS)
def test_the_walk_goes_everywhere(walks: dict[str, Walk], name: str) -> None:
    """Without this the other tests of a walk could pass because it stopped at the door."""
    _, walk = walks[name]
    paths = {visit.path.split("?")[0] for visit in walk.pages}
    assert "/" in paths
    assert sum(path.startswith("/writeups/") for path in paths) >= 4
    if name != "anonymous":
        assert {"/me", "/me/profile", "/me/sessions", "/incidents/", "/actions/", "/tags/"} <= paths
        assert {"/incidents/1", "/people/", "/teams/", "/services/"} <= paths
        assert sum(path.startswith("/tags/") for path in paths) > 15
    forms = {"/incidents/new", "/writeups/new", "/incidents/1/edit"}
    assert bool(forms & paths) == (name in ("contributor", "facilitator", "admin"))
    assert ("/people/new" in paths) == (name == "admin")


@pytest.mark.parametrize("name", READERS)
def test_no_link_leads_astray(walks: dict[str, Walk], name: str) -> None:
    """Every link and redirect of every page leads to something that this reader may open."""
    person, walk = walks[name]
    astray = walk.with_status(*range(304, 600))
    if person is None:
        astray += [path for path in walk.with_status(301, 302, 303) if not path.startswith(("/login", "/w"))]
    assert not astray, every(astray)


@pytest.mark.parametrize("name", READERS)
def test_no_form_is_offered_that_the_gate_refuses(company: Flask, walks: dict[str, Walk], name: str) -> None:
    person, walk = walks[name]
    offered = 0
    for visit in walk.pages:
        for form in visit.page.outline.forms:
            declared = gate_of(company, form.action or visit.path, form.method.upper())
            assert declared is not None
            assert _may(declared, person, form.method), f"{form.action} on {visit.path}"
            offered += form.method == "post"
    assert offered > (0 if person else -1)


def _may(declared: access.Access, person: Person | None, method: str) -> bool:
    if person is None:
        return declared.kind in ("public", "reading")
    rule = declared.rule or (declared.post if method == "post" else None)
    return rule is None or bool(rule(person))


def test_what_is_planted_is_met_by_nobody_else(company: Flask, walks: dict[str, Walk]) -> None:
    """A restricted incident with a word of its own in every text, in the middle of the sample company."""
    planted = company.extensions["planted"]
    for name, (_, walk) in walks.items():
        answers = {visit.path: visit.page.sent for visit in walk.visits.values()}
        met = {path for path, text in answers.items() if SIGN in f"{path} {text}".casefold()}
        if name != "admin":
            assert not met, (name, sorted(met))
            continue
        # The control: whoever may see it comes across every word of it.
        everything = " ".join(answers.values()).casefold()
        assert not {word for word in planted.words | planted.draft_words if word not in everything}


def test_what_pages_load_is_there(company: Flask, walks: dict[str, Walk]) -> None:
    _, walk = walks["admin"]
    assets = {asset for visit in walk.pages for asset in assets_of(visit.page)}
    assert len(assets) > 5
    client = company.test_client()
    for asset in sorted(assets):
        with client.get(asset) as answer:
            assert answer.status_code == 200, asset


def test_signed_out_nothing_of_the_house_is_linked(walks: dict[str, Walk]) -> None:
    """Public readers get write-ups, archives, tags and feeds; no address of an incident, action or person."""
    _, walk = walks["anonymous"]
    for visit in walk.pages:
        inner = [link for link in visit.page.links if link.startswith(("/incidents", "/actions", "/people"))]
        assert not inner, (visit.path, inner)
