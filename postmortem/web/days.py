"""Days as people type them into filters."""

from datetime import date

from wtforms import ValidationError

from postmortem.web import zones


def typed_day(text: str | None) -> date | None:
    """The day `2026-03-09`, None where nothing was typed. Raises ValidationError with what to enter instead."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValidationError("Enter a day like 2026-03-09.") from error
    if not zones.FIRST_YEAR <= day.year <= zones.LAST_YEAR:
        raise ValidationError(f"Enter a year between {zones.FIRST_YEAR} and {zones.LAST_YEAR}.")
    return day
