"""Slack's incoming webhook: blocks, and a text for notifications. `&`, `<` and `>` begin commands there."""

from typing import Any

from postmortem.notifications.formats.content import Content, cut

TEXT_LENGTH, EXCERPT_LENGTH, FIELD_LENGTH, FIELDS = 2000, 600, 300, 10


def escape(text: str) -> str:
    """The text as Slack shows it literally: no mention of a channel or person, no link of its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def message(content: Content) -> dict[str, Any]:
    headline, sentence = escape(cut(content.headline, 300)), escape(cut(content.sentence, TEXT_LENGTH))
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": _text(f"*<{_address(content.link)}|{headline}>*\n{sentence}")}
    ]
    if content.details:
        fields = [
            _text(f"*{escape(label)}*\n{escape(cut(value, FIELD_LENGTH))}")
            for label, value in content.details[:FIELDS]
        ]
        blocks.append({"type": "section", "fields": fields})
    if content.excerpt:
        lines = escape(cut(content.excerpt, EXCERPT_LENGTH)).splitlines()
        blocks.append({"type": "section", "text": _text("\n".join(f">{line}" for line in lines))})
    return {"text": f"{headline}: {sentence}", "blocks": blocks, "unfurl_links": False}


def _text(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _address(link: str) -> str:
    """An address inside `<…|…>`: its bar would end it."""
    return escape(link).replace("|", "%7C")
