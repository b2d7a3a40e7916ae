"""The pages that list actions, and a meeting about them, ask as often for 100,000 actions as for 10, and answer soon.

Each page is asked for twice; the second answer counts, when what a process keeps is kept. Its statements are counted,
and the time of the whole request is taken, in this process, without a network.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.accounts.operations import add_person
from postmortem.action_reviews.operations import MOST_ITEMS
from postmortem.actions.models import Action
from postmortem.app import create_app
from postmortem.config import load_config
from postmortem.history.operations import CLI
from stress import arguments
from stress.kill_storm import place
from tests.factories.accounts import make_person, make_service, make_team
from tests.factories.action_reviews import make_review
from tests.factories.incidents import make_incident
from tests.factories.many_actions import insert_actions
from tests.support.client import Browser
from tests.support.sql import counted

FEW = 10
INCIDENTS, PEOPLE, TEAMS = 60, 40, 12
# The last is deep in the list: closed ones stand behind all open ones.
PAGES = (
    *(
        "/actions/",
        "/actions/?status=open",
        "/actions/?owner=me&status=open",
        "/actions/?team=mine&status=open",
    ),
    *(f"/actions/?show={show}" for show in ("overdue", "due_soon", "stale", "unowned", "left", "unverified")),
    *("/actions/?severity=sev1", "/actions/?service=player", "/actions/?kind=detect&priority=p1"),
    *(
        f"/actions/?dates={dates}&since=2026-03-01&until=2026-03-31{narrowed}"
        for dates in ("due", "closed")
        for narrowed in ("", "&status=closed", "&owner=me", "&group=team")
    ),
    *("/actions/?since=2026-01-01&until=2099-12-31", "/actions/?q=alarm+queue", "/actions/?q=nowhere"),
    *(f"/actions/?group={group}" for group in ("owner", "team", "incident")),
    *(f"/actions/?group={group}&status=open&sort=-due_on" for group in ("owner", "team", "incident")),
    *("/actions/1", "/actions/leavers", "/actions/missing", "/actions/review", "/actions/pictures"),
    *("/actions/pictures?kind=detect", "/actions/pictures/age.csv", "/people/2", "/services/player"),
    *("/me", "/actions/?after=8262000~1", "/actions/?group=owner&after=Person%252020~20~700000~1"),
)
# Of a meeting as large as it may be.
MEETING = ("", "?item=1", "/state", "/notes", "/minutes", "/minutes.md")


@contextmanager
def a_site(folder: Path, database_url: str = "") -> Iterator[tuple[Flask, Session]]:
    """A site with people, teams and incidents, and not an action yet."""
    from postmortem import schema

    settings = {"POSTMORTEM_DATABASE_URL": database_url} if database_url else {}
    config = load_config(
        {"POSTMORTEM_DATA_DIR": str(folder / "data"), "POSTMORTEM_BASE_URL": "http://localhost", **settings}
    )
    app = create_app(config)
    database = app.extensions["database"]
    schema.upgrade(database)
    with database.session(writes=True) as session:
        author = add_person(session, email="me@example.com", name="Me", role=Role.CONTRIBUTOR, actor=CLI)
        people = [make_person(session, f"Person {number}") for number in range(PEOPLE)]
        for number in range(TEAMS):
            make_team(session, f"Team {number}", author, *people[number::TEAMS])
        make_service(session, "Player")
        for number in range(INCIDENTS):
            values = {"severity": f"sev{number % 4 + 1}", "services": ["player"] if number % 3 else []}
            make_incident(session, author, f"Incident {number}", restricted=number % 20 == 19, **values)
        # Somebody who is in charge of something from the first ten on.
        people[16].is_active = False
        session.commit()
        try:
            yield app, session
        finally:
            session.close()
            database.dispose()


def asked(app: Flask, pages: Sequence[str], meeting: int) -> dict[str, tuple[int, float]]:
    """How many statements each page sends, and how many milliseconds it takes; those of this meeting too."""
    database = app.extensions["database"]
    browser = Browser(app)
    with database.session(writes=False) as session:
        browser.sign_in(session.scalars(select(Person).where(Person.email == "person-1@example.com")).one())
    found = {}
    for page in (*pages, *(f"MEETING{each}" for each in MEETING)):
        path = page.replace("MEETING", f"/actions/review/{meeting}")
        for _ in range(2):
            with counted(database) as sent:
                began = time.perf_counter()
                answer = browser.client.get(path)
                took = (time.perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered with {answer.status_code}")
        found[page] = (len(sent), took)
    return found


def a_meeting(session: Session, starter: Person) -> int:
    """As large as a meeting may be."""
    return make_review(session, starter, where=(Action.id <= MOST_ITEMS,)).id


def compared(folder: Path, many: int, *, database_url: str = "", say: bool = False) -> list[str]:
    """Ask with a few actions and with many; returns the pages that ask more often for many."""
    with a_site(folder, database_url) as (app, session):
        starter = session.scalars(select(Person).order_by(Person.id)).first()
        assert starter is not None
        insert_actions(session, FEW)
        before = asked(app, PAGES, a_meeting(session, starter))
        insert_actions(session, many - FEW)
        session.execute(text("ANALYZE"))
        session.commit()
        began = time.perf_counter()
        meeting = a_meeting(session, starter)
        if say:
            print(f"the largest meeting was started in {time.perf_counter() - began:.1f} s")
        after = asked(app, PAGES, meeting)
    for path in after if say else ():
        (few, few_ms), (most, most_ms) = before[path], after[path]
        print(f"{path:55} {few:3} {most:3} statements {few_ms:7.1f} {most_ms:7.1f} ms")
    return [
        f"{path}: {before[path][0]}, then {after[path][0]}"
        for path in after
        if before[path][0] != after[path][0]
    ]


def main() -> int:
    """Compare; the exit code is 0 only when no page asks more often."""
    parser = arguments.parser(__doc__, short=3_000, long=100_000, unit="actions")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    given = parser.parse_args()
    with place(given.postgresql) as (folder, database_url):
        more = compared(folder, arguments.rounds(given), database_url=database_url, say=True)
    print("\n".join(more) or "No page asks more often.")
    return 1 if more else 0


if __name__ == "__main__":
    sys.exit(main())
