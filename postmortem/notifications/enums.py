"""What people can be told of, how soon, and over what."""

from enum import StrEnum


class Event(StrEnum):
    """What happened. Columns hold text: an event of a later version must not stop this one."""

    ASSIGNED = "assigned"
    MENTIONED = "mentioned"
    OVERDUE = "overdue"
    DUE_SOON = "due_soon"
    VERIFICATION_DUE = "verification_due"
    WATCHED = "watched"
    REVIEW_REQUESTED = "review_requested"
    MINUTES = "minutes"
    INCIDENT_FILED = "incident_filed"
    PUBLISHED = "published"


class Pace(StrEnum):
    """How soon somebody wants to be told."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class ReceiverKind(StrEnum):
    """What listens at a receiver's address."""

    WEBHOOK = "webhook"
    SLACK = "slack"
    TEAMS = "teams"


EVENT_LABELS = {
    Event.ASSIGNED: "An action is handed to you",
    Event.MENTIONED: "Somebody mentions you",
    Event.OVERDUE: "An action of yours is overdue",
    Event.DUE_SOON: "An action of yours is due soon",
    Event.VERIFICATION_DUE: "An action of yours can be verified",
    Event.WATCHED: "Something changes on an action that you watch",
    Event.REVIEW_REQUESTED: "You are asked for a review",
    Event.MINUTES: "Minutes of an action review that you were in",
    Event.INCIDENT_FILED: "An incident is filed for a tag, service or team that you follow",
    Event.PUBLISHED: "A write-up is published on something that you follow",
}
PACE_LABELS = {
    Pace.AT_ONCE: "At once",
    Pace.DAILY: "In a daily digest",
    Pace.WEEKLY: "In a weekly digest",
    Pace.NEVER: "Not at all",
}
# As shipped: what waits for somebody comes at once, and so do minutes, which are mailed whole; the rest once a week.
_AT_ONCE = (Event.ASSIGNED, Event.MENTIONED, Event.OVERDUE, Event.MINUTES)
USUAL_PACE = {event: Pace.AT_ONCE if event in _AT_ONCE else Pace.WEEKLY for event in Event}
RECEIVER_KIND_LABELS = {
    ReceiverKind.WEBHOOK: "Signed webhook",
    ReceiverKind.SLACK: "Slack",
    ReceiverKind.TEAMS: "Microsoft Teams",
}
