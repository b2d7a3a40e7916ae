"""Slack's incoming webhook: blocks, and a text for notifications. `&`, `<` and `>` begin commands there."""

from typing import Any

from postmortem.notifications.formats.content import Content, cut

HEADLINE_LENGTH, TEXT_LENGTH, EXCERPT_LENGTH, FIELD_LENGTH, FIELDS = 300, 2000, 600, 300, 10
# What one text may be at most, as it is sent; a longer one, and the service takes the whole message for broken.
_EXCERPT_SENT, _FIELD_SENT = 1500, 600


def escape(text: str) -> str:
    """The text as Slack shows it literally: no mention of a channel or person, no link of its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escaped(text: str, length: int, sent: int | None = None) -> str:
    """The text as it is shown, at most `length` characters; at most `sent` as it is sent, where an `&` is five."""
    text = cut(text, length)
    while len(found := escape(text)) > (sent or length):
        # Never through the middle of an entity. A character is five at most, so few rounds are enough.
        text = cut(text, len(text) - max(1, (len(found) - (sent or length)) // 5))
    return found


def message(content: Content) -> dict[str, Any]:
    headline, sentence = escaped(content.headline, HEADLINE_LENGTH), escaped(content.sentence, TEXT_LENGTH)
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": _text(f"*<{_address(content.link)}|{headline}>*\n{sentence}")}
    ]
    if content.details:
        fields = [
            _text(f"*{escaped(label, FIELD_LENGTH)}*\n{escaped(value, FIELD_LENGTH, _FIELD_SENT)}")
            for label, value in content.details[:FIELDS]
        ]
        blocks.append({"type": "section", "fields": fields})
    if content.excerpt:
        lines = escaped(content.excerpt, EXCERPT_LENGTH, _EXCERPT_SENT).splitlines()
        blocks.append({"type": "section", "text": _text("\n".join(f">{line}" for line in lines))})
    return {"text": f"{headline}: {sentence}", "blocks": blocks, "unfurl_links": False}


def _text(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _address(link: str) -> str:
    """An address inside `<…|…>`: its bar would end it."""
    return escape(link).replace("|", "%7C")
