"""One sample incident as the steps in which it would have been filed, completed, followed up and written up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.operations_verification import raise_questions
from postmortem.ideas.operations import add_idea
from postmortem.imports.replay import Replay
from postmortem.imports.sample_action import Followup
from postmortem.imports.sample_times import Calendar
from postmortem.imports.sample_writeup import Telling
from postmortem.incidents import operations as incidents
from postmortem.incidents.drafts import IncidentDraft, MomentDraft
from postmortem.incidents.enums import (
    MOMENTS,
    Confidence,
    Coverable,
    DetectedBy,
    IncidentKind,
    IncidentStatus,
    RelationKind,
    Severity,
    Visibility,
)
from postmortem.incidents.models import ExternalId, Incident
from postmortem.timeline import operations as timeline
from postmortem.timeline.drafts import EventDraft, FactorDraft

# The external ids of sample incidents; how a second loading knows that they are here.
SOURCE = "sample data"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Story:
    """The steps of one incident. Whoever led it acts, as in a real record."""

    def __init__(
        self,
        session: Session,
        name: str,
        record: Mapping[str, Any],
        calendar: Calendar,
        replay: Replay,
        people: Mapping[str, Person],
    ) -> None:
        self.session, self.name, self.record = session, name, record
        self.calendar, self.replay, self.people = calendar, replay, people
        self._incident: Incident | None = None
        self.followups = [Followup(self, given, number) for number, given in enumerate(record["actions"])]

    @property
    def incident(self) -> Incident:
        if self._incident is None:
            raise RuntimeError(f"{self.name} was to be reported first")
        return self._incident

    @property
    def lead(self) -> Person:
        return self.people[self.record["lead"]]

    def schedule(self) -> None:
        """Add every step to the replay."""
        reported_at = self.replay.at(self._reported_at(), self._report)
        later = self._schedule_progress(reported_at)
        events_at = self.replay.at(
            max(reported_at + HOUR, self._last_event_at() + 30 * MINUTE), self._add_events
        )
        factors_at = self.replay.at(max(events_at, later) + 5 * HOUR, self._add_factors)
        if self.record["relations"]:
            self.replay.at(factors_at + 10 * MINUTE, self._relate)
        for followup in self.followups:
            followup.schedule(reported_at + HOUR)
        for idea in self.record.get("ideas", ()):
            noted_at = max(self.calendar.now - idea["days_ago"] * DAY, reported_at + HOUR)
            self.replay.at(noted_at, lambda idea=idea: self._add_idea(idea))  # type: ignore[misc]
        told_at = factors_at
        if writeup := self.record.get("writeup"):
            told_at = Telling(self, writeup).schedule(factors_at)
        if self.record["status"] == IncidentStatus.CLOSED:
            self.replay.at(told_at + DAY, lambda: self._edit({"status": IncidentStatus.CLOSED}))

    def _schedule_progress(self, reported_at: datetime) -> datetime:
        """*Mitigated* and *resolved* are entered when they happened; says when the last of them was."""
        latest = reported_at
        for name, status in (
            ("mitigated_at", IncidentStatus.MITIGATED),
            ("resolved_at", IncidentStatus.RESOLVED),
        ):
            if name in self.record:
                values = {name: self._moment(name), "status": status}
                moment = max(self._minutes(name) + 4 * MINUTE, latest + MINUTE)
                latest = self.replay.at(moment, lambda values=values: self._edit(values))  # type: ignore[misc]
        return latest

    def _reported_at(self) -> datetime:
        for name, delay in (("declared_at", 2 * MINUTE), ("detected_at", 12 * MINUTE)):
            if name in self.record:
                return self._minutes(name) + delay
        return self.calendar.start + 20 * MINUTE

    def _last_event_at(self) -> datetime:
        ends = (
            event.get("ended_minutes", event["minutes"])
            for event in self.record["events"]
            if "minutes" in event
        )
        return self.calendar.minutes(max(ends, default=0))

    def _minutes(self, moment: str) -> datetime:
        return self.calendar.minutes(self.record[moment]["minutes"])

    def _moment(self, name: str) -> MomentDraft | None:
        if name not in self.record:
            return None
        given = self.record[name]
        return MomentDraft(self._minutes(name), Confidence(given["confidence"]), given["source"])

    def _report(self) -> None:
        """File it: everything that was known then, which is not yet how it ended."""
        record = self.record
        known = [name for name in MOMENTS if name not in ("mitigated_at", "resolved_at")]
        draft = IncidentDraft(
            title=record["title"],
            kind=IncidentKind(record["kind"]),
            summary=record["summary"],
            impact=record["impact"],
            severity=Severity(record["severity"]) if record.get("severity") else None,
            visibility=Visibility(record["visibility"]),
            services=record["services"],
            teams=record["teams"],
            tags=record["tags"],
            lead=record["lead"],
            reported_by=record["reported_by"],
            timezone=record["timezone"],
            participants=[(each["person"], each["role"]) for each in record["participants"]],
            is_drill=record["is_drill"],
            detected_by=DetectedBy(record["detected_by"]),
            synthetic_coverable=_coverable(record.get("synthetic_coverable")),
            synthetic_covered=record.get("synthetic_covered"),
            links=record["links"],
            external_ids=[(SOURCE, self.name)],
            **{name: self._moment(name) for name in known},  # type: ignore[arg-type]
        )
        reporter = self.people[record["reported_by"]]
        (self._incident,) = incidents.report_incidents(self.session, [draft], actor=reporter)

    def _edit(self, values: Mapping[str, Any]) -> None:
        incidents.edit_incident(self.session, self.incident, values, version=None, actor=self.lead)

    def _relate(self) -> None:
        here = select(ExternalId.external_id, ExternalId.incident_id).where(ExternalId.source == SOURCE)
        numbers = dict(self.session.execute(here).all())
        pairs = [(numbers[each["to"]], RelationKind(each["relation"])) for each in self.record["relations"]]
        self._edit({"relations": pairs})
        raise_questions(self.session, self.incident, actor=self.lead)

    def _add_events(self) -> None:
        drafts = [
            EventDraft(
                text=event["text"],
                occurred_at=self._offset(event.get("minutes")),
                ended_at=self._offset(event.get("ended_minutes")),
                occurred_text=event.get("occurred_text", ""),
                kind=event["kind"],
                actor_role=event.get("actor_role", ""),
                learnt_later=event.get("learnt_later", False),
                in_writeup=event.get("in_writeup", True),
                evidence=event.get("evidence", ()),
            )
            for event in self.record["events"]
        ]
        timeline.add_events(self.session, self.incident, drafts, actor=self.lead)

    def _add_factors(self) -> None:
        drafts = [
            FactorDraft(text=each["text"], tags=each["tags"], was_present_before=each["was_present_before"])
            for each in self.record["factors"]
        ]
        timeline.add_factors(self.session, self.incident, drafts, actor=self.lead)

    def _add_idea(self, given: Mapping[str, Any]) -> None:
        person = self.people[given["by"]]
        add_idea(self.session, self.incident, given["text"], by=person, actor=person)

    def _offset(self, minutes: int | None) -> datetime | None:
        return None if minutes is None else self.calendar.minutes(minutes)


def _coverable(value: str | None) -> Coverable | None:
    return Coverable(value) if value else None
