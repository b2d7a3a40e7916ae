"""An empty outline is no incident; a short report is one."""

from pathlib import Path

import pytest

from postmortem.imports.outlines import about_the_folder, outline_reason

OUTLINES = {
    "headings": "# Cache outage\n\n## Summary\n\n## Impact\n\n## Timeline\n\n",
    "labels": "# Cache outage\n\nDate:\n\nBy: (Names)\n\n**Status:** <status>\n\n## Summary\n\n## Impact\n",
    "hints": "# Cache outage\n\n## Summary\n_Say what happened in two sentences._\n\n## Impact\n> Who was affected?\n",
    "tables": (
        "# Cache outage\n\n## Actions\n\n| What | Who | When |\n|---|---|---|\n| | | |\n| | | |\n"
        "\n## Timing\n\n| Start | |\n|---|---|\n| End | |\n"
    ),
    "comments": "# Cache outage\n\n<!-- Describe what happened,\nin some detail please. -->\n\n## Impact\n",
    "setext": "Cache outage\n============\n\nSummary\n-------\n\nImpact\n------\n",
}
REPORTS = {
    "two sentences": "# Cache\n\nThe disk was full. We cleaned it.\n",
    "no heading": "The cache was down.\n",
    "a table with values": "# Cache\n\n| When | What |\n|---|---|\n| 10:00 | The cache fell over |\n",
    "a listing": "# Cache\n\n```\nERROR cache connection refused by host\n```\n",
    "prose under some headings": "# C\n\n## Summary\n\nA cache fell over and took the shop with it.\n\n## Actions\n",
}


@pytest.mark.parametrize("name", OUTLINES)
def test_outlines_are_told_from_reports(name: str) -> None:
    assert outline_reason("2021-cache", "Cache outage", OUTLINES[name])


@pytest.mark.parametrize("name", REPORTS)
def test_reports_are_told_from_outlines(name: str) -> None:
    assert outline_reason("2021-cache", "Cache", REPORTS[name]) is None


PROSE = "The cache fell over and took the shop with it for an hour."


@pytest.mark.parametrize(
    "title",
    [
        "[Date]: [Title]",
        "Incident title - DD/MM/YYYY",
        "Title (incident #)",
        "Postmortem Template",
        "{{ title }}",
    ],
)
def test_a_title_that_waits_to_be_filled_in(title: str) -> None:
    assert "waits" in (outline_reason("x", title, PROSE) or "")


@pytest.mark.parametrize(
    "title",
    [
        "Incident report",
        "[Redacted] API outage",
        "Dates read as DD/MM/YYYY broke invoices",
        "E-mail template broke sign-up",
    ],
)
def test_a_title_that_only_looks_like_it(title: str) -> None:
    assert outline_reason("x", title, PROSE) is None


def test_a_file_called_template_and_a_text_that_says_so() -> None:
    assert outline_reason("_template", "Cache", PROSE)
    assert outline_reason("x", "Cache", f"**This is a template for incident reports.** {PROSE}")


def test_files_about_the_folder() -> None:
    assert about_the_folder("README")
    assert about_the_folder("Source")
    assert not about_the_folder("2021-source-of-truth")


def test_every_real_outline_is_known_and_no_real_report_is(shared_data: Path) -> None:
    from postmortem.imports.formats.markdown import plan_import

    assert not plan_import(shared_data / "postmortem-templates").items
    assert len(plan_import(shared_data / "univaf-incidents").items) == 5
    found = plan_import(shared_data / "posthog-postmortems")
    assert len(found.items) == 7
    assert {skip.file for skip in found.skips} == {"SOURCE.md", "investigations/template.md"}
