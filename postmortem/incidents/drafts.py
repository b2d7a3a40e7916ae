"""An incident as plain values: what forms, importers and the API hand to `operations.report_incidents`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from postmortem.incidents.enums import (
    Confidence,
    Coverable,
    DetectedBy,
    IncidentKind,
    IncidentStatus,
    RelationKind,
    Severity,
    Visibility,
)


@dataclass(frozen=True)
class MomentDraft:
    """One of the five moments: an aware time or None, how sure we are, and how we know, in words."""

    value: datetime | None
    confidence: Confidence = Confidence.EXACT
    source: str = ""


@dataclass
class IncidentDraft:
    """Every field of the record; people by e-mail address, teams and services by slug, tags by name.

    `participants` are (e-mail, role) pairs, `relations` (number, kind) pairs, `external_ids` (source, id)
    pairs, `links` mappings with `url` and `title`. `reported_by` and `created_at` are for what was reported
    elsewhere or earlier; left out, they are the acting person and now.
    """

    title: str
    kind: IncidentKind = IncidentKind.INCIDENT
    summary: str = ""
    impact: str = ""
    severity: Severity | None = None
    status: IncidentStatus = IncidentStatus.OPEN
    visibility: Visibility = Visibility.OPEN
    services: Sequence[str] = ()
    teams: Sequence[str] = ()
    tags: Sequence[str] = ()
    lead: str | None = None
    reported_by: str | None = None
    created_at: datetime | None = None
    timezone: str = "UTC"
    participants: Sequence[tuple[str, str]] = ()
    is_drill: bool = False
    detected_by: DetectedBy | None = None
    synthetic_coverable: Coverable | None = None
    synthetic_covered: bool | None = None
    impact_started_at: MomentDraft | None = None
    detected_at: MomentDraft | None = None
    declared_at: MomentDraft | None = None
    mitigated_at: MomentDraft | None = None
    resolved_at: MomentDraft | None = None
    relations: Sequence[tuple[int, RelationKind]] = ()
    links: Sequence[dict[str, str]] = field(default_factory=list)
    external_ids: Sequence[tuple[str, str]] = ()
