"""What a block says, as Markdown: an incident's facts, its events, factors and actions. Pure.

The same text is shown in a draft and frozen by publishing. Times stay marks, so that each reader sees them in their
own zone, and so does an action's state, which a page fills in on the day of reading.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from postmortem.incidents.durations import day_alone, durations_of
from postmortem.incidents.enums import (
    KIND_LABELS,
    MOMENT_LABELS,
    SEVERITY_LABELS,
    Confidence,
    DurationStatus,
    Visibility,
)
from postmortem.text.durations import human_duration
from postmortem.text.marks import WrongTime, moment_of
from postmortem.timeline.enums import EventKind
from postmortem.web import zones

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+!|~-])")
_MARK = re.compile(r"\{\{(?=[ \t]*(?:state|notice)[ \t]*:)", re.IGNORECASE)
_AROUND = {
    Confidence.EXACT: "{}",
    Confidence.MINUTES: "about {}",
    Confidence.HOURS: "around {}, ± hours",
    Confidence.UNKNOWN: "{}, exactness unknown",
}


def literal(text: str) -> str:
    """A line of plain words as Markdown that shows exactly these."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def own_words(text: str) -> str:
    """Somebody's Markdown as part of another text: it may hold times, and no marks that are ours to make."""
    return _MARK.sub(r"\\{{", text.strip())


def time_mark(at: datetime, zone_name: str) -> str:
    """A moment as `{{time: …}}`, in this zone where its clocks name it without doubt, else in UTC."""
    local = at.astimezone(zones.zone(zone_name))
    for moment, name in ((local, zone_name), (at.astimezone(UTC), "UTC")):
        seconds = ":%S" if moment.second else ""
        written = f"{moment.year:04}-{moment.strftime(f'%m-%d %H:%M{seconds}')} {name}"
        try:
            if moment_of(written) == at.replace(microsecond=0):
                return f"{{{{time: {written}}}}}"
        except WrongTime:
            continue
    return at.astimezone(UTC).isoformat(" ", "minutes")


def facts_text(incidents: Sequence[Any]) -> str:
    """A table for each incident; which one it is stands above where there are several."""
    return "\n\n".join(
        "\n".join(
            [
                *([f"**{name_of(incident)}**\n"] if len(incidents) > 1 else []),
                "| Fact | As recorded |",
                "|---|---|",
                *(f"| {label} | {value} |" for label, value in _facts(incident)),
            ]
        )
        for incident in incidents
    )


def words_text(incidents: Sequence[Any], field: str) -> str:
    """The summaries or impacts, one below the other; whose each is stands above it where there are several."""
    found = [(each, own_words(text)) for each in incidents if (text := getattr(each, field).strip())]
    if len(found) < 2:
        return "\n\n".join(text for _, text in found)
    return "\n\n".join(f"**{name_of(each)}**\n\n{text}" for each, text in found)


def timeline_text(events: Iterable[Any], zone_names: dict[int, str]) -> str:
    """Events as a list: when, what kind, who as a role, and below it what happened."""
    return "\n\n".join(_event(event, zone_names.get(event.incident_id, "UTC")) for event in events)


def factors_text(factors: Iterable[Any]) -> str:
    """Factors as a list."""
    return "\n".join(
        _item(own_words(factor.text) + (" *(was there before)*" if factor.was_present_before else ""))
        for factor in factors
    )


def actions_text(actions: Iterable[tuple[int, str, str | None, str]]) -> str:
    """Actions by number, title, team and state in words: never their owner. Without a state, the page fills it in."""
    return "\n".join(
        f"- **{literal(title)}**{f' ({literal(team)})' if team else ''} "
        + (f"*{state}*" if state else f"{{{{state: {id_}}}}}")
        for id_, title, team, state in actions
    )


def name_of(incident: Any) -> str:
    """How a text names an incident; a restricted one has no number there."""
    return incident.reference if incident.visibility == Visibility.OPEN else "A restricted incident"


def _facts(incident: Any) -> Iterator[tuple[str, str]]:
    kind = KIND_LABELS[incident.kind] + (", a drill" if incident.is_drill else "")
    yield "Kind", kind
    if incident.severity:
        yield "Severity", SEVERITY_LABELS[incident.severity]
    for label, rows in (("Services", incident.services), ("Teams", incident.teams)):
        if rows:
            yield label, ", ".join(literal(row.name) for row in rows)
    for name, label in MOMENT_LABELS.items():
        if at := incident.moment(name):
            yield label, _moment(at, getattr(incident, f"{name}_confidence"), incident.timezone)
    for duration in durations_of(incident):
        if duration.status == DurationStatus.RECORDED and duration.seconds is not None:
            yield duration.label, ("about " if duration.is_rough else "") + human_duration(duration.seconds)


def _moment(at: datetime, sure: Confidence, zone_name: str) -> str:
    if day := day_alone(at, sure, zone_name):
        return f"{day.day} {day:%B} {day.year}, time not known"
    return _AROUND[sure].format(time_mark(at, zone_name))


def _event(event: Any, zone_name: str) -> str:
    when = time_mark(event.occurred_at, zone_name) if event.occurred_at else literal(event.occurred_text)
    if event.ended_at:
        when += f" until {time_mark(event.ended_at, zone_name)}"
    kind = "" if event.kind == EventKind.OTHER else f"**{event.kind.value.capitalize()}**"
    later = "*learnt later*" if event.learnt_later else ""
    head = " · ".join(filter(None, (when or "Time not recorded", kind, literal(event.actor_role), later)))
    return f"{_item(head)}\n\n{_indented(own_words(event.text))}"


def _item(text: str) -> str:
    return "- " + _indented(text).lstrip()


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line.strip() else "" for line in text.splitlines())
