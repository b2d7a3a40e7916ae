"""Who gets what: every route x method x person x state of the thing it is about, against the written matrix.

Nothing that a cell does is kept: a commit only sends the statements, and the transaction is rolled back. So each cell
meets the same stage, and what is refused was refused by the program and not for want of a row.
"""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import SignIn
from postmortem.db import Database
from tests.support.crawl import address, dump, every, routes
from tests.support.matrix import ANSWERS, FORBIDDEN, GONE, MISSING, SEVERAL, SIGN_IN, Cell, expected
from tests.support.second_run import IS_THIN, sample
from tests.support.stage import EVERYBODY, Stage, set_stage

# What stands in an address for the parts that no kind of thing fills.
ELSE = {"tag": "dns", "year": clock.today().year, "token": "x", "rule_id": 99, "message_id": 99, "id_": 99}
ELSE |= {"what": "team", "name": "sound", "key": "age", "link_id": 99, "month": "2026-01"}
ELSE |= {"author": "filer-person"}
SLUGS = {"feeds.team": "sound", "feeds.service": "playback"}
KINDS = {"person": {"there": 1}, "team": {"there": "sound"}, "service": {"there": "playback"}}
NOT_THERE = {"writeup": "not-there", "working copy": "not-there", "team": "not-there", "service": "not-there"}


@pytest.fixture
def stage(
    make_app: Callable[..., Flask], session: Session, monkeypatch: pytest.MonkeyPatch
) -> tuple[Stage, Database]:
    """The stage, on a site with public reading; from here on nothing is kept."""
    app = make_app(public_reading=True)
    # What breaks in one cell shall not keep the others from being looked at.
    app.testing = False
    stage = set_stage(app, session)
    rows = session.execute(select(SignIn.id, SignIn.person_id)).all()
    names = {person.id: name for name, person in stage.people.items()}
    stage.things["sign-in"] = {names[person_id]: id_ for id_, person_id in rows}
    stage.things |= KINDS
    monkeypatch.setattr(Session, "commit", Session.flush)
    return stage, app.extensions["database"]


def outcome(status: int, location: str) -> str:
    """An answer in the words of the matrix."""
    if status in (403, 404, 410):
        return {403: FORBIDDEN, 404: MISSING, 410: GONE}[status]
    if status in (302, 303) and location.split("?")[0] == "/login":
        return SIGN_IN
    return ANSWERS if status < 500 and status not in (400, 405, 415) else str(status)


def addresses(stage: Stage, endpoint: str, method: str, cell: Cell) -> Iterator[tuple[str, str]]:
    """The address of the route for the thing in each state, and for one that is not there."""
    rules = [rule for rule in routes(stage.app, method) if rule.endpoint == endpoint]
    assert rules, f"{endpoint} has no {method}"
    kind = cell.about.split(",")[0].removeprefix("trashed ").removesuffix(" to bring back")
    states = {**stage.things[kind], "missing": NOT_THERE.get(kind, 99999)} if kind else {"": None}
    for state, thing in states.items():
        for rule in rules:
            parts = rule._converters
            values = {
                name: {**ELSE, "slug": SLUGS.get(endpoint)}.get(name) if thing is None else thing
                for name in parts
            }
            values |= {"kind": "incident"} if "kind" in parts else {}
            values |= {"size": "8x8"} if "size" in parts else {}
            yield state, address(rule, values)


def test_every_route_has_its_cells(app: Flask) -> None:
    there = {(rule.endpoint, method) for method in ("GET", "POST") for rule in routes(app, method)}
    written = {(endpoint, method) for endpoint, cells in SEVERAL.items() for method in cells}
    assert not there - written, f"not in the matrix: {sorted(there - written)}"
    assert not written - there, f"no such route: {sorted(written - there)}"
    other = {method for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    assert other <= {"GET", "POST", "HEAD", "OPTIONS"}


def test_no_cell_is_wrong(stage: tuple[Stage, Database]) -> None:
    play, database = stage
    before = dump(database)
    client = play.app.test_client(use_cookies=False)
    wrong, seen = [], Counter[str]()
    for endpoint, cells in SEVERAL.items():
        for method, cell in cells.items():
            for state, path in addresses(play, endpoint, method, cell):
                # Of the statements of a page PostgreSQL may refuse one, whoever asks.
                for who in (
                    sample(EVERYBODY, "anonymous", "admin")
                    if method == "GET"
                    else sample(EVERYBODY, "contributor")
                ):
                    headers = {"Cookie": play.cookies[who]}
                    data = {"csrf_token": play.tokens[who]} if method == "POST" else None
                    with client.open(path, method=method, headers=headers, data=data) as answer:
                        got = outcome(answer.status_code, answer.headers.get("Location", ""))
                    wanted = expected(who, cell, state)
                    seen[wanted] += 1
                    if got != wanted:
                        wrong.append(f"{method} {path} ({endpoint}, {state}) as {who}: {got}, not {wanted}")
    assert not wrong, f"{len(wrong)} of {seen.total()} cells: " + every(wrong[:60])
    # The matrix is worth something only where each kind of answer was met often.
    many, all_of_them = (20, 1_000) if IS_THIN else (100, 10_000)
    assert all(seen[kind] > many for kind in (ANSWERS, FORBIDDEN, MISSING, SIGN_IN)), seen
    assert seen.total() > all_of_them, seen
    assert dump(database) == before
