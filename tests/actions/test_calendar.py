"""The file that calendar programs get: whole days, one UID for ever, long and strange titles in one piece."""

from datetime import UTC, date, datetime
from typing import Any

from icalendar import Calendar

from postmortem.actions.calendar import Entry, icalendar_of, uid_of

AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def entry(**values: Any) -> Entry:
    usual: dict[str, Any] = {
        "id": 7,
        "title": "Add an alarm",
        "due_on": date(2026, 3, 9),
        "status": "Accepted",
        "end_state": "",
        "incident": "INC-3 Playback stops",
        "owner": "",
        "version": 4,
        "created_at": AT,
        "touched_at": AT,
    }
    return Entry(**usual | values)


def events(document: bytes) -> list[Any]:
    return list(Calendar.from_ical(document).walk("VEVENT"))


def test_a_due_date_is_one_whole_day() -> None:
    document = icalendar_of(
        "My due actions", [entry(end_state="It rings.", owner="Aino")], "https://p.example"
    )
    (event,) = events(document)
    assert b"DTSTART;VALUE=DATE:20260309\r\n" in document
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (date(2026, 3, 9), date(2026, 3, 10))
    assert event["SUMMARY"] == "Due: Add an alarm (ACT-7)"
    assert event["URL"] == "https://p.example/actions/7"
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["SEQUENCE"] == 4
    assert event["DTSTAMP"].dt == AT.replace(microsecond=0)
    assert event["DESCRIPTION"].split("\n") == [
        "After INC-3 Playback stops", "Status: Accepted", "Owner: Aino", "Done when: It rings."
    ]  # fmt: skip
    calendar = Calendar.from_ical(document)
    assert (calendar["X-WR-CALNAME"], calendar["VERSION"]) == ("My due actions", "2.0")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in document


def test_its_uid_stays_whatever_becomes_of_it() -> None:
    moved = entry(title="Another", due_on=date(2027, 1, 1), version=9, touched_at=AT.replace(year=2027))
    assert uid_of(entry()) == uid_of(moved)
    assert events(icalendar_of("x", [moved], "https://elsewhere.example"))[0]["UID"] == uid_of(entry())
    assert uid_of(entry()) != uid_of(entry(id=8))
    # Another site's action of the same number.
    assert uid_of(entry()) != uid_of(entry(created_at=AT.replace(microsecond=1)))


def test_lines_are_folded_and_signs_escaped() -> None:
    title = "Füge; einen, Alarm\\hinzu 🎧 " + "ä" * 150 + "\nBEGIN:VALARM\r\nEND:VEVENT"
    document = icalendar_of("Ton; Studio, 1", [entry(title=title)], "https://p.example")
    assert all(len(line) <= 75 for line in document.split(b"\r\n"))
    assert document.count(b"\n") == document.count(b"\r\n")
    assert document.decode().count("\r\nBEGIN:VALARM") == 0
    (event,) = events(document)
    assert event["SUMMARY"].replace("\r\n", "\n") == f"Due: {title} (ACT-7)".replace("\r\n", "\n")
    assert Calendar.from_ical(document)["NAME"] == "Ton; Studio, 1"


def test_the_ends_of_time_and_no_actions() -> None:
    document = icalendar_of("x", [entry(due_on=date.max), entry(id=8, due_on=date.min)], "https://p.example")
    assert [event["DTSTART"].dt for event in events(document)] == [date.max, date.min]
    assert events(icalendar_of("x", [], "https://p.example")) == []
    assert icalendar_of("x", [entry()], "https://p.example") == icalendar_of(
        "x", [entry()], "https://p.example"
    )
