"""The form of the publish page: for whom, why again, and now or at a time."""

from typing import Any

from flask import request, session
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField
from wtforms.fields import SelectChoice
from wtforms.widgets import HiddenInput, ListWidget, RadioInput

from postmortem.web.forms import BaseForm, ChoiceField, LineField
from postmortem.web.moments import FoldField, LocalDateTimeField, TimezoneField
from postmortem.writeups.enums import AUDIENCE_LABELS, Audience
from postmortem.writeups.scheduling import REASON_MAX

# What is asked for a plan alone.
OF_PLANS = ("publish_at", "publish_at_fold")


# What else stands in the form, with how much of it is carried over to the page that is shown next.
_TYPED = {"reason": REASON_MAX, "audience": 20, "publish_at": 40, "publish_at_fold": 1, "timezone": 60}
_KEPT = "typed_to_publish"


def keep_typed(slug: str) -> None:
    """Carry what was typed over to the publish page that is shown next, as a message is."""
    typed = {name: request.form[name][:most] for name, most in _TYPED.items() if request.form.get(name)}
    session[_KEPT] = [slug, typed]


def take_typed(slug: str) -> MultiDict[str, str] | None:
    """What `keep_typed` kept for this page, once."""
    kept_for, typed = session.pop(_KEPT, None) or ("", {})
    return MultiDict(typed) if kept_for == slug and typed else None


class RadioChoiceField(ChoiceField):
    """One of an enum's values, all of them in sight."""

    widget = ListWidget(prefix_label=False)
    option_widget = RadioInput()


class VersionForm(BaseForm):
    """Does something to the version that was looked at; sent bare, to the one that is there."""

    version = IntegerField(widget=HiddenInput())


class PublishForm(VersionForm):
    """Publishes the version that was looked at, now or, where `is_plan`, at a time; sent bare, the one that is there."""

    audience = RadioChoiceField("Who may read it", Audience, AUDIENCE_LABELS)
    reason = LineField(
        "What changed, and why",
        max_length=REASON_MAX,
        description="One sentence for those who read it before, for example: the cause of the second stall is known now. "
        "It stands at the top of the page and in the feeds; names become roles.",
    )
    publish_at = LocalDateTimeField("Day and time")
    publish_at_fold = FoldField("Which of the two?")
    timezone = TimezoneField("Time zone", default="UTC", description="For example Europe/Stockholm.")
    is_plan = False

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """What is typed for a plan is no hindrance to publishing now."""
        is_valid = super().validate(*args, **kwargs)
        if self.is_plan:
            return is_valid and self._has_time()
        for name in OF_PLANS:
            self[name].errors = ()
        return not self.errors

    def _has_time(self) -> bool:
        if self.publish_at.data is None:
            self.refuse("publish_at", "Say when: a day and a time of day.")
        elif self.publish_at.is_day:
            self.refuse("publish_at", "Say at what time of day, too.")
        return not self.publish_at.errors

    def say_who_reads(self, *, has_public_reading: bool, is_public_now: bool) -> None:
        """Each audience with what it means on this site, today."""
        here = "Everybody here: people who sign in, and nobody else."
        if is_public_now:
            here += " People who do not sign in lose it at once: the page, its earlier texts, and the entry in feeds."
        everybody = "Everybody: whoever opens this site reads it, without signing in, and so do its feeds."
        if not has_public_reading:
            everybody = (
                "Everybody, once this site lets them: public reading is off on this site, so for now only people who sign in "
                "read it. As soon as an admin switches it on, everybody does."
            )
        self.audience.choices = [
            SelectChoice(Audience.INTERNAL.value, here),
            SelectChoice(Audience.PUBLIC.value, everybody),
        ]
