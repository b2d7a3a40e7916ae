"""An error at the n-th statement of every form, for all n, and at every commit: nothing half-written, nothing untold.

Each form is sent as somebody would send it, with its one-time key or its version. First the database has no room left, or
the program makes a mistake, at the first statement, then at the second, and so on: each answer says what happened,
every row of every table is as it was, and whoever was signed in still is. Once nothing fails any more the same form
succeeds and leaves exactly its entries of history. Then, on a site as it was before, the connection is lost during
each commit: before it took effect nothing is there; after it everything is there once, however often it is sent again.
"""

import contextlib
import itertools
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, SignInAttempt
from postmortem.app import create_app
from postmortem.config import load_config
from postmortem.db import Database
from postmortem.history.checks import chain_problems
from postmortem.history.operations import IMPORT
from postmortem.imports.formats.markdown import plan_import
from postmortem.imports.operations import import_plan
from stress import arguments
from stress.write_paths import DECIDED_ANEW, PROXY, PROXY_HEADER, REPEATS, Sent, paths
from tests.support.changes import Site
from tests.support.client import Browser
from tests.support.crawl import dump
from tests.support.databases import TestDatabase, arranging_engine, test_database
from tests.support.faults import Error, disk_full, failing_commit, failing_statement, our_mistake
from tests.support.pages import Page

# What the answer must say, by its status.
SENTENCES = {500: "Nothing was saved.", 503: "othing was saved"}
INSIDES = (
    "Traceback",
    "sqlalchemy",
    "sqlite3",
    "psycopg",
    "zqx",
    "do_execute",
    "No space left",
    "disk is full",
)
KINDS: tuple[tuple[Error, int], ...] = ((disk_full, 503), (our_mistake, 500))
MOST = 400
# What importing two files leaves in the history.
BROUGHT_IN = {"reported incidents": 2, "started writeups": 2, "published writeups": 2}


@dataclass
class Report:
    """How much was tried, and what did not hold."""

    faults: int = 0
    commits: int = 0
    problems: list[str] = field(default_factory=list)
    statements: dict[str, int] = field(default_factory=dict)


class Trial:
    """One form on one site."""

    def __init__(self, site: Site, name: str, sent: Sent, report: Report) -> None:
        self.site, self.name, self.sent, self.report = site, name, sent, report
        self.database: Database = site.app.extensions["database"]
        self.where = name

    def wrong(self, what: str) -> None:
        self.report.problems.append(f"{self.where}: {what}")

    def statements(self, every: int = 1, start: int = 1, *, kinds_in_turn: bool = False) -> None:
        """Fail at the statements `start`, `start + every` …, in each way or in one after the other."""

        def until_it_succeeds() -> Page:
            for number in range(start, MOST, every):
                for error, status in KINDS[number % 2 :][:1] if kinds_in_turn else KINDS:
                    before, cookie = dump(self.database), self._signed_in_as()
                    with failing_statement(self.database, number, error) as fault:
                        page = self.sent.send()
                    if not fault.struck_at:
                        self.report.statements[self.name] = fault.statements
                        return page
                    self.where = f"{self.name}, statement {number} ({fault.struck_at[:40]})"
                    self.report.faults += 1
                    self._failed(page, status)
                    self._as_before(before, cookie)
            raise RuntimeError(f"{self.name} sends {MOST} statements and more")

        self._told(until_it_succeeds, ok=self.sent.answers)

    def lost_commits(self) -> None:
        """Lose the connection at each commit: before it took effect, and the last one after."""
        commits = self.sent.own_commits + 1
        for number in range(1, commits + 1):
            self.where = f"{self.name}, commit {number} lost before"
            before, cookie = dump(self.database), self._signed_in_as()
            with failing_commit(self.database, number, went_through=False) as fault:
                page = self.sent.send()
            if not fault.struck_at:
                self.wrong(f"has {fault.commits} commits, not {commits}")
                return
            self.report.commits += 1
            self._failed(page, 503)
            self._as_before(before, cookie)
        self.where = f"{self.name}, commit {commits} lost after"

        def lose() -> Page:
            with failing_commit(self.database, commits, went_through=True):
                page = self.sent.send()
            self.report.commits += 1
            self._failed(page, 503)
            return page

        self._told(lose, ok=(503,))
        self._again()

    def _again(self) -> None:
        """Whoever sends it again, because the answer was lost, makes nothing twice."""
        self.where = f"{self.name}, sent again"
        before = dump(self.database)
        page = self.sent.send()
        if page.status >= 500:
            self.wrong(f"was answered with {page.status}")
        leads_there = self.name not in DECIDED_ANEW and {"form_key", "version"} & set(self.sent.data)
        if leads_there and page.status != 303:
            self.wrong(f"was answered with {page.status}: {page.text[:200]}")
        if self.name not in REPEATS:
            self._compare(before)

    def _told(self, act: Callable[[], Page], ok: tuple[int, ...]) -> None:
        """Do it, and see that history tells exactly what it did, and that the chain holds."""
        sent = self.sent
        found = (
            self.site.check(sent.entries, act, sent.actor, ok) if sent.is_compared else self._entries(act, ok)
        )
        for each in found:
            self.wrong(each)
        for each in chain_problems(self.site.session):
            self.wrong(each)

    def _entries(self, act: Callable[[], Page], ok: tuple[int, ...]) -> Iterator[str]:
        last = self.site.last_entry()
        page = act()
        if page.status not in ok:
            yield f"was answered with {page.status}: {page.text[:300]}"
        if (found := self.site.told(last)) != self.sent.entries:
            yield f"left {found}, not {self.sent.entries}"

    def _failed(self, page: Page, status: int) -> None:
        if page.status != status:
            self.wrong(f"was answered with {page.status}, not {status}: {page.text[:200]}")
        elif SENTENCES[status] not in page.text:
            self.wrong(f"does not say what happened: {page.text[:200]}")
        if status == 503 and "Retry-After" not in page.headers:
            self.wrong("does not say when to come back")
        if shown := [word for word in INSIDES if word in page.html]:
            self.wrong(f"shows its insides: {shown}")

    def _as_before(self, before: dict[str, list[Any]], cookie: str | None) -> None:
        self._compare(before)
        if self._signed_in_as() != cookie:
            self.wrong("changed who is signed in, though nothing was saved")
        if self.sent.own_commits:
            self.site.session.execute(delete(SignInAttempt))

    def _compare(self, before: dict[str, list[Any]]) -> None:
        for table, rows in dump(self.database).items():
            if rows != before[table] and not (table == "sign_in_attempts" and self.sent.own_commits):
                self.wrong(f"{table} is not as it was: {len(before[table])} rows, now {len(rows)}")

    def _signed_in_as(self) -> str | None:
        with self.sent.browser.client.session_transaction() as stored:
            found: str | None = stored.get("_user_id")
            return found


def go_through(site: Site, report: Report, try_it: Callable[[Trial], None]) -> None:
    """Send each form, in their order: each builds on what the one before left."""
    site.app.testing = False
    logging.getLogger(site.app.name).setLevel(logging.CRITICAL)
    for path in paths(site):
        try:
            try_it(Trial(site, path.endpoint, path.prepare(site), report))
        except Exception as error:
            report.problems.append(f"{path.endpoint}: {error!r}")
            site.session.rollback()


def by_statements(site: Site, report: Report, every: int = 1, all_of: Sequence[str] = ()) -> None:
    """The first half: errors at statements, each or (with one kind of error at each) every so many, but `all_of` some."""
    starts = itertools.count()

    def fail(trial: Trial) -> None:
        steps = 1 if trial.name in all_of else every
        trial.statements(steps, start=next(starts) % steps + 1, kinds_in_turn=every > 1)

    go_through(site, report, fail)


def by_import(site: Site, report: Report, folder: Path, every: int = 1) -> None:
    """Bringing in a folder of files, all of it or nothing."""
    database: Database = site.app.extensions["database"]
    folder.mkdir()
    for name in ("one", "two"):
        text = (
            f"---\ntitle: Imported {name}\ndate: 2025-01-02\ntags: [dns, {name}]\n---\nThe cache fell over.\n"
        )
        (folder / f"{name}.md").write_text(text, encoding="utf-8")

    def bring_in() -> None:
        with database.session(writes=True) as session:
            import_plan(session, plan_import(folder), actor=IMPORT)
            session.commit()

    before, last = dump(database), site.last_entry()
    for number in range(1, MOST, every):
        fails = failing_statement(database, number, KINDS[number // every % 2][0])
        with fails as fault, contextlib.suppress(OperationalError, RuntimeError):
            bring_in()
        if not fault.struck_at:
            break
        report.faults += 1
        if dump(database) != before:
            report.problems.append(f"import, statement {number}: something is there")
    report.statements["import"] = fault.statements
    if (found := Counter(site.told(last))) != BROUGHT_IN:
        report.problems.append(f"import left {found}")
    report.problems += [f"import: {each}" for each in chain_problems(site.session)]


def by_commits(site: Site, report: Report) -> None:
    """The second half: commits of which nobody knows whether they went through."""
    go_through(site, report, Trial.lost_commits)


@contextlib.contextmanager
def a_site(found: TestDatabase, folder: Path, *, is_empty: bool) -> Iterator[Site]:
    """A site on this database, emptied: with something of everything, or with nobody yet."""
    found.empty()
    config = load_config(
        {"POSTMORTEM_DATA_DIR": str(folder), "POSTMORTEM_DATABASE_URL": found.url, **SETTINGS}
    )
    app = create_app(config)
    engine = arranging_engine(config.database_url)
    with Session(engine, expire_on_commit=False, info={"secret_key": config.secret_key}) as session:
        yield Site(app, session, lambda person: signed_in(app, person), is_empty=is_empty)
    engine.dispose()
    app.extensions["database"].dispose()


SETTINGS = {
    "POSTMORTEM_BASE_URL": "http://localhost",
    "POSTMORTEM_PROXY_USER_HEADER": PROXY_HEADER,
    "POSTMORTEM_PROXY_NETWORKS": f"{PROXY}/32",
    "POSTMORTEM_SMTP_HOST": "mail.example",
    "POSTMORTEM_SMTP_FROM": "postmortem@example.com",
}


def signed_in(app: Flask, person: Person) -> Browser:
    """A browser in which this person is signed in."""
    browser = Browser(app)
    browser.sign_in(person)
    return browser


def main(arguments_given: list[str] | None = None) -> int:
    """Go through all forms; the exit code is 0 only when everything held."""
    parser = arguments.parser(__doc__, short=7, long=1, unit="statements from one error to the next")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    given = parser.parse_args(arguments_given)
    os.environ["POSTMORTEM_TEST_DATABASE"] = "postgresql" if given.postgresql else "sqlite"
    os.environ["POSTMORTEM_TESTING_CHEAP_PASSWORDS"] = "yes"
    report, began = Report(), time.monotonic()
    with tempfile.TemporaryDirectory() as name, test_database(Path(name)) as found:
        for is_empty in (False, True):
            with a_site(found, Path(name) / "data", is_empty=is_empty) as site:
                by_statements(site, report, arguments.rounds(given))
            with a_site(found, Path(name) / "data", is_empty=is_empty) as site:
                by_commits(site, report)
        with a_site(found, Path(name) / "data", is_empty=False) as site:
            by_import(site, report, Path(name) / "files", arguments.rounds(given))
    for problem in report.problems[:100]:
        print(f"   WRONG {problem}")
    print(
        f"   {len(report.statements)} forms of {sum(report.statements.values())} statements: {report.faults} errors, "
        f"{report.commits} lost commits, {len(report.problems)} problems, {time.monotonic() - began:.0f} s"
    )
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
