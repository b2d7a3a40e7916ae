"""Loading the sample company: its people, teams, services, incidents with everything that belongs to them, a meeting.

The data lies in `samples/` (its README.md says what the keys mean). All of it goes through the nouns' own
operations, in the order in which it would have happened, relative to the moment of loading.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts import operations as accounts
from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person, Team
from postmortem.accounts.queries import person_by_email, service_by_slug, team_by_slug
from postmortem.history.operations import Actor
from postmortem.imports.replay import Replay
from postmortem.imports.sample_incident import SOURCE, Story
from postmortem.imports.sample_meeting import Meeting
from postmortem.imports.sample_times import Calendar
from postmortem.incidents.models import ExternalId
from postmortem.notifications.operations import quietly

# The company is there some time before its first incident; who has left did so after the last one they are in.
FOUNDED_BEFORE = timedelta(days=60)
LEFT_DAYS_AGO = 100


@dataclass(frozen=True)
class Loaded:
    """What was loaded. `was_here`: the samples had been loaded before, and nothing was done."""

    was_here: bool = False
    people: int = 0
    incidents: int = 0
    writeups: int = 0


def load_samples(session: Session, *, actor: Actor, password: str | None = None) -> Loaded:
    """Load the sample company once; a second time nothing happens.

    `password` is set for every sample person; without it none of them can sign in until somebody makes a
    link for them. A person, team or service that is here already is used as it is.
    """
    if samples_are_here(session):
        return Loaded(was_here=True)
    now = clock.now()
    records = _records()
    replay = Replay(now)
    people: dict[str, Person] = {}
    stories = [
        Story(session, name, record, Calendar(record, now), replay, people)
        for name, record in records.items()
    ]
    founded = min(story.calendar.start for story in stories) - FOUNDED_BEFORE
    company = _company()
    replay.at(founded, lambda: _found_company(session, company, people, password, actor))
    replay.at(now - timedelta(days=LEFT_DAYS_AGO), lambda: _let_go(session, company, people, actor))
    for story in stories:
        story.schedule()
    followups = [followup for story in stories for followup in story.followups]
    held = _read("meeting.yaml")
    Meeting(session, held, Calendar(held, now), people, followups).schedule(replay)
    with quietly(session):
        replay.run()
        session.flush()
    told = sum("writeup" in record for record in records.values())
    return Loaded(people=len(people), incidents=len(records), writeups=told)


def samples_are_here(session: Session) -> bool:
    """Whether the sample incidents were loaded already."""
    return session.scalar(select(ExternalId.id).where(ExternalId.source == SOURCE).limit(1)) is not None


def sample_people() -> list[Mapping[str, Any]]:
    """The people of the sample company, as their file has them."""
    people: list[Mapping[str, Any]] = _company()["people"]
    return people


def _folder() -> Traversable:
    return files("postmortem.imports") / "samples"


def _company() -> Mapping[str, Any]:
    return _read("company.yaml")


def _read(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load((_folder() / name).read_text("utf-8"))
    return found


def _records() -> dict[str, dict[str, Any]]:
    """Every incident by its file's name, oldest first; write-ups with their body."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted((_folder() / "incidents").iterdir(), key=lambda file: file.name):
        record = yaml.safe_load(file.read_text("utf-8"))
        if writeup := record.get("writeup"):
            writeup["body"] = _folder().joinpath(writeup["body_file"]).read_text("utf-8").strip()
        found[file.name.removesuffix(".yaml")] = record
    return found


def _found_company(
    session: Session,
    company: Mapping[str, Any],
    people: dict[str, Person],
    password: str | None,
    actor: Actor,
) -> None:
    for given in company["people"]:
        people[given["email"]] = person_by_email(session, given["email"]) or accounts.add_person(
            session,
            email=given["email"],
            name=given["name"],
            handle=given["handle"],
            role=Role(given["role"]),
            timezone=given["timezone"],
            password=password,
            actor=actor,
        )
    teams: dict[str, Team] = {}
    for given in company["teams"]:
        slug = given["slug"]
        members = [people[person["email"]] for person in company["people"] if slug in person["teams"]]
        teams[slug] = team_by_slug(session, slug) or accounts.add_team(
            session, slug=slug, name=given["name"], members=members, actor=actor
        )
    for given in company["services"]:
        if service_by_slug(session, given["slug"]) is None:
            accounts.add_service(
                session, slug=given["slug"], name=given["name"], team=teams[given["team"]], actor=actor
            )


def _let_go(session: Session, company: Mapping[str, Any], people: dict[str, Person], actor: Actor) -> None:
    for given in company["people"]:
        if not given.get("is_active", True):
            accounts.edit_person(
                session, people[given["email"]], {"is_active": False}, version=None, actor=actor
            )
