"""What a timeline event is about."""

from enum import StrEnum


class EventKind(StrEnum):
    DETECTION = "detection"
    DIAGNOSIS = "diagnosis"
    DECISION = "decision"
    REPAIR = "repair"
    COMMUNICATION = "communication"
    IMPACT = "impact"
    OTHER = "other"


EVENT_KIND_LABELS = {
    EventKind.DETECTION: "Detection: somebody or something noticed",
    EventKind.DIAGNOSIS: "Diagnosis: what was looked at and understood",
    EventKind.DECISION: "Decision: what was chosen, and between what",
    EventKind.REPAIR: "Repair: what was done",
    EventKind.COMMUNICATION: "Communication: who was told",
    EventKind.IMPACT: "Impact: what people felt",
    EventKind.OTHER: "Something else",
}
