"""Retelling what happened before: steps are done in the order of their moments, the clock standing at each.

So every record, revision and history entry of sample data carries the time at which somebody would have
made it, and numbers rise with time, without any operation knowing that it is being retold.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from postmortem import clock


class Replay:
    """Steps to be done, each with its moment. Nothing is in the future: what would be happens now."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._steps: list[tuple[datetime, int, Callable[[], None]]] = []

    def at(self, moment: datetime, step: Callable[[], None]) -> datetime:
        """Add a step; returns its moment. Of two at the same moment the one added first is done first."""
        moment = min(moment, self.now)
        self._steps.append((moment, len(self._steps), step))
        return moment

    def run(self) -> None:
        """Do every step."""
        for moment, _, step in sorted(self._steps, key=lambda step: step[:2]):
            with clock.as_of(moment):
                step()


def spread(first: datetime, last: datetime, count: int) -> list[datetime]:
    """`count` moments between two, evenly; both ends are left out."""
    gap = max(last - first, timedelta()) / (count + 1)
    return [first + gap * number for number in range(1, count + 1)]
