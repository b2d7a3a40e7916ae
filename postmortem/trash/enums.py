"""What can be in the trash."""

from enum import StrEnum


class Kind(StrEnum):
    INCIDENT = "incident"
    WRITEUP = "writeup"
    ACTION = "action"
    EVENT = "event"
    FACTOR = "factor"


KIND_LABELS = {
    Kind.INCIDENT: "Incident",
    Kind.WRITEUP: "Write-up",
    Kind.ACTION: "Action",
    Kind.EVENT: "Timeline event",
    Kind.FACTOR: "Factor",
}
