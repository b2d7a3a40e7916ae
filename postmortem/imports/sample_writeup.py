"""One sample write-up as its steps: begun, completed, reviewed, published, withdrawn."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

# What is published here leaves questions open as well: this registers whoever gathers them.
import postmortem.readers.operations_open  # noqa: F401
from postmortem.imports.replay import spread
from postmortem.writeups import operations as writeups
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.enums import Audience, Template, WriteupState
from postmortem.writeups.models import Writeup

if TYPE_CHECKING:
    from postmortem.accounts.models import Person
    from postmortem.imports.sample_incident import Story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Telling:
    """The steps of a story's write-up; its first author acts."""

    def __init__(self, story: "Story", given: Mapping[str, Any]) -> None:
        self._story, self._given = story, given
        self._writeup: Writeup | None = None

    @property
    def _author(self) -> "Person":
        return self._story.people[self._given["authors"][0]]

    @property
    def _started(self) -> Writeup:
        if self._writeup is None:
            raise RuntimeError("the write-up was to be started first")
        return self._writeup

    def schedule(self, not_before: datetime) -> datetime:
        """Add its steps to the story's replay; returns the moment of the last one."""
        replay, state = self._story.replay, WriteupState(self._given["state"])
        if "published_days_after" in self._given:
            told_at = self._story.calendar.day_after_start(self._given["published_days_after"])
            told_at = max(told_at, not_before + 8 * HOUR)
        else:
            told_at = not_before + 2 * DAY
        started_at, saved_at = spread(not_before, min(told_at, replay.now), 2)
        replay.at(started_at, self._start)
        replay.at(saved_at, lambda: self._save({"body": self._given["body"]}))
        if state is WriteupState.IN_REVIEW:
            replay.at(told_at, lambda: self._save({"state": state}))
        if state in (WriteupState.PUBLISHED, WriteupState.WITHDRAWN):
            told_at = replay.at(told_at, self._publish)
        if state is WriteupState.WITHDRAWN:
            told_at = replay.at(told_at + DAY, self._withdraw)
        return told_at

    def _start(self) -> None:
        """The first save has everything but the last section, as a first save would."""
        given, record = self._given, self._story.record
        draft = WriteupDraft(
            title=given["title"],
            tldr=given["tldr"].strip(),
            body=given["body"].rpartition("\n## ")[0].strip() or given["body"],
            template=Template(given["template"]),
            audience=Audience(given["audience"]),
            authors=given["authors"],
            tags=given["tags"],
            teams=record["teams"],
            services=record["services"],
            incidents=[self._story.incident.id],
        )
        (self._writeup,) = writeups.start_writeups(self._story.session, [draft], actor=self._author)

    def _save(self, values: Mapping[str, Any]) -> None:
        writeups.save_writeup(self._story.session, self._started, values, version=None, actor=self._author)

    def _publish(self) -> None:
        writeups.publish(self._story.session, self._started, actor=self._author)

    def _withdraw(self) -> None:
        reason = self._given["withdrawn_reason"]
        writeups.withdraw(self._story.session, self._started, reason=reason, actor=self._author)
