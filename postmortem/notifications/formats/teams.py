"""Microsoft Teams' incoming webhook: a message with one Adaptive Card.

Every text is a text run: a text block would read somebody's brackets and stars as Markdown.
"""

from typing import Any

from postmortem.notifications.formats.content import Content, cut

VERSION = "1.4"
TEXT_LENGTH, EXCERPT_LENGTH, FIELD_LENGTH, FIELDS = 2000, 600, 300, 10
# What the service answers with status 200 when it did not take the message.
NOT_TAKEN = b"Webhook message delivery failed"


def message(content: Content) -> dict[str, Any]:
    body = [
        _line(_run(cut(content.headline, 300), weight="Bolder", size="Medium")),
        _line(_run(cut(content.sentence, TEXT_LENGTH))),
        *(
            _line(_run(f"{label}: ", weight="Bolder"), _run(cut(value, FIELD_LENGTH)))
            for label, value in content.details[:FIELDS]
        ),
    ]
    if content.excerpt:
        body.append(_line(_run(cut(content.excerpt, EXCERPT_LENGTH), italic=True)))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": VERSION,
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": "Open in Postmortem", "url": content.link}],
    }
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "summary": cut(content.headline, 300), "attachments": [attachment]}


def _line(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "TextRun", "text": text, **style}
