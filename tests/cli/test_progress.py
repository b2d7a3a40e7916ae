"""A progress bar: for work that takes a while, and only where somebody is watching."""

import os
import pty
import subprocess
import sys

import pytest

from postmortem.cli import progress

PROGRAM = """
import time
from postmortem.cli import progress
progress.SECONDS_UNTIL_SHOWN = {after}
for _ in progress.track(list(range(12)), "Reading"):
    time.sleep(0.05)
print("done")
"""


def on_a_terminal(after: float) -> str:
    """What a terminal shows of work of 0.6 seconds when the bar appears after so many."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        subprocess.run(
            [sys.executable, "-c", PROGRAM.format(after=after)], stdout=theirs, stderr=theirs, check=True
        )
        os.close(theirs)
        shown = b""
        try:
            while part := screen.read(4096):
                shown += part
        except OSError:  # the other end is closed and everything was read
            pass
    return shown.decode()


@pytest.mark.skipif(sys.platform != "linux", reason="terminals behave differently elsewhere")
def test_a_bar_appears_after_a_while_on_a_terminal() -> None:
    shown = on_a_terminal(after=0.2)
    assert "Reading:" in shown
    assert "12 [" in shown
    assert "Reading:   0%" not in shown, "it was not there from the start"
    assert "Reading" not in on_a_terminal(after=60)


def test_nothing_is_drawn_where_nobody_watches() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(after=0)], capture_output=True, text=True, check=True
    )
    assert (shown.stdout, shown.stderr) == ("done\n", "")


def test_it_waits_two_seconds() -> None:
    assert progress.SECONDS_UNTIL_SHOWN == 2
