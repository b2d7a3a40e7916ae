"""What an incident already knows, as Markdown for the first draft of its write-up. Pure."""

from typing import Any


def facts_of(incident: Any) -> dict[str, str]:
    """By the names that a template's sections ask for. Words can be written on; what is recorded stays a live block."""
    return {
        "summary": incident.summary.strip(),
        "impact": "\n\n".join(part for part in (incident.impact.strip(), "{{facts}}") if part),
        "timeline": "{{timeline}}",
        "factors": "{{factors}}",
        "actions": "{{actions}}",
    }
