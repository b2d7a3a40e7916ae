"""A progress bar for work that takes more than two seconds, when somebody is watching."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from shutil import get_terminal_size
from typing import NoReturn, TypeVar

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


@contextmanager
def shown() -> Iterator[Callable[[str, int, int], None]]:
    """For work that says itself how far it is: words, done, and of how many (0 where nobody knows)."""
    columns, lines = get_terminal_size()
    bars: dict[str, tqdm[NoReturn]] = {}

    def show(words: str, done: int, total: int) -> None:
        if words not in bars:
            for bar in bars.values():
                bar.close()
            bars[words] = tqdm(
                desc=words,
                delay=SECONDS_UNTIL_SHOWN,
                disable=None,
                leave=False,
                unit="",
                unit_scale=True,
                ncols=columns,
                nrows=lines,
            )
        bar = bars[words]
        bar.total = total or None
        bar.update(done - bar.n)

    try:
        yield show
    finally:
        for bar in bars.values():
            bar.close()
