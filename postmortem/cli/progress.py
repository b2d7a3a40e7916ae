"""A progress bar for work that takes more than two seconds, when somebody is watching."""

from collections.abc import Iterable
from shutil import get_terminal_size
from typing import TypeVar

from tqdm import tqdm

Thing = TypeVar("Thing")
SECONDS_UNTIL_SHOWN = 2


def track(things: Iterable[Thing], words: str, *, unit: str = " files") -> Iterable[Thing]:
    """Go through things; on a terminal a bar appears on standard error after two seconds."""
    columns, lines = get_terminal_size()
    return tqdm(
        things,
        desc=words,
        unit=unit,
        delay=SECONDS_UNTIL_SHOWN,
        # tqdm's word for: not where the output is no terminal.
        disable=None,
        leave=False,
        # A terminal that does not know its size would get a bar of none.
        ncols=columns,
        nrows=lines,
    )
