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
    OPEN = "open"
    RESTRICTED = "restricted"


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
