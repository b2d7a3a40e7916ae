"""Whatever is done to the history behind the program's back is found, by name of the entry."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from postmortem.history import chain
from postmortem.history.checks import chain_problems, history_head, known_head_problem
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI, SITE, blank, record
from tests.factories.accounts import make_team
from tests.support.tampering import guarded_again, guards, run, unguarded


@pytest.fixture
def tampered(session: Session) -> Iterator[Session]:
    """A history of ten entries, and nothing that would keep anybody from changing it."""
    for number in range(10):
        make_team(session, f"Team {number}")
    assert list(chain_problems(session)) == []
    statements = guards(session)
    unguarded(session)
    yield session
    session.rollback()
    guarded_again(session, statements)


def problems(session: Session) -> list[str]:
    session.expire_all()
    return list(chain_problems(session))


@pytest.mark.parametrize(
    "change",
    [
        "actor_name = 'Somebody else'",
        "subject_label = 'team Other'",
        "verb = 'deleted'",
        "subject_id = 99",
        "subject_type = 'people'",
        "incident_id = 7",
        "at = '2020-01-01 00:00:00'",
        "salt = 'other'",
        "changes = '{}'",
        "digest = chain",
    ],
)
def test_a_changed_field(tampered: Session, change: str) -> None:
    run(tampered, "UPDATE history_entries SET " + change + " WHERE position = 4")
    found = problems(tampered)
    assert found
    assert all("ntry 4 " in each for each in found), found


def test_a_changed_field_with_a_digest_to_match(tampered: Session) -> None:
    entry = tampered.scalars(select(HistoryEntry).where(HistoryEntry.position == 4)).one()
    wrong = chain.digest(entry, subject_label="team Other")
    run(
        tampered,
        "UPDATE history_entries SET subject_label = 'team Other', digest = :digest WHERE position = 4",
        digest=wrong,
    )
    assert problems(tampered) == ["Entry 4 of the history was changed, moved or put in later."]


def test_deleted_rows(tampered: Session) -> None:
    run(tampered, "DELETE FROM history_entries WHERE position = 4")
    assert problems(tampered) == ["Entry 4 of the history is missing."]
    run(tampered, "DELETE FROM history_entries WHERE position IN (5, 6)")
    assert problems(tampered) == ["Entry 4 to 6 of the history is missing."]


def test_rows_deleted_at_the_end(tampered: Session) -> None:
    run(tampered, "DELETE FROM history_entries WHERE position > 8")
    (found,) = problems(tampered)
    assert "ends with entry 8" in found
    assert "entry 10" in found


def test_a_row_put_in(tampered: Session) -> None:
    columns = "at, actor_name, verb, subject_type, subject_id, subject_label, changes, salt, digest"
    copied = f"INSERT INTO history_entries ({columns}) SELECT {columns} FROM history_entries WHERE id = 1"
    run(tampered, copied)
    assert problems(tampered) == [
        "1 entries of the history stand outside its chain: they were put in by hand."
    ]
    run(tampered, "UPDATE history_entries SET position = 11, chain = digest WHERE position IS NULL")
    assert any("Entry 11 " in each for each in problems(tampered))
    run(tampered, "UPDATE history_entries SET position = 0 WHERE position = 11")
    assert any("before its start" in each for each in problems(tampered))


def test_two_rows_swapped(tampered: Session) -> None:
    for old, new in ((4, 104), (5, 4), (104, 5)):
        run(tampered, "UPDATE history_entries SET position = :new WHERE position = :old", old=old, new=new)
    found = problems(tampered)
    assert any("Entry 4 " in each for each in found)
    assert any("Entry 5 " in each for each in found)


def test_the_numbers_of_two_rows_swapped(tampered: Session) -> None:
    """Pages sort by id; the chain covers that too."""
    for old, new in ((4, 104), (5, 4), (104, 5)):
        run(tampered, "UPDATE history_entries SET id = :new WHERE id = :old", old=old, new=new)
    assert len(problems(tampered)) == 2


def test_a_row_emptied_without_a_reason(tampered: Session) -> None:
    empty = "actor_name = '', subject_label = '', changes = '{}', salt = NULL"
    run(tampered, "UPDATE history_entries SET " + empty + " WHERE position = 4")
    assert problems(tampered) == ["The contents of entry 4 of the history are not what was recorded."]
    run(tampered, "UPDATE history_entries SET blanked_by_id = 2 WHERE position = 4")
    assert problems(tampered) == ["Entry 4 of the history was emptied, and no later entry says why."]
    run(tampered, "UPDATE history_entries SET blanked_by_id = 9 WHERE position = 4")
    assert problems(tampered) == ["Entry 4 of the history was emptied, and entry 9 does not name it."]


def test_one_more_emptied_than_the_reason_says(tampered: Session) -> None:
    because = record(tampered, "deleted for good", SITE, actor=CLI)
    assert blank(tampered, HistoryEntry.subject_id == 3, because=because) == 1
    tampered.commit()
    assert problems(tampered) == []
    run(
        tampered,
        "UPDATE history_entries SET salt = NULL, actor_name = '', subject_label = '', changes = '{}', "
        "blanked_by_id = :because WHERE position = 6",
        because=because.id,
    )
    assert problems(tampered) == ["Entry 6 of the history was emptied, and entry 11 does not name it."]
    run(tampered, "UPDATE history_entries SET covers = '3-3,6-6' WHERE position = 11")
    assert problems(tampered) == ["Entry 11 of the history was changed, moved or put in later."]


def test_the_whole_chain_made_anew_lacks_the_signature(tampered: Session) -> None:
    """Somebody with the database and without the secret key; also when the program goes on writing after it."""
    known = str(history_head(tampered))
    run(tampered, "UPDATE history_entries SET verb = 'removed' WHERE position = 4")
    last = chain.START
    for entry in tampered.scalars(select(HistoryEntry).order_by(HistoryEntry.position)).all():
        tampered.refresh(entry)
        new = chain.digest(entry)
        run(tampered, "UPDATE history_entries SET digest = :new WHERE id = :id", new=new, id=entry.id)
        tampered.refresh(entry)
        last = chain.link(last, entry.position or 0, entry)
        run(tampered, "UPDATE history_entries SET chain = :link WHERE id = :id", link=last, id=entry.id)
    run(tampered, "UPDATE history_head SET chain = :chain", chain=last)
    (found,) = problems(tampered)
    assert "does not bear this site's signature" in found
    record(tampered, "went on", SITE, actor=CLI)
    tampered.commit()
    assert problems(tampered) == [found]
    assert "was written anew" in (known_head_problem(tampered, known) or "")


def test_a_head_written_down_earlier_is_still_there_later(tampered: Session) -> None:
    known = str(history_head(tampered))
    make_team(tampered, "One more")
    assert known_head_problem(tampered, known) is None
    assert known_head_problem(tampered, f"10:{'f' * 64}")
    assert known_head_problem(tampered, f"99:{known.split(':')[1]}")
    assert "Give it as it was printed" in (known_head_problem(tampered, "nonsense") or "")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history_entries SET subject_label = 'other' WHERE id = 1",
        "UPDATE history_entries SET verb = 'other' WHERE id = 1",
        "UPDATE history_entries SET position = 99 WHERE id = 1",
        "UPDATE history_entries SET chain = digest WHERE id = 1",
        "UPDATE history_entries SET covers = '1-1' WHERE id = 1",
        "UPDATE history_entries SET changes = '{}', blanked_by_id = 2 WHERE id = 1",
        "UPDATE history_entries SET salt = NULL, changes = '{}' WHERE id = 1",
        "UPDATE history_entries SET salt = NULL, blanked_by_id = 2, digest = chain WHERE id = 1",
        "DELETE FROM history_entries WHERE id = 1",
        "DELETE FROM history_entries",
    ],
)
def test_the_database_refuses_to_change_history(session: Session, statement: str) -> None:
    make_team(session, "One")
    make_team(session, "Two")
    with pytest.raises(DBAPIError, match="history is append-only"):
        session.execute(text(statement))
    session.rollback()
    assert list(chain_problems(session)) == []
