"""The signed webhook: plain JSON with type, timestamp and data, as Standard Webhooks has it."""

from typing import Any

from postmortem.notifications.formats.content import Content, as_moment


def message(content: Content) -> dict[str, Any]:
    """The same fields for every event, so that a receiver is written once."""
    kind, number = content.subject or (None, None)
    return {
        "type": content.event,
        "timestamp": as_moment(content.at),
        "data": {
            "headline": content.headline,
            "sentence": content.sentence,
            "url": content.link,
            "subject": {"type": kind, "id": number} if kind else None,
            "details": [{"label": label, "value": value} for label, value in content.details],
            "excerpt": content.excerpt,
            "teams": list(content.teams),
        },
    }
