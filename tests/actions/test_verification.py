"""Whether what was done worked: verifying, opening again, taking its place, and questions of related incidents."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.actions.models_around import Verification
from postmortem.actions.operations_verification import raise_questions, related_to, verify
from postmortem.errors import Conflict, Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from postmortem.incidents.enums import RelationKind
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from postmortem.outbox.models import OutboxMessage
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident

LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture
def done(session: Session, incident: Incident, author: Person) -> Action:
    return make_action(
        session,
        incident,
        owner=author,
        status="done",
        end_state="It rings.",
        priority="p1",
        created_at=LONG_AGO,
        closed_at=LONG_AGO,
    )


def _relate(session: Session, incident: Incident, *others: Incident) -> None:
    pairs = [(other.id, RelationKind.SAME_CAUSE_AS) for other in others]
    edit_incident(session, incident, {"relations": pairs}, version=None, actor=CLI)
    session.flush()


def _questions_owed(session: Session) -> list[OutboxMessage]:
    owed = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [message for message in owed if message.payload.get("event") == "verification_due"]


def test_who_checked_how_and_that_it_worked(session: Session, done: Action, author: Person) -> None:
    assert verify(session, done, how="It rang.", has_worked=True, version=done.version, actor=author) is None
    session.commit()
    [found] = session.scalars(select(Verification))
    assert (found.person, found.how, found.has_worked, found.next_action) == (author, "It rang.", True, None)
    assert (done.status, done.status_reason, done.verify_on) == ("verified", "It rang.", None)
    assert done.closed_at == LONG_AGO
    entries = session.scalars(select(HistoryEntry).where(HistoryEntry.actor_id == author.id)).all()
    told = [(entry.verb, entry.subject_type) for entry in entries]
    assert told[-2:] == [("added", "verifications"), ("edited", "actions")]


def test_it_did_not_and_is_open_again(session: Session, done: Action, author: Person) -> None:
    assert verify(session, done, how="Silence.", has_worked=False, version=None, actor=author) is None
    session.commit()
    assert (done.status, done.status_reason) == ("in_progress", "Silence.")
    assert (done.verify_on, done.closed_at) == (None, None)
    assert session.scalars(select(Verification.has_worked)).all() == [False]


def test_it_did_not_and_a_new_one_takes_its_place(
    session: Session, done: Action, author: Person, incident: Incident
) -> None:
    verify(session, done, how="It rang.", has_worked=True, version=None, actor=author)
    made = verify(session, done, how="Silence.", has_worked=False, then="new", version=None, actor=author)
    session.commit()
    assert made is not None and made.came_from is done
    assert (made.incident, made.owner, made.status) == (incident, author, "proposed")
    assert (made.title, made.end_state, made.priority) == (done.title, "It rings.", "p1")
    # SEV 2: thirty days by the policy as shipped, and never on a weekend.
    assert made.due_on and 30 <= (made.due_on - clock.today()).days <= 32
    assert (done.status, done.verify_on) == ("done", None)
    last = session.scalars(select(Verification).order_by(Verification.id.desc())).first()
    assert last is not None and last.next_action is made
    entry = session.scalars(
        select(HistoryEntry).where(HistoryEntry.subject_id == made.id, HistoryEntry.subject_type == "actions")
    ).one()
    assert entry.changes["came_from"] == [None, done.reference]


def test_title_and_day_of_the_new_one_can_be_chosen(session: Session, done: Action, author: Person) -> None:
    day = clock.today() + timedelta(days=3)
    made = verify(
        session,
        done,
        how="Silence.",
        has_worked=False,
        then="new",
        title="Add a louder alarm",
        due_on=day,
        version=None,
        actor=author,
    )
    assert made and (made.title, made.due_on) == ("Add a louder alarm", day)


def test_nobody_new_is_handed_to_who_left(
    session: Session, done: Action, author: Person, admin: Person
) -> None:
    author.is_active = False
    made = verify(session, done, how="Silence.", has_worked=False, then="new", version=None, actor=admin)
    assert made and made.owner is None


@pytest.mark.parametrize("how", ["", "  ", "x" * 501])
def test_how_must_be_said(session: Session, done: Action, author: Person, how: str) -> None:
    with pytest.raises(Refused) as refused:
        verify(session, done, how=how, has_worked=True, version=None, actor=author)
    assert refused.value.field == "how"
    assert done.status == "done"


@pytest.mark.parametrize("status", ["proposed", "accepted", "in_progress", "not_doing"])
def test_only_what_is_done(session: Session, incident: Incident, author: Person, status: str) -> None:
    action = make_action(session, incident, status=status, status_reason="So.", end_state="It rings.")
    with pytest.raises(Refused, match="Only what is done"):
        verify(session, action, how="It rang.", has_worked=True, version=None, actor=author)


def test_not_over_somebody_elses_change(session: Session, done: Action, author: Person) -> None:
    with pytest.raises(Conflict):
        verify(session, done, how="It rang.", has_worked=True, version=done.version - 1, actor=author)


@pytest.mark.parametrize("says_so", ["the later one", "the earlier one"])
def test_a_related_incident_asks_again(
    session: Session, done: Action, author: Person, incident: Incident, says_so: str
) -> None:
    verify(session, done, how="It rang.", has_worked=True, version=None, actor=author)
    later = make_incident(session, author, "Playback stops again")
    first, second = (later, incident) if says_so == "the later one" else (incident, later)
    _relate(session, first, second)
    assert raise_questions(session, first, actor=CLI) == [done]
    session.commit()
    assert (done.questioned_by, done.status, done.verify_on) == (later, "verified", clock.today())
    assert done.questioned_at
    [owed] = _questions_owed(session)
    assert owed.payload["to"] == [author.id]
    assert later.reference not in str(owed.payload)
    verify(session, done, how="Another cause.", has_worked=True, version=None, actor=author)
    session.commit()
    assert (done.questioned_by, done.questioned_at, done.verify_on) == (None, None, None)


def test_what_was_related_before_asks_nothing_again(
    session: Session, done: Action, incident: Incident
) -> None:
    later = make_incident(session, None, "Playback stops again")
    _relate(session, later, incident)
    known = related_to(session, later)
    assert known == {incident.id}
    assert raise_questions(session, later, actor=CLI, known=known) == []
    assert done.questioned_by is None


def test_what_happened_before_it_was_done_asks_nothing(
    session: Session, done: Action, incident: Incident
) -> None:
    earlier = make_incident(session, None, "Filed late", detected_at=LONG_AGO - timedelta(days=1))
    _relate(session, earlier, incident)
    assert raise_questions(session, earlier, actor=CLI) == []


@pytest.mark.parametrize("status", ["accepted", "not_doing"])
def test_what_was_not_done_is_not_asked_about(session: Session, incident: Incident, status: str) -> None:
    make_action(session, incident, status=status, status_reason="So.", end_state="It rings.")
    later = make_incident(session, None, "Playback stops again")
    _relate(session, later, incident)
    assert raise_questions(session, later, actor=CLI) == []
