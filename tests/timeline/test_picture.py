"""The picture of an incident's time: to scale, whatever is known, however long it took."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortem.timeline.enums import EventKind
from postmortem.timeline.picture import MARGIN, WIDTH, Picture, picture_of
from postmortem.timeline.rows import CHARACTER, LABEL_GAP, MOST_ROWS

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
STOCKHOLM = ZoneInfo("Europe/Stockholm")
MOMENTS = ("impact_started_at", "detected_at", "declared_at", "mitigated_at", "resolved_at")


def incident(**values: Any) -> Any:
    """Moments as minutes after NOON, or as datetimes."""
    known = dict.fromkeys(MOMENTS, None)
    for name in values.keys() & set(MOMENTS):
        value = values.pop(name)
        known[name] = value if isinstance(value, datetime) else after(value)
    sure = {f"{name}_confidence": "exact" for name in MOMENTS}
    return SimpleNamespace(
        **{"id": 12, "kind": "incident", "status": "closed", "timezone": "UTC", **known, **sure, **values}
    )


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def event(minutes: float | None, text: str = "A fact", kind: EventKind = EventKind.OTHER) -> Any:
    return SimpleNamespace(occurred_at=None if minutes is None else after(minutes), kind=kind, text=text)


def drawn(an_incident: Any, events: Sequence[Any] = (), minutes: float = 0) -> Picture:
    picture = picture_of(an_incident, events, STOCKHOLM, now=after(minutes))
    assert picture is not None
    return picture


def test_nothing_known_is_no_picture() -> None:
    assert picture_of(incident(), [], STOCKHOLM) is None
    assert picture_of(incident(status="open"), [event(None)], STOCKHOLM, now=NOON) is None


def test_bars_run_from_the_start_of_impact_and_events_stand_where_they_were() -> None:
    picture = drawn(
        incident(impact_started_at=0, detected_at=30, mitigated_at=60, resolved_at=120),
        [event(15, "The **pager** rang", EventKind.DETECTION), event(90), event(None)],
    )
    room = WIDTH - 2 * MARGIN
    assert picture.bars == [
        (MARGIN, room / 4, "Detect 30 min", "detect"),
        (MARGIN, room / 2, "Mitigate 1 h", "mitigate"),
        (MARGIN, room, "Resolve 2 h", "resolve"),
    ]
    assert [(x, label, kind) for x, _, label, kind, _ in picture.points] == [
        (MARGIN + room / 8, "The pager rang", "detection"),
        (MARGIN + room * 3 / 4, "A fact", "other"),
    ]
    assert picture.points[0][4] == "14 March 2026, 13:15 Detection: The pager rang"
    assert [label for _, label in picture.ticks] == ["13:00", "13:15", "13:30", "13:45", "14:00", "14:15", "14:30", "14:45", "15:00"]  # fmt: skip
    assert picture.title == "Timeline of INC-12 to scale"
    assert picture.description == (
        "From 14 March 2026, 13:00 to 14 March 2026, 15:00. Impact: detected after 30 min, mitigated after 1 h, "
        "resolved after 2 h. 2 events are drawn."
    )
    assert picture.height == 32 * 3 + 26 + 48


def test_moments_without_a_bar_are_points() -> None:
    picture = drawn(incident(impact_started_at=0, declared_at=7, resolved_at=20))
    assert [point[2] for point in picture.points] == ["Declared"]
    picture = drawn(incident(detected_at=5, mitigated_at=10))
    assert picture.bars == []
    assert [(point[2], point[3]) for point in picture.points] == [
        ("Detected", "detection"),
        ("Mitigated", "repair"),
    ]


def test_an_end_before_the_start_is_loud_and_drawn_where_it_is() -> None:
    picture = drawn(incident(impact_started_at=60, detected_at=120, resolved_at=0))
    assert picture.bars[1][0] == MARGIN
    assert picture.bars[1][2:] == ("Resolve: end before start", "invalid")
    assert "resolved 1 h before it began" in picture.description


def test_an_open_incident_lasts_until_now() -> None:
    picture = drawn(incident(impact_started_at=0, status="open"), minutes=195)
    assert picture.bars == [(MARGIN, WIDTH - 2 * MARGIN, "Impact so far 3 h 15 min", "resolve")]
    assert "not over after 3 h 15 min" in picture.description


@pytest.mark.parametrize("start", [datetime(1628, 8, 10, 16, 0, tzinfo=UTC), NOON + timedelta(days=3)])
def test_an_open_incident_without_a_believable_now_has_no_end(start: datetime) -> None:
    picture = drawn(incident(impact_started_at=start, status="open"))
    ((x, width, label, _),) = picture.bars
    assert (x + width, label) == (WIDTH - MARGIN, "Impact: no end recorded")


def test_one_moment_alone_stands_in_the_middle_of_an_hour() -> None:
    picture = drawn(incident(), [event(0), event(0, "The same minute")])
    assert {point[0] for point in picture.points} == {WIDTH / 2}
    assert picture.points[0][1] != picture.points[1][1]
    assert picture.description == "At 14 March 2026, 13:00. 2 events are drawn."
    assert len(picture.ticks) > 2


def test_what_lies_far_away_is_named_and_not_drawn() -> None:
    """A certificate renewed a month before; a letter of thanks a week later; a check the same evening."""
    known = incident(impact_started_at=0, detected_at=131, resolved_at=228)
    picture = drawn(known, [event(-41_760), event(4), event(600), event(10_000), event(11_000)])
    assert [point[4].split(" Other")[0] for point in picture.points] == [
        "14 March 2026, 13:04",
        "14 March 2026, 23:00",
    ]
    assert (
        picture.left_out
        == "Too far away to draw to scale: 1 event 29 d earlier and 2 events 6 d 13 h or more later."
    )
    assert "2 events are drawn" in picture.description


def test_without_moments_the_crowd_decides_what_is_far_away() -> None:
    picture = drawn(incident(), [event(-41_760), event(0), event(10), event(25), event(30)])
    assert len(picture.points) == 4
    assert "1 event 28 d" in picture.left_out or "1 event 29 d" in picture.left_out


def test_many_events_leave_labels_out_before_they_touch() -> None:
    picture = drawn(
        incident(impact_started_at=0, resolved_at=60), [event(n, "Something happened") for n in range(60)]
    )
    assert len(picture.points) == 60
    assert any(label == "" for _, _, label, _, _ in picture.points)
    assert picture.height == 32 + 26 * (MOST_ROWS + 1) + 48


def test_a_label_is_as_long_as_its_neighbours_let_it_be() -> None:
    words = "The owner of a karaoke bar writes for the third time since lunch"
    known = incident(impact_started_at=0, resolved_at=60)
    alone = drawn(known, [event(0, words)]).points[0][2]
    assert alone == "The owner of a karaoke bar writes for the third time…"
    among = drawn(known, [event(0, words), event(1, words), event(20, words)])
    assert [label for _, _, label, _, _ in among.points] == [
        "The owner of a karaoke bar writes for…",
        "The owner of a karaoke bar writes…",
        alone,
    ]


def test_no_stem_crosses_a_label_while_there_are_rows() -> None:
    """Four crowds of up to seven events, and room between them."""
    minutes = [150 * crowd + 9 * n for crowd in range(4) for n in range(4 + crowd)]
    picture = drawn(
        incident(impact_started_at=0, resolved_at=600), [event(n, "A short fact") for n in minutes]
    )
    labels = [(x, y, x + len(label) * CHARACTER) for x, y, label, _, _ in picture.points if label]
    crossed = [
        (x, left)
        for x, y, *_ in picture.points
        for left, row, right in labels
        if y < row and left < x < right < WIDTH - LABEL_GAP
    ]
    assert not crossed


def spans(picture: Picture) -> list[tuple[float, float, float]]:
    """Row, left and right of each label as the component draws it."""
    found = []
    for x, y, label, _, _ in picture.points:
        length = len(label) * CHARACTER
        turned = x + length + LABEL_GAP > WIDTH
        if label:
            found.append((y, x - length - 11 if turned else x, x if turned else x + 11 + length))
    return sorted(found)


minutes = st.one_of(st.integers(-300, 3000), st.integers(-1_000_000, 1_000_000))
moments = st.fixed_dictionaries({}, optional=dict.fromkeys(MOMENTS, minutes))
event_lists = st.lists(
    st.builds(event, minutes, st.text("ab ", min_size=1, max_size=40), st.sampled_from(EventKind)),
    max_size=40,
)


@given(known=moments, events=event_lists, status=st.sampled_from(["open", "resolved"]), now=minutes)
def test_everything_lies_within_in_order_and_labels_do_not_cross(
    known: dict[str, int], events: list[Any], status: str, now: int
) -> None:
    picture = picture_of(incident(status=status, **known), events, STOCKHOLM, now=after(now))
    if picture is None:
        assert not known
        assert not events
        return
    for x, width, _, _ in picture.bars:
        assert MARGIN <= x <= x + width <= WIDTH - MARGIN + 0.2
    for x, y, _, kind, _ in picture.points:
        assert MARGIN <= x <= WIDTH - MARGIN
        assert 32 * len(picture.bars) + 26 <= y <= picture.height - 26
        assert kind in set(EventKind)
    across = [x for x, *_ in picture.points]
    assert across == sorted(across)
    ticks = [x for x, _ in picture.ticks]
    assert ticks == sorted(set(ticks))
    assert all(MARGIN <= x <= WIDTH - MARGIN for x in ticks)
    found = spans(picture)
    for (row, _, right), (next_row, left, _) in pairwise(found):
        assert row != next_row or right <= left + 1
    timed = sum(1 for each in events if each.occurred_at)
    own = sum(1 for point in picture.points if ": " in point[4].split(", ", 1)[1][5:])
    assert own == timed or picture.left_out
    assert picture.title
    assert picture.description.endswith(".")


@given(first=st.integers(-500_000_000, 500_000_000), second=st.integers(-500_000_000, 500_000_000))
def test_distances_are_to_scale(first: int, second: int) -> None:
    """Twice as long is twice as wide, over seconds and over a thousand years."""
    if first == second:
        return
    low, high = min(first, second), max(first, second)
    start, end = NOON + timedelta(minutes=low), NOON + timedelta(minutes=high)
    middle = start + (end - start) / 2
    picture = drawn(incident(impact_started_at=start, mitigated_at=middle, resolved_at=end))
    assert picture.bars[0][1] == pytest.approx(picture.bars[1][1] / 2, abs=0.2)
