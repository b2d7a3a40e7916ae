"""A progress bar for work that takes more than two seconds, when somebody is watching."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from tqdm import tqdm

Thing = TypeVar("Thing")
SECONDS_UNTIL_SHOWN = 2


def track(things: Sequence[Thing], words: str, *, unit: str = " files") -> Iterable[Thing]:
    """Go through things; on a terminal a bar appears on standard error after two seconds."""
    # `disable=None` is tqdm's word for: not where the output is no terminal.
    return tqdm(things, desc=words, unit=unit, delay=SECONDS_UNTIL_SHOWN, disable=None, leave=False)
