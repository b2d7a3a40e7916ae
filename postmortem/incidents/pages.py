"""What the pages of incidents show, made ready for the templates: rows, moments, history in words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from postmortem.history.models import HistoryEntry
from postmortem.history.queries import ShownChange, ShownEntry, note_of
from postmortem.incidents.durations import Duration, day_alone, time_to_resolve
from postmortem.incidents.enums import (
    CONFIDENCE_LABELS,
    COVERABLE_LABELS,
    DETECTED_BY_LABELS,
    KIND_LABELS,
    MOMENT_LABELS,
    MOMENTS,
    RELATION_LABELS,
    SEVERITY_LABELS,
    STATUS_LABELS,
    VISIBILITY_LABELS,
    Confidence,
)
from postmortem.incidents.models import TIME_NOT_RECORDED, Incident

SHORTENED = 200


@dataclass(frozen=True)
class ListedIncident:
    """One row of the list. `at` is None where no time is recorded; imported is what nobody here filed."""

    id: int
    title: str
    kind: str
    severity: str | None
    status: str
    is_restricted: bool
    is_drill: bool
    is_imported: bool
    at: datetime | None
    confidence: str
    day: date | None
    duration: Duration
    services: Sequence[Any]
    open_actions: int


def listed(row: Any, services: Sequence[Any]) -> ListedIncident:
    """A row of `listing.page_rows` with its services."""
    at = None if row.sort_at == TIME_NOT_RECORDED else row.sort_at
    sure = Confidence(row.confidence or Confidence.EXACT)
    return ListedIncident(
        row.id,
        row.title,
        row.kind.value,
        row.severity.value if row.severity else None,
        row.status.value,
        row.visibility.value == "restricted",
        row.is_drill,
        row.reported_by_id is None,
        at,
        sure.value,
        day_alone(at, sure, row.timezone),
        time_to_resolve(row),
        services,
        row.open_actions,
    )


@dataclass(frozen=True)
class ShownMoment:
    """One of the five moments. `day` is set where only the day is known."""

    label: str
    value: datetime | None
    confidence: str
    day: date | None
    source: str
    entered_by: str | None


def shown_moments(incident: Incident, names: Mapping[int, str]) -> list[ShownMoment]:
    """The five moments; `names` says who entered them, by person id."""
    return [
        ShownMoment(
            MOMENT_LABELS[name],
            incident.moment(name),
            confidence.value,
            day_alone(incident.moment(name), confidence, incident.timezone),
            getattr(incident, f"{name}_source"),
            names.get(getattr(incident, f"{name}_entered_by_id")),
        )
        for name in MOMENTS
        for confidence in (getattr(incident, f"{name}_confidence"),)
    ]


def synthetic_words(incident: Incident) -> str:
    """What is known about synthetic checks, in one line; blank where nothing is."""
    parts = []
    if incident.synthetic_coverable:
        parts.append(f"could have noticed it: {COVERABLE_LABELS[incident.synthetic_coverable].lower()}")
    if incident.synthetic_covered is not None:
        parts.append("covered it" if incident.synthetic_covered else "did not cover it")
    return "; ".join(parts).capitalize()


def shown_history(entries: Iterable[HistoryEntry], when: Callable[[datetime], str]) -> list[ShownEntry]:
    """History in words: fields by their labels, times by `when`, long texts shortened."""
    return [
        ShownEntry(
            entry.at,
            entry.actor_name or "Somebody",
            _SENTENCES.get((entry.subject_type, entry.verb), entry.sentence),
            [
                ShownChange(_field_label(field), _words(field, old, when), _words(field, new, when))
                for field, (old, new) in entry.changes.items()
            ],
            note=note_of(entry),
        )
        for entry in entries
    ]


_SENTENCES = {
    ("incidents", "reported"): "filed this incident",
    ("incidents", "edited"): "changed the report",
    ("incidents", "deleted"): "deleted this incident",
    ("incidents", "brought back"): "brought this incident back",
    ("no_actions_needed", "said"): "said that no actions are needed",
    ("no_actions_needed", "edited"): "changed why no actions are needed",
    ("no_actions_needed", "took back"): "took back that no actions are needed",
}
_FIELD_LABELS = {
    **MOMENT_LABELS,
    "is_drill": "Drill",
    "lead": "Lead",
    "synthetic_coverable": "Could a synthetic check have noticed it?",
    "synthetic_covered": "Did a synthetic check cover it?",
    "visibility": "Who may see it",
    "relations": "Related incidents",
    "external_ids": "Imported from",
    "learnt_later": "Learnt later",
    "in_writeup": "In the write-up",
    "end_state": "How we know it is done",
    "due_on": "Due",
}
# By field name; an event and an action have a `kind` of their own, which reads well as it is.
_VALUE_LABELS: Mapping[str, Mapping[Any, str]] = {
    "kind": KIND_LABELS,
    "severity": SEVERITY_LABELS,
    "status": STATUS_LABELS,
    "visibility": VISIBILITY_LABELS,
    "detected_by": DETECTED_BY_LABELS,
    "synthetic_coverable": COVERABLE_LABELS,
}


def _field_label(field: str) -> str:
    for name, label in MOMENT_LABELS.items():
        if field == f"{name}_confidence":
            return f"{label}: how sure"
        if field == f"{name}_source":
            return f"{label}: how we know"
    return (
        _FIELD_LABELS.get(field)
        or field.removeprefix("is_").removesuffix("_at").replace("_", " ").capitalize()
    )


def _words(field: str, value: Any, when: Callable[[datetime], str]) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_words(field, item, when) for item in value)
    if isinstance(value, dict):
        return " ".join(str(part) for part in (value.get("title"), value.get("url")) if part)
    text = _label(field, str(value))
    if field.endswith(("_at", "due_on")):
        return _moment(text, when)
    return text if len(text) <= SHORTENED else f"{text[:SHORTENED].rstrip()}…"


def _label(field: str, value: str) -> str:
    labels: Mapping[Any, str] = (
        CONFIDENCE_LABELS if field.endswith("_confidence") else _VALUE_LABELS.get(field, {})
    )
    if field == "relations":
        kind, _, reference = value.partition(" ")
        return f"{dict(RELATION_LABELS).get(kind, kind)} {reference}"  # type: ignore[call-overload]
    return (
        labels.get(value) or value.replace("_", " ")
        if field in ("kind", "status")
        else labels.get(value, value)
    )


def _moment(text: str, when: Callable[[datetime], str]) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return when(moment) if moment.tzinfo else text
