"""Two hundred actions, three people at once, often on the same item: nothing lost, nothing decided twice."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.action_reviews.choices import Choice
from postmortem.action_reviews.enums import Decision
from postmortem.action_reviews.models import ActionReview, ActionReviewDecision
from postmortem.action_reviews.operations_decisions import decide, take_back
from postmortem.action_reviews.queries import decision_on, item_with_action, queue_of
from postmortem.actions.models import Action
from postmortem.db import Database
from postmortem.errors import Conflict
from postmortem.history.checks import chain_problems
from postmortem.history.models import HistoryEntry
from tests.factories.action_reviews import decisions_of, items_of, make_review
from tests.factories.incidents import make_incident

ITEMS = 200
# Every so often somebody thinks again, and the item is open for everybody once more.
TAKEN_BACK_EVERY = 25
# Everybody takes one of the first so many that want a decision: near enough to be in each other's way again and again,
# and not so near that most of the time goes by with being too late.
NEAR = 4


@dataclass
class Walker:
    """One person who goes on until nothing wants a decision; `told` is what they were told worked."""

    database: Database
    review_id: int
    person_id: int
    decision: Decision
    told: list[int] = field(default_factory=list)
    taken_back: int = 0
    too_late: int = 0
    trouble: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.person_id)

    def walk(self) -> None:
        try:
            while seen := self._next():
                self._decide(*seen)
        except BaseException as error:
            self.trouble.append(error)

    def _next(self) -> tuple[int, int, int] | None:
        """What the page shows: an item, its version and its action's."""
        with self.database.session(writes=False) as session:
            queue = queue_of(session, self.review_id, session.get_one(Person, self.person_id))
            found = [(row.id, row.version, row.action_version) for row in queue if not row.is_decided]
            return self._chance.choice(found[:NEAR]) if found else None

    def _decide(self, item_id: int, version: int, action_version: int) -> None:
        with self.database.session(writes=True) as session:
            person = session.get_one(Person, self.person_id)
            item = item_with_action(session, self.review_id, item_id, person)
            due_on = clock.today() + timedelta(days=30) if self.decision is Decision.REDATE else None
            choice = Choice(decision=self.decision, due_on=due_on, text="Not worth it.")
            try:
                decide(
                    session,
                    item,
                    item.action,
                    choice,
                    version=version,
                    action_version=action_version,
                    actor=person,
                )
                session.commit()
            except (Conflict, StaleDataError, IntegrityError):
                self.too_late += 1
                return
        self.told.append(item_id)
        if (len(self.told) + self.taken_back) % TAKEN_BACK_EVERY == 0:
            self._think_again(item_id)

    def _think_again(self, item_id: int) -> None:
        with self.database.session(writes=True) as session:
            person = session.get_one(Person, self.person_id)
            item = item_with_action(session, self.review_id, item_id, person)
            held = decision_on(session, item_id)
            assert held is not None and held.person_id == person.id
            take_back(session, held, item, item.action, actor=person)
            session.commit()
        self.told.remove(item_id)
        self.taken_back += 1


def plant(session: Session, author: Person, facilitator: Person) -> ActionReview:
    """A meeting about many open actions. Written as rows: what made them is not what this is about."""
    incident = make_incident(session, author)
    due_on = clock.today() - timedelta(days=1)
    rows = [
        {"incident_id": incident.id, "title": f"Number {number}", "due_on": due_on, "created_at": clock.now()}
        | {"first_due_on": due_on, "version": 1}
        for number in range(ITEMS)
    ]
    session.execute(insert(Action), rows)
    session.commit()
    return make_review(session, facilitator)


def test_three_people_walk_through_two_hundred_actions(
    session: Session,
    database: Database,
    facilitator: Person,
    author: Person,
    outsider: Person,
) -> None:
    review = plant(session, author, facilitator)
    people = (
        (facilitator, Decision.KEEP),
        (author, Decision.REDATE),
        (outsider, Decision.NOT_DOING),
    )
    walkers = [Walker(database, review.id, person.id, decision) for person, decision in people]
    run([walker.walk for walker in walkers])
    assert not [error for walker in walkers for error in walker.trouble]
    assert not [item for item in items_of(session, review) if not item.is_decided]
    made = decisions_of(session, review)
    held = [each for each in made if each.undone_at is None]
    # Each item is decided once, by whoever was told so, and each decision that was told is there.
    assert Counter(each.item_id for each in held) == Counter(item.id for item in items_of(session, review))
    assert {each.item_id: each.person_id for each in held} == {
        item_id: walker.person_id for walker in walkers for item_id in walker.told
    }
    assert len(made) - len(held) == sum(walker.taken_back for walker in walkers)
    check_actions(session, held)
    # Otherwise nobody was ever in anybody's way, and this has shown nothing.
    assert all(walker.told for walker in walkers) and sum(walker.too_late for walker in walkers) > 10


def check_actions(session: Session, held: list[ActionReviewDecision]) -> None:
    """Each action is as the decision that holds made it, and history tells each decision once."""
    taken_back = Counter(
        session.scalars(select(HistoryEntry.subject_id).where(HistoryEntry.verb == "took back a decision on"))
    )
    told = Counter(
        session.scalars(
            select(HistoryEntry.subject_id).where(
                HistoryEntry.subject_type == "actions", HistoryEntry.verb.in_(("edited", "decided to keep"))
            )
        )
    )
    for each in held:
        action = each.item.action
        assert action.redated_count == (each.decision is Decision.REDATE)
        assert (action.status == "not_doing") == (each.decision is Decision.NOT_DOING)
        assert told[action.id] == 1 + taken_back[action.id]
    assert list(chain_problems(session)) == []


def run(each: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=walk) for walk in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
        assert not thread.is_alive()
