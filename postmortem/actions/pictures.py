"""Pictures of what becomes of actions: columns and bars with the numbers that they are drawn from. Pure.

By team and by kind, never by person. A share of fewer than five is said as two numbers: it is no rate.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from postmortem.actions.enums import ACTION_KIND_LABELS, ActionKind
from postmortem.actions.plots import HEIGHT, SMALL, WIDTH, Plot, columns, shares

MONTHS = 12
QUARTER, LONGEST_MONTH = 3, 31
# On the list itself: a glance.
MONTHS_AT_A_GLANCE = 6
AGE_STEPS = (
    ("under a week", 7),
    ("to a month", 30),
    ("to 3 months", 91),
    ("to 6 months", 182),
    ("to a year", 365),
    ("over a year", None),
)
REDATED_STEPS = ("never", "once", "twice", "3 times", "4 times", "5 or more")
# From so many on a share is called one.
ENOUGH = 5
NO_TEAM, NO_KIND = "No team", "No kind"


@dataclass(frozen=True)
class Sums:
    """The actions of one team and one kind. `ages` and `redated` are counts by step, in the order of the steps.

    `due` are those whose first due date has passed, `in_time` those of them that were done by then; `dated` are
    those that ever had a due date.
    """

    team: str | None
    kind: ActionKind | None
    ages: tuple[int, ...]
    due: int
    in_time: int
    dated: int
    redated: tuple[int, ...]
    created: tuple[int, ...]
    closed: tuple[int, ...]


@dataclass(frozen=True)
class Table:
    """The numbers of a picture. Cells are texts and whole numbers."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Picture:
    """One question with its answer. `key` names it in addresses; `summary` is the answer in a sentence."""

    key: str
    title: str
    summary: str
    plots: tuple[Plot, ...]
    table: Table
    note: str = ""


def months_until(today: date, count: int = MONTHS) -> list[date]:
    """The first days of the last `count` months, this one included, and of the next one.

    Of more than MONTHS it is quarters of the year, this one included: more columns would not be read.
    """
    step = 1 if count <= MONTHS else QUARTER
    after = (today.year * 12 + today.month - 1) // step * step + step
    return [date(number // 12, number % 12 + 1, 1) for number in range(after - count, after + 1, step)]


def _step_names(months: Sequence[date]) -> list[str]:
    """Each step by its name, and by the quarter's where it is longer than a month."""
    is_long = (months[1] - months[0]).days > LONGEST_MONTH
    return [
        f"Q{(month.month - 1) // QUARTER + 1} {month.year}" if is_long else f"{month:%b %Y}"
        for month in months[:-1]
    ]


def months_between(months: Sequence[date]) -> int:
    """How many months there are from the first of these days to the last."""
    first, last = months[0], months[-1]
    return (last.year - first.year) * 12 + last.month - first.month


def born_after(now: datetime) -> list[datetime]:
    """Where the steps of age begin, youngest first; the last step has no beginning."""
    return [now - timedelta(days=days) for _, days in AGE_STEPS if days is not None]


def created_against_closed(months: Sequence[date], found: Sequence[Sums]) -> Picture:
    """`months` are first days, one more than there are steps."""
    created = _added((each.created for each in found), len(months) - 1)
    closed = _added((each.closed for each in found), len(months) - 1)
    return at_a_glance(months, created, closed, size=(WIDTH, HEIGHT))


def at_a_glance(
    months: Sequence[date],
    created: Sequence[int],
    closed: Sequence[int],
    *,
    size: tuple[int, int] = SMALL,
) -> Picture:
    """The same from the two rows of numbers, drawn small."""
    names = _step_names(months)
    more, total = sum(created) - sum(closed), sum(created) + sum(closed)
    summary = "Nothing was added or closed in these months."
    if total:
        change = (
            "as many as were added"
            if not more
            else f"{abs(more):,} {'more' if more < 0 else 'fewer'} than were added"
        )
        summary = (
            f"{sum(created):,} added and {sum(closed):,} closed in {months_between(months)} months: {change}."
        )
    return Picture(
        "created-closed",
        "Created against closed",
        summary,
        (columns("Actions created and closed", names, (("created", created), ("closed", closed)), size=size),)
        if total
        else (),
        Table(
            ("Quarter" if names[0].startswith("Q") else "Month", "Created", "Closed"),
            tuple(zip(names, created, closed, strict=True)),
        ),
        "Months and quarters are those of UTC. Closed is done, verified or not doing; what is open again counts no more.",
    )


def age_of_open(found: Iterable[Sums]) -> Picture:
    """How long what is open has been so."""
    counts = _added((each.ages for each in found), len(AGE_STEPS))
    total, old = sum(counts), sum(counts[3:])
    names = [name for name, _ in AGE_STEPS]
    return Picture(
        "age",
        "Age of what is open",
        f"{_actions(total)} open{f', {old:,} of them for more than three months' if total else ''}.",
        (columns("Open actions by age", names, (("open", counts),)),) if total else (),
        Table(("Open for", "Actions"), tuple(zip(names, counts, strict=True))),
        "As it is today, whatever the period. Counted from the day on which an action was added.",
    )


def done_in_time(found: Sequence[Sums]) -> Picture:
    """The share done by the first due date; what is late and still open counts as not done."""
    groups = _groups(found, lambda each: (each.in_time, each.due))
    part, whole = groups[0][2:]
    return Picture(
        "in-time",
        "Done by the first due date",
        _share_sentence(
            part, whole, "were done by their first due date", "No first due date has passed yet."
        ),
        _share_plots(groups, "done by their first due date"),
        _share_table(groups, "Done by then", "Due"),
        "Of actions whose first due date is in the period and has passed, without those decided against. Re-dating moves no first date.",
    )


def redated(found: Iterable[Sums]) -> Picture:
    """How often due dates were moved."""
    counts = _added((each.redated for each in found), len(REDATED_STEPS))
    total = sum(counts)
    return Picture(
        "redated",
        "How often re-dated",
        _share_sentence(
            total - counts[0], total, "were re-dated at least once", "No action had a due date yet."
        ),
        (columns("Actions by how often they were re-dated", REDATED_STEPS, (("redated", counts),)),)
        if total
        else (),
        Table(("Re-dated", "Actions"), tuple(zip(REDATED_STEPS, counts, strict=True))),
        "Of actions that were added in the period and ever had a due date, open and closed.",
    )


def redated_by_group(found: Sequence[Sums]) -> Picture:
    """The share that was re-dated at all, by kind and by team."""
    groups = _groups(found, lambda each: (sum(each.redated[1:]), each.dated))
    return Picture(
        "redated-by",
        "Re-dated, by team and kind",
        "How many were re-dated at least once.",
        _share_plots(groups, "re-dated at least once"),
        _share_table(groups, "Re-dated", "With a due date"),
    )


def share_words(part: int, whole: int) -> str:
    """`34 of 61 (56 %)`; of few only how many."""
    words = f"{part:,} of {whole:,}"
    return f"{words} ({round(100 * part / whole)} %)" if whole >= ENOUGH else words


def _share_sentence(part: int, whole: int, verb: str, none: str) -> str:
    if not whole:
        return none
    few = "" if whole >= ENOUGH else ": too few to speak of a share"
    return f"{share_words(part, whole)} {verb}{few}."


Group = tuple[str, str, int, int]


def _groups(found: Sequence[Sums], of: Callable[[Sums], tuple[int, int]]) -> list[Group]:
    """`(by, name, part, whole)`: all of them, then each kind in its order, then each team by name."""
    kinds: dict[str, list[int]] = {label: [0, 0] for label in (*ACTION_KIND_LABELS.values(), NO_KIND)}
    teams: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    total = [0, 0]
    for each in found:
        for place, number in enumerate(of(each)):
            total[place] += number
            kinds[ACTION_KIND_LABELS[each.kind] if each.kind else NO_KIND][place] += number
            teams[each.team or NO_TEAM][place] += number
    named = sorted(teams.items(), key=lambda item: (item[0] == NO_TEAM, item[0].casefold()))
    return [
        ("all", "All", total[0], total[1]),
        *(("kind", name, part, whole) for name, (part, whole) in kinds.items() if whole),
        *(("team", name, part, whole) for name, (part, whole) in named if whole),
    ]


def _share_plots(groups: Sequence[Group], what: str) -> tuple[Plot, ...]:
    found = []
    for by in ("kind", "team"):
        rows = [(name, part, whole, whole >= ENOUGH) for of, name, part, whole in groups if of == by]
        if rows:
            found.append(shares(f"By {by}: share {what}", rows))
    return tuple(found)


def _share_table(groups: Iterable[Group], part_name: str, whole_name: str) -> Table:
    return Table(
        ("Name", "By", part_name, whole_name, "Share in %"),
        tuple(
            (name, by, part, whole, round(100 * part / whole) if whole >= ENOUGH else "too few")
            for by, name, part, whole in groups
        ),
    )


def _added(rows: Iterable[tuple[int, ...]], steps: int) -> list[int]:
    """Column by column; zeroes where there are no rows."""
    return [sum(column) for column in zip(*rows, strict=True)] or [0] * steps


def _actions(count: int) -> str:
    return f"{count:,} action is" if count == 1 else f"{count:,} actions are"
