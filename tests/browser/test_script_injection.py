"""The short form of `python -m stress.script_injection`: a string of every family, every view, with the policy and without."""

from playwright.sync_api import Browser

from stress.injection_strings import strings
from stress.script_injection import a_site, attack


def test_there_are_three_thousand_strings() -> None:
    assert len(set(strings())) >= 3_000


def test_nothing_that_was_typed_runs_or_loads_anything_from_elsewhere(chromium: Browser) -> None:
    """The run itself makes sure that a page on which something does run is noticed."""
    texts = strings(60)
    with a_site() as (app, address, admin):
        report = attack(app, address, chromium, admin, texts, most=5, is_short=True)
    assert report.ran == []
    assert min(report.views.values()) >= 5, report.views
    assert len(report.views) >= 40
    assert sum(report.kept.values()) > 60
    # Addresses are refused where they are none; most of the rest is text and is kept.
    assert sum(report.kept.values()) > sum(report.refused.values())
