"""The short form of `python -m stress.statement_faults`: an error at any statement or commit leaves nothing half-written."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from postmortem.incidents import views
from stress.statement_faults import Report, a_site, by_commits, by_import, by_statements
from stress.write_paths import LEFT_OUT, PREPARED
from tests.support.cases import CASES
from tests.support.crawl import every, routes
from tests.support.databases import TestDatabase

# Every how many statements one fails; of the paths that matter most each one does.
SAMPLED = 17
MAIN = (
    "incidents.new",
    "incidents.edit",
    "timeline.new_event",
    "actions.edit",
    "publishing.publish",
    "people.new",
    "sign_in.password",
)


def test_every_form_is_gone_through(app: Flask) -> None:
    known = {case.endpoint for case in CASES} | set(PREPARED) | {"sign_in.set_up"} | set(LEFT_OUT)
    there = {rule.endpoint for rule in routes(app, "POST")}
    assert not there - known, f"no path in stress/write_paths.py: {sorted(there - known)}"
    assert not known - there, f"no such route: {sorted(known - there)}"


@pytest.mark.parametrize("is_empty", [False, True])
def test_an_error_at_a_statement_leaves_nothing(
    the_database: TestDatabase, tmp_path: Path, is_empty: bool
) -> None:
    report = Report()
    with a_site(the_database, tmp_path / "data", is_empty=is_empty) as site:
        by_statements(site, report, SAMPLED, all_of=MAIN)
    assert not report.problems, every(report.problems)
    # Told by route; publishing has two cases, at once and at a time.
    routes_tried = {case.endpoint for case in CASES} | set(PREPARED)
    assert len(report.statements) == (1 if is_empty else len(routes_tried))
    assert report.faults >= len(report.statements)


@pytest.mark.parametrize("is_empty", [False, True])
def test_a_lost_commit_leaves_all_or_nothing(
    the_database: TestDatabase, tmp_path: Path, is_empty: bool
) -> None:
    report = Report()
    with a_site(the_database, tmp_path / "data", is_empty=is_empty) as site:
        by_commits(site, report)
    assert not report.problems, every(report.problems)
    assert report.commits >= 2 * (1 if is_empty else len(CASES) + len(PREPARED))


def test_an_error_on_the_way_of_an_import_brings_in_nothing(
    the_database: TestDatabase, tmp_path: Path
) -> None:
    report = Report()
    with a_site(the_database, tmp_path / "data", is_empty=False) as site:
        by_import(site, report, tmp_path / "files", every=3)
    assert not report.problems, every(report.problems)
    assert report.faults > 10


def test_what_is_half_written_is_noticed(
    the_database: TestDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot fail shows nothing: here filing an incident commits too early."""
    really = views.already_done

    def too_early(session: Any, key: str | None) -> Any:
        done = really(session, key)
        session.commit()
        return done

    report = Report()
    with a_site(the_database, tmp_path / "data", is_empty=False) as site:
        monkeypatch.setattr(views, "already_done", too_early)
        monkeypatch.setattr("stress.write_paths.CASES", CASES[:1])
        monkeypatch.setattr("stress.write_paths.PREPARED", {})
        by_statements(site, report, 5)
    assert any("form_keys is not as it was: 0 rows, now 1" in each for each in report.problems)
