"""The real collections beside the checkout come in whole; the facts are those of their own description."""

import statistics
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.db import Database
from postmortem.incidents.durations import time_to_resolve
from postmortem.incidents.enums import Confidence, IncidentStatus
from postmortem.incidents.models import Incident
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Writeup
from tests.imports.test_import import bring_in, rows


@pytest.fixture
def outages(shared_data: Path) -> Path:
    return shared_data / "icco-postmortems" / "data"


def test_the_facts_of_241_outages(database: Database, session: Session, outages: Path) -> None:
    report = bring_in(database, outages)
    assert (len(report.came), report.writeups, report.published, report.skips) == (241, 241, 241, [])
    assert len(report.new_services) == 106
    incidents = session.scalars(select(Incident)).all()
    assert len(incidents) == 241
    assert sum(incident.impact_started_at is None for incident in incidents) == 72 + 1, "72 and an empty one"
    assert sum(incident.resolved_at is not None for incident in incidents) == 150
    assert min(i.impact_started_at for i in incidents if i.impact_started_at).year == 1628
    assert {(i.status, i.severity) for i in incidents} == {(IncidentStatus.CLOSED, None)}
    seconds = [
        i.resolved_at - i.impact_started_at for i in incidents if i.resolved_at and i.impact_started_at
    ]
    minutes = [each.total_seconds() / 60 for each in seconds]
    assert len(minutes) == 150
    assert min(minutes) * 60 == 39
    assert int(max(minutes) / 60 / 24) == 593
    assert round(statistics.median(minutes)) == 486
    assert round(statistics.mean(minutes)) == 19_630
    assert sum(time_to_resolve(i).seconds is not None for i in incidents) == 150
    tags = Counter(tag.name for incident in incidents for tag in incident.tags)
    for name, least in (
        ("config-change", 111),
        ("cloud", 108),
        ("automation", 101),
        ("security", 51),
        ("cascading-failure", 37),
        ("hardware", 24),
        ("time", 17),
    ):
        assert tags[name] >= least, name
    assert "github.com" in tags
    names = {service.name for incident in incidents for service in incident.services}
    assert {"GitHub", "DataDog", "TravisCI", "PagerDuty"} <= names
    assert not names & {"Github", "Datadog", "Travis CI", "Pagerduty"}
    midnight = [i for i in incidents if i.impact_started_at_confidence is Confidence.HOURS]
    assert len(midnight) == 31


def test_241_writeups_are_published_marked_and_dated(
    database: Database, session: Session, outages: Path
) -> None:
    bring_in(database, outages)
    writeups = session.scalars(select(Writeup)).all()
    assert {writeup.state for writeup in writeups} == {WriteupState.PUBLISHED}
    assert all(writeup.is_imported and not writeup.authors and writeup.source_url for writeup in writeups)
    assert all(writeup.title and writeup.body and writeup.body_html for writeup in writeups)
    assert min(writeup.published_at for writeup in writeups if writeup.published_at).year >= 1987
    assert len({writeup.slug for writeup in writeups}) == 241
    assert 'class="notice"' not in " ".join(writeup.body_html for writeup in writeups)


def test_a_second_run_over_241_changes_nothing(database: Database, session: Session, outages: Path) -> None:
    bring_in(database, outages)
    before = rows(session)
    again = bring_in(database, outages.parent)
    assert (len(again.here), again.came) == (241, [])
    assert not any(here.is_changed for here in again.here)
    assert rows(session) == before


def test_reports_without_front_matter_are_kept_whole(
    database: Database, session: Session, shared_data: Path
) -> None:
    for name, count in (("univaf-incidents", 5), ("posthog-postmortems", 7), ("postmortem-templates", 0)):
        assert len(bring_in(database, shared_data / name).came) == count, name
    assert session.scalar(select(func.count()).select_from(Incident)) == 12
    writeup = session.scalars(select(Writeup).where(Writeup.title == "2021-06-03: Database Full")).one()
    original = (shared_data / "univaf-incidents" / "2021-06-03--database-full.md").read_text()
    assert writeup.body == original.partition("\n")[2].strip()
    incident = writeup.incidents[0]
    assert incident.impact_started_at is None
    assert incident.summary.startswith("The new `availability_log` table")
