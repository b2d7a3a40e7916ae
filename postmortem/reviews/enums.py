"""What a review can say, and what the policy can ask."""

from enum import StrEnum


class Verdict(StrEnum):
    APPROVE = "approve"
    CHANGES = "changes"


class Need(StrEnum):
    """Whether the policy asks for a review before publishing."""

    NONE = "none"
    RECOMMENDED = "recommended"
    REQUIRED = "required"


class SuggestionState(StrEnum):
    OPEN = "open"
    APPLIED = "applied"
    DECLINED = "declined"


VERDICT_LABELS = {Verdict.APPROVE: "Approve", Verdict.CHANGES: "Ask for changes"}
NEED_LABELS = {
    Need.NONE: "No review needed",
    Need.RECOMMENDED: "A review is recommended",
    Need.REQUIRED: "A review is required",
}
