"""Three people walk through one meeting at the same time: each action decided once, nothing overwritten, nothing lost.

Through the real forms against the real server: everybody opens the screen that the meeting shows them, sends one of its
decisions, takes one back now and then, and goes where the answer leads. Whoever comes second must be told so.
"""

import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.visitor import Visitor
from postmortem import clock
from postmortem.accounts.enums import Role
from postmortem.accounts.operations import add_person
from postmortem.action_reviews.models import ActionReview, ActionReviewDecision, ActionReviewItem
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.operations import add_actions
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from stress import arguments
from stress.kill_storm import furnished, place
from stress.ledger import config_of, problems_of
from stress.server import Site
from stress.writers import PASSWORD
from tests.factories.action_reviews import make_review
from tests.factories.incidents import make_incident
from tests.support.pages import Form, forms_of

PEOPLE = 3
FIELDS = {
    "redate": ("due_on", "2030-01-07"),
    "not_doing": ("reason", "Not worth it."),
    "split": ("title", "Ask too"),
}
KINDS = ("keep", "start", "redate", "not_doing", "split", "done")


@dataclass
class Walker:
    """One person in a thread. `told` are the positions that they were told are decided, with what."""

    port: int
    number: int
    path: str
    seed: int
    told: list[tuple[int, str]] = field(default_factory=list)
    taken_back: int = 0
    too_late: int = 0
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._visitor = Visitor(self.port)
        self._chance = random.Random(self.seed)
        self.thread = threading.Thread(target=self._run, name=f"walker-{self.number}", daemon=True)

    def sign_in(self) -> None:
        self._visitor.sign_in(_address(self.number), PASSWORD)

    def _run(self) -> None:
        try:
            while self._step():
                pass
        except Exception as error:
            self.problems.append(f"walker {self.number}: {type(error).__name__}: {error}")

    def _step(self) -> bool:
        """Decide about what the meeting shows; False where everything is decided."""
        status, page, _ = self._visitor.get(self.path)
        if status != 200:
            raise RuntimeError(f"{self.path} answered {status}")
        offered = {
            form.data["decision"][0]: form for form in forms_of(page) if form.action.endswith("/decide")
        }
        if not offered:
            return "Everything is decided" not in page
        kind = self._chance.choice([each for each in KINDS if each in offered])
        form = offered[kind]
        fields = _sent(form)
        if kind in FIELDS:
            name, value = FIELDS[kind]
            fields[name] = value
        status, page, _ = self._visitor.send("POST", form.action, fields)
        if status == 409:
            self.too_late += 1
        elif status != 303:
            raise RuntimeError(f"{kind} was answered with {status}: {page[:300]}")
        else:
            self.told.append((int(fields["item"]), kind))
            if self._chance.random() < 0.05:
                self._take_back()
        return True

    def _take_back(self) -> None:
        """Undo what one decided last, with the button that the page offers for it."""
        page = self._visitor.get(self.path)[1]
        undo = [form for form in forms_of(page) if form.action.endswith("/undo")]
        if undo:
            self._visitor.send("POST", undo[-1].action, _sent(undo[-1]))
            self.told.pop()
            self.taken_back += 1


def walk(folder: Path, items: int, *, seed: int, database_url: str = "", say: bool = False) -> list[str]:
    """One meeting about so many actions; returns what did not hold."""
    site = furnished(folder, None, database_url)
    path = _arranged(site, items)
    site.start()
    site.wait_until_ready()
    walkers = [Walker(site.port, number, path, seed * 10 + number) for number in range(PEOPLE)]
    began = time.monotonic()
    try:
        for each in walkers:
            each.sign_in()
        for each in walkers:
            each.thread.start()
        for each in walkers:
            each.thread.join(120 + items)
    finally:
        took = time.monotonic() - began
        site.stop()
    problems = [each for walker in walkers for each in walker.problems]
    problems += [f"walker {walker.number} does not end" for walker in walkers if walker.thread.is_alive()]
    problems += [*_compared(site, walkers), *problems_of(site, [])]
    late = sum(walker.too_late for walker in walkers)
    problems += [] if late else ["nobody was ever too late: nothing is shown"]
    if say:
        back = sum(walker.taken_back for walker in walkers)
        print(f"   {items} actions by {PEOPLE} people, {late} too late, {back} taken back, {took:.0f} s")
    return problems


def _sent(form: Form) -> dict[str, str]:
    return {name: values[0] if values else "" for name, values in form.data.items()}


def _address(number: int) -> str:
    return f"walker-{number}@example.com"


def _arranged(site: Site, items: int) -> str:
    """People, overdue actions and a meeting about them; returns its address."""
    config = config_of(site)
    database = Database(config.database_url, secret_key=config.secret_key)
    with database.session(writes=True) as session:
        people = [
            add_person(
                session, email=_address(number), name=f"Walker {number}", role=Role.FACILITATOR,
                password=PASSWORD, actor=CLI,
            )
            for number in range(PEOPLE)
        ]  # fmt: skip
        session.commit()
        incident = make_incident(session, people[0])
        due_on = clock.today() - timedelta(days=3)
        drafts = [
            ActionDraft(title=f"Number {number}", due_on=due_on, end_state="It works.")
            for number in range(items)
        ]
        add_actions(session, incident, drafts, actor=people[0])
        review = make_review(session, people[0], people=tuple(people[1:]))
        path = f"/actions/review/{review.id}"
    database.dispose()
    return path


def _compared(site: Site, walkers: list[Walker]) -> list[str]:
    config = config_of(site)
    database = Database(config.database_url, secret_key=config.secret_key)
    with database.session(writes=False) as session:
        found = [*_of_meeting(session, walkers)]
    database.dispose()
    return found


def _of_meeting(session: Session, walkers: list[Walker]) -> Iterator[str]:
    """What everybody was told, beside what is stored and what history says."""
    held = session.scalars(select(ActionReviewDecision).where(ActionReviewDecision.undone_at.is_(None))).all()
    told = Counter((each, kind, walker.number) for walker in walkers for each, kind in walker.told)
    names = {walker.number: f"Walker {walker.number}" for walker in walkers}
    said = Counter((each, kind, names[number]) for each, kind, number in told.elements())
    there = Counter((each.item_id, each.decision.value, each.person.name) for each in held)
    for difference in (said - there, there - said):
        for each in difference:
            yield f"told and stored differ: {each}"
    for item in session.scalars(select(ActionReviewItem)):
        if sum(each.item_id == item.id for each in held) != 1:
            yield f"item {item.id} is not decided exactly once"
    wanted = len(session.scalars(select(ActionReviewDecision.id)).all())
    verbs = ("decided to keep", "edited", "split")
    entries = session.scalars(
        select(HistoryEntry.id).where(HistoryEntry.subject_type == "actions", HistoryEntry.verb.in_(verbs))
    ).all()
    if len(entries) != wanted:
        yield f"{wanted} decisions, {len(entries)} entries of history"
    if session.scalars(select(ActionReview)).one().version != 1:
        yield "deciding changed the meeting itself"


def main(arguments_given: list[str] | None = None) -> int:
    """Walk; the exit code is 0 only when nothing was lost or decided twice."""
    parser = arguments.parser(__doc__, short=200, long=1000, unit="actions")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10**6), help="for the same choices again"
    )
    given = parser.parse_args(arguments_given)
    print(f"   seed {given.seed}")
    with place(given.postgresql) as (folder, url):
        problems = walk(folder, arguments.rounds(given), seed=given.seed, database_url=url, say=True)
    for problem in problems[:50]:
        print(f"   WRONG {problem}")
    print(
        "   "
        + (f"{len(problems)} problems" if problems else "everything held: nothing decided twice or lost")
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
