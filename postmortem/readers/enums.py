"""Words of what readers give back."""

from enum import StrEnum


class CitationKind(StrEnum):
    RUNBOOK = "runbook"
    PULL_REQUEST = "pull_request"
    DESIGN = "design"
    OTHER = "other"


CITATION_KIND_LABELS = {
    CitationKind.RUNBOOK: "Runbook",
    CitationKind.PULL_REQUEST: "Pull request",
    CitationKind.DESIGN: "Design",
    CitationKind.OTHER: "Something else",
}
