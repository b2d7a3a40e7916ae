"""What the pictures are made of: steps, sentences, and where columns and bars stand."""

from dataclasses import replace
from datetime import UTC, date, datetime

from postmortem.actions import pictures, plots
from postmortem.actions.enums import ActionKind
from postmortem.actions.pictures import Sums


def made(team: str | None, kind: ActionKind | None, **values: int) -> Sums:
    return Sums(
        team=team,
        kind=kind,
        ages=(values.get("young", 0), 0, 0, 0, 0, values.get("old", 0)),
        due=values.get("due", 0),
        in_time=values.get("in_time", 0),
        dated=values.get("never", 0) + values.get("often", 0),
        redated=(values.get("never", 0), 0, 0, 0, 0, values.get("often", 0)),
        created=(),
        closed=(),
    )


def in_months(created: tuple[int, ...], closed: tuple[int, ...]) -> Sums:
    return replace(made(None, None), created=created, closed=closed)


def test_months_go_over_the_year() -> None:
    months = pictures.months_until(date(2026, 2, 28), 4)
    assert months == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
        date(2026, 3, 1),
    ]
    assert len(pictures.months_until(date(2026, 12, 31))) == 13
    assert pictures.months_until(date(2026, 12, 31))[-1] == date(2027, 1, 1)


def test_three_years_are_told_by_quarter() -> None:
    months = pictures.months_until(date(2026, 2, 28), 36)
    assert (months[0], months[-2], months[-1]) == (date(2023, 4, 1), date(2026, 1, 1), date(2026, 4, 1))
    assert len(months) == 13
    picture = pictures.created_against_closed(months, [in_months((1,) * 12, (0,) * 12)])
    assert picture.summary.startswith("12 added and 0 closed in 36 months")
    assert picture.table.headings[0] == "Quarter"
    assert [picture.table.rows[place][0] for place in (0, -1)] == ["Q2 2023", "Q1 2026"]
    assert [name for _, _, name in picture.plots[0].names][2:5] == ["Q4", "Q1 2024", "Q2"]


def test_a_small_picture_keeps_to_its_size() -> None:
    months = pictures.months_until(date(2026, 2, 28), 6)
    plot = pictures.at_a_glance(months, [9, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 90]).plots[0]
    assert (plot.width, plot.height) == plots.SMALL
    assert all(bar.x + bar.width <= plot.width and bar.y + bar.height <= plot.height for bar in plot.bars)
    assert min(bar.y for bar in plot.bars) == plots.TOP


def test_steps_of_age_begin_youngest_first() -> None:
    moments = pictures.born_after(datetime(2026, 3, 9, tzinfo=UTC))
    assert moments == sorted(moments, reverse=True)
    assert moments[0] == datetime(2026, 3, 2, tzinfo=UTC)
    assert len(moments) == len(pictures.AGE_STEPS) - 1


def test_created_against_closed_says_what_is_left() -> None:
    months = pictures.months_until(date(2026, 2, 28), 2)
    picture = pictures.created_against_closed(months, [in_months((3, 4), (0, 2)), in_months((0, 1), (1, 0))])
    assert picture.summary == "8 added and 3 closed in 2 months: 5 fewer than were added."
    assert picture.table.rows == (("Jan 2026", 3, 1), ("Feb 2026", 5, 2))
    assert "2 more than" in pictures.created_against_closed(months, [in_months((1, 0), (1, 2))]).summary
    assert "as many as" in pictures.created_against_closed(months, [in_months((1, 1), (0, 2))]).summary
    nothing = pictures.created_against_closed(months, [])
    assert (nothing.plots, nothing.summary) == ((), "Nothing was added or closed in these months.")


def test_a_share_of_few_is_no_rate() -> None:
    assert pictures.share_words(3, 4) == "3 of 4"
    assert pictures.share_words(34, 61) == "34 of 61 (56 %)"
    few = pictures.done_in_time([made("Sound", ActionKind.REPAIR, due=4, in_time=3)])
    assert few.summary == "3 of 4 were done by their first due date: too few to speak of a share."
    assert "%" not in repr(few.plots)
    assert few.table.rows[0] == ("All", "all", 3, 4, "too few")
    none = pictures.done_in_time([])
    assert (none.summary, none.plots) == ("No first due date has passed yet.", ())


def test_groups_are_all_then_kinds_then_teams_by_name_and_nobody_twice() -> None:
    found = [
        made(None, None, due=2, in_time=1),
        made("tape", ActionKind.DETECT, due=6, in_time=6),
        made("Sound", ActionKind.REPAIR, due=3),
        made("Sound", ActionKind.DETECT, due=4, in_time=2),
    ]
    picture = pictures.done_in_time(found)
    assert picture.summary == "9 of 15 (60 %) were done by their first due date."
    assert picture.table.rows == (
        ("All", "all", 9, 15, 60),
        ("Repair", "kind", 0, 3, "too few"),
        ("Detect", "kind", 8, 10, 80),
        ("No kind", "kind", 1, 2, "too few"),
        ("Sound", "team", 2, 7, 29),
        ("tape", "team", 6, 6, 100),
        ("No team", "team", 1, 2, "too few"),
    )


def test_ages_and_redatings_are_added_up() -> None:
    found = [made("a", None, young=2, often=1, never=3), made("b", None, old=1, never=2)]
    age = pictures.age_of_open(found)
    assert age.summary == "3 actions are open, 1 of them for more than three months."
    assert [count for _, count in age.table.rows] == [2, 0, 0, 0, 0, 1]
    redated = pictures.redated(found)
    assert redated.summary == "1 of 6 (17 %) were re-dated at least once."
    assert redated.table.rows[0] == ("never", 5)
    assert redated.table.rows[-1] == ("5 or more", 1)
    assert pictures.age_of_open([]).summary == "0 actions are open."
    assert pictures.redated_by_group(found).table.rows[0][2:4] == (1, 6)


def test_columns_stand_on_the_axis_and_stay_inside() -> None:
    plot = plots.columns("x", ["Dec 2025", "Jan 2026"], (("created", [4, 0]), ("closed", [2, 1234])))
    for bar in plot.bars:
        assert bar.y + bar.height == plot.height - plots.FOOT
        assert bar.x >= 0
        assert bar.x + bar.width <= plot.width
    assert [bar.label for bar in plot.bars] == ["4", "", "2", "1.2k"]
    assert [name for _, _, name in plot.names] == ["Dec", "Jan 2026"]
    assert plot.bars[0].title == "Dec 2025: 4 created"


def test_of_many_teams_the_largest_are_drawn() -> None:
    rows = [(f"Team {number:02}", 1, number, number >= 5) for number in range(1, 31)]
    plot = plots.shares("x", rows)
    assert len(plot.bars) == plots.MOST_ROWS
    assert plot.note == "The 15 largest of 30; the table has all."
    assert all(bar.width <= plot.room for bar in plot.bars)
    assert (
        plots.shares("x", [("A name that is much longer than the room", 0, 9, True)])
        .names[0][2]
        .endswith("…")
    )
