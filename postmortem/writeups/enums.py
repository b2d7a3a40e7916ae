"""States, audiences and templates of write-ups."""

from enum import StrEnum


class Audience(StrEnum):
    INTERNAL = "internal"
    PUBLIC = "public"


class WriteupState(StrEnum):
    """Where a write-up stands. *Deleted* is a state of its own: only the trash shows it."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    DELETED = "deleted"


class Template(StrEnum):
    FULL_REVIEW = "full_review"
    LIGHTWEIGHT = "lightweight"
    NEAR_MISS = "near_miss"
    FREE = "free"


AUDIENCE_LABELS = {
    Audience.INTERNAL: "Everybody here: people who sign in",
    Audience.PUBLIC: "Everybody: also people who do not sign in, where this site allows public reading",
}
STATE_LABELS = {
    WriteupState.DRAFT: "Draft",
    WriteupState.IN_REVIEW: "In review",
    WriteupState.PUBLISHED: "Published",
    WriteupState.WITHDRAWN: "Withdrawn",
}
TEMPLATE_LABELS = {
    Template.FULL_REVIEW: "Full review: what happened, how it was met, what contributed, what was learnt",
    Template.LIGHTWEIGHT: "Lightweight: four short sections, written in half an hour",
    Template.NEAR_MISS: "Near miss: what nearly happened, and what stopped it",
    Template.FREE: "Free: a blank page",
}
