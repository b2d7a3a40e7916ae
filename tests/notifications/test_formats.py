"""How news reads in a call: nobody's text becomes a command or a link of its own."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from postmortem.notifications.formats import slack, teams, webhook
from postmortem.notifications.formats.content import Content, as_json

NASTY = "<!channel> <@U1> & [click](https://evil.example) *bold* <https://evil.example|here>"
CONTENT = Content(
    event="published",
    at=datetime(2026, 3, 2, 12, 0, 0, 500, tzinfo=UTC),
    headline=NASTY,
    sentence=NASTY,
    link="https://postmortem.example.com/writeups/x?a=1&b=2|3",
    details=((NASTY, NASTY), *((f"Label {number}", "x" * 5000) for number in range(30))),
    excerpt=NASTY + "\nsecond line\n" + "y" * 5000,
    subject=("writeups", 7),
    teams=("sound",),
)


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


def test_a_webhook_gets_plain_values() -> None:
    message = webhook.message(CONTENT)
    assert message["type"] == "published"
    assert message["timestamp"] == "2026-03-02T12:00:00Z"
    assert message["data"]["headline"] == NASTY
    assert message["data"]["details"][0] == {"label": NASTY, "value": NASTY}
    assert json.loads(as_json(message)) == message


def test_slack_escapes_what_begins_a_command() -> None:
    message = slack.message(CONTENT)
    own_link = "<https://postmortem.example.com/writeups/x?a=1&amp;b=2%7C3|"
    for text in texts(message):
        assert "<" not in text.replace(own_link, ""), text
    assert message["text"].startswith("&lt;!channel&gt; &lt;@U1&gt; &amp; [click]")
    assert any(own_link in text for text in texts(message))
    assert all(len(text) <= 3000 for text in texts(message))
    assert len(message["blocks"][1]["fields"]) <= 10


def test_slack_takes_a_message_full_of_what_is_escaped() -> None:
    """An `&` is five characters there: too long a text, and the service refuses the call each time it is tried."""
    amps = "&" * 5000
    lines = "&\n" * 2500
    long = replace(CONTENT, headline=amps, sentence=amps, excerpt=lines, details=((amps, amps),) * 10)
    message = slack.message(long)
    [section, fields, excerpt] = message["blocks"]
    assert max(len(section["text"]["text"]), len(excerpt["text"]["text"])) <= 3000
    assert all(len(each["text"]) <= 2000 for each in fields["fields"])
    for text in texts(message):
        assert "&" not in text.replace("&amp;", "").replace("&gt;", "").replace("a=1&", ""), (
            "cut inside an entity"
        )


def test_teams_reads_no_markdown() -> None:
    [attachment] = teams.message(CONTENT)["attachments"]
    card = attachment["content"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert {each["type"] for each in card["body"]} == {"RichTextBlock"}
    assert {run["type"] for each in card["body"] for run in each["inlines"]} == {"TextRun"}
    assert [each["url"] for each in card["actions"]] == [CONTENT.link]


@pytest.mark.parametrize("format_", [slack, teams])
def test_a_long_text_stays_within_what_they_take(format_: Any) -> None:
    assert len(as_json(format_.message(CONTENT))) < 28_000
