"""A database with N incidents: 15 events, 3 actions and a published 6 KB write-up each.

The first ones are made by the operations, as the forms make them; the rest are copies (see `copies`). Spread
like real data: a few services have many incidents, a tag in ten is rare, severities and states vary.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from benchmarks.copies import copy_all
from postmortem.accounts.enums import Role
from postmortem.accounts.operations import add_person, add_service, add_team
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.operations import add_actions
from postmortem.db import Database
from postmortem.history.operations import CLI
from postmortem.incidents.drafts import IncidentDraft, MomentDraft
from postmortem.incidents.enums import DetectedBy, IncidentKind, IncidentStatus, Severity, Visibility
from postmortem.incidents.models import TIME_NOT_RECORDED, Incident
from postmortem.incidents.operations import report_incidents
from postmortem.timeline.drafts import EventDraft
from postmortem.timeline.operations import add_events
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.enums import Audience
from postmortem.writeups.operations import publish_writeups, start_writeups

SERVICES, TEAMS, TAGS, PEOPLE = 120, 30, 200, 60
EVENTS, ACTIONS = 15, 3
ORIGINALS = 250
BODIES = 20
START = datetime(2016, 1, 1, 8, tzinfo=UTC)
BETWEEN = timedelta(minutes=461)
# A little more than the originals last, in whole days.
SHIFT = timedelta(days=81)
WORDS = [
    "playback",
    "cache",
    "replica",
    "deploy",
    "alarm",
    "queue",
    "region",
    "token",
    "schema",
    "latency",
    "backlog",
    "rollback",
    "consumer",
    "throttle",
    "shard",
    "migration",
    "dashboard",
    "runbook",
    "listener",
    "gateway",
]


def fill(database: Database, incidents: int) -> None:
    """Fill a migrated database with a multiple of ORIGINALS incidents."""
    with database.session(writes=True) as session:
        _surroundings(session)
        made = report_incidents(session, [_incident(n) for n in range(1, ORIGINALS + 1)], actor=CLI)
        for n, incident in enumerate(made, start=1):
            add_events(session, incident, _events(n), actor=CLI)
            add_actions(session, incident, _actions(n), actor=CLI)
        _publish(session, made)
        session.commit()
    with database.writing.begin() as connection:
        copy_all(connection, times=incidents // ORIGINALS - 1, shift=SHIFT, never=TIME_NOT_RECORDED)


def _surroundings(session: Session) -> None:
    """The people, teams and services that incidents name."""
    for n in range(1, PEOPLE + 1):
        add_person(session, email=_email(n), name=f"Person {n}", role=Role.CONTRIBUTOR, actor=CLI)
    teams = [add_team(session, name=f"Team {n}", members=[], actor=CLI) for n in range(1, TEAMS + 1)]
    session.flush()
    for n in range(1, SERVICES + 1):
        add_service(session, name=f"Service {n}", team=teams[n % TEAMS], actor=CLI)
    session.flush()


def _incident(n: int) -> IncidentDraft:
    began = _began(n)
    return IncidentDraft(
        title=f"{_words(n, 6).capitalize()} ({n})",
        kind=IncidentKind.NEAR_MISS if n % 11 == 0 else IncidentKind.INCIDENT,
        summary=f"{_words(n, 30)}{' certificate' if n % 20 == 0 else ''}.",
        impact=f"{_words(n + 3, 20)}.",
        severity=(None, *Severity, Severity.SEV3, Severity.SEV4)[n % 7],
        status=(*IncidentStatus, IncidentStatus.CLOSED)[n % 5],
        visibility=Visibility.RESTRICTED if n % 100 == 0 else Visibility.OPEN,
        services=[f"service-{_spread(n, SERVICES)}"],
        teams=[f"team-{_spread(n, TEAMS)}"],
        tags=[f"tag-{_spread(n, TAGS)}"],
        lead=_email(1 + n % PEOPLE),
        reported_by=_email(1 + n % PEOPLE),
        created_at=began,
        is_drill=n % 50 == 7,
        detected_by=(*DetectedBy, None)[n % 6],
        impact_started_at=MomentDraft(began),
        detected_at=MomentDraft(began + timedelta(minutes=7)),
        resolved_at=MomentDraft(began + timedelta(minutes=20 + n % 400)),
    )


def _events(n: int) -> list[EventDraft]:
    return [
        EventDraft(
            text=f"{_words(n + position, 12)}.",
            occurred_at=_began(n) + timedelta(minutes=position * 3),
            actor_role="on-call engineer",
        )
        for position in range(EVENTS)
    ]


def _actions(n: int) -> list[ActionDraft]:
    return [
        ActionDraft(
            title=f"Add {_words(n + position, 4)}",
            status=("done", "verified", "accepted", "proposed")[(n + position) % 4],
            owner=_email(1 + n % PEOPLE),
            team=f"team-{1 + n % TEAMS}",
            due_on=(_began(n) + timedelta(days=30)).date(),
            created_at=_began(n),
            closed_at=_began(n) + timedelta(days=20),
        )
        for position in range(ACTIONS)
    ]


def _publish(session: Session, incidents: list[Incident]) -> None:
    drafts = [
        WriteupDraft(
            title=f"Entry {n}",
            tldr=f"{_words(n, 25)}.".capitalize(),
            body=_body(n % BODIES),
            audience=Audience.PUBLIC if n % 2 else Audience.INTERNAL,
            authors=[_email(1 + n % PEOPLE)],
            tags=[f"tag-{_spread(n, TAGS)}"],
            services=[f"service-{_spread(n, SERVICES)}"],
            incidents=[incident.id],
        )
        for n, incident in enumerate(incidents, start=1)
    ]
    started = start_writeups(session, drafts, actor=CLI)
    due = [(writeup, _began(n) + timedelta(days=5)) for n, writeup in enumerate(started, start=1)]
    publish_writeups(session, due, actor=CLI)


def _body(n: int) -> str:
    """A 6 KB text: prose, a list, a table and a block of code."""
    parts = [
        f"## Section {section}\n\n{_words(n + section, 60)}.\n\n{_words(n * 3 + section, 50)}."
        for section in range(6)
    ]
    parts.append("\n".join(f"- {_words(n + i, 9)}" for i in range(8)))
    rows = "\n".join(f"| 14:{i:02} | {_words(i, 5)} |" for i in range(8))
    parts.append(f"| when | what |\n| --- | --- |\n{rows}")
    code = "\n".join(f"def step_{i}():\n    return {i}" for i in range(8))
    parts.append(f"```python\n{code}\n```")
    return "\n\n".join(parts)


def _began(n: int) -> datetime:
    return START + n * BETWEEN


def _email(n: int) -> str:
    return f"person-{n}@example.com"


def _spread(number: int, size: int) -> int:
    """A few get much: half of everything goes to the first tenth."""
    mixed = number * 2654435761 % 2**32
    return 1 + (mixed // 7 % max(1, size // 10) if mixed % 2 else mixed // 11 % size)


def _words(n: int, size: int) -> str:
    return " ".join(WORDS[(n * 31 + i * i * 7 + i) % len(WORDS)] for i in range(size))
