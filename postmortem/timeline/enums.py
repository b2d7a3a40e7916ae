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
