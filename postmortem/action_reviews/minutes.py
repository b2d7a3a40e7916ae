"""The minutes of a meeting in Markdown, made anew for each reader out of what they may see. Nothing is stored."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.queries import names_of
from postmortem.action_reviews.enums import QUEUE_REASON_LABELS, Decision, ReviewState
from postmortem.action_reviews.models import ActionReview, outcome_told
from postmortem.action_reviews.queries import people_of
from postmortem.action_reviews.queries_minutes import minuted_items
from postmortem.action_reviews.timing import in_minutes, spent_seconds
from postmortem.actions.words import long_date
from postmortem.incidents.enums import Visibility

# In the order in which they are read: what is over, what goes on, what changed.
HEADINGS = {
    Decision.DONE: "Done",
    Decision.VERIFY: "Checked whether it works",
    Decision.START: "Started",
    Decision.REDATE: "New dates",
    Decision.HAND_OVER: "Handed over",
    Decision.SPLIT: "Split",
    Decision.NOT_DOING: "Not doing",
    Decision.KEEP: "Kept as they are",
}
# Decisions whose field says more than the outcome does.
_WITH_NOTE = (Decision.VERIFY, Decision.NOT_DOING)
# What can be escaped with a backslash and means something inside a line; raw HTML is text here in any case.
_SPECIAL = re.compile(r"([\\`*_\[\]>|])")


@dataclass(frozen=True)
class Minutes:
    """What the minutes tell one reader. `for_publishing` leaves out who was there and every name."""

    review: ActionReview
    items: Sequence[Row[Any]]
    people: Sequence[str]
    names: dict[int, str]
    base_url: str = ""
    for_publishing: bool = False

    @property
    def decided(self) -> list[Row[Any]]:
        return [row for row in self.items if row.decision is not None]

    @property
    def numbers(self) -> list[tuple[str, int, int]]:
        """For each reason how many actions it held for before and after: label, before, after."""
        before = Counter(reason for row in self.items for reason in row.reasons_before)
        after = Counter(reason for row in self.items for reason in row.reasons_after or ())
        return [
            (label, before[reason], after[reason])
            for reason, label in QUEUE_REASON_LABELS.items()
            if before[reason] or after[reason]
        ]

    @property
    def tldr(self) -> str:
        """The meeting in one sentence."""
        return f"{len(self.decided)} of {len(self.items)} actions were decided in {self._time()}."

    @property
    def markdown(self) -> str:
        parts = [f"# {_plain(self.review.title)}", self._opening()]
        if not self.for_publishing:
            parts.append("## Present\n\n" + (", ".join(map(_plain, self.people)) or "Nobody."))
        parts += [self._table(), self._decisions(), self._undecided(), self._questions()]
        return "\n\n".join(part for part in parts if part) + "\n"

    @property
    def body(self) -> str:
        """The same for a write-up, whose title stands above it."""
        return self.markdown.split("\n\n", 1)[1]

    @property
    def without_questions(self) -> str:
        """The same for a page, which shows what was rendered of the open questions when they were written."""
        return self.body.removesuffix(f"{self._questions()}\n")

    def _time(self) -> str:
        return in_minutes(spent_seconds(self.review, clock.now()))

    def _opening(self) -> str:
        review = self.review
        day = long_date(review.started_at.date())
        of_team = f" of the team {_plain(review.team.name)}" if review.team else ""
        led = "" if self.for_publishing else f", led by {_plain(review.started_by.name)}"
        return (
            f"{day}{of_team}{led}. {self.tldr[:-1]}; {in_minutes(review.planned_minutes * 60)} were planned."
        )

    def _table(self) -> str:
        if not self.numbers:
            return ""
        if self.review.state is not ReviewState.ENDED:
            # Nobody has counted again yet.
            lines = ["## In numbers", "", "| Actions | Before |", "|---|--:|"]
            return "\n".join([*lines, *(f"| {label} | {old} |" for label, old, _ in self.numbers)])
        lines = ["## In numbers", "", "| Actions | Before | After |", "|---|--:|--:|"]
        return "\n".join([*lines, *(f"| {label} | {old} | {new} |" for label, old, new in self.numbers)])

    def _decisions(self) -> str:
        parts = ["## Decisions"]
        for decision, heading in HEADINGS.items():
            rows = [row for row in self.decided if row.decision is decision]
            if rows:
                parts.append(f"### {heading} ({len(rows)})")
                parts.append("\n".join(f"- {self._line(row)}: {self._outcome(row)}" for row in rows))
        return "\n\n".join(parts if len(parts) > 1 else [*parts, "Nothing was decided."])

    def _undecided(self) -> str:
        rows = [row for row in self.items if row.decision is None]
        if not rows:
            return ""
        lines = [f"- {self._line(row)} ({QUEUE_REASON_LABELS[row.reason].lower()})" for row in rows]
        return f"## Not reached ({len(rows)})\n\n" + "\n".join(lines)

    def _questions(self) -> str:
        notes = self.review.notes.strip()
        return f"## Open questions\n\n{notes}" if notes else ""

    def _line(self, row: Row[Any]) -> str:
        reference = f"ACT-{row.action_id}"
        if self.base_url:
            reference = f"[{reference}]({self.base_url}/actions/{row.action_id})"
        closed = ", restricted" if row.visibility != Visibility.OPEN else ""
        team = f", {_plain(row.team_name)}" if row.team_name and self.for_publishing else ""
        return f"{reference} **{_plain(row.title)}** (INC-{row.incident_id} {_plain(row.incident_title)}{team}{closed})"

    def _outcome(self, row: Row[Any]) -> str:
        words = _plain(outcome_told(row.outcome, row.new_action_id, row.part))
        if self.for_publishing:
            # What people typed may name somebody.
            return words
        if row.note and row.decision in _WITH_NOTE:
            words = f"{words}. {_plain(row.note)}"
        if to := self.names.get((row.undo or {}).get("handed_to") or 0):
            words = f"{words}: {_plain(to)}"
        return f"{words} ({_plain(row.decided_by or 'somebody')})"


def minutes_for(
    session: Session, review: ActionReview, person: Person | None, *, base_url: str = ""
) -> Minutes:
    """The minutes as this person may read them."""
    items = minuted_items(session, review.id, person)
    handed_to = [(row.undo or {}).get("handed_to") for row in items]
    names = names_of(session, [each for each in handed_to if each])
    people = [each.name for each in people_of(session, review.id, clock.now())]
    return Minutes(review, items, people, names, base_url)


def minutes_to_publish(session: Session, review: ActionReview, person: Person) -> Minutes:
    """The minutes of what is open to everybody, without anybody's name."""
    items = minuted_items(session, review.id, person, only_open=True)
    return Minutes(review, items, (), {}, for_publishing=True)


def _plain(text: str) -> str:
    """What somebody typed into one line, as text of Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
