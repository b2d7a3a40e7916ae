"""How often somebody may try: counted before it is checked, per account and per address."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import AttemptKind
from postmortem.accounts.limits import LIMITS, allow, succeeded, too_many_sentence
from postmortem.accounts.models import Person, SignInAttempt
from postmortem.db import Database
from postmortem.errors import TooMany
from postmortem.history.models import HistoryEntry

Try = Callable[..., int]
SIGN_IN, RESET = AttemptKind.SIGN_IN, AttemptKind.RESET


@pytest.fixture
def attempt(app: Flask, database: Database) -> Iterator[Try]:
    """One attempt in a transaction of its own; returns how long to wait, 0 when it was allowed."""

    def do(
        kind: AttemptKind = SIGN_IN, account: str | None = "a@example.com", address: str = "1.1.1.1"
    ) -> int:
        with app.app_context(), database.session(writes=True) as session:
            try:
                allow(session, kind, account, address)
            except TooMany as refused:
                return refused.retry_after
            finally:
                session.commit()
        return 0

    yield do


@pytest.mark.parametrize("kind", list(AttemptKind))
def test_every_kind_ends_at_its_limits(attempt: Try, kind: AttemptKind) -> None:
    limit = LIMITS[kind].account[0].count
    assert [attempt(kind, address=f"1.1.1.{number}") for number in range(limit)] == [0] * limit
    assert attempt(kind, address="1.1.1.200") > 0
    assert attempt(kind, "somebody@else", "1.1.1.200") == 0
    limit = LIMITS[kind].address[0].count
    waits = [attempt(kind, f"{number}@example.com", "2.2.2.2") for number in range(limit + 1)]
    assert (waits[:-1], waits[-1] > 0) == ([0] * limit, True)


def test_kinds_and_accounts_and_addresses_are_counted_apart(attempt: Try) -> None:
    while not attempt():
        pass
    assert attempt(account="b@example.com") == 0
    assert attempt(RESET) == 0
    assert attempt(address="9.9.9.9") > 0


@pytest.mark.parametrize("spelling", ["A@Example.COM", "  a@example.com "])
def test_another_spelling_is_the_same_account(attempt: Try, spelling: str) -> None:
    while not attempt():
        pass
    assert attempt(account=spelling) > 0


def test_an_attempt_about_no_account_counts_for_the_address_alone(attempt: Try) -> None:
    waits = [attempt(AttemptKind.CODE, None) for _ in range(21)]
    assert [bool(wait) for wait in waits] == [False] * 20 + [True]
    assert attempt(AttemptKind.CODE, None, "9.9.9.9") == 0


def test_the_wait_is_as_long_as_said_and_knocking_does_not_make_it_longer(
    attempt: Try, frozen: Callable[..., None]
) -> None:
    start = clock.now().replace(microsecond=0)
    for second in range(10):
        frozen(start + timedelta(seconds=second))
        assert attempt() == 0
    frozen(start + timedelta(seconds=60))
    assert [attempt() for _ in range(30)] == [240] * 30
    frozen(start + timedelta(seconds=299))
    assert attempt() == 1
    frozen(start + timedelta(seconds=300))
    assert attempt() == 0
    assert attempt() == 1


def test_fifty_codes_a_day(attempt: Try, frozen: Callable[..., None]) -> None:
    start = clock.now()
    for number in range(50):
        frozen(start + timedelta(minutes=6 * number))
        assert attempt(AttemptKind.SECOND_FACTOR, address=str(number)) == 0
    frozen(start + timedelta(hours=6))
    assert 17 * 3600 < attempt(AttemptKind.SECOND_FACTOR) <= 18 * 3600
    frozen(start + timedelta(days=1, minutes=1))
    assert attempt(AttemptKind.SECOND_FACTOR) == 0


def test_success_forgets_the_accounts_failures_but_not_the_addresses(
    attempt: Try, app: Flask, database: Database
) -> None:
    """Somebody who has an account may not wash an address clean with it."""
    for _ in range(9):
        assert attempt() == 0
    for _ in range(2):
        with app.app_context(), database.session(writes=True) as session:
            succeeded(session, allow(session, SIGN_IN, "a@example.com", "1.1.1.1"), SIGN_IN, "a@example.com")
            session.commit()
    assert [attempt() for _ in range(9)] == [0] * 9
    assert [bool(attempt(account=f"{number}@example.com")) for number in range(3)] == [False, False, True]


def test_the_first_refusal_of_a_span_is_in_history_without_what_was_typed(
    attempt: Try, author: Person, session: Session, frozen: Callable[..., None]
) -> None:
    start = clock.now()
    frozen(start)
    for account in (author.email, "my secret password"):
        for _ in range(14):
            attempt(account=account, address=account[:3])
    for number in range(25):
        attempt(account=f"number {number}", address="2.2.2.2")
    entries = session.scalars(select(HistoryEntry).where(HistoryEntry.verb.like("tried%"))).all()
    assert [(each.actor_name, each.sentence) for each in entries] == [
        ("somebody signed out", "tried too often to sign in as person Aino Author"),
        ("somebody signed out", "tried too often to sign in at this site"),
        ("somebody signed out", "tried too often to sign in at this site"),
    ]
    assert entries[2].changes == {"address": [None, "2.2.2.2"]}
    frozen(start + timedelta(minutes=6))
    for _ in range(11):
        attempt(account=author.email, address="3.3.3.3")
    verbs = session.scalars(select(HistoryEntry.verb).where(HistoryEntry.subject_type == "people")).all()
    assert verbs.count("tried too often to sign in as") == 2


def test_what_was_typed_is_stored_only_as_a_keyed_hash(attempt: Try, session: Session, app: Flask) -> None:
    attempt(account="hunter2 hunter2")
    with app.app_context():
        other_key = app.secret_key
        app.secret_key = "another key of 32 characters or more"
        attempt(account="hunter2 hunter2")
        app.secret_key = other_key
    first, second = session.scalars(select(SignInAttempt.account_hash))
    assert "hunter2" not in first and len(first) == 64
    assert first != second


def test_attempts_are_kept_for_a_day(attempt: Try, session: Session, frozen: Callable[..., None]) -> None:
    start = clock.now()
    for _ in range(5):
        attempt()
    frozen(start + timedelta(days=1, seconds=1))
    attempt(account="b@example.com")
    assert len(session.scalars(select(SignInAttempt.id)).all()) == 1


def test_twenty_at_once_do_not_get_through_more_than_the_limit(attempt: Try) -> None:
    with ThreadPoolExecutor(20) as threads:
        waits = list(threads.map(lambda number: attempt(address=str(number)), range(20)))
    assert waits.count(0) == 10


@pytest.mark.parametrize(
    ("seconds", "wait"), [(1, "a minute"), (61, "2 minutes"), (300, "5 minutes"), (86_400, "24 hours")]
)
def test_the_sentence_says_how_long(seconds: int, wait: str) -> None:
    assert too_many_sentence(seconds) == f"That was tried too often. Wait {wait}, then try again."
