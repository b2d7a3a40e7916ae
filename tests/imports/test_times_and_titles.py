"""Times are taken as they are written, with their doubt; titles are made where there is none."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortem.imports.plan import folded, one_spelling
from postmortem.imports.times import moment, read_time
from postmortem.imports.titles import addresses, first_paragraph, heading_title, made_title, title_from_name
from postmortem.incidents.enums import Confidence

PLUS_2 = timezone(timedelta(hours=2))


def naive(written: str) -> datetime:
    """A time without a zone, as YAML hands it over."""
    return datetime.fromisoformat(written)


@pytest.mark.parametrize(
    ("written", "zone", "value", "confidence"),
    [
        (datetime(2019, 6, 2, 18, 45, tzinfo=UTC), None, datetime(2019, 6, 2, 18, 45, tzinfo=UTC), "exact"),
        (
            datetime(2019, 6, 2, 18, 45, tzinfo=PLUS_2),
            None,
            datetime(2019, 6, 2, 16, 45, tzinfo=UTC),
            "exact",
        ),
        ("2019-06-02T18:45:00.123Z", None, datetime(2019, 6, 2, 18, 45, 0, 123000, UTC), "exact"),
        ("2019-06-02 9:05 UTC", None, datetime(2019, 6, 2, 9, 5, tzinfo=UTC), "exact"),
        (datetime(1628, 8, 10, 12, tzinfo=UTC), None, datetime(1628, 8, 10, 12, tzinfo=UTC), "exact"),
        # Midnight may be the truth, or stand for the day.
        ("2012-07-01T00:00:00Z", None, datetime(2012, 7, 1, tzinfo=UTC), "hours"),
        ("2022-12-22T23:59:59Z", None, datetime(2022, 12, 22, 23, 59, 59, tzinfo=UTC), "hours"),
        # A day alone is kept as 00:00 there.
        (date(2021, 6, 3), None, datetime(2021, 6, 3, tzinfo=UTC), "unknown"),
        ("2021-06-03", "Europe/Stockholm", datetime(2021, 6, 2, 22, tzinfo=UTC), "unknown"),
        # Without a zone it is read as UTC and doubted, until the zone is named.
        (naive("2021-06-03 09:00"), None, datetime(2021, 6, 3, 9, tzinfo=UTC), "hours"),
        (naive("2021-06-03 09:00"), "America/Los_Angeles", datetime(2021, 6, 3, 16, tzinfo=UTC), "exact"),
        # 02:30 happened twice, or not at all.
        (
            naive("2021-10-31 02:30"),
            "Europe/Stockholm",
            datetime(2021, 10, 31, 0, 30, tzinfo=UTC),
            "hours",
        ),
        (naive("2021-03-28 02:30"), "Europe/Stockholm", datetime(2021, 3, 28, 1, 30, tzinfo=UTC), "hours"),
    ],
)
def test_times_as_they_are_written(written: Any, zone: str | None, value: datetime, confidence: str) -> None:
    when = read_time(written, zone)
    assert when is not None
    assert (when.value, when.confidence) == (value, Confidence(confidence))


@pytest.mark.parametrize(
    "written",
    [
        *(
            "yesterday",
            "",
            None,
            True,
            20210603,
            "20210603",
            "2021-W22-4",
            "June 3, 2021",
            "2021-13-01",
            [],
            {},
        ),
        *("10:30", "0999-01-01", datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=12)))),
    ],
)
def test_what_is_no_time_for_certain_is_none(written: Any) -> None:
    assert read_time(written) is None


def test_a_moment_says_where_it_is_from_and_why_it_is_doubted() -> None:
    found = moment(naive("2021-06-03 09:00"), "start_time", "our-wiki")
    assert found is not None
    assert found.source == "start_time in our-wiki, written without a zone, read as UTC"


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_times(text: str) -> None:
    read_time(text)
    read_time(text, "Europe/Stockholm")


@pytest.mark.parametrize(
    ("company", "product", "url", "title"),
    [
        (
            "Gitlab",
            "GitLab .com",
            "https://docs.google.com/document/d/1ScqXA/preview",
            "GitLab .com (docs.google.com)",
        ),
        ("Heroku", "", "https://status.heroku.com/incidents/1042", "Heroku: Incident 1042"),
        (
            "Heroku",
            "Common Runtime",
            "https://status.heroku.com/incidents/7?x",
            "Heroku Common Runtime: Incident 7",
        ),
        (
            "Slack",
            "",
            "https://slackhq.com/this-was-not-normal-really-230c2fd23bdc",
            "Slack: This was not normal really",
        ),
        (
            "AppNexus",
            "",
            "https://medium.com/x/2013-09-17-outage-postmortem-586b19ae4307",
            "AppNexus: 2013-09-17 outage postmortem",
        ),
        ("Gliffy", "", "http://x.com/98911057--Gliffy-Online-System-Outage", "Gliffy Online System Outage"),
        (
            "PagerDuty",
            "",
            "https://status.pagerduty.com/incidents/vbp7ht2647l8",
            "PagerDuty (status.pagerduty.com)",
        ),
        ("", "", "https://www.example.com/2024/why-we-fell-over.html", "Why we fell over (example.com)"),
        ("Basecamp", "basecamp", "", "Basecamp"),
        ("", "", "https://example.com/", "example.com"),
        ("", "", "http://[broken", ""),
        ("", "", "", ""),
    ],
)
def test_titles_made_of_facts(company: str, product: str, url: str, title: str) -> None:
    assert made_title(company, product, url) == title


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=300))
def test_no_facts_break_a_made_title(company: str, product: str, words: str) -> None:
    assert len(made_title(company, product, f"https://example.com/{words}")) <= 200


def test_titles_of_file_names() -> None:
    assert title_from_name(PurePosixPath("a/2024-02-28-decide is down.md")) == "Decide is down (2024-02-28)"
    assert title_from_name(PurePosixPath("cache_outage--again.md")) == "Cache outage again"


@pytest.mark.parametrize(
    ("body", "title", "rest"),
    [
        ("# The `cache` #\n\nText", "The cache", "Text"),
        ("The cache\n=========\n\nText", "The cache", "Text"),
        ("Intro.\n\n## Cache\n\nText", "Cache", "Intro.\n\n## Cache\n\nText"),
        ("```\n# a comment\n```\n\nText", "", "```\n# a comment\n```\n\nText"),
        ("- a\n- b\n---\n\nText", "", "- a\n- b\n---\n\nText"),
    ],
)
def test_titles_of_headings(body: str, title: str, rest: str) -> None:
    assert heading_title(body) == (title, rest)


def test_the_first_paragraph_is_prose_and_keeps_its_links() -> None:
    body = (
        "> Status: final\n\n**Date:** January\n\n- a list\n\n"
        "The cache fell over as in [another case][1], and took the shop along.\n\nMore.\n\n[1]: https://x.example/1\n[2]: /2\n"
    )
    assert first_paragraph(body) == (
        "The cache fell over as in [another case][1], and took the shop along.\n\n[1]: https://x.example/1"
    )
    assert first_paragraph("Short one.") == "Short one."
    assert first_paragraph("## Only\n\n- lists\n") == ""


def test_addresses_without_leftovers_of_markdown() -> None:
    assert addresses("https://a.example/x/), [see also](https://b.example/y)") == [
        "https://a.example/x/",
        "https://b.example/y",
    ]
    assert addresses("https://en.wikipedia.org/wiki/Vasa_(ship)") == [
        "https://en.wikipedia.org/wiki/Vasa_(ship)"
    ]
    assert addresses(["https://a.example", "https://a.example", 7, "ftp://x", "javascript:alert(1)"]) == [
        "https://a.example"
    ]


def test_one_spelling_for_names_that_differ_in_case_and_spaces() -> None:
    names = ["TravisCI", "Travis CI", "Travis CI", "GitHub", "Github", "Stripe"]
    spelling = one_spelling(names)
    assert {spelling[name] for name in names} == {"Travis CI", "GitHub", "Stripe"}
    assert folded(" Travis  CI") == "travisci"
