"""What is on a timeline, in which order, and for whom."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.timeline import operations, queries
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.web.visibility import visible
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def test_events_sort_by_time_equal_ones_as_entered_and_those_without_a_time_last(
    session: Session, author: Person
) -> None:
    incident = make_incident(session, author)
    make_event(session, incident, "in words", occurred_text="after lunch")
    make_event(session, incident, "noon, first", NOON)
    make_event(session, incident, "1628", datetime(1628, 8, 10, 16, 0, tzinfo=UTC))
    make_event(session, incident, "noon, second", NOON)
    make_event(session, incident, "unknown")
    make_event(session, incident, "before noon", NOON - timedelta(seconds=1))
    make_event(session, make_incident(session, author, "Another"), "elsewhere", NOON)
    assert [event.text for event in queries.events_of(session, incident.id)] == [
        "1628",
        "before noon",
        "noon, first",
        "noon, second",
        "in words",
        "unknown",
    ]


def test_deleted_ones_are_gone_from_lists_and_pages(session: Session, author: Person) -> None:
    incident = make_incident(session, author)
    event, factor = make_event(session, incident), make_factor(session, incident)
    operations.delete_event(session, event, actor=author)
    operations.delete_factor(session, factor, actor=author)
    session.commit()
    assert not queries.events_of(session, incident.id)
    assert not queries.factors_of(session, incident.id)
    with pytest.raises(NotVisible):
        queries.visible_event(session, author, event.id)
    with pytest.raises(NotVisible):
        queries.visible_factor(session, author, factor.id)
    assert queries.event_or_deleted(session, author, event.id) is event
    assert queries.factor_or_deleted(session, author, factor.id) is factor


@pytest.mark.parametrize("number", [0, 999, 2**31, 10**400])
def test_an_id_that_is_none_is_not_visible(session: Session, author: Person, number: int) -> None:
    with pytest.raises(NotVisible):
        queries.visible_event(session, author, number)
    with pytest.raises(NotVisible):
        queries.visible_factor(session, author, number)


def test_what_belongs_to_a_restricted_incident_exists_only_for_its_people(
    session: Session, author: Person, outsider: Person, facilitator: Person, admin: Person
) -> None:
    secret = make_incident(session, author, "Token in the logs", restricted=True)
    event, factor = make_event(session, secret), make_factor(session, secret)
    make_event(session, make_incident(session, author, "Open"))

    def counts(person: Person | None) -> tuple[int | None, int | None]:
        return (
            session.scalar(select(func.count()).select_from(TimelineEvent).where(visible("event", person))),
            session.scalar(select(func.count()).select_from(Factor).where(visible("factor", person))),
        )

    assert counts(author) == counts(admin) == (2, 1)
    assert counts(outsider) == counts(facilitator) == (1, 0)
    assert counts(None) == (0, 0)
    for person in (outsider, facilitator, None):
        for find, thing in (
            (queries.visible_event, event),
            (queries.event_or_deleted, event),
            (queries.visible_factor, factor),
            (queries.factor_or_deleted, factor),
        ):
            with pytest.raises(NotVisible):
                find(session, person, thing.id)
