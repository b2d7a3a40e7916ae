"""What an incident's fields may be. The values are binding: forms, addresses and exports use them."""

from enum import StrEnum


class IncidentKind(StrEnum):
    INCIDENT = "incident"
    NEAR_MISS = "near_miss"


class Severity(StrEnum):
    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV4 = "sev4"


class IncidentStatus(StrEnum):
    OPEN = "open"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Visibility(StrEnum):
    """Who an incident exists for. *Deleted* is a level of its own: only the trash shows it."""

    OPEN = "open"
    RESTRICTED = "restricted"
    DELETED = "deleted"


class RuleSubject(StrEnum):
    """What a restriction rule looks at when an incident is filed."""

    TAG = "tag"
    SERVICE = "service"
    TEAM = "team"
    KIND = "kind"
    SEVERITY = "severity"


class DetectedBy(StrEnum):
    ALERT = "alert"
    SYNTHETIC = "synthetic"
    CUSTOMER = "customer"
    STAFF = "staff"
    OTHER = "other"


class Coverable(StrEnum):
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Confidence(StrEnum):
    EXACT = "exact"
    MINUTES = "minutes"
    HOURS = "hours"
    UNKNOWN = "unknown"


class RelationKind(StrEnum):
    DUPLICATE_OF = "duplicate_of"
    SAME_CAUSE_AS = "same_cause_as"
    RELATED_TO = "related_to"


class DurationStatus(StrEnum):
    RECORDED = "recorded"
    PENDING = "pending"
    NOT_APPLICABLE = "not_applicable"
    INVALID = "invalid"


MOMENTS = ("impact_started_at", "detected_at", "declared_at", "mitigated_at", "resolved_at")

# Their names for people, in the order in which they usually happen.
MOMENT_LABELS = {
    "impact_started_at": "Impact started",
    "detected_at": "Detected",
    "declared_at": "Declared",
    "mitigated_at": "Mitigated",
    "resolved_at": "Resolved",
}
KIND_LABELS = {IncidentKind.INCIDENT: "Incident", IncidentKind.NEAR_MISS: "Near miss"}
SEVERITY_LABELS = {severity: f"SEV {severity.value[-1]}" for severity in Severity}
STATUS_LABELS = {
    IncidentStatus.OPEN: "Open",
    IncidentStatus.MITIGATED: "Mitigated",
    IncidentStatus.RESOLVED: "Resolved",
    IncidentStatus.CLOSED: "Closed",
}
VISIBILITY_LABELS = {
    Visibility.OPEN: "Open to everyone here",
    Visibility.RESTRICTED: "Restricted to the people it concerns",
}
DETECTED_BY_LABELS = {
    DetectedBy.ALERT: "An alert",
    DetectedBy.SYNTHETIC: "A synthetic check",
    DetectedBy.CUSTOMER: "A customer",
    DetectedBy.STAFF: "Somebody who works here",
    DetectedBy.OTHER: "Something else",
}
COVERABLE_LABELS = {Coverable.YES: "Yes", Coverable.NO: "No", Coverable.UNSURE: "Not sure"}
CONFIDENCE_LABELS = {
    Confidence.EXACT: "Exact",
    Confidence.MINUTES: "Within minutes",
    Confidence.HOURS: "Within hours",
    Confidence.UNKNOWN: "Unknown",
}
RELATION_LABELS = {
    RelationKind.DUPLICATE_OF: "Duplicate of",
    RelationKind.SAME_CAUSE_AS: "Same cause as",
    RelationKind.RELATED_TO: "Related to",
}
# The same relation read from the other incident.
RELATION_LABELS_BACK = {
    RelationKind.DUPLICATE_OF: "Duplicated by",
    RelationKind.SAME_CAUSE_AS: "Same cause as",
    RelationKind.RELATED_TO: "Related to",
}
