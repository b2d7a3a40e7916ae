"""What the list of incidents can be narrowed to; everything stands in the address."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from postmortem.incidents.enums import (
    DETECTED_BY_LABELS,
    SEVERITY_LABELS,
    STATUS_LABELS,
    DetectedBy,
    IncidentKind,
    IncidentStatus,
    Severity,
)
from postmortem.incidents.form_rows import incident_number
from postmortem.incidents.list_statements import NEWEST
from postmortem.incidents.listing import Wanted
from postmortem.text.slugs import tag_name
from postmortem.web.days import typed_day
from postmortem.web.forms import BaseForm, LineField, OneField

MAX_WORDS = 8
PERIODS = {
    "30-days": "The last 30 days",
    "90-days": "The last 90 days",
    "12-months": "The last 12 months",
    "this-year": "This year",
    "last-year": "Last year",
}
_DAY = {"type": "date"}
_UNRATED = "none"
# Other spellings that an address may have.
_SAME = {"y": "yes", "true": "yes", "1": "yes", "newest": ""}


def _pairs(enum: Any, labels: Any) -> list[tuple[str, str]]:
    return [(member.value, labels[member]) for member in enum]


_OFFERED: Mapping[str, Sequence[tuple[str, str]]] = {
    "severity": [*_pairs(Severity, SEVERITY_LABELS), (_UNRATED, "Not rated")],
    "status": _pairs(IncidentStatus, STATUS_LABELS),
    "kind": [("incident", "Incidents only"), ("near_miss", "Near misses only")],
    "detected_by": _pairs(DetectedBy, DETECTED_BY_LABELS),
    "period": [*PERIODS.items()],
    "is_drill": [("yes", "Only drills"), ("all", "Included")],
    "sort": [("oldest", "Oldest first"), ("filed", "Last filed first")],
}


class Named:
    """What a SlugField offers, from rows of slug and name; made once and offered by many forms."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.pairs = tuple((row.slug, row.name) for row in rows)
        self.choices = [SelectChoice(slug, name) for slug, name in self.pairs]


class SlugField(OneField):
    """One of the active ones; another is no mistake, there may be incidents of what is no longer active."""

    def pre_validate(self, form: Any) -> None:
        return

    def offer_named(self, named: Named) -> None:
        self.choices = [SelectChoice("", self.blank), *named.choices]
        if self.data and all(choice.value != self.data for choice in named.choices):
            self.choices.append(SelectChoice(self.data, self.data))


class FilterForm(BaseForm):
    """The list's filters. Call `offer` before it is validated or shown; `looks` then is all that a page shows of it."""

    class Meta:
        csrf = False

    q = LineField("Find in title and summary, or by number", max_length=200)
    severity = OneField("Severity", blank="Any severity")
    status = OneField("Status", blank="Any status")
    kind = OneField("Kind", blank="Any kind")
    service = SlugField("Service", blank="Any service")
    team = SlugField("Team", blank="Any team")
    tag = LineField("Tag", max_length=100)
    detected_by = OneField("Detected by", blank="Anything")
    period = OneField("Period", blank="Any time")
    since = LineField("From", max_length=10, render_kw=_DAY)
    until = LineField("To", max_length=10, render_kw=_DAY)
    is_drill = OneField("Drills", blank="Left out", filters=[lambda value: _SAME.get(value, value)])
    sort = OneField("Order", blank="Newest first", filters=[lambda value: _SAME.get(value, value)])

    def offer(self, services: Named, teams: Named) -> None:
        """Fill the choices."""
        for name, pairs in _OFFERED.items():
            self._fields[name].offer(pairs)
        self.service.offer_named(services)
        self.team.offer_named(teams)
        self.looks = (tuple(self.data.items()), services.pairs, teams.pairs)

    def validate_since(self, field: Any) -> None:
        self.first_day = typed_day(field.data)

    def validate_until(self, field: Any) -> None:
        self.last_day = typed_day(field.data)
        if self.since.data and field.data and not self.since.errors and field.data < self.since.data:
            raise ValidationError("The period ends before it starts. Swap the two days.")

    def wanted(self, zone: Any, today: date) -> Wanted:
        """The question to the list; days are whole days in the reader's zone. Only of a valid form."""
        first, last = (
            self.first_day if self.since.data else None,
            self.last_day if self.until.data else None,
        )
        if self.period.data and not (first or last):
            first, last = _period(self.period.data, today)
        values: dict[str, Any] = {
            "severity": Severity(self.severity.data) if self.severity.data not in ("", _UNRATED) else None,
            "status": IncidentStatus(self.status.data) if self.status.data else None,
            "kind": IncidentKind(self.kind.data) if self.kind.data else None,
            "detected_by": DetectedBy(self.detected_by.data) if self.detected_by.data else None,
            "service": self.service.data or None,
            "team": self.team.data or None,
            "tag": (tag_name(self.tag.data) or self.tag.data) if self.tag.data else None,
            "since": _midnight(first, zone) if first else None,
            "until": _midnight(last + timedelta(days=1), zone) if last else None,
        }
        values = {name: value for name, value in values.items() if value is not None}
        names = set(values)
        if self.severity.data == _UNRATED:
            names.add("unrated")
        if self.is_drill.data != "all":
            names.add("drills" if self.is_drill.data == "yes" else "no_drills")
        words = (self.q.data or "").casefold().split()[:MAX_WORDS]
        if words:
            names.add(f"words{len(words)}")
            values["number"] = incident_number(self.q.data)
            values |= {f"word_{index}": _pattern(word) for index, word in enumerate(words)}
        return Wanted(tuple(sorted(names)), tuple(sorted(values.items())), self.sort.data or NEWEST)


def _period(name: str, today: date) -> tuple[date, date | None]:
    """First and last day of a period by its name."""
    if name in ("this-year", "last-year"):
        year = today.year - (name == "last-year")
        return date(year, 1, 1), date(year, 12, 31)
    days = {"30-days": 30, "90-days": 90, "12-months": 365}[name]
    return today - timedelta(days=days), None


def _midnight(day: date, zone: Any) -> datetime:
    return datetime.combine(day, time(), zone)


def _pattern(word: str) -> str:
    """A LIKE pattern that finds the word anywhere; `!` is the escape sign."""
    for sign in "!%_":
        word = word.replace(sign, f"!{sign}")
    return f"%{word}%"
