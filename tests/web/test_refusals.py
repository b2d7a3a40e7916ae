"""A change that was refused to somebody signed in leaves one entry; everything else that is refused is in the log."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.history import refusals
from postmortem.history.checks import chain_problems
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import SITE, record
from tests.support.client import Browser


def refused(session: Session) -> list[HistoryEntry]:
    session.expire_all()
    wanted = (refusals.REFUSED, refusals.TOO_OFTEN)
    return list(
        session.scalars(
            select(HistoryEntry).where(HistoryEntry.verb.in_(wanted)).order_by(HistoryEntry.position)
        )
    )


def test_a_refused_change_leaves_one_entry(session: Session, sign_in, reader: Person) -> None:
    page = sign_in(reader).post("/teams/new", {"name": "Mine"})
    assert page.status == 403
    assert "Admins" in page.text or "admin" in page.text
    (entry,) = refused(session)
    assert (entry.actor_id, entry.actor_name) == (reader.id, "Rita Reader")
    assert (entry.subject_type, entry.subject_id, entry.incident_id) == ("site", 0, None)
    assert entry.sentence == "was refused a change to this site"
    assert entry.changes["request"] == [None, "POST /teams/new"]
    (nothing, rule) = entry.changes["rule"]
    assert nothing is None
    assert rule in page.text
    assert list(chain_problems(session)) == []


def test_looking_leaves_a_line_in_the_log_alone(
    session: Session, sign_in, reader: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert sign_in(reader).get("/teams/new").status == 403
    assert refused(session) == []
    assert f"refused: GET /teams/new by person {reader.id}: " in caplog.text


def test_a_form_without_its_token_or_from_elsewhere_is_in_the_log_alone(
    session: Session, sign_in, admin: Person, caplog: pytest.LogCaptureFixture
) -> None:
    browser: Browser = sign_in(admin)
    with caplog.at_level(logging.WARNING):
        assert browser.client.post("/teams/new", data={"name": "Mine"}).status_code == 400
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        assert browser.client.post("/teams/new", headers=elsewhere).status_code == 403
    assert refused(session) == []
    assert caplog.text.count("refused: POST /teams/new by somebody signed out: ") == 2


def test_no_secret_and_no_second_line_gets_into_the_log(
    anonymous: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        anonymous.client.post("/password/THE-SECRET")
        anonymous.client.post("/nowhere%0Arefused: forged", headers={"Sec-Fetch-Site": "cross-site"})
    assert "THE-SECRET" not in caplog.text
    assert "\nrefused: forged" not in caplog.text
    assert "/nowhere%0Arefused" in caplog.text


def test_a_hundred_an_hour_then_one_that_says_so(session: Session, sign_in, reader: Person, frozen) -> None:
    browser = sign_in(reader)
    for _ in range(refusals.MOST - 1):
        record(session, refusals.REFUSED, SITE, actor=reader)
    session.commit()
    for _ in range(5):
        assert browser.post("/teams/new").status == 403
    found = refused(session)
    assert len(found) == refusals.MOST + 1
    assert [entry.verb for entry in found[-2:]] == [refusals.REFUSED, refusals.TOO_OFTEN]
    assert "100 within an hour" in found[-1].changes["refusals"][1]
    frozen(clock.now() + timedelta(hours=1, minutes=1))
    browser = sign_in(reader)
    browser.post("/teams/new")
    assert len(refused(session)) == refusals.MOST + 2


def test_others_are_counted_by_themselves(session: Session, sign_in, reader: Person, author: Person) -> None:
    for _ in range(refusals.MOST + 1):
        record(session, refusals.REFUSED, SITE, actor=reader)
    session.commit()
    sign_in(author).post("/teams/new")
    assert refused(session)[-1].actor_id == author.id


def test_the_page_comes_out_where_nothing_can_be_written(
    session: Session, sign_in, reader: Person, monkeypatch: pytest.MonkeyPatch, app
) -> None:
    def locked(*_args: object, **_named: object) -> None:
        raise OperationalError("x", None, Exception("database is locked"))

    browser = sign_in(reader)
    monkeypatch.setitem(app.config, "NOTE_REFUSAL", locked)
    page = browser.post("/teams/new")
    assert page.status == 403
    assert "Rita Reader" in page.text
    assert refused(session) == []
