"""Adding, changing, deleting and bringing back: what is stored, refused and remembered."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import Conflict, Refused
from postmortem.history.models import HistoryEntry
from postmortem.incidents.models import Incident
from postmortem.tags.models import Tag
from postmortem.text.markdown import RENDERER_VERSION
from postmortem.timeline import operations, queries
from postmortem.timeline.drafts import EventDraft, FactorDraft
from postmortem.timeline.enums import EventKind
from postmortem.timeline.models import Factor, TimelineEvent
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def incident(session: Session, author: Person) -> Incident:
    return make_incident(session, author)


def history(session: Session, thing: TimelineEvent | Factor) -> list[HistoryEntry]:
    return list(
        session.scalars(
            select(HistoryEntry)
            .where(HistoryEntry.subject_type == thing.__tablename__, HistoryEntry.subject_id == thing.id)
            .order_by(HistoryEntry.id)
        )
    )


def test_events_are_stored_as_given_and_rendered(
    session: Session, incident: Incident, author: Person
) -> None:
    draft = EventDraft(
        text="The pager **rang**.",
        occurred_at=NOON.astimezone(timezone(timedelta(hours=2))),
        ended_at=NOON + timedelta(minutes=5, microseconds=7),
        occurred_text="around noon",
        kind="detection",
        actor_role="on-call engineer",
        learnt_later=True,
        in_writeup=False,
        evidence=["https://graphs.example/d/1", " https://graphs.example/d/1", "http://chat.example"],
    )
    (made,) = operations.add_events(session, incident, [draft], actor=author)
    session.commit()
    session.expire_all()
    event = session.get_one(TimelineEvent, made.id)
    assert event.occurred_at == NOON
    assert event.ended_at == NOON + timedelta(minutes=5)
    assert (event.occurred_text, event.kind, event.actor_role) == (
        "around noon",
        EventKind.DETECTION,
        "on-call engineer",
    )
    assert (event.learnt_later, event.in_writeup) == (True, False)
    assert event.evidence == ["https://graphs.example/d/1", "http://chat.example"]
    assert "<strong>rang</strong>" in event.text_html
    assert event.rendered_with == RENDERER_VERSION
    (entry,) = history(session, event)
    assert (entry.verb, entry.actor_id, entry.incident_id) == ("added", author.id, incident.id)
    assert entry.changes["kind"] == [None, "detection"]


def test_many_events_keep_their_order(session: Session, incident: Incident, author: Person) -> None:
    drafts = [EventDraft(text=f"Fact {number}", occurred_at=NOON) for number in range(60)]
    made = operations.add_events(session, incident, drafts, actor=author)
    session.commit()
    assert [event.text for event in made] == [f"Fact {number}" for number in range(60)]
    assert [event.text for event in queries.events_of(session, incident.id)] == [
        draft.text for draft in drafts
    ]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("text", {"text": " \n "}),
        ("text", {"text": "x" * 20_001}),
        ("kind", {"kind": "root cause"}),
        ("occurred_text", {"occurred_text": "x" * 101}),
        ("actor_role", {"actor_role": "x" * 101}),
        ("evidence", {"evidence": ["javascript:alert(1)"]}),
        ("evidence", {"evidence": ["https://"]}),
        ("evidence", {"evidence": ["https://[::1"]}),
        ("evidence", {"evidence": ["https://graphs.example/<script>"]}),
        ("evidence", {"evidence": ["see https://graphs.example"]}),
        ("evidence", {"evidence": [f"https://graphs.example/{number}" for number in range(21)]}),
        ("evidence", {"evidence": ["https://graphs.example/" + "x" * 2000]}),
    ],
)
def test_what_is_no_event_is_refused_beside_its_field(
    session: Session, incident: Incident, author: Person, field: str, values: dict[str, object]
) -> None:
    with pytest.raises(Refused) as refused:
        operations.add_events(session, incident, [EventDraft(**{"text": "A fact", **values})], actor=author)
    assert refused.value.field == field
    assert session.scalars(select(TimelineEvent)).all() == []


def test_an_end_before_the_start_is_kept(session: Session, incident: Incident) -> None:
    event = make_event(session, incident, at=NOON, ended_at=NOON - timedelta(hours=1))
    session.expire_all()
    assert event.ends_early
    assert event.lasted_seconds is None
    assert event.ended_at == NOON - timedelta(hours=1)


def test_editing_records_what_changed_and_nothing_when_nothing_did(
    session: Session, incident: Incident, author: Person
) -> None:
    event = make_event(session, incident, "The pager rang.", NOON)
    before = event.version
    operations.edit_event(
        session, event, {"text": "The pager rang.", "occurred_at": NOON}, version=before, actor=author
    )
    session.commit()
    assert (event.version, len(history(session, event))) == (before, 1)

    operations.edit_event(
        session, event, {"text": "# It rang", "kind": "impact"}, version=before, actor=author
    )
    session.commit()
    session.expire_all()
    assert event.version == before + 1
    assert "<h2 id=" in event.text_html
    assert history(session, event)[-1].changes == {
        "text": ["The pager rang.", "# It rang"],
        "kind": ["other", "impact"],
    }


def test_editing_an_old_version_is_a_conflict(session: Session, incident: Incident, author: Person) -> None:
    event, factor = make_event(session, incident), make_factor(session, incident)
    with pytest.raises(Conflict):
        operations.edit_event(session, event, {"text": "x"}, version=event.version - 1, actor=author)
    with pytest.raises(Conflict):
        operations.edit_factor(session, factor, {"text": "x"}, version=factor.version - 1, actor=author)


def test_deleting_and_bringing_back_leave_one_entry_each(
    session: Session, incident: Incident, author: Person
) -> None:
    event = make_event(session, incident)
    factor = make_factor(session, incident, events=[event.id], tags=["Paging"])
    for thing, delete, restore in (
        (event, operations.delete_event, operations.restore_event),
        (factor, operations.delete_factor, operations.restore_factor),
    ):
        for _ in range(2):
            delete(session, thing, actor=author)  # type: ignore[operator]
            session.commit()
        assert [entry.verb for entry in history(session, thing)] == ["added", "deleted"]
        for _ in range(2):
            restore(session, thing, actor=author)  # type: ignore[operator]
            session.commit()
        assert [entry.verb for entry in history(session, thing)] == ["added", "deleted", "brought back"]
    session.expire_all()
    assert queries.events_of(session, incident.id) == [event]
    (found,) = queries.factors_of(session, incident.id)
    assert (found.shown_events, [tag.name for tag in found.tags]) == ([event], ["paging"])


def test_saving_over_a_deleted_event_brings_it_back(
    session: Session, incident: Incident, author: Person
) -> None:
    event = make_event(session, incident)
    operations.delete_event(session, event, actor=author)
    session.commit()
    operations.edit_event(session, event, {"text": "Still so."}, version=event.version, actor=author)
    session.commit()
    assert [found.text for found in queries.events_of(session, incident.id)] == ["Still so."]


def test_a_factor_keeps_tags_events_and_a_no(session: Session, incident: Incident, author: Person) -> None:
    event = make_event(session, incident, at=NOON)
    factor = make_factor(
        session, incident, tags=["Old Tag", "old-tag"], was_present_before=False, events=[event.id]
    )
    session.expire_all()
    (found,) = queries.factors_of(session, incident.id)
    assert found is factor
    assert found.was_present_before is False
    assert [tag.name for tag in found.tags] == ["old-tag"]
    assert found.events == [event]
    assert history(session, factor)[0].changes.get("tags") == [None, ["old-tag"]]


def test_relinking_a_factor_is_a_change_of_its_own(
    session: Session, incident: Incident, author: Person
) -> None:
    """Two events may read alike; and a list alone makes a new version."""
    first, second = (make_event(session, incident, "An alarm rang.") for _ in range(2))
    factor = make_factor(session, incident, events=[first.id])
    before = factor.version
    operations.edit_factor(session, factor, {"events": [second.id]}, version=before, actor=author)
    session.commit()
    session.expire_all()
    assert factor.events == [second]
    assert factor.version == before + 1
    assert list(history(session, factor)[-1].changes) == ["events"]


def test_relinking_keeps_the_link_to_a_deleted_event(
    session: Session, incident: Incident, author: Person
) -> None:
    gone, other = make_event(session, incident, "Gone"), make_event(session, incident, "Other")
    factor = make_factor(session, incident, events=[gone.id])
    operations.delete_event(session, gone, actor=author)
    operations.edit_factor(session, factor, {"events": [other.id]}, version=None, actor=author)
    session.commit()
    session.expire_all()
    assert factor.shown_events == [other]
    operations.restore_event(session, gone, actor=author)
    session.commit()
    assert factor.shown_events == [gone, other]


def test_an_event_of_another_incident_is_refused(
    session: Session, incident: Incident, author: Person
) -> None:
    foreign = make_event(session, make_incident(session, author, "Another"))
    draft = FactorDraft(text="Something", events=[foreign.id])
    with pytest.raises(Refused) as refused:
        operations.add_factors(session, incident, [draft], actor=author)
    assert refused.value.field == "events"
    factor = make_factor(session, incident)
    with pytest.raises(Refused):
        operations.edit_factor(session, factor, {"events": [foreign.id]}, version=None, actor=author)
    assert session.scalars(select(Tag)).all() == []


def test_headings_of_two_texts_do_not_share_an_id(session: Session, incident: Incident) -> None:
    first, second = (make_event(session, incident, "## Meanwhile\n\nNote[^1]\n\n[^1]: x") for _ in range(2))
    ids = [set(event.text_html.split('id="')[1:]) for event in (first, second)]
    assert all(ids)
    assert not {part.split('"')[0] for part in ids[0]} & {part.split('"')[0] for part in ids[1]}


def test_rendering_again_touches_only_what_an_older_renderer_made(
    session: Session, incident: Incident
) -> None:
    event, fresh = make_event(session, incident, "*old*"), make_event(session, incident, "*new*")
    factor = make_factor(session, incident, "*old too*")
    version = event.version
    for thing in (event, factor):
        thing.rendered_with, thing.text_html = 0, "stale"
    session.commit()
    event_version = event.version
    assert event_version == version + 1
    assert operations.render_again(session) == 2
    session.expire_all()
    assert "<em>old</em>" in event.text_html
    assert "<em>old too</em>" in factor.text_html
    assert event.version == event_version
    assert [entry.verb for entry in history(session, event)] == ["added"]
    assert operations.render_again(session) == 0
    assert "<em>new</em>" in fresh.text_html
