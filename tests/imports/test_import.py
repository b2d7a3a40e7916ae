"""Bringing a plan in: through the forms' operations, all or nothing, and a second time not at all."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, Service
from postmortem.db import Database
from postmortem.errors import Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import IMPORT
from postmortem.imports import operations
from postmortem.imports.formats.markdown import plan_import
from postmortem.imports.operations import Report, import_plan
from postmortem.incidents.drafts import IncidentDraft
from postmortem.incidents.models import ExternalId, Incident
from postmortem.incidents.operations import edit_incident, report_incidents
from postmortem.incidents.operations_deletion import delete_incident
from postmortem.models import metadata
from postmortem.tags.models import Tag
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Publication, Writeup
from tests.factories.accounts import make_service

PROSE = "The cache fell over and took the shop with it for an hour.\n"


def bring_in(database: Database, path: Path, *, dry_run: bool = False) -> Report:
    with database.session(writes=not dry_run) as session:
        report = import_plan(session, plan_import(path), actor=IMPORT, dry_run=dry_run)
        if not dry_run:
            session.commit()
        return report


def rows(session: Session) -> dict[str, int]:
    session.expire_all()
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in metadata.sorted_tables
    }


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    folder = tmp_path / "our-wiki"
    folder.mkdir()
    (folder / "a.md").write_text(
        "---\nuuid: a\ntitle: Cache\nsummary: It fell.\ncompany: Git Hub\nkeywords: [Cache]\n"
        "start_time: 2021-06-03T10:00:00Z\nend_time: 2021-06-03T09:00:00Z\n"
        f"source_published_at: 2999-01-01T00:00:00Z\nurl: https://x.example/a\n---\n{PROSE}"
    )
    (folder / "b.md").write_text(f"# Disk\n\n{PROSE}")
    (folder / "draft.md").write_text(f"---\ndraft: true\ntitle: Not yet\n---\n{PROSE}")
    return folder


def test_incidents_and_writeups_come_in(database: Database, session: Session, wiki: Path) -> None:
    report = bring_in(database, wiki)
    assert (len(report.came), report.writeups, report.published) == (3, 3, 2)
    assert report.new_services == ["Git Hub"]
    incident = session.scalars(select(Incident).join(ExternalId).where(ExternalId.external_id == "a")).one()
    assert incident.title == "Cache"
    assert incident.sort_at == datetime(2021, 6, 3, 9, tzinfo=UTC)
    assert [service.slug for service in incident.services] == ["git-hub"]
    assert [tag.name for tag in incident.tags] == ["cache"]
    assert "<p>It fell.</p>" in incident.summary_html
    assert incident.reported_by_id is None
    writeup = session.scalars(select(Writeup).where(Writeup.title == "Cache")).one()
    assert writeup.is_imported
    assert writeup.source_url == "https://x.example/a"
    assert writeup.authors == []
    assert [each.id for each in writeup.incidents] == [incident.id]
    assert writeup.state is WriteupState.PUBLISHED
    assert writeup.published_at is not None
    assert writeup.published_at.year < 2999, "published in the future would stay on top for ever"
    draft = session.scalars(select(Writeup).where(Writeup.title == "Not yet")).one()
    assert draft.state is WriteupState.DRAFT
    entries = session.scalars(select(HistoryEntry).where(HistoryEntry.subject_type == "incidents")).all()
    assert {(entry.verb, entry.actor_name) for entry in entries} == {("reported", "import")}
    assert len(entries) == 3


def test_a_second_run_changes_nothing(database: Database, session: Session, wiki: Path) -> None:
    bring_in(database, wiki)
    before = rows(session)
    again = bring_in(database, wiki)
    assert rows(session) == before
    assert again.came == []
    assert [(here.file, here.is_changed) for here in again.here] == [
        ("b.md", False),
        ("draft.md", False),
        ("a.md", False),
    ]


def test_what_was_deleted_stays_deleted_and_is_reported(
    database: Database, session: Session, wiki: Path
) -> None:
    bring_in(database, wiki)
    incident = session.scalars(select(Incident).where(Incident.title == "Disk")).one()
    delete_incident(session, incident, version=None, actor=IMPORT)
    session.commit()
    before = rows(session)
    for dry_run in (True, False):
        again = bring_in(database, wiki, dry_run=dry_run)
        assert (again.came, [here.file for here in again.here]) == ([], ["draft.md", "a.md"])
        [skip] = again.deleted
        assert skip.file == "b.md"
        assert skip.reason.startswith(f"It came in earlier as INC-{incident.id}, which is in the trash.")
    assert rows(session) == before
    with pytest.raises(Refused, match=f"INC-{incident.id}, in the trash"):
        draft = IncidentDraft(title="Disk", external_ids=[("our-wiki", "b.md")])
        report_incidents(session, [draft], actor=IMPORT)


def test_a_file_added_later_comes_in_alone(database: Database, wiki: Path) -> None:
    bring_in(database, wiki)
    (wiki / "c.md").write_text(f"# Third\n\n{PROSE}")
    report = bring_in(database, wiki)
    assert [came.title for came in report.came] == ["Third"]
    assert len(report.here) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("an hour", "two hours"),
        ("It fell.", "It broke."),
        ("10:00:00Z", "10:30:00Z"),
        ("[Cache]", "[Cache, Disk]"),
    ],
)
def test_a_file_that_changed_is_reported_and_nothing_is_overwritten(
    database: Database, session: Session, wiki: Path, old: str, new: str
) -> None:
    bring_in(database, wiki)
    before = rows(session)
    (wiki / "a.md").write_text((wiki / "a.md").read_text().replace(old, new))
    report = bring_in(database, wiki)
    assert [here.file for here in report.here if here.is_changed] == ["a.md"]
    assert rows(session) == before


def test_an_edit_made_here_is_no_change_of_the_file(
    database: Database, session: Session, admin: Person, wiki: Path
) -> None:
    bring_in(database, wiki)
    incident = session.scalars(select(Incident).where(Incident.title == "Cache")).one()
    edit_incident(session, incident, {"title": "The cache, corrected"}, version=None, actor=admin)
    report = bring_in(database, wiki)
    assert not any(here.is_changed for here in report.here)
    session.expire_all()
    assert session.get_one(Incident, incident.id).title == "The cache, corrected"


def test_a_dry_run_writes_nothing_and_reports_the_same(
    database: Database, session: Session, wiki: Path
) -> None:
    (wiki / "long.md").write_text(f"# Long\n\n{'word ' * 21_000}")
    (wiki / "empty.md").write_text("")
    dry = bring_in(database, wiki, dry_run=True)
    assert not any(
        count for name, count in rows(session).items() if name not in ("incident_counts", "history_head")
    ), rows(session)
    real = bring_in(database, wiki)
    assert [came.title for came in dry.came] == [came.title for came in real.came]
    assert (dry.skips, dry.notes, dry.new_services) == (real.skips, real.notes, real.new_services)
    assert (dry.writeups, dry.published) == (real.writeups, real.published)
    assert min(came.number or 0 for came in real.came) == 1, "a dry run uses up no number"


def test_a_text_that_a_form_would_refuse_is_skipped_with_the_reason(database: Database, wiki: Path) -> None:
    (wiki / "long.md").write_text(f"# Long\n\n{'word ' * 21_000}")
    report = bring_in(database, wiki)
    assert len(report.came) == 3
    (skip,) = report.unusable
    assert skip.file == "long.md"
    assert "100,000" in skip.reason


def test_a_service_that_is_here_is_used_whatever_its_case(
    database: Database, session: Session, wiki: Path
) -> None:
    service = make_service(session, "GitHub")
    report = bring_in(database, wiki)
    assert report.new_services == []
    incident = session.scalars(select(Incident).where(Incident.title == "Cache")).one()
    assert [each.id for each in incident.services] == [service.id]


def test_names_that_give_one_slug_stay_two_services(
    database: Database, session: Session, tmp_path: Path
) -> None:
    for number, name in enumerate(("C", "C++", "New", "日本")):
        (tmp_path / f"{number}.md").write_text(f"---\ncompany: {name}\n---\n{PROSE}")
    bring_in(database, tmp_path)
    assert {service.name: service.slug for service in session.scalars(select(Service))} == {
        "C": "c",
        "C++": "c-2",
        "New": "new-2",
        "日本": "untitled",
    }


def test_nothing_is_left_when_it_breaks_half_way(
    database: Database, session: Session, wiki: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "CHUNK", 1)
    before = rows(session)

    def stopped(chunks: object) -> object:
        yield chunks[0]  # type: ignore[index]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), database.session(writes=True) as writing:
        import_plan(writing, plan_import(wiki), actor=IMPORT, track=stopped)  # type: ignore[arg-type]
    assert rows(session) == before


def test_thousands_of_tags_and_slugs_are_no_trouble(
    database: Database, session: Session, tmp_path: Path
) -> None:
    for number in range(120):
        tags = ", ".join(f"tag-{number}-{other}" for other in range(10))
        (tmp_path / f"{number}.md").write_text(f"---\ntitle: The same\ntags: [{tags}]\n---\n{PROSE}")
    report = bring_in(database, tmp_path)
    assert len({came.slug for came in report.came}) == 120
    assert session.scalar(select(func.count()).select_from(Tag)) == 1200
    assert session.scalar(select(func.count()).select_from(Publication)) == 120
