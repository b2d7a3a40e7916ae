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
    REVIEW_VERDICT = "review_verdict"
    REVIEW_TALK = "review_talk"
    MINUTES = "minutes"
    INCIDENT_FILED = "incident_filed"
    PUBLISHED = "published"
    CITED = "cited"
    QUESTION_ASKED = "question_asked"
    QUESTION_ANSWERED = "question_answered"
    HELD = "held"
    NEWSLETTER = "newsletter"


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
    Event.REVIEW_REQUESTED: "You are asked for a review, or reminded of it",
    Event.REVIEW_VERDICT: "A verdict is given on a write-up of yours",
    Event.REVIEW_TALK: "Something is said in a review that you are part of",
    Event.MINUTES: "Minutes of an action review that you were in",
    Event.INCIDENT_FILED: "An incident is filed for a tag, service or team that you follow",
    Event.PUBLISHED: "A write-up is published on something that you follow",
    Event.CITED: "Somebody says where a write-up of yours was used",
    Event.QUESTION_ASKED: "A reader asks about a write-up of yours",
    Event.QUESTION_ANSWERED: "Your question about a write-up is answered",
    Event.HELD: "A write-up of yours is not published as planned",
    Event.NEWSLETTER: "The newsletter of the week",
}
PACE_LABELS = {
    Pace.AT_ONCE: "At once",
    Pace.DAILY: "In a daily digest",
    Pace.WEEKLY: "In a weekly digest",
    Pace.NEVER: "Not at all",
}
# As shipped: what waits for somebody comes at once, and so do minutes, which are mailed whole; what is said in a review
# comes once a day, because a careful reader says twenty things; the rest once a week.
_AT_ONCE = (
    Event.ASSIGNED,
    Event.MENTIONED,
    Event.OVERDUE,
    Event.REVIEW_REQUESTED,
    Event.REVIEW_VERDICT,
    Event.MINUTES,
    Event.QUESTION_ASKED,
    Event.QUESTION_ANSWERED,
    Event.HELD,
)
_DAILY = (Event.REVIEW_TALK,)
USUAL_PACE = {
    event: Pace.AT_ONCE if event in _AT_ONCE else Pace.DAILY if event in _DAILY else Pace.WEEKLY
    for event in Event
}
# What is news of a single thing. The newsletter is none: it comes once a week by e-mail, or not at all.
NEWS_EVENTS: tuple[Event, ...] = tuple(event for event in Event if event is not Event.NEWSLETTER)
RECEIVER_KIND_LABELS = {
    ReceiverKind.WEBHOOK: "Signed webhook",
    ReceiverKind.SLACK: "Slack",
    ReceiverKind.TEAMS: "Microsoft Teams",
}
