"""Forms of events and factors. Field names are those of the records."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from wtforms import BooleanField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from postmortem.errors import Refused
from postmortem.text.reading import plain_text
from postmortem.timeline.checks import EVIDENCE_MAX_ITEMS, TEXT_MAX, WORDS_MAX, checked_evidence
from postmortem.timeline.drafts import EventDraft, FactorDraft
from postmortem.timeline.enums import EVENT_KIND_LABELS, EventKind
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.web.forms import (
    BaseForm,
    ChoiceField,
    CreateForm,
    EditForm,
    LineField,
    MarkdownField,
    NamesField,
    PickField,
    TextField,
    clean_text,
    required,
)
from postmortem.web.moments import FoldField, LocalDateTimeField, TimezoneField

# What browsers and programs send for a ticked box is an answer too.
_YES, _NO = ("yes", "y", "on", "true", "1"), ("no", "n", "off", "false", "0")


_DAY_ALONE = ", time not known"


class AnswerField(RadioField):
    """Yes, no and perhaps not known; one that was not sent keeps its default. Data: "yes", "no" or ""."""

    def __init__(self, label: str, *, yes: str, no: str, unknown: str | None = None, **kwargs: Any) -> None:
        choices = [SelectChoice("yes", yes), SelectChoice("no", no)]
        choices += [SelectChoice("", unknown)] if unknown is not None else []
        super().__init__(label, choices=choices, validate_choice=False, **kwargs)

    @property
    def answer(self) -> bool | None:
        """True, False, or None for not known."""
        return {"yes": True, "no": False}.get(self.data)

    def process_data(self, value: bool | None) -> None:
        self.data = "" if value is None else "yes" if value else "no"

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        sent = valuelist[0].strip().lower()
        self.data = "yes" if sent in _YES else "no" if sent in _NO else sent
        if len(valuelist) > 1 or self.data not in {choice.value for choice in self.choices or []}:
            raise ValueError("Choose one of the answers.")


class AddressesField(TextField):
    """Web addresses, one on each line. Data: a list."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = (clean_text(valuelist[0]) or "").split("\n")

    def _value(self) -> str:
        return "\n".join(self.data or [])

    def pre_validate(self, form: Any) -> None:
        try:
            self.data = checked_evidence(self.data or [])
        except Refused as refused:
            raise ValidationError(refused.sentence) from refused


class _EventFields(BaseForm):
    occurred_at = LocalDateTimeField(
        "Day and time", description="Leave it blank if nobody knows, or say it in words below."
    )
    occurred_at_fold = FoldField("Which of the two?")
    ended_at = LocalDateTimeField("Until", description="For what lasted; blank for a single moment.")
    ended_at_fold = FoldField("Which of the two?")
    timezone = TimezoneField(
        "Time zone", default="UTC", description="The zone of the times above, for example Europe/Stockholm."
    )
    occurred_text = LineField(
        "When, in words",
        max_length=WORDS_MAX,
        description="Where there is no exact time: “shortly after the stand-up”.",
    )
    kind = ChoiceField("Kind", EventKind, EVENT_KIND_LABELS, default=EventKind.OTHER)
    text = MarkdownField(
        "What happened",
        max_length=TEXT_MAX,
        description="What somebody looking on would have seen. One fact each reads best.",
        validators=[required("Say what happened; one sentence is enough.")],
    )
    actor_role = LineField(
        "Who, by role",
        max_length=WORDS_MAX,
        description="A role, not a name: on-call engineer, support, the deploy job.",
    )
    learnt_later = BooleanField(
        "We learnt this only later",
        description="Nobody knew it while it happened. It keeps hindsight apart from what could be seen then.",
    )
    in_writeup = AnswerField(
        "In the write-up",
        default=True,
        yes="Show it there",
        no="Keep it to this page",
    )
    evidence = AddressesField(
        "Evidence",
        max_length=EVIDENCE_MAX_ITEMS * 2_001,
        default=list,
        description=f"Links to graphs, logs or messages, one on each line, at most {EVIDENCE_MAX_ITEMS}.",
    )

    def values(self) -> dict[str, Any]:
        """The record's fields. A day without a time keeps its doubt in words."""
        words = self.occurred_text.data or ""
        local, stored = self.occurred_at.local, self.occurred_at.object_data
        if words.endswith(_DAY_ALONE) and stored is not None and stored != self.occurred_at.data:
            # Somebody found out the time: the words that we made for the day are no longer true.
            words = ""
        if self.occurred_at.is_day and not words and local is not None:
            words = f"{local.day} {local:%B} {local.year}{_DAY_ALONE}"
        return {
            "occurred_at": self.occurred_at.data,
            "ended_at": self.ended_at.data,
            "occurred_text": words,
            "kind": self.kind.data or EventKind.OTHER,
            "text": self.text.data or "",
            "actor_role": self.actor_role.data or "",
            "learnt_later": bool(self.learnt_later.data),
            "in_writeup": self.in_writeup.answer is not False,
            "evidence": self.evidence.data or [],
        }


class NewEventForm(CreateForm, _EventFields):
    def draft(self) -> EventDraft:
        return EventDraft(**self.values())


class EditEventForm(EditForm, _EventFields):
    @classmethod
    def of(cls, event: TimelineEvent, *, timezone: str, **kwargs: Any) -> Self:
        """The form of a stored event; `formdata=None` for what is stored and nothing else."""
        return cls(obj=event, timezone=timezone, **kwargs)


class _FactorFields(BaseForm):
    text = MarkdownField(
        "What contributed",
        max_length=TEXT_MAX,
        description="A condition, not a culprit. There are usually several, and none of them is the root cause.",
        validators=[required("Say what contributed; one sentence is enough.")],
    )
    tags = NamesField("Tags", default=list, description="Separated by commas: certificates, monitoring.")
    was_present_before = AnswerField(
        "Was it there before the incident began?",
        yes="Yes, it was waiting",
        no="No, it came with it",
        unknown="Not known",
        default=None,
    )
    events = PickField("Events that show it", choices=[], default=list)

    def offer(self, events: Sequence[TimelineEvent], times: Mapping[int, str]) -> None:
        """Set which events can be chosen; `times` says when each was, by its id."""
        self.events.choices = [
            SelectChoice(str(event.id), f"{times[event.id]}: {plain_text(event.text, 80)}")
            for event in events
        ]

    def values(self) -> dict[str, Any]:
        return {
            "text": self.text.data or "",
            "tags": self.tags.data or [],
            "was_present_before": self.was_present_before.answer,
            "events": [int(number) for number in self.events.data or []],
        }


class NewFactorForm(CreateForm, _FactorFields):
    def draft(self) -> FactorDraft:
        return FactorDraft(**self.values())


class EditFactorForm(EditForm, _FactorFields):
    @classmethod
    def of(cls, factor: Factor, **kwargs: Any) -> Self:
        """The form of a stored factor; `formdata=None` for what is stored and nothing else."""
        stored = {name: getattr(factor, name) for name in ("text", "was_present_before", "version")}
        stored["tags"] = [tag.name for tag in factor.tags]
        stored["events"] = [str(event.id) for event in factor.shown_events]
        return cls(data=stored, **kwargs)
