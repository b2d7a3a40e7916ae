"""What an action's fields may be, and the words people read for them."""

from enum import StrEnum


class ActionKind(StrEnum):
    INVESTIGATE = "investigate"
    MITIGATE = "mitigate"
    REPAIR = "repair"
    DETECT = "detect"
    PREVENT = "prevent"
    PROCESS = "process"


class Priority(StrEnum):
    P1 = "p1"
    P2 = "p2"
    P3 = "p3"


class ActionStatus(StrEnum):
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    VERIFIED = "verified"
    NOT_DOING = "not_doing"

    @property
    def is_open(self) -> bool:
        return self in OPEN_STATUSES


OPEN_STATUSES = (ActionStatus.PROPOSED, ActionStatus.ACCEPTED, ActionStatus.IN_PROGRESS)

ACTION_KIND_LABELS = {
    ActionKind.INVESTIGATE: "Investigate",
    ActionKind.MITIGATE: "Mitigate",
    ActionKind.REPAIR: "Repair",
    ActionKind.DETECT: "Detect",
    ActionKind.PREVENT: "Prevent",
    ActionKind.PROCESS: "Process",
}
ACTION_KIND_MEANINGS = {
    ActionKind.INVESTIGATE: "Investigate: find out what we do not know yet",
    ActionKind.MITIGATE: "Mitigate: lessen the harm while it lasts",
    ActionKind.REPAIR: "Repair: put right what broke",
    ActionKind.DETECT: "Detect: notice it sooner next time",
    ActionKind.PREVENT: "Prevent: make it less likely to happen again",
    ActionKind.PROCESS: "Process: change how we work",
}
PRIORITY_LABELS = {
    Priority.P1: "P1",
    Priority.P2: "P2",
    Priority.P3: "P3",
}
PRIORITY_MEANINGS = {
    Priority.P1: "P1: before other planned work",
    Priority.P2: "P2: with the planned work",
    Priority.P3: "P3: when there is room",
}
ACTION_STATUS_LABELS = {
    ActionStatus.PROPOSED: "Proposed",
    ActionStatus.ACCEPTED: "Accepted",
    ActionStatus.IN_PROGRESS: "In progress",
    ActionStatus.DONE: "Done",
    ActionStatus.VERIFIED: "Verified",
    ActionStatus.NOT_DOING: "Not doing",
}
