"""The sample company as it is loaded: relative to now, through the operations, once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Service, Team
from postmortem.accounts.operations_sign_in import issue_setup_code
from postmortem.actions.models import Action
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from postmortem.imports.demo import Loaded, load_samples
from postmortem.incidents.models import ExternalId, Incident
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Publication, Revision, Writeup
from tests.imports.test_import import rows
from tests.imports.test_samples_files import INCIDENTS, PEOPLE, WRITEUPS
from tests.support.client import Browser

# Late in the day: in Tokyo it is tomorrow already.
NOW = datetime(2026, 11, 23, 21, 20, tzinfo=UTC)


def load(database: Database, password: str | None = None) -> Loaded:
    with database.session(writes=True) as writing:
        loaded = load_samples(writing, actor=CLI, password=password)
        writing.commit()
    return loaded


@pytest.fixture
def loaded(database: Database, session: Session, frozen: Callable[[datetime], None]) -> dict[str, Incident]:
    """The samples, loaded at NOW; incidents by their file's name."""
    frozen(NOW)
    load(database)
    ids = session.execute(select(ExternalId.external_id, ExternalId.incident_id)).all()
    return {name: session.get_one(Incident, number) for name, number in ids}


def test_everything_in_the_files_is_there(session: Session, loaded: dict[str, Incident]) -> None:
    assert set(loaded) == set(INCIDENTS)
    for name, incident in loaded.items():
        record = INCIDENTS[name]
        for field in ("kind", "title", "status", "visibility", "is_drill", "detected_by"):
            assert getattr(incident, field) == record[field], (name, field)
        assert incident.severity == record.get("severity"), name
        assert {service.slug for service in incident.services} == set(record["services"])
        assert {team.slug for team in incident.teams} == set(record["teams"])
        assert [each.person.email for each in incident.participants] == [
            p["person"] for p in record["participants"]
        ]
        assert len(incident.relations) == len(record["relations"])
        for moment in ("impact_started_at", "detected_at", "declared_at", "mitigated_at", "resolved_at"):
            assert (incident.moment(moment) is None) == (moment not in record), (name, moment)
        for model, key in ((TimelineEvent, "events"), (Factor, "factors"), (Action, "actions")):
            query = select(func.count()).select_from(model).where(model.incident_id == incident.id)
            assert session.scalar(query) == len(record[key]), (name, key)


def test_actions_are_as_their_files_say(session: Session, loaded: dict[str, Incident]) -> None:
    today = NOW.date()
    for name, incident in loaded.items():
        actions = {
            action.title: action
            for action in session.scalars(select(Action).where(Action.incident_id == incident.id))
        }
        for given in INCIDENTS[name]["actions"]:
            action = actions[given["title"]]
            assert action.status == given["status"], given["title"]
            assert action.redated_count == given.get("redated", 0), given["title"]
            assert action.due_on is not None
            assert (action.due_on - today).days == given["due_days"], given["title"]
            assert (action.owner.email if action.owner else None) == given.get("owner")
            assert (action.closed_at is not None) == ("closed_days_ago" in given), given["title"]
            assert incident.created_at <= action.created_at <= (action.closed_at or NOW)
            assert action.status_reason == given.get("status_reason", "").strip()


def test_writeups_are_as_their_files_say(session: Session, loaded: dict[str, Incident]) -> None:
    writeups = {writeup.title: writeup for writeup in session.scalars(select(Writeup))}
    assert len(writeups) == len(WRITEUPS)
    for given in WRITEUPS.values():
        writeup = writeups[given["title"]]
        assert writeup.state == given["state"]
        assert {author.email for author in writeup.authors} == set(given["authors"])
        assert (writeup.published_at is not None) == ("published_days_after" in given)
        last = session.scalars(
            select(Revision).where(Revision.writeup_id == writeup.id).order_by(Revision.number.desc())
        ).first()
        assert last is not None
        assert last.body == writeup.body
        assert last.number == 2
    withdrawn = [writeup for writeup in writeups.values() if writeup.state is WriteupState.WITHDRAWN]
    assert [bool(writeup.withdrawn_reason) for writeup in withdrawn] == [True]
    published = {writeup.id for writeup in writeups.values() if writeup.published_at}
    assert set(session.scalars(select(Publication.writeup_id))) == published
    for publication in session.scalars(select(Publication)):
        assert publication.frozen["events"], "the timeline was there before the write-up was published"
        assert publication.frozen["factors"]


def test_the_past_happened_in_order(session: Session, loaded: dict[str, Incident]) -> None:
    """Numbers rise with time, history does too, and nothing carries the moment of loading for want of a better."""
    created = [incident.created_at for incident in sorted(loaded.values(), key=lambda each: each.id)]
    assert created == sorted(created)
    assert created[0] < NOW - timedelta(days=600)
    for incident in loaded.values():
        assert incident.sort_at <= incident.created_at + timedelta(hours=1)
    entries = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id)).all()
    moments = [entry.at for entry in entries]
    assert moments == sorted(moments)
    assert moments[-1] <= NOW
    assert sum(moment == NOW for moment in moments) < 12
    first = loaded["01-lyrics-certificate"]
    said = [
        entry.verb for entry in entries if entry.subject_type == "incidents" and entry.subject_id == first.id
    ]
    assert said == ["reported", "edited", "edited", "edited"], "reported, mitigated, resolved, closed"
    numbers = list(session.scalars(select(Action.created_at).order_by(Action.id)))
    assert numbers == sorted(numbers)


def test_nobody_can_sign_in_unless_a_password_is_given(session: Session, loaded: dict[str, Incident]) -> None:
    people = session.scalars(select(Person)).all()
    assert len(people) == len(PEOPLE)
    assert not any(person.password_hash for person in people)
    assert [person.email for person in people if not person.is_active] == [
        email for email, given in PEOPLE.items() if given.get("is_active") is False
    ]
    assert all(person.created_at < NOW - timedelta(days=600) for person in people)


def test_a_password_is_set_for_everybody(database: Database, session: Session) -> None:
    load(database, password="one for all of them")
    assert all(session.scalars(select(Person.password_hash)))


def test_a_second_loading_does_nothing(database: Database, session: Session) -> None:
    assert not load(database).was_here
    before = rows(session)
    assert load(database).was_here
    assert rows(session) == before


def test_it_fits_into_a_database_that_is_in_use(database: Database, session: Session, admin: Person) -> None:
    """A team, a service and a person of the same name are used as they are."""
    from tests.factories.accounts import make_service, make_team

    team = make_team(session, "Platform", admin)
    service = make_service(session, "Lyrics", team)
    load(database)
    session.expire_all()
    assert [member.id for member in session.get_one(Team, team.id).members] == [admin.id]
    assert session.get_one(Service, service.id).team_id == team.id


def test_the_first_visitor_may_load_it(database: Database, session: Session, anonymous: Browser) -> None:
    with database.session(writes=True) as writing:
        code = issue_setup_code(writing)
        writing.commit()
    answers = {
        "name": "Ada",
        "email": "ada@example.com",
        "password": "a good long password",
        "timezone": "UTC",
    }
    page = anonymous.submit(f"/setup?code={code}", {**answers, "load_samples": "y"})
    assert page.status == 303
    assert session.scalar(select(func.count()).select_from(Incident)) == len(INCIDENTS)
    who = session.scalars(select(Person.email).where(Person.password_hash.is_not(None))).all()
    assert who == ["ada@example.com"]


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2024, 2, 29, 0, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
        datetime(2026, 10, 25, 23, 30, tzinfo=UTC),
        datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
    ],
)
def test_it_loads_on_any_day(
    database: Database, session: Session, frozen: Callable[[datetime], None], moment: datetime
) -> None:
    frozen(moment)
    assert load(database).incidents == len(INCIDENTS)
    assert max(session.scalars(select(HistoryEntry.at))) <= moment
    assert (
        max(session.scalars(select(TimelineEvent.occurred_at).where(TimelineEvent.occurred_at.is_not(None))))
        <= moment
    )


def test_a_clock_that_stands_somewhere_else_comes_back() -> None:
    before = clock.now()
    with pytest.raises(LookupError), clock.as_of(NOW):
        assert clock.now() == NOW
        assert clock.today() == NOW.date()
        raise LookupError
    assert clock.now() >= before
