"""What an incident already knows, as Markdown for the first draft of its write-up. Pure."""

from collections.abc import Iterator
from typing import Any

from postmortem.incidents.durations import day_alone, durations_of
from postmortem.incidents.enums import Confidence, DurationStatus
from postmortem.text.durations import human_duration
from postmortem.web import zones

_MOMENTS = (
    ("impact_started_at", "Impact began"),
    ("detected_at", "Noticed"),
    ("declared_at", "Declared"),
    ("mitigated_at", "Mitigated"),
    ("resolved_at", "Resolved"),
)
_DOUBT = {
    Confidence.EXACT: "",
    Confidence.MINUTES: "about ",
    Confidence.HOURS: "roughly ",
    Confidence.UNKNOWN: "perhaps ",
}


def facts_of(incident: Any) -> dict[str, str]:
    """`summary` and `impact` of an incident; its recorded times and durations stand below the impact."""
    times = "\n".join(_times(incident))
    impact = "\n\n".join(part for part in (incident.impact.strip(), times) if part)
    return {"summary": incident.summary.strip(), "impact": impact}


def _times(incident: Any) -> Iterator[str]:
    zone = zones.zone(incident.timezone)
    for name, label in _MOMENTS:
        at = incident.moment(name)
        if at is None:
            continue
        sure = getattr(incident, f"{name}_confidence")
        local = at.astimezone(zone)
        if day := day_alone(at, sure, incident.timezone):
            yield f"- {label}: {day.day} {day:%B} {day.year}"
        else:
            when = f"{local.day} {local:%B} {local.year}, {local:%H:%M} {zones.offset_name(local)}"
            yield f"- {label}: {_DOUBT[sure]}{when}"
    for duration in durations_of(incident):
        if duration.status == DurationStatus.RECORDED and duration.seconds is not None:
            rough = "about " if duration.is_rough else ""
            yield f"- {duration.label}: {rough}{human_duration(duration.seconds)}"
