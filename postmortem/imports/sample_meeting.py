"""The sample company's past action review: started, joined, decided item by item, minuted and ended."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.queries import team_by_slug
from postmortem.action_reviews import operations
from postmortem.action_reviews.models import ActionReview, ActionReviewItem
from postmortem.action_reviews.operations_decisions import decide
from postmortem.actions.models import Action
from postmortem.actions.words import long_date
from postmortem.imports.replay import Replay
from postmortem.imports.sample_action import Followup
from postmortem.imports.sample_times import Calendar


class Meeting:
    """The steps of one meeting. Only sample actions stand in its queue, also where others are here."""

    def __init__(
        self,
        session: Session,
        record: Mapping[str, Any],
        calendar: Calendar,
        people: Mapping[str, Person],
        followups: Iterable[Followup],
    ) -> None:
        self._session, self._record, self._calendar, self._people = session, record, calendar, people
        self._followups = list(followups)
        self._review: ActionReview | None = None

    @property
    def review(self) -> ActionReview:
        if self._review is None:
            raise RuntimeError("the meeting was to be started first")
        return self._review

    def schedule(self, replay: Replay) -> None:
        """Add its steps to the replay."""
        record, minutes = self._record, self._calendar.minutes
        replay.at(minutes(0), self._start)
        for position, email in enumerate(record["joined"], start=1):
            replay.at(minutes(position), lambda email=email: self._come_in(email))  # type: ignore[misc]
        for followup in self._followups:
            if given := followup.reviewed:
                replay.at(minutes(given["minutes"]), lambda followup=followup: self._decide(followup))  # type: ignore[misc]
        replay.at(minutes(record["notes_minutes"]), self._note)
        replay.at(minutes(record["ends_minutes"]), self._end)

    def _start(self) -> None:
        record, session = self._record, self._session
        team = team_by_slug(session, record["team"])
        ours = [each.action.id for each in self._followups if each.is_added]
        draft = operations.ReviewDraft(
            title=f"{record['title']}, {long_date(self._calendar.start.date())}",
            query=f"team={record['team']}",
            team=team,
            planned_minutes=record["planned_minutes"],
            people=tuple(self._people[email] for email in record["ticked"]),
            where=(Action.team_id == (team.id if team else None), Action.id.in_(ours)),
        )
        self._review = operations.start_review(session, draft, actor=self._people[record["started_by"]])

    def _come_in(self, email: str) -> None:
        operations.come_in(self._session, self.review, actor=self._people[email])

    def _decide(self, followup: Followup) -> None:
        session, action = self._session, followup.action
        session.flush()
        found = select(ActionReviewItem).where(
            ActionReviewItem.review_id == self.review.id, ActionReviewItem.action_id == action.id
        )
        item = session.scalars(found).one()
        actor = self._people[followup.reviewed["by"]]
        seen = {"version": item.version, "action_version": action.version}
        decide(session, item, action, followup.choice(), **seen, actor=actor)

    def _note(self) -> None:
        actor = self._people[self._record["notes_by"]]
        operations.save_notes(self._session, self.review, self._record["notes"], version=None, actor=actor)

    def _end(self) -> None:
        actor = self._people[self._record["started_by"]]
        operations.end_review(self._session, self.review, actor=actor)
