"""Times in a text: one moment for everybody, or a sentence that says what is wrong."""

from datetime import timedelta, timezone

import pytest

from postmortem.text.markdown import html_text, render
from postmortem.text.marks import (
    WrongTime,
    in_zone,
    moment_of,
    shown_as_written,
    utc_text,
    with_states,
    without_marks,
)
from tests.text.parsed import Page


def html(source: str) -> str:
    return render(source).html


@pytest.mark.parametrize(
    ("written", "utc", "shown"),
    [
        ("2026-11-20 14:03 Europe/Stockholm", "2026-11-20T13:03:00Z", ("20 Nov 2026, 14:03 CET", "13:03 UTC")),
        ("2026-11-20T4:03 UTC", "2026-11-20T04:03:00Z", ("20 Nov 2026, 04:03 UTC", "")),
        ("2026-01-01 00:30 Asia/Kolkata", "2025-12-31T19:00:00Z", ("1 Jan 2026, 00:30 IST", "31 Dec, 19:00 UTC")),
        ("2026-10-25 02:30 UTC+2", "2026-10-25T00:30:00Z", ("25 Oct 2026, 02:30 UTC+2", "00:30 UTC")),
        ("2026-01-01 10:00:07 UTC-3:30", "2026-01-01T13:30:07Z", ("1 Jan 2026, 10:00:07 UTC−3:30", "13:30 UTC")),
        ("1000-01-01 00:10 UTC+1", "0999-12-31T23:10:00Z", ("1 Jan 1000, 00:10 UTC+1", "31 Dec, 23:10 UTC")),
    ],
)  # fmt: skip
def test_a_time_names_one_moment(written: str, utc: str, shown: tuple[str, str]) -> None:
    at = moment_of(written)
    assert (utc_text(at), shown_as_written(at)) == (utc, shown)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("yesterday", "This is no time"),
        ("2026-02-30 10:00 UTC", "There is no 2026-02-30 10:00 in the calendar"),
        ("2026-02-20 25:00 UTC", "in the calendar"),
        ("2026-02-20 10:00", "The zone is missing"),
        ("2026-02-20 10:00 Mars/Base", "There is no zone Mars/Base"),
        ("2026-02-20 10:00 ../../etc/passwd", "There is no zone"),
        ("0002-02-20 10:00 UTC", "from 1000 to 9998"),
        ("2026-03-29 02:30 Europe/Stockholm", "never showed 02:30"),
        ("2026-10-25 02:30 Europe/Stockholm", "Write UTC+2 or UTC+1"),
    ],
)
def test_what_is_no_moment_says_why(written: str, sentence: str) -> None:
    with pytest.raises(WrongTime, match=sentence.replace("+", r"\+")):
        moment_of(written)
    page = Page(html(f"It began {{{{time: {written}}}}}."))
    assert page.all("time") == []
    assert written in page.text and sentence in page.text


def test_code_and_escapes_stay_as_they_are_written() -> None:
    mark = "{{time: 2026-11-20 14:03 UTC}}"
    for source in (f"`{mark}`", f"```\n{mark}\n```", f"    {mark}", f"\\{mark}"):
        page = Page(html(source))
        assert page.all("time") == [] and mark in page.text


def test_each_reader_sees_a_time_in_their_own_zone() -> None:
    rendered = html("- {{time: 2026-11-20 14:03 Europe/Stockholm}} and **{{time: 2026-07-01 00:00 UTC}}**")
    zone = timezone(timedelta(hours=9))
    shown = in_zone(rendered, lambda at: (f"{at.astimezone(zone):%H:%M} <there>", f"{at:%H:%M} UTC"))
    assert " ".join(Page(shown).text.split()) == "22:03 <there> 13:03 UTC and 09:00 <there> 00:00 UTC"
    assert [time["datetime"] for time in Page(shown).all("time")] == [
        "2026-11-20T13:03:00Z",
        "2026-07-01T00:00:00Z",
    ]


def test_an_action_shows_its_state_only_to_whom_it_is_given() -> None:
    rendered = html("- Turn it on {{state: 7}}\n- Turn it off {{state: 8}}")
    shown = with_states(rendered, {7: "in_progress"}, {"in_progress": "In progress"})
    assert "status--in_progress" in shown and ">In progress<" not in shown.partition("Turn it off")[2]
    assert html_text(shown) == "Turn it on In progress Turn it off"
    assert "data-action" not in shown


def test_a_text_without_a_page_has_its_times_in_words() -> None:
    text = "At {{time: 2026-11-20 14:03 Europe/Stockholm}}: done {{state: 7}}{{notice: no}} {{time: never}}"
    assert without_marks(text) == "At 20 Nov 2026, 14:03 CET (13:03 UTC): done  never"
