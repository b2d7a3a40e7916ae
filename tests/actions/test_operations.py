"""What operations change, refuse and record."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions import operations
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.models import Action
from postmortem.actions.models_around import Verification
from postmortem.actions.order import sort_key
from postmortem.errors import Conflict, Refused
from postmortem.history.models import HistoryEntry
from postmortem.incidents.models import Incident
from postmortem.notifications.operations import quietly
from postmortem.outbox.models import OutboxMessage
from tests.factories.accounts import make_team
from tests.factories.actions import make_action

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def change(session: Session, action: Action, actor: Person, **values: Any) -> None:
    """Edit and read again."""
    operations.edit_action(session, action, values, version=None, actor=actor)
    session.commit()
    session.refresh(action)


def history(session: Session, action: Action) -> list[HistoryEntry]:
    found = select(HistoryEntry).where(
        HistoryEntry.subject_type == "actions", HistoryEntry.subject_id == action.id
    )
    return list(session.scalars(found.order_by(HistoryEntry.id)))


def test_a_new_action_is_proposed_and_recorded(session: Session, incident: Incident, author: Person) -> None:
    team = make_team(session, "Playback", author)
    draft = ActionDraft(
        title=" Add an alarm ",
        description="**Soon**",
        kind="detect",
        owner="AINO-author@example.com ",
        team=team.slug,
        priority="p1",
        due_on=date(2026, 4, 1),
    )
    (action,) = operations.add_actions(session, incident, [draft], actor=author)
    session.commit()

    assert (action.title, action.status, action.kind) == ("Add an alarm", "proposed", "detect")
    assert (action.owner, action.team, action.first_due_on) == (author, team, date(2026, 4, 1))
    assert action.description_html == "<p><strong>Soon</strong></p>"
    (entry,) = history(session, action)
    assert (entry.verb, entry.actor_id, entry.incident_id) == ("added", author.id, incident.id)
    assert entry.changes["owner"] == [None, author.email]
    assert entry.changes["due_on"] == [None, "2026-04-01"]


def test_many_are_added_at_once_each_with_its_entry(
    session: Session, incident: Incident, author: Person
) -> None:
    drafts = [ActionDraft(title=f"Do {number}", owner=author.email) for number in range(3)]
    actions = operations.add_actions(session, incident, drafts, actor=author)
    assert [action.title for action in actions] == ["Do 0", "Do 1", "Do 2"]
    assert [len(history(session, action)) for action in actions] == [1, 1, 1]


def test_an_action_that_began_elsewhere_keeps_its_days(session: Session, incident: Incident) -> None:
    action = make_action(
        session,
        incident,
        status="verified",
        created_at=NOON - timedelta(days=90),
        closed_at=NOON,
        due_on=date(2026, 2, 1),
        first_due_on=date(2026, 1, 1),
        redated_count=2,
    )
    assert (action.created_at, action.closed_at) == (NOON - timedelta(days=90), NOON)
    assert (action.first_due_on, action.redated_count) == (date(2026, 1, 1), 2)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"owner": "nobody@example.com"}, "owner"),
        ({"team": "no-such-team"}, "team"),
        ({"kind": "wish"}, "kind"),
        ({"priority": "p0"}, "priority"),
        ({"status": "forgotten"}, "status"),
        ({"status": ""}, "status"),
        ({"status": "not_doing"}, "status_reason"),
        ({"status": "not_doing", "status_reason": "   "}, "status_reason"),
        ({"tracker_url": "javascript:alert(1)"}, "tracker_url"),
        ({"end_state": "x" * 501}, "end_state"),
    ],
)
def test_what_is_refused_names_its_field_and_changes_nothing(
    session: Session, incident: Incident, author: Person, values: dict[str, Any], field: str
) -> None:
    action = make_action(session, incident)
    before = history(session, action)
    for attempt in (
        lambda: operations.add_actions(
            session, incident, [ActionDraft(**{"title": "Add", **values})], actor=author
        ),
        lambda: operations.edit_action(session, action, values, version=None, actor=author),
    ):
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.field == field
    session.commit()
    session.expire_all()
    assert session.scalars(select(Action)).all() == [action]
    assert (action.title, action.status) == ("Add an alarm for the queue", "proposed")
    assert history(session, action) == before


def test_closing_sets_the_moment_and_opening_again_clears_it(
    session: Session, incident: Incident, author: Person, frozen: Callable[[datetime], None]
) -> None:
    action = make_action(session, incident)
    frozen(NOON)
    change(session, action, author, status="done")
    assert action.closed_at == NOON
    frozen(NOON + timedelta(days=9))
    change(session, action, author, status="verified", status_reason="The alarm rang in the drill.")
    assert action.closed_at == NOON
    change(session, action, author, status="in_progress")
    assert action.closed_at is None
    change(session, action, author, status="not_doing", status_reason="The service is going away.")
    assert action.closed_at == NOON + timedelta(days=9)


def test_every_new_date_after_the_first_is_counted(
    session: Session, incident: Incident, author: Person
) -> None:
    action = make_action(session, incident)
    seen = []
    days = [date(2026, 3, 3), date(2026, 3, 3), date(2026, 4, 1), None, None, date(2026, 4, 1)]
    for due_on in days:
        change(session, action, author, due_on=due_on)
        seen.append((action.first_due_on, action.redated_count))
    first = date(2026, 3, 3)
    assert seen == [(first, 0), (first, 0), (first, 1), (first, 1), (first, 1), (first, 2)]


def test_a_change_is_recorded_once_and_no_change_not_at_all(
    session: Session, incident: Incident, author: Person
) -> None:
    action = make_action(session, incident, owner=author)
    change(session, action, author, title="Add two alarms", owner="", priority="p2")
    _, entry = history(session, action)
    assert entry.changes == {
        "title": ["Add an alarm for the queue", "Add two alarms"],
        "owner": [author.email, None],
        "priority": [None, "p2"],
    }
    version = action.version
    change(session, action, author, title="Add two alarms", owner=None, priority="p2")
    assert (len(history(session, action)), action.version) == (2, version)


def test_a_stale_version_is_a_conflict(session: Session, incident: Incident, author: Person) -> None:
    action = make_action(session, incident)
    change(session, action, author, title="Add two alarms")
    with pytest.raises(Conflict):
        operations.edit_action(session, action, {"title": "Mine"}, version=1, actor=author)


def test_the_place_in_the_list_follows_every_write(
    session: Session, incident: Incident, author: Person
) -> None:
    action = make_action(session, incident)
    keys = [action.sort_key]
    for values in (
        {"due_on": date(2026, 4, 1)},
        {"due_on": date(2026, 3, 1)},
        {"status": "done"},
        {"status": "in_progress"},
    ):
        change(session, action, author, **values)
        keys.append(action.sort_key)
    undated, april, march, closed, open_again = keys
    assert march < april < undated < closed
    assert open_again == march


def test_rows_inserted_in_bulk_find_their_place_too(session: Session, incident: Incident) -> None:
    row = {"incident_id": incident.id, "created_at": NOON, "version": 1}
    rows = [
        {**row, "title": "Übung", "status": "accepted", "due_on": date(2026, 4, 1), "closed_at": None},
        {**row, "title": "Closed", "status": "done", "due_on": None, "closed_at": NOON},
    ]
    session.execute(insert(Action.__table__), rows)
    first, second = session.scalars(select(Action).order_by(Action.id)).all()
    assert first.sort_key == sort_key(first.status, first.due_on, None)
    assert second.sort_key == sort_key(second.status, None, NOON)
    assert (first.search_text, second.search_text) == ("übung\n\n", "closed\n\n")


def test_deleting_and_bringing_back_are_recorded_once(
    session: Session, incident: Incident, author: Person
) -> None:
    action = make_action(session, incident)
    for _ in range(2):
        operations.delete_action(session, action, actor=author)
    session.commit()
    assert action.deleted_at is not None
    for _ in range(2):
        operations.restore_action(session, action, actor=author)
    session.commit()
    session.refresh(action)
    assert action.deleted_at is None
    assert [entry.verb for entry in history(session, action)] == ["added", "deleted", "brought back"]


def test_rendering_again_touches_only_what_is_old(session: Session, incident: Incident) -> None:
    old, new = make_action(session, incident, description="*a*"), make_action(session, incident)
    session.execute(update(Action).where(Action.id == old.id).values(rendered_with=0, description_html="old"))
    version = new.version
    assert operations.render_again(session) == 1
    session.commit()
    session.expire_all()
    assert (old.description_html, old.version, new.version) == ("<p><em>a</em></p>", version, version)
    assert operations.render_again(session) == 0


def test_an_action_is_overdue_by_the_clock(
    session: Session, incident: Incident, frozen: Callable[[datetime], None]
) -> None:
    frozen(NOON)
    late = make_action(session, incident, due_on=clock.today() - timedelta(days=1))
    assert late.is_overdue
    assert not make_action(session, incident, due_on=clock.today()).is_overdue
    assert not make_action(session, incident).is_overdue
    assert not make_action(session, incident, due_on=date(2020, 1, 1), status="done").is_overdue


def test_a_status_that_does_not_follow_is_refused_with_its_reason(
    session: Session, incident: Incident, author: Person
) -> None:
    action = make_action(session, incident)
    for values, field in (
        ({"status": "verified"}, "status"),
        ({"status": "accepted"}, "end_state"),
        ({"status": "in_progress", "end_state": " "}, "end_state"),
    ):
        with pytest.raises(Refused) as refused:
            operations.edit_action(session, action, values, version=None, actor=author)
        assert refused.value.field == field
    change(session, action, author, status="accepted", end_state="It rings.")
    assert action.status == "accepted"


def test_done_schedules_the_verification_and_opening_again_takes_it_away(
    session: Session, incident: Incident, author: Person, frozen: Callable[[datetime], None]
) -> None:
    action = make_action(session, incident)
    frozen(NOON)
    change(session, action, author, status="done")
    assert (action.verify_on, action.touched_at) == (NOON.date() + timedelta(days=14), NOON)
    frozen(NOON + timedelta(days=1))
    change(session, action, author, status="in_progress")
    assert (action.verify_on, action.touched_at) == (None, NOON + timedelta(days=1))


def test_verifying_with_a_reason_records_who_checked_and_how(
    session: Session, incident: Incident, author: Person
) -> None:
    action = make_action(session, incident, status="done")
    change(session, action, author, status="verified", status_reason="It rang in the drill.")
    (verification,) = session.scalars(select(Verification)).all()
    assert (verification.action, verification.person) == (action, author)
    assert (verification.how, verification.has_worked) == ("It rang in the drill.", True)
    assert action.verify_on is None


def test_what_changes_is_owed_as_news_once_and_quietly_not_at_all(
    session: Session, incident: Incident, author: Person, reader: Person
) -> None:
    action = make_action(session, incident, end_state="It rings.")
    change(session, action, author, owner=reader.email, status="accepted")
    change(session, action, author, title="Only a word")
    with quietly(session):
        change(session, action, author, due_on=date(2026, 4, 1))
    payloads = [message.payload for message in session.scalars(select(OutboxMessage))]
    payloads = [payload for payload in payloads if payload["subject_type"] == "actions"]
    assert [(payload["event"], payload["to"]) for payload in payloads] == [
        ("assigned", [reader.id]),
        ("watched", []),
    ]
    assert payloads[1]["facts"]["changes"]["status"] == ["proposed", "accepted"]
