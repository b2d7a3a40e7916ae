"""Rows for the points of a picture and their labels, so that no words lie over others. Pure.

Mirrors the macro that draws them: a point's label stands right of it, or left of it near the right edge, and
a stem goes from the point down to the axis.
"""

from collections.abc import Sequence

from postmortem.text.reading import shortened

MOST_ROWS = 7
# Every label gets this many characters, and more where nothing is in the way. Widths in the picture's units.
LABEL_MIN, LABEL_MAX = 24, 56
CHARACTER, LABEL_GAP, HALF_A_POINT = 7, 14, 8


def rows_of(points: Sequence[tuple[float, str]], width: float) -> list[tuple[int, str]]:
    """For points `(x, label)` from left to right: the row of each, and the words that there is room for.

    A point goes into the highest row that is free together with all rows below it, so that its stem crosses
    no label; when all rows are in use, into any free one; and when none is free, it stands without words on
    a line of its own below them.
    """
    ends: list[float] = []
    found: list[tuple[int, str]] = []
    for x, label in points:
        short = shortened(label, LABEL_MIN)
        left, right = _span(x, short, width)
        row = _free_row(ends, left)
        if row < MOST_ROWS:
            ends[row : row + 1] = [right]
        found.append((row, short if row < MOST_ROWS else ""))
    return [_lengthened(index, points, found, width) for index in range(len(points))]


def _span(x: float, label: str, width: float) -> tuple[float, float]:
    """From where to where a point and its label lie."""
    length = len(label) * CHARACTER + LABEL_GAP
    return (x - length, x + HALF_A_POINT) if x + length > width else (x - HALF_A_POINT, x + length)


def _free_row(ends: Sequence[float], left: float) -> int:
    free = [end <= left for end in ends]
    row = len(free)
    while row and free[row - 1]:
        row -= 1
    if row < MOST_ROWS:
        return row
    return free.index(True) if True in free else MOST_ROWS


def _lengthened(
    index: int, points: Sequence[tuple[float, str]], rows: Sequence[tuple[int, str]], width: float
) -> tuple[int, str]:
    """A point's row and its label, as long as the next label in its row and the stems from above let it be."""
    x, label = points[index]
    row, short = rows[index]
    limit = width
    for (other_x, _), (other_row, other_short) in zip(points[index + 1 :], rows[index + 1 :], strict=True):
        if other_row == row:
            limit = min(limit, _span(other_x, other_short, width)[0])
        elif other_row < row:
            limit = min(limit, other_x - HALF_A_POINT)
    fits = min(int((limit - x - LABEL_GAP) // CHARACTER), LABEL_MAX)
    return (row, shortened(label, fits)) if short and fits > len(short) else (row, short)
