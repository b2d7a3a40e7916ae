"""What can be in the trash."""

from enum import StrEnum

from postmortem.errors import NotVisible


class Kind(StrEnum):
    INCIDENT = "incident"
    WRITEUP = "writeup"
    ACTION = "action"
    IDEA = "idea"
    EVENT = "event"
    FACTOR = "factor"


KIND_LABELS = {
    Kind.INCIDENT: "Incident",
    Kind.WRITEUP: "Write-up",
    Kind.ACTION: "Action",
    Kind.IDEA: "Idea",
    Kind.EVENT: "Timeline event",
    Kind.FACTOR: "Factor",
}


def kind_of(word: str) -> Kind:
    """The kind in an address. Raises NotVisible for another word."""
    if word not in set(Kind):
        raise NotVisible
    return Kind(word)
