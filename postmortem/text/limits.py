"""Limits on the CPU time of a piece of work. For the child process only: they use its timers and signals."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class OutOfTime(BaseException):
    """The CPU time is used up. Not an Exception: libraries that catch those must not swallow it."""


def _raise(signum: int, frame: FrameType | None) -> None:
    raise OutOfTime


def install() -> None:
    """Take over the two timer signals of this process."""
    signal.signal(signal.SIGVTALRM, _raise)
    # Without a handler SIGPROF ends the process: a library in C cannot outlast it.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    # A server may block signals in its threads, and a process inherits what its parent's thread blocked.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGVTALRM, signal.SIGPROF})


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTime after so many seconds of CPU, in regular expressions too. May be nested."""
    outer, _ = signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        left, _ = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if outer:
            signal.setitimer(signal.ITIMER_VIRTUAL, max(outer - (seconds - left), 0.001))


@contextmanager
def hard_cpu_limit(seconds: float) -> Iterator[None]:
    """End the process after so many seconds of CPU, whatever code it is in."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
