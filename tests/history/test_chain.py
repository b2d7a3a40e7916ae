"""Each entry takes its place behind the last one when it is committed; blanking leaves the chain whole."""

import json
from threading import Thread

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from postmortem.db import Database
from postmortem.history.chain import covered, covers_text
from postmortem.history.checks import chain_problems, history_head
from postmortem.history.export import csv_lines, json_lines
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI, SITE, SystemActor, blank, record, rewrite
from tests.factories.accounts import make_person, make_team
from tests.support.sql import counted


def entries(session: Session) -> list[HistoryEntry]:
    session.expire_all()
    return list(session.scalars(select(HistoryEntry).order_by(HistoryEntry.position)))


def test_places_have_no_gaps_also_after_a_rollback(database: Database) -> None:
    with database.session(writes=True) as session:
        record(session, "did", SITE, actor=CLI)
        session.commit()
        record(session, "undid", SITE, actor=CLI)
        session.flush()
        session.rollback()
        record(session, "did again", SITE, actor=CLI)
        session.commit()
        assert [(each.position, each.verb) for each in entries(session)] == [(1, "did"), (2, "did again")]
        assert list(chain_problems(session)) == []


def test_an_undone_part_of_a_transaction_leaves_no_entry(database: Database) -> None:
    with database.session(writes=True) as session:
        record(session, "did", SITE, actor=CLI)
        with session.begin_nested() as inner:
            record(session, "undid", SITE, actor=CLI)
            session.flush()
            inner.rollback()
        with session.begin_nested():
            record(session, "kept", SITE, actor=CLI)
        session.commit()
        assert [each.verb for each in entries(session)] == ["did", "kept"]
        assert list(chain_problems(session)) == []


def test_an_entry_can_be_read_before_it_has_its_place(database: Database) -> None:
    with database.session(writes=True) as session:
        record(session, "did", SITE, actor=CLI)
        assert session.scalars(select(HistoryEntry.position)).all() == [None]
        session.commit()
        assert session.scalars(select(HistoryEntry.position)).all() == [1]


def test_a_batch_takes_its_places_with_as_few_statements_as_one(database: Database) -> None:
    asked = []
    for size in (1, 300):
        with database.session(writes=True) as session, counted(database) as sent:
            for number in range(size):
                record(session, f"did {number}", SITE, actor=CLI)
            session.flush()
            before = len(sent)
            session.commit()
            asked.append(len(sent) - before)
    # The first time the head's row is made, where tables were emptied.
    assert asked[1] == 3
    with database.session(writes=False) as session:
        assert history_head(session).position == 301
        assert list(chain_problems(session)) == []


def test_many_writers_at_once_make_one_chain(database: Database) -> None:
    def write() -> None:
        with database.session(writes=True) as session:
            for number in range(10):
                record(session, f"did {number}", SITE, actor=CLI)
                session.commit()

    threads = [Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.session(writes=False) as session:
        assert session.scalar(select(func.count()).select_from(HistoryEntry)) == 60
        assert list(chain_problems(session)) == []


def test_long_histories_are_read_in_parts(database: Database) -> None:
    with database.session(writes=True) as session:
        for number in range(2300):
            record(session, "did", SITE, actor=CLI, changes={"number": [None, number]})
        session.commit()
        sizes: list[int] = []
        event.listen(session, "do_orm_execute", lambda state: sizes.append(1))
        assert list(chain_problems(session)) == []
        assert len(sizes) >= 4
        lines = [json.loads(line) for line in json_lines(session)]
        assert [line["changes"]["number"][1] for line in lines[:-1]] == list(range(2300))
        assert lines[-1]["head"]["position"] == 2300
        assert len(list(csv_lines(session))) == 2301


def test_blanking_empties_and_says_why(session: Session) -> None:
    kept, gone = make_team(session, "Kept"), make_team(session, "Secret name")
    because = record(session, "deleted for good", SITE, actor=CLI, changes={"reason": [None, "Asked to"]})
    where = (HistoryEntry.subject_type == "teams", HistoryEntry.subject_id == gone.id)
    assert blank(session, *where, because=because) == 1
    session.commit()
    first, second, third = entries(session)
    assert (first.subject_id, first.subject_label) == (kept.id, "team Kept")
    assert (second.subject_label, second.actor_name, second.changes, second.salt) == ("", "", {}, None)
    assert (second.is_blanked, second.blanked_by_id) == (True, third.id)
    assert (third.covers, third.position) == ("2-2", 3)
    assert "Secret" not in "".join(json_lines(session))
    assert list(chain_problems(session)) == []


def test_what_the_same_transaction_recorded_before_can_be_blanked(database: Database) -> None:
    with database.session(writes=True) as session:
        record(session, "did", SITE, actor=CLI, changes={"name": ["a", "b"]})
        because = record(session, "deleted for good", SITE, actor=CLI)
        assert blank(session, HistoryEntry.verb == "did", because=because) == 1
        assert blank(session, HistoryEntry.verb == "did", because=because) == 0
        session.commit()
        assert [(each.position, each.changes) for each in entries(session)] == [(1, {}), (2, {})]
        assert because.covers == "1-1"
        assert list(chain_problems(session)) == []
        with pytest.raises(ValueError, match="has its place already"):
            blank(session, HistoryEntry.verb == "did", because=because)


def test_rewriting_replaces_a_name_wherever_it_stands(session: Session) -> None:
    person = make_person(session, "Aino Author")
    team = make_team(session, "Playback", person)
    deep = {"links": [[], [{"title": f"By {person.name}", "url": "x"}]], "count": [1, None]}
    record(session, "edited", team, actor=SystemActor("Aino Author"), changes=deep)
    session.commit()
    because = record(session, "anonymised", SITE, actor=CLI)

    def forget(text: str) -> str:
        return text.replace("Aino Author", "somebody").replace(person.email, "nobody@example.invalid")

    assert rewrite(session, replace=forget, because=because) == 3
    session.commit()
    everything = "".join(json_lines(session))
    assert "Aino" not in everything
    assert person.email not in everything
    assert entries(session)[2].changes == {
        "links": [[], [{"title": "By somebody", "url": "x"}]],
        "count": [1, None],
    }
    assert list(chain_problems(session)) == []
    # Twice is as good as once, and what was rewritten can be emptied later.
    again = record(session, "anonymised", SITE, actor=CLI)
    assert rewrite(session, replace=lambda text: text.replace("somebody", "x"), because=again) == 2
    session.commit()
    assert list(chain_problems(session)) == []
    last = record(session, "deleted for good", SITE, actor=CLI)
    assert blank(session, HistoryEntry.subject_type == "teams", because=last) == 2
    session.commit()
    assert list(chain_problems(session)) == []


def test_what_is_covered_survives_being_written_down() -> None:
    text = covers_text({1, 2, 3, 9, 11, 12}, {20: "a" * 64, 15: "b" * 64})
    assert text == f"1-3,9-9,11-12,15:{'b' * 64},20:{'a' * 64}"
    blanked, redacted = covered(text)
    assert [(run.start, run.stop) for run in blanked] == [(1, 4), (9, 10), (11, 13)]
    assert redacted == {15: "b" * 64, 20: "a" * 64}
    assert covered(None) == ([], {})
