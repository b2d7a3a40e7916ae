"""The sample data is consistent: known keys and values only, every reference resolves, times are in order.

Reads the files alone (no database, no program), so that a slip is reported by file and key.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

SAMPLES = Path(__file__).parents[2] / "postmortem" / "imports" / "samples"
MOMENTS = ("impact_started_at", "detected_at", "declared_at", "mitigated_at", "resolved_at")


def words(text: str) -> set[str]:
    return set(text.split())


REQUIRED = words(
    "kind title summary impact status visibility services teams tags lead reported_by timezone starts participants"
    " is_drill detected_by links relations events factors actions"
)
OPTIONAL = {"severity", "synthetic_coverable", "synthetic_covered", "ideas", "writeup", *MOMENTS}
VALUES: dict[str, set[Any]] = {
    "kind": words("incident near_miss"),
    "severity": words("sev1 sev2 sev3 sev4"),
    "status": words("open mitigated resolved closed"),
    "visibility": words("open restricted"),
    "detected_by": words("alert synthetic customer staff other"),
    "synthetic_coverable": words("yes no unsure"),
    "synthetic_covered": {True, False},
    "is_drill": {True, False},
}
EVENT_KINDS = words("detection diagnosis decision repair communication impact other")
EVENT_KEYS = words(
    "minutes ended_minutes occurred_text kind text actor_role learnt_later in_writeup evidence"
)
ACTION_KEYS = words(
    "title description kind owner team priority due_days end_state status status_reason tracker_url"
    " created_days_ago closed_days_ago redated tracker_title links comments watchers how reviewed"
)
ACTION_KINDS = words("investigate mitigate repair detect prevent process")
ACTION_STATUSES = words("proposed accepted in_progress done verified not_doing")
CLOSED = {"done", "verified", "not_doing"}
WRITEUP_KEYS = words("title tldr body_file authors tags state audience template")
STATES = words("draft in_review published withdrawn")
TEMPLATES = words("full_review lightweight near_miss free")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class StrictLoader(yaml.SafeLoader):
    """Refuses a key given twice, which YAML would let pass with the last value winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = [key for key, count in Counter(map(str, keys)).items() if count > 1]
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"key given twice: {twice}", node.start_mark)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), StrictLoader)


FILES = sorted((SAMPLES / "incidents").iterdir())
COMPANY: dict[str, list[dict[str, Any]]] = read_yaml(SAMPLES / "company.yaml")
INCIDENTS: dict[str, dict[str, Any]] = {path.stem: read_yaml(path) for path in FILES}
PEOPLE = {person["email"]: person for person in COMPANY["people"]}
TEAMS = {team["slug"] for team in COMPANY["teams"]}
SERVICES = {service["slug"] for service in COMPANY["services"]}
WRITEUPS: dict[str, dict[str, Any]] = {
    stem: record["writeup"] for stem, record in INCIDENTS.items() if "writeup" in record
}

each_incident = pytest.mark.parametrize("stem", sorted(INCIDENTS))
each_body = pytest.mark.parametrize("stem", sorted(WRITEUPS))


def all_actions() -> list[dict[str, Any]]:
    return [action for record in INCIDENTS.values() for action in record["actions"]]


def age_in_days(record: dict[str, Any]) -> int:
    return int(record["starts"].get("days_ago", 0))


def is_invalid(record: dict[str, Any]) -> bool:
    offsets = [record[moment]["minutes"] for moment in MOMENTS if moment in record]
    return offsets != sorted(offsets)


def test_people_have_known_keys_and_teams() -> None:
    assert 14 <= len(PEOPLE) == len(COMPANY["people"]) <= 18
    assert len({person["handle"] for person in PEOPLE.values()}) == len(PEOPLE)
    for email, person in PEOPLE.items():
        assert set(person) - {"is_active"} == {"email", "name", "handle", "role", "timezone", "teams"}, email
        assert person["role"] in {"reader", "contributor", "facilitator", "admin"}, email
        assert re.fullmatch(r"[a-z.]+@larkspool\.example", email)
        assert set(person["teams"]) <= TEAMS, email
        ZoneInfo(person["timezone"])
    assert {person["role"] for person in PEOPLE.values()} == {"reader", "contributor", "facilitator", "admin"}
    assert [person["is_active"] for person in PEOPLE.values() if "is_active" in person] == [False]


def test_names_are_awkward_enough_to_be_useful() -> None:
    names = " ".join(person["name"] for person in PEOPLE.values())
    assert "O'" in names and "-" in names and not names.isascii()


def test_teams_and_services_fit_together() -> None:
    assert all(set(team) == {"slug", "name"} for team in COMPANY["teams"])
    assert all(set(service) == {"slug", "name", "team"} for service in COMPANY["services"])
    assert len(TEAMS) == len(COMPANY["teams"]) and len(SERVICES) == len(COMPANY["services"])
    assert {service["team"] for service in COMPANY["services"]} <= TEAMS
    assert all(SLUG.fullmatch(slug) for slug in TEAMS | SERVICES)
    assert {team for person in PEOPLE.values() for team in person["teams"]} == TEAMS, "a team without people"


def test_files_are_numbered_oldest_first() -> None:
    assert 12 <= len(FILES) <= 14
    assert [stem[:3] for stem in INCIDENTS] == [f"{number:02d}-" for number in range(1, len(FILES) + 1)]
    assert all(path.suffix == ".yaml" and SLUG.fullmatch(path.stem) for path in FILES)
    ages = [age_in_days(record) for record in INCIDENTS.values()]
    assert ages == sorted(ages, reverse=True) and ages[0] <= 731


@each_incident
def test_incident_has_known_keys_values_and_references(stem: str) -> None:
    record = INCIDENTS[stem]
    assert set(record) >= REQUIRED and set(record) <= REQUIRED | OPTIONAL
    for key, values in VALUES.items():
        assert key not in record or record[key] in values, key
        assert key not in record or type(record[key]) in set(map(type, values)), f"{key}: quote it"
    assert set(record["services"]) <= SERVICES and set(record["teams"]) <= TEAMS
    assert all(SLUG.fullmatch(tag) for tag in record["tags"]) and record["tags"]
    assert {record["lead"], record["reported_by"]} <= set(PEOPLE)
    assert all(set(entry) == {"person", "role"} for entry in record["participants"])
    assert {entry["person"] for entry in record["participants"]} <= set(PEOPLE)
    assert all(set(link) == {"url", "title"} for link in record["links"])
    for relation in record["relations"]:
        assert relation["relation"] in {"duplicate_of", "same_cause_as", "related_to"}
        assert relation["to"] in INCIDENTS and relation["to"] != stem


@each_incident
def test_times_are_relative_and_in_the_past(stem: str) -> None:
    record = INCIDENTS[stem]
    ZoneInfo(record["timezone"])
    starts = record["starts"]
    assert set(starts) in ({"days_ago", "at"}, {"hours_ago"})
    assert re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", starts.get("at", "00:00"))
    # One day off in either direction, since "today" in the incident's zone may be another day than here.
    until_now = (starts["days_ago"] - 1) * 1440 if "days_ago" in starts else starts["hours_ago"] * 60
    offsets = [entry["minutes"] for entry in record["events"] if "minutes" in entry]
    offsets += [record[moment]["minutes"] for moment in MOMENTS if moment in record]
    assert max(offsets) < until_now


@each_incident
def test_moments_are_complete(stem: str) -> None:
    record = INCIDENTS[stem]
    for moment in (record[name] for name in MOMENTS if name in record):
        assert set(moment) == {"minutes", "confidence", "source"} and moment["source"]
        assert moment["confidence"] in {"exact", "minutes", "hours", "unknown"}
        assert isinstance(moment["minutes"], int)
    if record["status"] == "open":
        assert "mitigated_at" not in record and "resolved_at" not in record
    if record["status"] == "mitigated":
        assert "mitigated_at" in record and "resolved_at" not in record


def test_exactly_one_incident_ends_before_it_starts() -> None:
    assert [stem for stem, record in INCIDENTS.items() if is_invalid(record)] == ["04-play-counts-late"]


def test_exactly_one_incident_knows_only_the_day() -> None:
    days = [
        record
        for record in INCIDENTS.values()
        if any(record.get(moment, {}).get("confidence") == "unknown" for moment in MOMENTS)
    ]
    assert [record["starts"]["at"] for record in days] == ["00:00"]
    assert (
        days[0]["impact_started_at"]["confidence"] == "unknown"
        and days[0]["impact_started_at"]["minutes"] == 0
    )


@each_incident
def test_events_are_in_order_and_known(stem: str) -> None:
    events = INCIDENTS[stem]["events"]
    assert 4 <= len(events) <= 20
    for event in events:
        assert set(event) <= EVENT_KEYS and event["kind"] in EVENT_KINDS and event["text"].strip()
        assert "minutes" in event or event.get("occurred_text")
        assert event.get("ended_minutes", event.get("minutes", 0)) >= event.get("minutes", 0)
        assert all(type(event.get(flag, True)) is bool for flag in ("learnt_later", "in_writeup"))
    offsets = [event["minutes"] for event in events if "minutes" in event]
    assert offsets == sorted(offsets)


@each_incident
def test_factors_and_actions_are_known(stem: str) -> None:
    record = INCIDENTS[stem]
    for factor in record["factors"]:
        assert set(factor) == {"text", "tags", "was_present_before"}
        assert type(factor["was_present_before"]) is bool
        assert all(SLUG.fullmatch(tag) for tag in factor["tags"])
    assert 1 <= len(record["factors"]) <= 5 and 1 <= len(record["actions"]) <= 5
    for idea in record.get("ideas", ()):
        assert set(idea) == {"text", "by", "days_ago"} and idea["by"] in PEOPLE and idea["text"].strip()
        assert 0 <= idea["days_ago"] <= age_in_days(record)
    for action in record["actions"]:
        assert set(action) <= ACTION_KEYS and re.match(r"[A-Z][a-z]+ ", action["title"])
        assert action["kind"] in ACTION_KINDS and action["status"] in ACTION_STATUSES
        assert action["priority"] in {"p1", "p2", "p3"} and action["team"] in TEAMS
        assert "owner" not in action or PEOPLE[action["owner"]]["role"] != "reader"
        assert ("closed_days_ago" in action) == (action["status"] in CLOSED)
        assert ("status_reason" in action) == (action["status"] == "not_doing")
        assert 0 <= action.get("closed_days_ago", 0) <= action["created_days_ago"] <= age_in_days(record)
        was_checked = "how" in action or action.get("reviewed", {}).get("decision") == "verify"
        assert was_checked == (action["status"] == "verified")


def test_actions_show_every_status_and_trouble() -> None:
    actions = all_actions()
    assert {action["status"] for action in actions} == ACTION_STATUSES
    assert {action["kind"] for action in actions} == ACTION_KINDS
    still_open = [action for action in actions if action["status"] not in CLOSED]
    assert sum(action["due_days"] < 0 for action in still_open) >= 3, "overdue"
    assert sum("owner" not in action for action in still_open) >= 2, "unowned"
    assert any(action.get("redated", 0) >= 3 for action in still_open), "moved again and again"


def test_incidents_show_every_state() -> None:
    seen = {key: Counter(record.get(key) for record in INCIDENTS.values()) for key in VALUES}
    for key in ("kind", "severity", "status", "visibility", "synthetic_coverable", "is_drill"):
        assert VALUES[key] <= set(seen[key]), key
    assert seen["kind"]["near_miss"] == 2 and seen["is_drill"][True] == 1
    assert seen["visibility"]["restricted"] == 1
    assert seen["status"]["open"] == 1 and seen["status"]["mitigated"] == 1
    assert seen["severity"][None] >= 2, "severity may be blank"
    assert {writeup["state"] for writeup in WRITEUPS.values()} == STATES
    assert {writeup["template"] for writeup in WRITEUPS.values()} == TEMPLATES
    assert {writeup["audience"] for writeup in WRITEUPS.values()} == {"internal", "public"}
    assert len(WRITEUPS) < len(INCIDENTS), "an incident without a write-up"


@each_body
def test_writeup_is_known_and_dated(stem: str) -> None:
    writeup = WRITEUPS[stem]
    assert set(writeup) - {"published_days_after", "withdrawn_reason"} == WRITEUP_KEYS
    assert ("withdrawn_reason" in writeup) == (writeup["state"] == "withdrawn")
    assert writeup["state"] in STATES and writeup["template"] in TEMPLATES
    assert ("published_days_after" in writeup) == (writeup["state"] in {"published", "withdrawn"})
    assert writeup.get("published_days_after", 0) < max(age_in_days(INCIDENTS[stem]), 1)
    assert writeup["authors"] and set(writeup["authors"]) <= set(PEOPLE)
    assert all(SLUG.fullmatch(tag) for tag in writeup["tags"])
    assert writeup["body_file"] == f"writeups/{stem[:2]}.md"
    restricted = INCIDENTS[stem]["visibility"] == "restricted"
    assert not (restricted and (writeup["state"] == "published" or writeup["audience"] == "public"))


def test_every_body_belongs_to_an_incident() -> None:
    bodies = {f"writeups/{path.name}" for path in (SAMPLES / "writeups").iterdir()}
    assert bodies == {writeup["body_file"] for writeup in WRITEUPS.values()}
