"""The form of what one is told, when and where."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import BooleanField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import TimeInput

from postmortem.notifications.enums import EVENT_LABELS, NEWS_EVENTS, PACE_LABELS, USUAL_PACE, Event, Pace
from postmortem.notifications.models import NotificationChoice, NotificationSettings, Receiver
from postmortem.notifications.operations_choices import AS_SHIPPED, Chosen
from postmortem.web.forms import ChoiceField, EditForm, OneField, clean_line, required

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class ClockField(StringField):
    """A time of day as `HH:MM`. Data: the text, or None where it is blank."""

    widget = TimeInput()

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, filters=(clean_line, lambda value: value or None), **kwargs)

    def pre_validate(self, form: Any) -> None:
        if self.data and not _TIME.fullmatch(self.data):
            raise ValidationError("Enter a time of day, for example 22:00.")


class NotificationsForm(EditForm):
    """Each event of news has a field `pace_<event>` and a field `where_<event>`, added below."""

    quiet_from = ClockField("Quiet from")
    quiet_until = ClockField("Quiet until")
    is_quiet_on_weekends = BooleanField("Quiet on Saturdays and Sundays too")
    digest_at = ClockField("Digests come at", validators=[required("Enter when digests come.")])
    digest_weekday = SelectField(
        "The weekly one on",
        coerce=int,
        choices=[SelectChoice(number, name) for number, name in enumerate(WEEKDAYS)],
    )

    newsletter = BooleanField("Send me the newsletter of the week")

    def fill(
        self, settings: NotificationSettings | None, choices: Mapping[Event, NotificationChoice]
    ) -> None:
        """Show what is stored, or as shipped."""
        self.version.data = settings.version if settings else 0
        for name, usual in AS_SHIPPED.items():
            self[name].data = getattr(settings, name) if settings else usual
        for event in NEWS_EVENTS:
            choice = choices.get(event)
            self[f"pace_{event}"].data = choice.pace if choice else USUAL_PACE[event]
            offered = {str(each.value) for each in self[f"where_{event}"].choices}
            receiver_id = str(choice.receiver_id) if choice and choice.receiver_id else ""
            self[f"where_{event}"].data = receiver_id if receiver_id in offered else ""
        of_the_week = choices.get(Event.NEWSLETTER)
        self.newsletter.data = of_the_week is None or of_the_week.pace is not Pace.NEVER

    def offer(self, receivers: Iterable[Receiver]) -> None:
        """The person's own receivers."""
        pairs = [(str(each.id), each.name) for each in receivers]
        for event in NEWS_EVENTS:
            self[f"where_{event}"].offer(pairs)

    def chosen(self) -> dict[Event, Chosen]:
        found = {Event.NEWSLETTER: Chosen(Pace.WEEKLY if self.newsletter.data else Pace.NEVER)}
        for event in NEWS_EVENTS:
            where = self[f"where_{event}"].data
            found[event] = Chosen(self[f"pace_{event}"].data, int(where) if where else None)
        return found

    def values(self) -> dict[str, Any]:
        return {name: self[name].data for name in AS_SHIPPED}


for _event in NEWS_EVENTS:
    _pace = ChoiceField(f"{EVENT_LABELS[_event]}: how soon", Pace, PACE_LABELS)
    _where = OneField(f"{EVENT_LABELS[_event]}: where", blank="By e-mail")
    setattr(NotificationsForm, f"pace_{_event}", _pace)
    setattr(NotificationsForm, f"where_{_event}", _where)
