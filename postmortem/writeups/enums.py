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


class ReasonFor(StrEnum):
    """To whom the reason for a withdrawal was promised when it was asked for; kept with the act in history."""

    READERS = "readers"
    WRITERS = "authors and facilitators"


class Template(StrEnum):
    """The keys of the templates that are shipped; admins make others."""

    FULL_REVIEW = "full_review"
    LIGHTWEIGHT = "lightweight"
    NEAR_MISS = "near_miss"
    CONTRIBUTORS = "contributors"
    STUDY = "study"
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
