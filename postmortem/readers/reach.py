"""How far a write-up travelled, in words that single nobody out.

Three things keep a figure from telling who read: it is shown from five readers on; it is rounded down to fives, so that one
reader more mostly changes nothing; and whoever came this week does not count yet, so that what changes does so once a week.
None and one to four are not told apart, and a part (outside the team, came back) never tells how many are left.
"""

from dataclasses import dataclass
from datetime import date, timedelta

FROM = 5
STEP = 5
COMES_BACK_AFTER = timedelta(days=90)


@dataclass(frozen=True)
class Reach:
    """Figures rounded down; `beyond` is None where no team stands at the write-up, `back` while nobody can have come back."""

    readers: int
    beyond: int | None
    back: int | None

    @property
    def sentence(self) -> str:
        """One or two sentences for the end of an entry."""
        text = f"Read by {_at_least(self.readers)} people"
        if self.beyond is not None:
            text += f", {_at_least(self.beyond)} of them outside the team"
        text += "."
        if self.back is not None:
            came = _at_least(self.back)
            text += f" {came[0].upper()}{came[1:]} came back after three months or later."
        return text


def reach_of(
    readers: int, beyond: int, back: int, *, has_team: bool, published_on: date, today: date
) -> Reach | None:
    """What may be shown of these counts; None below five readers."""
    if readers < FROM:
        return None
    return Reach(
        readers=rounded(readers),
        beyond=rounded(beyond) if has_team else None,
        back=rounded(back) if published_on + COMES_BACK_AFTER <= today else None,
    )


def rounded(count: int) -> int:
    """Down to fives: 0 stands for none to four."""
    return count - count % STEP


def counted_before(today: date) -> date:
    """Monday of this week: who came first from then on does not count yet."""
    return today - timedelta(days=today.weekday())


def _at_least(count: int) -> str:
    return f"at least {count:,}" if count else "fewer than five"
