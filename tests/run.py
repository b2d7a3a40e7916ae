"""`make test`: the whole suite on SQLite, then again on PostgreSQL where it is installed.

What a machine lacks is skipped, said, and made fatal by `--no-skips` (CI).
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.databases import SKIPPED_POSTGRESQL, postgresql_binaries

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SKIPPED_CHROMIUM = "Chromium is not installed; on Debian: apt-get install chromium"
ROOT = Path(__file__).parent.parent


def main() -> int:
    """Run and report; the exit code is 0 only when everything that ran passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--no-skips", action="store_true", help="fail where Chromium or PostgreSQL is missing"
    )
    parser.add_argument("--quick", action="store_true", help="SQLite only, without a browser")
    arguments = parser.parse_args()
    missing = []
    if not any(shutil.which(name) for name in CHROMIUM):
        missing.append(SKIPPED_CHROMIUM)
    if postgresql_binaries() is None:
        missing.append(SKIPPED_POSTGRESQL)
    codes = [_suite("sqlite", [] if not arguments.quick else ["-m", "not browser"])]
    if postgresql_binaries() and not arguments.quick:
        # A browser sees the same pages on either database; what else is left out: tests/support/second_run.py.
        codes.append(_suite("postgresql", ["-m", "not browser", "--ignore", "tests/text"]))
    for sentence in missing:
        print(f"Skipped: {sentence}", flush=True)
    if missing and arguments.no_skips:
        return 1
    return max(codes)


def _suite(database: str, options: list[str]) -> int:
    print(f"== the suite on {database}", flush=True)
    workers = str(min(4, os.cpu_count() or 1))
    command = [sys.executable, "-m", "pytest", "-q", "-n", workers, "--dist", "loadfile"]
    command += ["--no-loadscope-reorder", *options]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, "POSTMORTEM_TEST_DATABASE": database}, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
