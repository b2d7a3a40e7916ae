"""Why an action stands in the queue, what can be decided, and how a meeting stands."""

from enum import StrEnum


class ReviewState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class QueueReason(StrEnum):
    """Why an action needs a decision; the first that holds puts it into the queue, in this order."""

    OVERDUE = "overdue"
    STALE = "stale"
    UNOWNED = "unowned"
    UNVERIFIED = "unverified"
    DUE_SOON = "due_soon"
    PROPOSED = "proposed"
    OTHER = "other"


class Decision(StrEnum):
    KEEP = "keep"
    REDATE = "redate"
    HAND_OVER = "hand_over"
    START = "start"
    DONE = "done"
    VERIFY = "verify"
    NOT_DOING = "not_doing"
    SPLIT = "split"


class Worked(StrEnum):
    """What came of checking an action, and what follows: the three buttons of *verify*."""

    YES = "yes"
    REOPEN = "no"
    NEW = "new"


REVIEW_STATE_LABELS = {
    ReviewState.RUNNING: "Running",
    ReviewState.PAUSED: "Paused",
    ReviewState.ENDED: "Ended",
}
QUEUE_REASON_LABELS = {
    QueueReason.OVERDUE: "Overdue",
    QueueReason.STALE: "Stale",
    QueueReason.UNOWNED: "Without owner",
    QueueReason.UNVERIFIED: "To be verified",
    QueueReason.DUE_SOON: "Due soon",
    QueueReason.PROPOSED: "Proposed",
    QueueReason.OTHER: "Open",
}
DECISION_LABELS = {
    Decision.KEEP: "Keep",
    Decision.REDATE: "Re-date",
    Decision.HAND_OVER: "Hand over",
    Decision.START: "Start",
    Decision.DONE: "Done",
    Decision.VERIFY: "Verify",
    Decision.NOT_DOING: "Not doing",
    Decision.SPLIT: "Split",
}
