"""Templates, first drafts, addresses in feeds: computing without a database."""

from datetime import UTC, datetime

import pytest

from postmortem.incidents.enums import Confidence, IncidentKind, IncidentStatus
from postmortem.incidents.models import Incident
from postmortem.writeups.enums import Template
from postmortem.writeups.facts import facts_of
from postmortem.writeups.feeds import absolute
from postmortem.writeups.frozen import name_line
from postmortem.writeups.outline import SECTIONS, draft_body, empty_sections


def incident(**values: object) -> Incident:
    """An incident that is in no database."""
    found = Incident(
        kind=IncidentKind.INCIDENT,
        status=IncidentStatus.CLOSED,
        timezone="Europe/Stockholm",
        summary="",
        impact="",
    )
    for name in ("impact_started_at", "detected_at", "declared_at", "mitigated_at", "resolved_at"):
        setattr(found, f"{name}_confidence", Confidence.EXACT)
    for name, value in values.items():
        setattr(found, name, value)
    return found


@pytest.mark.parametrize("template", list(Template))
def test_a_first_draft_has_the_sections_and_no_prompt(template: Template) -> None:
    body = draft_body(template, {})
    for section in SECTIONS[template]:
        assert f"## {section.heading}\n" in body
        assert section.prompt not in body
    assert empty_sections(body) == [section.heading for section in SECTIONS[template]]


@pytest.mark.parametrize("template", list(Template))
def test_no_known_fact_is_lost(template: Template) -> None:
    body = draft_body(template, {"summary": "It broke.", "impact": "Nobody noticed."})
    assert "It broke." in body
    assert "Nobody noticed." in body


def test_facts_stand_below_their_headings() -> None:
    body = draft_body(Template.LIGHTWEIGHT, {"summary": "It broke.", "impact": ""})
    assert body.startswith("## What happened\n\nIt broke.\n\n## Impact\n\n## What we learnt\n")


def test_times_are_filled_in_where_they_are_known() -> None:
    facts = facts_of(
        incident(
            impact="One in five.",
            impact_started_at=datetime(2026, 3, 12, 13, 3, tzinfo=UTC),
            detected_at=datetime(2026, 3, 12, 13, 19, tzinfo=UTC),
            detected_at_confidence=Confidence.MINUTES,
        )
    )
    assert facts["summary"] == ""
    assert facts["impact"].splitlines() == [
        "One in five.",
        "",
        "- Impact began: 12 March 2026, 14:03 UTC+1",
        "- Noticed: about 12 March 2026, 14:19 UTC+1",
        "- Time to detect: 16 min",
    ]


def test_a_day_without_a_time_is_given_as_a_day() -> None:
    moment = datetime(1628, 8, 10, 0, 0, tzinfo=UTC)
    facts = facts_of(incident(timezone="UTC", resolved_at=moment, resolved_at_confidence=Confidence.UNKNOWN))
    assert facts["impact"] == "- Resolved: 10 August 1628"


@pytest.mark.parametrize(
    ("body", "empty"),
    [
        ("## A\n\n## B\n\ntext", ["A"]),
        ("## A\n\n### B\n\ntext\n\n## C", ["C"]),
        ("## A\n### B", ["B"]),
        ("```\n## not a heading\n```", []),
        ("#hashtag\n", []),
        ("", []),
    ],
)
def test_sections_without_a_word_are_found(body: str, empty: list[str]) -> None:
    assert empty_sections(body) == empty


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ([], ""),
        (["Ada"], "Ada"),
        (["Ada", "Grace"], "Ada and Grace"),
        (["Ada", "Grace", "Alan"], "Ada, Grace and Alan"),
        (["A" * 90 + str(number) for number in range(9)], "A" * 90 + "0 and 8 others"),
    ],
)
def test_authors_are_named_as_in_a_sentence(names: list[str], line: str) -> None:
    assert name_line(names) == line


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a href="/incidents/12">x</a>', '<a href="https://p.example/incidents/12">x</a>'),
        ('<a href="#h-a">x</a>', '<a href="https://p.example/writeups/s#h-a">x</a>'),
        ('<img alt="a &gt; b" src="/a.png">', '<img alt="a &gt; b" src="https://p.example/a.png">'),
        ('<a href="https://other.example/x">x</a>', '<a href="https://other.example/x">x</a>'),
        ('<code>&lt;a href="/etc"&gt; href="/etc"</code>', '<code>&lt;a href="/etc"&gt; href="/etc"</code>'),
        ('<a href="mailto:a@b.example">x</a>', '<a href="mailto:a@b.example">x</a>'),
        ('<a href="//evil.example">x</a>', '<a href="//evil.example">x</a>'),
    ],
)
def test_addresses_in_a_feed_are_absolute(html: str, expected: str) -> None:
    assert absolute(html, "https://p.example/writeups/s", "https://p.example") == expected
