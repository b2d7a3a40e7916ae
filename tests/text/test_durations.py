from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortem.text.durations import human_duration

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (1, "1 s"),
        (39, "39 s"),
        (59, "59 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (9 * MINUTE + 59, "9 min 59 s"),
        (10 * MINUTE, "10 min"),
        (10 * MINUTE + 29, "10 min"),
        (10 * MINUTE + 30, "11 min"),
        (45 * MINUTE, "45 min"),
        (59 * MINUTE + 29, "59 min"),
        (59 * MINUTE + 40, "1 h"),
        (HOUR, "1 h"),
        (2 * HOUR + 23 * MINUTE, "2 h 23 min"),
        (23 * HOUR + 59 * MINUTE + 30, "1 d"),
        (DAY, "1 d"),
        (3 * DAY + 4 * HOUR, "3 d 4 h"),
        (3 * DAY + 4 * HOUR + 29 * MINUTE, "3 d 4 h"),
        (3 * DAY + 4 * HOUR + 30 * MINUTE, "3 d 5 h"),
        (29 * DAY + 23 * HOUR + 30 * MINUTE, "30 d"),
        (593 * DAY, "593 d"),
        (593 * DAY + 12 * HOUR, "594 d"),
        (400 * 365 * DAY, "146000 d"),
        (-(2 * HOUR + 23 * MINUTE), "−2 h 23 min"),
    ],
)
def test_durations_read_as_people_say_them(seconds: int, words: str) -> None:
    assert human_duration(seconds) == words


@given(st.integers(0, 10**11))
def test_durations_are_right_within_the_smallest_unit_shown(seconds: int) -> None:
    units = {"s": 1, "min": MINUTE, "h": HOUR, "d": DAY}
    parts = human_duration(seconds).split()
    shown = sum(int(count) * units[unit] for count, unit in zip(parts[::2], parts[1::2], strict=True))
    step = (
        1 if seconds < 590 else MINUTE if seconds < DAY - 30 else HOUR if seconds < 30 * DAY - 1800 else DAY
    )
    assert abs(shown - seconds) <= step / 2
