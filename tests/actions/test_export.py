"""The list as CSV: the same filters, the same visibility, in the list's order, harmless to spreadsheets."""

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions import export
from postmortem.actions.operations import delete_action
from postmortem.history.operations import CLI
from tests.factories.accounts import make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser


def rows_of(browser: Browser, query: str = "") -> list[dict[str, str]]:
    answer = browser.client.get(f"/actions/actions.csv{query}")
    assert answer.status_code == 200 and answer.content_type == "text/csv; charset=utf-8"
    assert 'filename="actions.csv"' in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True), newline="")))


def test_every_field_under_its_own_name(session: Session, author: Person, browser: Browser) -> None:
    team = make_team(session, "Sound")
    incident = make_incident(session, author, severity="sev2")
    make_action(
        session,
        incident,
        "=HYPERLINK(1)",
        owner=author,
        team=team,
        kind="detect",
        priority="p1",
        due_on=date(2026, 3, 9),
        description="Two\nlines.",
        end_state="It rings.",
        status="in_progress",
    )
    [row] = rows_of(browser)
    assert row["title"] == "'=HYPERLINK(1)" and row["description"] == "Two\nlines."
    assert (row["number"], row["incident"], row["severity"]) == ("1", "1", "sev2")
    assert (row["owner"], row["team"]) == (author.email, "sound")
    assert (row["kind"], row["priority"], row["status"]) == ("detect", "p1", "in_progress")
    assert (row["due_on"], row["first_due_on"], row["closed_at"]) == ("2026-03-09", "2026-03-09", "")
    assert row["created_at"].endswith("+00:00")


def test_the_same_filters_and_nothing_hidden(
    session: Session, author: Person, outsider: Person, browser: Browser, sign_in: Callable[[Person], Browser]
) -> None:
    make_action(session, make_incident(session, author, restricted=True), "Secret")
    shown = make_incident(session, author)
    make_action(session, shown, "Closed", status="done")
    make_action(session, shown, "Open")
    delete_action(session, make_action(session, shown, "Gone"), actor=CLI)
    session.commit()
    assert [row["title"] for row in rows_of(browser)] == ["Secret", "Open", "Closed"]
    other = sign_in(outsider)
    assert [row["title"] for row in rows_of(other)] == ["Open", "Closed"]
    assert [row["title"] for row in rows_of(other, "?status=closed")] == ["Closed"]
    assert other.get("/actions/actions.csv?status=banana").status == 422


def test_every_stretch_goes_on_where_the_one_before_ended(
    session: Session, author: Person, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "READ_AT_ONCE", 3)
    incident = make_incident(session, author)
    for number in range(9):
        make_action(session, incident, f"Do {number}", due_on=date(2026, 3, 1 + number % 2))
    titles = [row["title"] for row in rows_of(browser)]
    assert titles == [f"Do {number}" for number in (0, 2, 4, 6, 8, 1, 3, 5, 7)]
