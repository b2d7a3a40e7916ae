"""Tens of thousands of requests that no browser sends, to every form and page, as every role: no error of ours, none slow.

An answer of 500, a traceback or error in the log, or an answer that takes five seconds of computing fails the run.
The seed is printed; with `--seed` the same requests are sent again.
"""

import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from stress import arguments
from stress.hostile_inputs import VALUES, Chance, Request
from stress.script_injection import a_site
from tests.support.client import Browser
from tests.support.databases import arranging_engine
from tests.support.targets import BUTTONS, FORM_PAGES, furnished

ROLES = ("reader", "contributor", "facilitator", "admin", "")
SLOW_SECONDS = 5.0
# Forms are opened anew after so many requests: what they changed shall be in them.
OPEN_AGAIN = 200


@dataclass
class Report:
    """What went wrong, and how often there was which answer."""

    problems: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0


class _Errors(logging.Handler):
    """Tracebacks and errors of whatever logger."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            self.found.append(
                f"{record.name}: {record.getMessage()} {record.exc_info[1]!r}"
                if record.exc_info
                else record.getMessage()
            )


class Visitor:
    """Somebody of one role (nobody for none), with the forms that they can open."""

    def __init__(self, app: Flask, person: Person | None, chance: Chance) -> None:
        self.browser, self.person, self.chance = Browser(app), person, chance
        self.app = app
        self.forms: list[tuple[str, dict[str, list[str]]]] = []
        self.start()

    def start(self) -> None:
        """Sign in (again: sending the forms signs out too) and open every form anew."""
        if self.person is not None:
            self.browser.sign_in(self.person)
        self.forms = []
        for path in ("/login", "/me/profile", "/settings/restrictions", "/access/ask", *FORM_PAGES):
            page = self.browser.get(path)
            self.forms += [(form.action or path, form.data) for form in page.forms]
        token = self.browser.csrf_token()
        self.forms += [(path, {"csrf_token": [token]}) for path in BUTTONS]

    def next(self) -> Request:
        """A request to send."""
        pick = self.chance.pick
        if self.forms and pick.random() < 0.65:
            return self.chance.form(*pick.choice(self.forms))
        return self.chance.query(self._address())

    def _address(self) -> str:
        rules = [rule for rule in self.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
        rule = self.chance.pick.choice(rules)
        values: dict[str, Any] = {}
        for name, converter in rule._converters.items():
            is_number = type(converter).__name__ == "IdConverter"
            values[name] = (
                self.chance.pick.randint(1, 5)
                if is_number
                else self.chance.pick.choice((*VALUES[:50], "sound", "dns"))[:900]
            )
        try:
            built = rule.build(values)
        except ValueError:
            return "/"
        return built[1] if built else "/"


def attack(
    app: Flask, session: Session, requests: int, seed: int, *, say: Callable[[str], None] = lambda _: None
) -> Report:
    """Send so many requests, by each role in turn."""
    report, errors, chance = Report(), _Errors(), Chance(seed)
    app.testing = False
    furnished(session)
    people = {
        role: session.scalars(select(Person).where(Person.role == role).order_by(Person.id.desc())).first()
        for role in ROLES
        if role
    }
    loggers = [logging.getLogger(), app.logger]
    for logger in loggers:
        logger.addHandler(errors)
    try:
        visitors = [Visitor(app, people.get(role), chance) for role in ROLES]
        for number in range(requests):
            visitor = visitors[number % len(visitors)]
            if number and number // len(visitors) % OPEN_AGAIN == 0:
                visitor.start()
            _send(visitor, visitor.next(), report)
            for found in errors.found:
                report.problems.append(f"log: {found[:300]}")
            errors.found.clear()
            if number % 1000 == 999:
                say(
                    f"{number + 1:,} requests, {len(report.problems)} problems, slowest {report.slowest:.2f} s"
                )
    finally:
        for logger in loggers:
            logger.removeHandler(errors)
    return report


def _send(visitor: Visitor, request: Request, report: Report) -> None:
    told = str(request)[:400]
    began = time.process_time()
    try:
        with visitor.browser.client.open(**request) as answer:
            body = answer.get_data()
    except (UnicodeError, ValueError):
        # The client that stands for the network could not put this on a wire.
        report.answers[0] += 1
        return
    took = time.process_time() - began
    report.answers[answer.status_code] += 1
    report.slowest = max(report.slowest, took)
    if answer.status_code >= 500:
        report.problems.append(f"{answer.status_code}: {told}")
    if took > SLOW_SECONDS:
        report.problems.append(f"{took:.1f} s: {told}")
    if b"Traceback (most recent" in body or b"sqlalchemy" in body:
        report.problems.append(f"insides shown: {told}")


@contextmanager
def arranging(app: Flask) -> Iterator[Session]:
    """A session for making rows, each committed at once."""
    engine = arranging_engine(app.extensions["database"].url)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


def main(arguments_given: list[str] | None = None) -> int:
    """Run it; the exit code is 0 only when there was no problem."""
    parser = arguments.parser(__doc__, short=500, long=20_000, unit="requests")
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10**6), help="for the same requests again"
    )
    asked = parser.parse_args(arguments_given)
    print(f"   seed {asked.seed}")
    started = time.monotonic()
    with a_site() as (app, _, _admin), arranging(app) as session:
        app.config["SERVER_NAME"] = app.config["BASE_URL"].removeprefix("http://")
        report = attack(
            app,
            session,
            arguments.rounds(asked),
            asked.seed,
            say=lambda text: print(f"   {text}", flush=True),
        )
    print("   answers: " + ", ".join(f"{status} {count}" for status, count in sorted(report.answers.items())))
    for problem in list(dict.fromkeys(report.problems))[:40]:
        print(f"   {problem}")
    print(
        f"   {sum(report.answers.values()):,} requests, {len(report.problems)} problems, slowest {report.slowest:.2f} s of computing, {time.monotonic() - started:.0f} s"
    )
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
