"""Which tests the second run, on PostgreSQL, repeats, and in which order files are handed to the test processes.

What PostgreSQL can break is run again: queries, constraints, transactions, locks, migrations, backup, the journeys. What is
about pages, headers and who may see what was shown on SQLite, through the same queries; of the walks through the
whole site a sample is enough. POSTMORTEM_TEST_ALL=yes runs everything on PostgreSQL as well.
"""

import os

import pytest

IS_SECOND = os.environ.get("POSTMORTEM_TEST_DATABASE") == "postgresql"
IS_THIN = IS_SECOND and os.environ.get("POSTMORTEM_TEST_ALL") != "yes"

# Files and tests whose subject is not the database.
LEFT = (
    *(
        f"tests/web/test_{name}.py"
        for name in ("addresses", "errors", "filters", "forms", "headers", "methods")
    ),
    *(
        f"tests/web/test_{name}.py"
        for name in ("moments", "next_url", "origin", "refusals", "scalars", "zones")
    ),
    *(f"tests/notifications/test_{name}.py" for name in ("addresses", "bad_receivers", "calling", "formats")),
    "tests/mail/",
    "tests/browser/test_exported_site.py",
    "tests/text/",
    "tests/accounts/test_sign_in_limits.py::test_known_and_unknown_take_the_same_time",
    "tests/site/test_hostile_input.py::test_nothing_that_was_typed_comes_alive",
    "tests/site/test_hostile_input.py::test_files_are_no_texts",
    "tests/site/test_crawl.py::test_signed_out_nothing_of_the_house_is_linked",
)
# Each file goes to one process; what takes longest comes first, so that no process is left alone with it at the end.
FIRST = (
    "tests/site/test_access_matrix.py",
    "tests/browser/test_main_job.py",
    "tests/site/test_statement_faults.py",
    "tests/stress/test_storms.py",
    "tests/site/test_leaks.py",
    "tests/site/test_deleted.py",
    "tests/site/test_hostile_input.py",
    "tests/browser/test_script_injection.py",
    "tests/browser/test_drafts.py",
    "tests/site/test_crawl.py",
    "tests/cli/test_worker.py",
)


def sample(names: tuple[str, ...], *enough: str) -> tuple[str, ...]:
    """The names that a walk is made for: all of them, or `enough` of them on PostgreSQL."""
    return enough if IS_THIN else names


def chosen(items: list[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """What is run, in its order, and what is left out."""
    kept, left = [], []
    for item in items:
        asks = "the_database" in getattr(item, "fixturenames", ()) or hasattr(item.module, "IS_POSTGRESQL")
        is_left = (IS_SECOND and not asks) or (IS_THIN and item.nodeid.startswith(LEFT))
        (left if is_left else kept).append(item)
    return sorted(kept, key=_place), left


def _place(item: pytest.Item) -> int:
    file = item.nodeid.split("::")[0]
    return FIRST.index(file) if file in FIRST else len(FIRST)
