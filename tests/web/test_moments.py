"""A local time in a form becomes one UTC moment, or a question, or a sentence."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from postmortem.web.forms import BaseForm
from postmortem.web.moments import FoldField, LocalDateTimeField, TimezoneField


class MomentForm(BaseForm):
    class Meta:
        csrf = False

    timezone = TimezoneField("Time zone", default="UTC")
    detected_at = LocalDateTimeField("Detected")
    detected_at_fold = FoldField()


@pytest.fixture
def posted(app: Flask) -> Callable[..., MomentForm]:
    """The form after these fields were sent, validated."""

    def do(obj: Any = None, **fields: Any) -> MomentForm:
        with app.test_request_context(method="POST", data=fields):
            form = MomentForm(obj=obj)
            form.validate()
            return form

    return do


def shown(app: Flask, timezone: str, moment: datetime | None) -> MomentForm:
    with app.test_request_context():
        return MomentForm(data={"timezone": timezone, "detected_at": moment})


@pytest.mark.parametrize(
    ("timezone", "typed", "moment"),
    [
        ("UTC", "2026-03-09T14:05", "2026-03-09T14:05:00"),
        ("Europe/Stockholm", "2026-03-09T14:05", "2026-03-09T13:05:00"),
        ("Europe/Stockholm", "2026-07-09T14:05:36", "2026-07-09T12:05:36"),
        ("Europe/Stockholm", " 2026-07-09 9:05 ", "2026-07-09T07:05:00"),
        ("Europe/Stockholm", "2026-07-09T14:05:36.123", "2026-07-09T12:05:36"),
        ("America/New_York", "2026-03-08T03:00", "2026-03-08T07:00:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30:00"),
        ("Europe/Stockholm", "1628-08-10T16:00", "1628-08-10T14:47:48"),
        ("UTC", "1000-01-01T00:00", "1000-01-01T00:00:00"),
        ("UTC", "9998-12-31T23:59", "9998-12-31T23:59:00"),
    ],
)
def test_a_local_time_becomes_a_utc_moment(posted, timezone, typed, moment) -> None:
    form = posted(timezone=timezone, detected_at=typed)
    assert form.errors == {}
    assert form.detected_at.data == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert not form.detected_at.is_day
    assert form.detected_at._value() == typed.strip()


@pytest.mark.parametrize(
    ("timezone", "moment", "value"),
    [
        ("Europe/Stockholm", datetime(2026, 3, 9, 13, 5, tzinfo=UTC), "2026-03-09T14:05"),
        ("Europe/Stockholm", datetime(2026, 3, 9, 13, 5, 36, tzinfo=UTC), "2026-03-09T14:05:36"),
        ("Europe/Stockholm", datetime(1628, 8, 10, 14, 47, 48, tzinfo=UTC), "1628-08-10T16:00"),
        ("UTC", None, ""),
    ],
)
def test_a_stored_moment_is_shown_in_the_forms_zone(app: Flask, timezone, moment, value) -> None:
    field = shown(app, timezone, moment).detected_at
    assert field._value() == value
    assert field.step == (1 if value.count(":") == 2 else 60)


@pytest.mark.parametrize(
    ("timezone", "typed", "says"),
    [
        ("Europe/Stockholm", "2026-03-29T02:30", "Enter 01:30 or 03:30"),
        ("America/New_York", "2026-03-08T02:00", "02:00 did not exist on 8 March 2026. Enter 01:00 or 03:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "Enter 01:45 or 02:45"),
    ],
)
def test_a_skipped_time_is_refused_with_what_it_may_have_been(posted, timezone, typed, says) -> None:
    form = posted(timezone=timezone, detected_at=typed)
    assert says in form.errors["detected_at"][0]
    assert f"The clocks in {timezone} went forward" in form.errors["detected_at"][0]
    assert form.detected_at.data is None
    assert form.detected_at._value() == typed


@pytest.mark.parametrize(
    ("timezone", "typed", "moments", "labels"),
    [
        (
            "Europe/Stockholm",
            "2026-10-25T02:30",
            ["2026-10-25T00:30", "2026-10-25T01:30"],
            ["the first, 02:30 UTC+2", "the second, 02:30 UTC+1"],
        ),
        (
            "America/New_York",
            "2026-11-01T01:30",
            ["2026-11-01T05:30", "2026-11-01T06:30"],
            ["the first, 01:30 UTC−4", "the second, 01:30 UTC−5"],
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-05T01:45",
            ["2026-04-04T14:45", "2026-04-04T15:15"],
            ["the first, 01:45 UTC+11", "the second, 01:45 UTC+10:30"],
        ),
    ],
)
def test_a_repeated_time_is_asked_about_and_the_answer_counts(
    app, posted, timezone, typed, moments, labels
) -> None:
    asked = posted(timezone=timezone, detected_at=typed)
    assert "happened twice" in asked.errors["detected_at"][0]
    assert [str(choice.label) for choice in asked.detected_at.ambiguous_choices] == labels
    assert asked.detected_at._value() == typed
    for fold, moment in enumerate(moments):
        answered = posted(timezone=timezone, detected_at=typed, detected_at_fold=str(fold))
        assert answered.errors == {}
        stored = answered.detected_at.data
        assert stored == datetime.fromisoformat(moment).replace(tzinfo=UTC)
        # Shown again, the form still knows which of the two it was.
        again = shown(app, timezone, stored)
        assert (again.detected_at._value(), again.detected_at_fold.data) == (typed, str(fold))
        assert [str(choice.label) for choice in again.detected_at_fold.choices] == labels


@pytest.mark.parametrize("fold", ["2", "x", "", "\0"])
def test_a_nonsense_answer_is_asked_again(posted, fold: str) -> None:
    form = posted(timezone="Europe/Stockholm", detected_at="2026-10-25T02:30", detected_at_fold=fold)
    assert "happened twice" in form.errors["detected_at"][0]


@pytest.mark.parametrize(
    ("timezone", "day", "moment"),
    [
        ("Europe/Stockholm", "2026-03-09", "2026-03-08T23:00"),
        ("UTC", "1628-08-10", "1628-08-10T00:00"),
        # Midnight was skipped in Cairo and happened twice in Havana: for a day alone that is no question.
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00"),
    ],
)
def test_a_day_without_a_time_is_kept_as_its_start(posted, timezone, day, moment) -> None:
    form = posted(timezone=timezone, detected_at=day)
    assert form.errors == {}
    assert form.detected_at.is_day
    assert form.detected_at.data == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert form.detected_at._value() == day


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("yesterday", "Enter a day and time like"),
        ("9/3/2026", "Enter a day and time like"),
        ("2026-03-09T14", "Enter a day and time like"),
        ("2026-03-09T14:05Z", "Enter a day and time like"),
        ("2026-03-09T14:05+01:00", "Enter a day and time like"),
        ("2026-03-09T14:05\n2026", "Enter a day and time like"),
        ("-2026-03-09", "Enter a day and time like"),
        ("20260-03-09", "Enter a day and time like"),
        ("\0", "Enter a day and time like"),
        ("\ud800", "Enter a day and time like"),
        ("9" * 100_000, "Enter a day and time like"),
        ("2026-02-29", "no such day"),
        ("2026-13-01", "no such day"),
        ("2026-03-09T24:00", "no such day"),
        ("2026-03-09T14:60", "no such day"),
        ("0000-01-01", "no such day"),
        ("0999-12-31", "between 1000 and 9998"),
        ("9999-01-01T00:00", "between 1000 and 9998"),
    ],
)
def test_what_is_no_time_is_refused_and_kept(app: Flask, typed: str, says: str) -> None:
    from werkzeug.datastructures import MultiDict

    with app.test_request_context():
        form = MomentForm(formdata=MultiDict({"timezone": "UTC", "detected_at": typed}))
        assert not form.validate()
    assert says in form.errors["detected_at"][0]
    assert form.detected_at.data is None
    assert form.detected_at._value() == typed.strip()


def test_blank_clears_and_absent_changes_nothing(posted) -> None:
    class Stored:
        timezone = "UTC"
        detected_at = datetime(2026, 3, 9, 14, 5, tzinfo=UTC)

    assert posted(Stored, timezone="UTC", detected_at="").detected_at.data is None
    assert posted(Stored, timezone="UTC").detected_at.data == Stored.detected_at


def test_several_values_are_refused(posted) -> None:
    form = posted(timezone="UTC", detected_at=["2026-03-09T14:05", "2026-03-10T14:05"])
    assert "more than once" in form.errors["detected_at"][-1]


@pytest.mark.parametrize("timezone", ["Mars/Olympus", "", "../UTC", "\0", "localtime"])
def test_a_zone_that_is_none_is_refused_and_the_time_kept(posted, timezone: str) -> None:
    form = posted(timezone=timezone, detected_at="2026-03-09T14:05")
    assert "Enter a time zone by its name" in form.errors["timezone"][0]
    assert form.detected_at._value() == "2026-03-09T14:05"
