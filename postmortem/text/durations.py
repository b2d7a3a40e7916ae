"""Durations in the words of the product: `2 h 23 min`."""

from __future__ import annotations

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400

# Below the limit, a duration is shown in these units, rounded half up to the last of them.
_STEPS: tuple[tuple[float, tuple[tuple[int, str], ...]], ...] = (
    (_MINUTE, ((1, "s"),)),
    (10 * _MINUTE, ((_MINUTE, "min"), (1, "s"))),
    (_HOUR, ((_MINUTE, "min"),)),
    (_DAY, ((_HOUR, "h"), (_MINUTE, "min"))),
    (30 * _DAY, ((_DAY, "d"), (_HOUR, "h"))),
    (float("inf"), ((_DAY, "d"),)),
)


def human_duration(seconds: int) -> str:
    """Say a number of seconds as people do: `39 s`, `1 min 30 s`, `45 min`, `2 h 23 min`, `3 d 4 h`, `593 d`.

    Seconds are shown below ten minutes, minutes below a day, hours below thirty days. Rounding is half up to
    the smallest unit shown and carries over (59 min 40 s is `1 h`); units that are zero are left out. A
    negative duration, which the product shows rather than hides, gets a minus sign (U+2212).
    """
    size = abs(seconds)
    for limit, units in _STEPS:
        smallest = units[-1][0]
        rounded = (size + smallest // 2) // smallest * smallest
        if rounded < limit:
            break
    words = []
    for length, name in units:
        count, rounded = divmod(rounded, length)
        if count:
            words.append(f"{count} {name}")
    return ("−" if seconds < 0 else "") + (" ".join(words) or "0 s")
