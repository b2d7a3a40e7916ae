"""The sample company as it is loaded: relative to now, through the operations, once."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Service, Team
from postmortem.accounts.operations_sign_in import issue_setup_code
from postmortem.action_reviews.enums import ReviewState
from postmortem.action_reviews.minutes import minutes_for
from postmortem.action_reviews.models import ActionReview
from postmortem.action_reviews.queries_past import what_became
from postmortem.actions.models import Action
from postmortem.actions.models_around import Verification
from postmortem.actions.queries_pile import leavers
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
            said = given.get("reviewed", {}).get("how") or given.get("how") or given.get("status_reason", "")
            assert action.status_reason == said.strip(), given["title"]


def test_what_is_verified_says_who_looked_and_how(session: Session, loaded: dict[str, Incident]) -> None:
    every = [given for record in INCIDENTS.values() for given in record["actions"]]
    wanted = Counter(given["how"] for given in every if "how" in given)
    wanted += Counter(each["how"] for given in every if "how" in (each := given.get("reviewed", {})))
    assert Counter(session.scalars(select(Verification.how))) == wanted
    verified = session.scalars(select(Action.id).where(Action.status == "verified")).all()
    assert set(session.scalars(select(Verification.action_id))) == set(verified)


def test_dates_are_moved_before_they_are_there(session: Session, loaded: dict[str, Incident]) -> None:
    for entry in session.scalars(select(HistoryEntry).where(HistoryEntry.subject_type == "actions")):
        if entry.verb == "edited" and "due_on" in entry.changes:
            _, new = entry.changes["due_on"]
            assert entry.at.date().isoformat() < new, entry.subject_label


def test_a_meeting_was_held_and_minuted(session: Session, loaded: dict[str, Incident]) -> None:
    """Seven of the team's eight actions were decided; its minutes have numbers before and after, and questions."""
    review = session.scalars(select(ActionReview)).one()
    admin = session.scalars(select(Person).where(Person.role == "admin")).one()
    minutes = minutes_for(session, review, admin)
    assert review.state is ReviewState.ENDED and len(minutes.people) == 3
    decisions = Counter(row.decision.value for row in minutes.items if row.decision)
    assert decisions == {"keep": 3, "verify": 2, "redate": 1, "hand_over": 1}
    assert {label: (old, new) for label, old, new in minutes.numbers} == {
        "Overdue": (3, 2),
        "Stale": (4, 0),
        "Without owner": (2, 1),
        "To be verified": (3, 1),
        "Due soon": (0, 1),
        "Proposed": (1, 1),
        "Open": (0, 1),
    }
    assert [row.title for row in minutes.items if row.decision is None] == [
        "Serve expired answers for an hour when nothing better is to be had"
    ]
    assert "<strong>" in review.notes_html and "How many milliseconds" in minutes.markdown
    became = what_became(session, [review.id], admin, NOW.date())[review.id]
    assert became.words == "7 decided: 2 done since, 2 open, 3 overdue"


def test_who_left_has_a_pile(session: Session, loaded: dict[str, Incident]) -> None:
    admin = session.scalars(select(Person).where(Person.role == "admin")).one()
    assert [(each.person_id, each.count) for each in leavers(session, admin)] == [
        (session.scalars(select(Person.id).where(Person.is_active.is_(False))).one(), 2)
    ]


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
