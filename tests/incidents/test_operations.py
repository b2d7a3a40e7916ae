"""Filing and changing incidents: what is written, what is refused, what history says."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import Conflict, Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import IMPORT
from postmortem.incidents.drafts import IncidentDraft, MomentDraft
from postmortem.incidents.enums import Confidence, IncidentStatus, RelationKind, Severity
from postmortem.incidents.models import (
    TIME_NOT_RECORDED,
    Incident,
    incident_services,
    incident_tags,
    incident_teams,
)
from postmortem.incidents.operations import edit_incident, render_again, report_incidents
from postmortem.text.markdown import RENDERER_VERSION
from tests.factories.accounts import make_person, make_service, make_team
from tests.factories.incidents import make_incident

NOON = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
ONE = datetime(2026, 3, 9, 13, 0, tzinfo=UTC)


def last_entry(session: Session) -> HistoryEntry:
    entry = session.scalar(select(HistoryEntry).order_by(HistoryEntry.id.desc()))
    assert entry is not None
    return entry


def edit(session: Session, incident: Incident, actor: Person, **values: object) -> None:
    edit_incident(session, incident, values, version=incident.version, actor=actor)
    session.commit()
    session.expire_all()


def test_only_a_title_is_needed_and_nothing_else_is_made_up(session: Session, author: Person) -> None:
    incident = make_incident(session, author, "Playback  stops\n")
    session.expire_all()
    assert (incident.title, incident.severity, incident.lead) == ("Playback stops", None, None)
    assert incident.status == IncidentStatus.OPEN
    assert incident.reported_by == author
    assert incident.sort_at == TIME_NOT_RECORDED
    assert incident.impact_started_at is None
    entry = last_entry(session)
    assert (entry.verb, entry.actor_id, entry.incident_id) == ("reported", author.id, incident.id)
    assert entry.changes["title"] == [None, "Playback stops"]
    assert "detected_at_confidence" not in entry.changes


def test_everything_that_is_given_is_kept(session: Session, author: Person, outsider: Person) -> None:
    make_service(session, "Playback")
    make_team(session, "Sound", author)
    other = make_incident(session, author, "An older one")
    incident = make_incident(
        session,
        author,
        summary="Songs **stop**.",
        severity=Severity.SEV2,
        services=["playback"],
        teams=["sound"],
        tags=["Clock skew", "caches"],
        lead="otto-outsider@example.com",
        participants=[("aino-author@example.com", "on-call engineer"), ("otto-outsider@example.com", "")],
        detected_at=MomentDraft(ONE, Confidence.MINUTES, "the alert's mail"),
        impact_started_at=NOON,
        relations=[(other.id, RelationKind.SAME_CAUSE_AS)],
        links=[{"url": "https://example.com/graph", "title": "Graph"}],
        external_ids=[("jira", "OPS-1")],
    )
    session.expire_all()
    assert "<strong>stop</strong>" in incident.summary_html
    assert [service.slug for service in incident.services] == ["playback"]
    assert [team.slug for team in incident.teams] == ["sound"]
    assert [tag.name for tag in incident.tags] == ["caches", "clock-skew"]
    assert incident.lead == outsider
    assert [(row.person, row.role) for row in incident.participants] == [
        (author, "on-call engineer"),
        (outsider, ""),
    ]
    assert (incident.detected_at, incident.detected_at_confidence) == (ONE, Confidence.MINUTES)
    assert (incident.detected_at_source, incident.detected_at_entered_by_id) == (
        "the alert's mail",
        author.id,
    )
    assert incident.declared_at_entered_by_id is None
    assert incident.sort_at == NOON
    assert [str(row) for row in incident.relations] == [f"same_cause_as INC-{other.id}"]
    assert [str(row) for row in incident.external_ids] == ["jira:OPS-1"]


def test_an_import_has_no_reporter_and_nobody_entered_its_times(session: Session) -> None:
    [incident] = report_incidents(
        session, [IncidentDraft(title="1628", detected_at=MomentDraft(NOON))], actor=IMPORT
    )
    assert (incident.reported_by_id, incident.detected_at_entered_by_id) == (None, None)
    assert last_entry(session).actor_name == "import"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": " \n"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"summary": "x" * 100_001}, "summary"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"severity": "sev9"}, "severity"),
        ({"services": ["nowhere"]}, "services"),
        ({"teams": ["nobody"]}, "teams"),
        ({"lead": "nobody@example.com"}, "lead"),
        ({"participants": [("nobody@example.com", "")]}, "participants"),
        ({"relations": [(999, RelationKind.RELATED_TO)]}, "relations"),
        ({"relations": [(10**30, RelationKind.RELATED_TO)]}, "relations"),
        ({"links": [{"url": "javascript:alert(1)", "title": ""}]}, "links"),
        ({"detected_at": MomentDraft(NOON, source="x" * 201)}, "detected_at_source"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(
    session: Session, author: Person, values: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        report_incidents(session, [IncidentDraft(**{"title": "A title", **values})], actor=author)
    assert refused.value.field == field
    assert session.scalar(select(Incident.id)) is None


def test_an_external_id_comes_in_once(session: Session, author: Person) -> None:
    make_incident(session, author, external_ids=[("jira", "OPS-1")])
    with pytest.raises(Refused, match="INC-1"):
        make_incident(session, author, external_ids=[("jira", "OPS-1")])
    make_incident(session, author, external_ids=[("github", "OPS-1")])


def test_a_relation_to_what_the_actor_cannot_see_is_refused_like_an_unknown_one(
    session: Session, author: Person, outsider: Person
) -> None:
    hidden = make_incident(session, author, "Hidden", restricted=True)
    with pytest.raises(Refused, match=f"There is no incident INC-{hidden.id}"):
        make_incident(session, outsider, relations=[(hidden.id, RelationKind.RELATED_TO)])


def test_an_edit_keeps_relations_that_its_actor_cannot_see(
    session: Session, author: Person, outsider: Person
) -> None:
    hidden = make_incident(session, author, "Hidden", restricted=True)
    seen = make_incident(session, author, "Seen")
    incident = make_incident(session, author, relations=[(hidden.id, RelationKind.RELATED_TO)])
    edit(session, incident, outsider, relations=[(seen.id, RelationKind.DUPLICATE_OF)])
    assert {row.other_id for row in incident.relations} == {hidden.id, seen.id}
    edit(session, incident, author, relations=[(seen.id, RelationKind.DUPLICATE_OF)])
    assert {row.other_id for row in incident.relations} == {seen.id}


def test_only_moments_that_change_get_a_new_author(
    session: Session, author: Person, outsider: Person
) -> None:
    incident = make_incident(session, author, impact_started_at=NOON, detected_at=ONE)
    edit(
        session,
        incident,
        outsider,
        impact_started_at=MomentDraft(NOON),
        detected_at=MomentDraft(ONE, Confidence.HOURS),
    )
    assert incident.impact_started_at_entered_by_id == author.id
    assert incident.detected_at_entered_by_id == outsider.id
    assert last_entry(session).changes == {"detected_at_confidence": ["exact", "hours"]}


def test_an_order_of_moments_is_never_refused_and_blank_stays_blank(session: Session, author: Person) -> None:
    incident = make_incident(session, author, impact_started_at=ONE, resolved_at=NOON)
    assert incident.sort_at == NOON
    edit(session, incident, author, impact_started_at=None, resolved_at=None, status="resolved")
    assert (incident.sort_at, incident.status) == (TIME_NOT_RECORDED, IncidentStatus.RESOLVED)
    assert incident.resolved_at_entered_by_id is None


def test_lists_are_replaced_and_history_says_what_was_there(
    session: Session, author: Person, outsider: Person
) -> None:
    make_service(session, "Playback")
    make_service(session, "Search")
    incident = make_incident(
        session, author, services=["playback"], participants=[("aino-author@example.com", "lead")]
    )
    kept = incident.participants[0].id
    edit(
        session,
        incident,
        author,
        services=["search"],
        participants=[("otto-outsider@example.com", "scribe"), ("aino-author@example.com", "lead")],
        lead=None,
    )
    assert [service.slug for service in incident.services] == ["search"]
    assert [str(row) for row in incident.participants] == [
        "otto-outsider@example.com (scribe)",
        "aino-author@example.com (lead)",
    ]
    assert incident.participants[1].id == kept
    assert last_entry(session).changes == {
        "services": [["playback"], ["search"]],
        "participants": [
            ["aino-author@example.com (lead)"],
            ["otto-outsider@example.com (scribe)", "aino-author@example.com (lead)"],
        ],
    }


def test_saving_the_same_again_changes_nothing(session: Session, author: Person) -> None:
    make_service(session, "Playback")
    values = {
        "services": ["playback"],
        "tags": ["caches"],
        "links": [{"url": "https://example.com/", "title": ""}],
        "participants": [("aino-author@example.com", "lead")],
        "detected_at": MomentDraft(NOON),
    }
    incident = make_incident(session, author, **values)
    before = (incident.version, last_entry(session).id)
    edit(session, incident, author, **values, title=incident.title, lead=None, relations=[])
    assert (incident.version, last_entry(session).id) == before


def test_a_stale_version_is_a_conflict_also_after_a_change_of_a_list_alone(
    session: Session, author: Person
) -> None:
    incident = make_incident(session, author)
    started_from = incident.version
    edit(session, incident, author, tags=["caches"])
    with pytest.raises(Conflict):
        edit_incident(session, incident, {"title": "Mine"}, version=started_from, actor=author)


@pytest.mark.parametrize("table", [incident_services, incident_teams, incident_tags])
def test_sort_keys_beside_lists_follow_the_incident(session: Session, author: Person, table: object) -> None:
    make_service(session, "Playback")
    make_team(session, "Sound", author)
    incident = make_incident(session, author, services=["playback"], teams=["sound"], tags=["caches"])
    edit(session, incident, author, detected_at=MomentDraft(NOON), is_drill=True, visibility="restricted")
    [row] = session.execute(select(table)).all()  # type: ignore[call-overload]
    assert (row.sort_at, row.is_drill, row.visibility) == (NOON, True, "restricted")


def test_many_are_filed_in_order_and_looked_up_once_for_all(session: Session, author: Person) -> None:
    make_person(session, "Second Person")
    make_service(session, "Playback")
    drafts = [
        IncidentDraft(
            title=f"Number {number}",
            services=["playback"],
            tags=[f"tag {number % 5}"],
            lead="second-person@example.com",
            detected_at=MomentDraft(NOON),
        )
        for number in range(300)
    ]
    sent: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda _c, _k, text, *_rest: sent.append(text))
    filed = report_incidents(session, drafts, actor=author)
    session.commit()
    assert not [text for text in sent if text.startswith("SELECT incident")], "a list was loaded one by one"
    # Services, people, tags, the rules that restrict, and the end of the chain of history.
    assert len([text for text in sent if text.startswith("SELECT")]) == 5
    assert [incident.title for incident in filed] == [draft.title for draft in drafts]
    assert [incident.id for incident in filed] == sorted(incident.id for incident in filed)
    rows = session.execute(select(incident_tags)).all()
    assert len(rows) == 300
    assert {row.sort_at for row in rows} == {NOON}


def test_rendering_again_touches_only_what_an_older_renderer_made(session: Session, author: Person) -> None:
    incident = make_incident(session, author, summary="Songs **stop**.")
    make_incident(session, author, "Up to date")
    incident.rendered_with, incident.summary_html = 0, "<p>old</p>"
    session.commit()
    version = incident.version
    assert render_again(session) == 1
    session.commit()
    session.expire_all()
    assert "<strong>stop</strong>" in incident.summary_html
    assert (incident.rendered_with, incident.version) == (RENDERER_VERSION, version)
    assert render_again(session) == 0
