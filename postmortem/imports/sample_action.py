"""One sample action as its steps: added, accepted, talked about, re-dated, begun, done, verified."""

import itertools
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from postmortem.accounts.models import Person
from postmortem.action_reviews.choices import Choice
from postmortem.action_reviews.enums import Decision
from postmortem.actions import operations as actions
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.operations_comments import add_comment
from postmortem.actions.operations_links import add_link
from postmortem.actions.operations_verification import verify
from postmortem.actions.operations_watching import watch
from postmortem.imports.sample_times import AFTERNOON

if TYPE_CHECKING:
    from postmortem.imports.sample_incident import Story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
VERIFIED_AFTER = timedelta(days=12)
# The states that an action passes on its way to the one that its file names.
WAYS: Mapping[ActionStatus, tuple[ActionStatus, ...]] = {
    ActionStatus.PROPOSED: (),
    ActionStatus.ACCEPTED: (ActionStatus.ACCEPTED,),
    ActionStatus.IN_PROGRESS: (ActionStatus.ACCEPTED, ActionStatus.IN_PROGRESS),
    ActionStatus.DONE: (ActionStatus.ACCEPTED, ActionStatus.IN_PROGRESS, ActionStatus.DONE),
    ActionStatus.VERIFIED: (
        ActionStatus.ACCEPTED,
        ActionStatus.IN_PROGRESS,
        ActionStatus.DONE,
        ActionStatus.VERIFIED,
    ),
    ActionStatus.NOT_DOING: (ActionStatus.ACCEPTED, ActionStatus.NOT_DOING),
}


class Followup:
    """The steps of one action of a story; its owner acts, or whoever led the incident.

    What the past meeting decided about it (`reviewed` in its file) the meeting does.
    """

    def __init__(self, story: "Story", given: Mapping[str, Any], number: int) -> None:
        self._story, self._given, self._number = story, given, number
        self._action: Action | None = None

    @property
    def action(self) -> Action:
        if self._action is None:
            raise RuntimeError("the action was to be added first")
        return self._action

    @property
    def is_added(self) -> bool:
        return self._action is not None

    @property
    def reviewed(self) -> Mapping[str, Any]:
        """What the past meeting decided about it; empty where it did not stand in its queue, or was not reached."""
        given: Mapping[str, Any] = self._given.get("reviewed", {})
        return given

    def choice(self) -> Choice:
        """The same as the meeting's form would say it."""
        decision = Decision(self.reviewed["decision"])
        return Choice(
            decision=decision,
            due_on=self._dates()[-1] if decision is Decision.REDATE else None,
            owner=self._given["owner"] if decision is Decision.HAND_OVER else "",
            text=self.reviewed.get("how", ""),
        )

    def schedule(self, not_before: datetime) -> None:
        """Add its steps to the story's replay."""
        calendar, replay, given = self._story.calendar, self._story.replay, self._given
        day = calendar.day_ago(given["created_days_ago"])
        wanted = calendar.at_day(day, time(10, 5 + 7 * self._number))
        created_at = replay.at(max(wanted, not_before), self._add)
        closed_at = self._closed_at(created_at)
        until = closed_at or calendar.now
        self._schedule_redating(created_at, until)
        self._schedule_states(created_at, closed_at)
        replay.at(created_at + HOUR, self._add_links)
        for position, comment in enumerate(given.get("comments", ())):
            day = calendar.day_ago(comment["days_ago"])
            moment = max(calendar.at_day(day, time(9, 20 + 9 * position)), created_at + 2 * HOUR)
            replay.at(moment, lambda comment=comment: self._comment(comment))  # type: ignore[misc]

    def _schedule_redating(self, created_at: datetime, until: datetime) -> None:
        """Each new date is set on the day that was the last one before."""
        dates = self._dates()
        if self.reviewed.get("decision") == Decision.REDATE:
            dates = dates[:-1]
        for before, due in itertools.pairwise(dates):
            wanted = max(self._story.calendar.at_day(before, AFTERNOON), created_at + HOUR)
            moment = max(min(wanted, until - HOUR), created_at)
            self._story.replay.at(moment, lambda due=due: self._edit({"due_on": due}))  # type: ignore[misc]

    def _schedule_states(self, created_at: datetime, closed_at: datetime | None) -> None:
        now, replay = self._story.calendar.now, self._story.replay
        until = closed_at or now
        begun = {
            ActionStatus.ACCEPTED: min(created_at + DAY, created_at + (until - created_at) / 4),
            ActionStatus.IN_PROGRESS: min(created_at + 4 * DAY, created_at + (until - created_at) / 2),
        }
        for status in WAYS[ActionStatus(self._given["status"])]:
            if status is ActionStatus.VERIFIED:
                if "how" in self._given:
                    replay.at(until + min(VERIFIED_AFTER, (now - until) / 2), self._verify)
                continue
            moment = begun.get(status, until)
            values: dict[str, Any] = {"status": status}
            if status is ActionStatus.NOT_DOING:
                values["status_reason"] = self._given["status_reason"]
            replay.at(moment, lambda values=values: self._edit(values))  # type: ignore[misc]

    def _closed_at(self, created_at: datetime) -> datetime | None:
        if "closed_days_ago" not in self._given:
            return None
        calendar = self._story.calendar
        wanted = calendar.at_day(calendar.day_ago(self._given["closed_days_ago"]), AFTERNOON)
        return min(max(wanted, created_at + HOUR), calendar.now)

    def _dates(self) -> list[date]:
        """Every due date it had, the last one being today's; each re-dating moved it by the same number of days."""
        # Due dates are compared with the day in UTC, wherever the incident was.
        today, times = self._story.calendar.now.date(), self._given.get("redated", 0)
        final = today + timedelta(days=self._given["due_days"])
        span = self._given["created_days_ago"] + self._given["due_days"]
        step = max(span // (times + 1), 1)
        return [final - timedelta(days=step * left) for left in range(times, -1, -1)]

    def _add(self) -> None:
        given = self._given
        draft = ActionDraft(
            title=given["title"],
            description=given.get("description", ""),
            kind=given["kind"],
            owner=self._owner(),
            team=given["team"],
            priority=given["priority"],
            due_on=self._dates()[0],
            end_state=given.get("end_state", ""),
            tracker_url=given.get("tracker_url", ""),
            tracker_title=given.get("tracker_title", ""),
        )
        story = self._story
        (self._action,) = actions.add_actions(story.session, story.incident, [draft], actor=story.lead)

    def _add_links(self) -> None:
        story = self._story
        for link in self._given.get("links", ()):
            add_link(story.session, self.action, link["url"], link["title"], actor=story.lead)
        for email in self._given.get("watchers", ()):
            watch(story.session, self.action, actor=story.people[email])

    def _comment(self, comment: Mapping[str, Any]) -> None:
        by = self._story.people[comment["by"]]
        add_comment(self._story.session, self.action, comment["text"], actor=by)

    def _edit(self, values: Mapping[str, Any]) -> None:
        actions.edit_action(self._story.session, self.action, values, version=None, actor=self._actor())

    def _verify(self) -> None:
        how, session = self._given["how"], self._story.session
        verify(session, self.action, how=how, has_worked=True, version=None, actor=self._actor())

    def _actor(self) -> Person:
        owner = self._owner()
        return self._story.people[owner] if owner else self._story.lead

    def _owner(self) -> str | None:
        """Who had it before the meeting; whoever got it there did nothing for it before."""
        got_it_there = self.reviewed.get("decision") == Decision.HAND_OVER
        return None if got_it_there else self._given.get("owner")
