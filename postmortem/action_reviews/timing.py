"""How long a meeting has taken, and what that means for the rest of it. Pure; the present moment is handed in."""

from dataclasses import dataclass
from datetime import datetime

from postmortem.action_reviews.models import ActionReview

MINUTE = 60


def spent_seconds(review: ActionReview, now: datetime) -> int:
    """Seconds in which the meeting ran: pauses are left out, and so is what came after its end."""
    until = review.ended_at or review.paused_at or now
    return max(0, round((until - review.started_at).total_seconds()) - review.paused_seconds)


@dataclass(frozen=True)
class Clock:
    """What a meeting's page says of time. `left` is below zero when it takes longer than planned."""

    spent: int
    planned: int
    undecided: int

    @property
    def left(self) -> int:
        return self.planned - self.spent

    @property
    def each(self) -> int | None:
        """Seconds for each action that is left; None where none is, or no time."""
        return self.left // self.undecided if self.undecided and self.left > 0 else None


def clock_of(review: ActionReview, undecided: int, now: datetime) -> Clock:
    return Clock(spent_seconds(review, now), review.planned_minutes * MINUTE, undecided)


def clock_face(seconds: int) -> str:
    """`12:05`, or `1:02:05` from an hour on; without a sign."""
    minutes, rest = divmod(abs(seconds), MINUTE)
    hours, minutes = divmod(minutes, MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def in_minutes(seconds: int) -> str:
    """`less than a minute`, `1 minute`, `38 minutes`: for the minutes of the meeting."""
    minutes = round(seconds / MINUTE)
    return "less than a minute" if not minutes else f"{minutes} minute{'' if minutes == 1 else 's'}"
