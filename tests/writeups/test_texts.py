"""Templates, first drafts, addresses in feeds: computing without a database."""

import re
from dataclasses import replace

import pytest

from postmortem.incidents.enums import Confidence, IncidentKind, IncidentStatus
from postmortem.incidents.models import Incident
from postmortem.text.markdown import render
from postmortem.writeups.facts import facts_of
from postmortem.writeups.feeds import absolute, unfolded
from postmortem.writeups.frozen import name_line
from postmortem.writeups.outline import draft_body, empty_sections, without_empty
from postmortem.writeups.templates import SHIPPED, TemplateSet, proposed


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


@pytest.mark.parametrize("template", SHIPPED, ids=lambda each: each.key)
def test_a_first_draft_has_the_sections_and_no_prompt(template: TemplateSet) -> None:
    body = draft_body(template.sections, {})
    sections = [each for each in template.sections if each.fact != "in_short"]
    for section in sections:
        assert f"## {section.heading}\n" in body
        assert section.prompt not in body
    assert empty_sections(body) == [section.heading for section in sections]


@pytest.mark.parametrize("template", SHIPPED, ids=lambda each: each.key)
def test_no_known_fact_is_lost(template: TemplateSet) -> None:
    body = draft_body(template.sections, {"summary": "It broke.", "impact": "Nobody noticed."})
    assert "It broke." in body
    assert "Nobody noticed." in body


def test_facts_stand_below_their_headings() -> None:
    [light] = [each for each in SHIPPED if each.key == "lightweight"]
    body = draft_body(light.sections, {"summary": "It broke.", "impact": "", "timeline": "{{timeline}}"})
    assert body.startswith("## What happened\n\nIt broke.\n\n## Impact\n\n## What we learnt\n")
    # Nothing asks for it, and it stands below the text by itself.
    assert "{{timeline}}" not in body


def test_words_are_copied_and_what_is_recorded_stays_a_block() -> None:
    facts = facts_of(incident(summary="It broke.", impact="One in five."))
    assert (facts["summary"], facts["impact"]) == ("It broke.", "One in five.\n\n{{facts}}")
    assert facts_of(incident(impact=""))["impact"] == "{{facts}}"


def test_the_full_review_asks_everything_in_its_order() -> None:
    full = SHIPPED[0]
    assert [section.heading for section in full.sections] == [
        "tl;dr", "What happened", "Impact", "Detection", "Response", "Recovery", "Timeline", "Contributing factors",
        "What helped", "What made it hard", "Where we were lucky", "Why we were surprised",
        "Was it known, or in the backlog?", "Has it happened before?", "Open questions", "What we will do",
        "Supporting material",
    ]  # fmt: skip
    assert len([section for section in full.sections if section.is_optional]) == 14


def test_prompts_ask_how_and_what_and_blame_nobody() -> None:
    for each in SHIPPED:
        for section in each.sections:
            assert section.prompt.rstrip(".").endswith("?") or "." in section.prompt, section
            assert not re.search(
                r"\b(why did|who (did|caused|broke)|should have|failed to|root cause|human error|fault)\b",
                section.prompt.lower(),
            ), section


@pytest.mark.parametrize(
    ("severity", "kind", "key"),
    [
        ("sev1", "incident", "full_review"),
        ("sev2", "incident", "full_review"),
        ("sev3", "incident", "lightweight"),
        ("sev1", "near_miss", "near_miss"),
        (None, "near_miss", "near_miss"),
        (None, "incident", None),
    ],
)
def test_a_template_is_proposed_by_severity_and_kind(
    severity: str | None, kind: str, key: str | None
) -> None:
    found = proposed(SHIPPED, severity=severity, kind=kind)
    assert (found.key if found else None) == key


def test_what_names_more_is_proposed_first_and_what_is_off_never() -> None:
    any_severity = TemplateSet("any", "Any", "", kinds=("incident",))
    exact = TemplateSet("exact", "Exact", "", severities=("sev3",), kinds=("incident",))
    off = replace(exact, key="off", is_active=False)
    for sets in ([off, any_severity, exact], [exact, any_severity, off]):
        assert proposed(sets, severity="sev3", kind="incident") == exact
        assert proposed(sets, severity=None, kind="incident") == any_severity


@pytest.mark.parametrize(
    ("body", "empty"),
    [
        ("## A\n\n## B\n\ntext", ["A"]),
        ("## A\n\n### B\n\ntext\n\n## C", ["C"]),
        ("## A\n### B", ["A", "B"]),
        ("```\n## not a heading\n```", []),
        ("#hashtag\n", []),
        ("", []),
    ],
)
def test_sections_without_a_word_are_found(body: str, empty: list[str]) -> None:
    assert empty_sections(body) == empty


@pytest.mark.parametrize(
    ("body", "printed", "taken_out"),
    [
        ("## A\n\n## B\n\ntext", "## B\n\ntext", ["A"]),
        ("## A\n\n### Own\n\ntext\n\n## b\n", "## A\n\n### Own\n\ntext\n\n", ["b"]),
        ("## A\n\n### B\n\n## C\n", "## C\n", ["A", "B"]),
        ("before\n\n## A\n", "before\n\n", ["A"]),
        ("```\n## A\n```\n", "```\n## A\n```\n", []),
        ("## C\n", "## C\n", []),
    ],
)
def test_empty_optional_sections_are_taken_out(body: str, printed: str, taken_out: list[str]) -> None:
    assert without_empty(body, {"a", "b"}) == (printed, taken_out)


@pytest.mark.parametrize("begin", ["```\n", "```python\n", ""])
def test_long_code_stands_whole_in_a_feed(begin: str) -> None:
    lines = [f"line {number} < {number}" for number in range(250)]
    source = (
        begin + "\n".join(lines if begin else [f"    {line}" for line in lines]) + ("\n```" if begin else "")
    )
    html = render(f"before\n\n{source}\n\nafter").html
    assert "240 more of 250 lines" in html
    whole = unfolded(html)
    assert "<details" not in whole and "</details>" not in whole
    assert whole.count("<pre") == whole.count("</pre>") == 1 and whole.count("<div") == whole.count("</div>")
    assert html_lines(whole) == lines


def html_lines(html: str) -> list[str]:
    """The lines of the code in it."""
    code = re.sub("<[^<>]*>", "", html.partition("<code>")[2].partition("</code>")[0])
    return code.replace("&lt;", "<").splitlines()


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
