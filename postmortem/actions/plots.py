"""Where the columns and bars of a picture stand, in units of its drawing. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 240
# Drawn beside other things.
SMALL = (340, 130)
TOP, FOOT, GAP = 40, 28, 10
# Bars that lie are read on a phone without scrolling: less width, so that their words do not shrink as much.
LYING_WIDTH, ROW, NAME_WIDTH, ROOM = 480, 30, 150, 180
# So many teams are drawn, the largest; the table has all.
MOST_ROWS = 15
NAME_MAX = 22


@dataclass(frozen=True)
class Bar:
    """A rectangle; `label` is the number beside or above it, `title` what it says in words."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    label: str
    title: str


@dataclass(frozen=True)
class Plot:
    """What `actions/_plots.html` draws: `names` are `(x, y, text)`, `legend` pairs of kind and word."""

    title: str
    is_lying: bool
    height: float
    bars: tuple[Bar, ...]
    names: tuple[tuple[float, float, str], ...]
    legend: tuple[tuple[str, str], ...] = ()
    note: str = ""
    width: int = WIDTH
    # How far a bar that lies can reach.
    room: int = 0


def columns(
    title: str,
    names: Sequence[str],
    series: Sequence[tuple[str, Sequence[int]]],
    *,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Plot:
    """Columns side by side over each name, one for each series (its kind and its numbers)."""
    most = max((number for _, numbers in series for number in numbers), default=0) or 1
    full_width, full_height = size
    step = full_width / len(names)
    width = (step - GAP) / len(series)
    bars = []
    for place, (kind, numbers) in enumerate(series):
        for number, (name, count) in enumerate(zip(names, numbers, strict=True)):
            height = round((full_height - TOP - FOOT) * count / most, 1)
            x = round(step * number + GAP / 2 + width * place, 1)
            y = round(full_height - FOOT - height, 1)
            title_of_bar = f"{name}: {count:,} {kind}"
            bars.append(Bar(x, y, round(width - 2, 1), height, kind, short(count), title_of_bar))
    middles = [
        (round(step * (number + 0.5), 1), full_height - 9.0, name)
        for number, name in enumerate(_short_names(names))
    ]
    legend = tuple((kind, kind.capitalize()) for kind, _ in series) if len(series) > 1 else ()
    return Plot(title, False, full_height, tuple(bars), tuple(middles), legend, width=full_width)


def shares(title: str, rows: Sequence[tuple[str, int, int, bool]]) -> Plot:
    """Bars from left to right, one to a row: name, part, whole, and whether the whole is large enough for a bar."""
    largest = sorted(rows, key=lambda row: -row[2])[:MOST_ROWS]
    shown = [row for row in rows if row in largest]
    bars, names = [], []
    for number, (name, part, whole, is_enough) in enumerate(shown):
        y = number * ROW + 6
        words = f"{part:,} of {whole:,}" + (
            f" · {round(100 * part / whole)} %" if is_enough else " · too few"
        )
        width = round(ROOM * part / whole, 1) if is_enough else 0
        bars.append(
            Bar(NAME_WIDTH + GAP, y, width, 18, "share" if is_enough else "few", words, f"{name}: {words}")
        )
        names.append((NAME_WIDTH, y + 14.0, name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 1]}…"))
    note = f"The {len(shown)} largest of {len(rows)}; the table has all." if len(rows) > len(shown) else ""
    return Plot(
        title, True, len(shown) * ROW + 6, tuple(bars), tuple(names), note=note, width=LYING_WIDTH, room=ROOM
    )


def short(count: int) -> str:
    """A number for the top of a narrow column: blank for none, `1.2k` for many."""
    if not count:
        return ""
    return f"{count}" if count < 1000 else f"{count / 1000:.1f}k" if count < 10_000 else f"{count // 1000}k"


def _short_names(names: Sequence[str]) -> list[str]:
    """`Mar 2026` becomes `Mar`, but for January, and `Q2 2026` becomes `Q2`, but for the first; other names stay."""
    found = []
    for name in names:
        word, _, year = name.partition(" ")
        is_step = len(word) in (2, 3) and year.isdigit()
        found.append(word if is_step and word not in ("Jan", "Q1") else name)
    return found
