"""The sample company's past meeting, and what somebody left behind, as their files say."""

from typing import Any
from zoneinfo import ZoneInfo

from tests.imports.test_samples_files import CLOSED, PEOPLE, SAMPLES, TEAMS, all_actions, read_yaml, words

MEETING: dict[str, Any] = read_yaml(SAMPLES / "meeting.yaml")


def test_the_meeting_decides_about_actions_that_were_there() -> None:
    assert set(MEETING) == words(
        "title team timezone starts planned_minutes started_by ticked joined notes notes_by notes_minutes ends_minutes"
    )
    ZoneInfo(MEETING["timezone"])
    there = {MEETING["started_by"], *MEETING["ticked"], *MEETING["joined"]}
    assert there <= set(PEOPLE) and MEETING["notes_by"] in there and MEETING["team"] in TEAMS
    assert PEOPLE[MEETING["started_by"]]["role"] == "facilitator"
    decided = [action for action in all_actions() if "reviewed" in action]
    minutes = [action["reviewed"]["minutes"] for action in decided]
    assert len(set(minutes)) == len(minutes) >= 5
    assert max(minutes) < MEETING["notes_minutes"] < MEETING["ends_minutes"] <= MEETING["planned_minutes"]
    for action in decided:
        given = action["reviewed"]
        assert action["team"] == MEETING["team"] and given["by"] in there, action["title"]
        assert set(given) == {"decision", "by", "minutes"} | ({"how"} & {*given})
        assert ("how" in given) == (given["decision"] == "verify")
        assert given["decision"] in words("keep redate hand_over verify")
        assert action["created_days_ago"] > MEETING["starts"]["days_ago"], action["title"]


def test_who_left_left_something_open() -> None:
    gone = {email for email, person in PEOPLE.items() if person.get("is_active") is False}
    still_open = [action for action in all_actions() if action["status"] not in CLOSED]
    assert sum(action.get("owner") in gone for action in still_open) >= 2
