"""States, audiences and templates of write-ups."""

from enum import StrEnum


class Audience(StrEnum):
    INTERNAL = "internal"
    PUBLIC = "public"


class WriteupState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class Template(StrEnum):
    FULL_REVIEW = "full_review"
    LIGHTWEIGHT = "lightweight"
    NEAR_MISS = "near_miss"
    FREE = "free"
