"""Forms of receivers. An address is typed and never shown again: left blank, it stays."""

from typing import Any

from wtforms.fields import SelectChoice
from wtforms.widgets import ListWidget, RadioInput

from postmortem.notifications.enums import RECEIVER_KIND_LABELS, Event, ReceiverKind
from postmortem.web.forms import (
    BaseForm,
    ChoiceField,
    CreateForm,
    EditForm,
    LineField,
    OneField,
    PickField,
    required,
)

URL_MAX = 1000
# What a receiver of the site can be told, in words that are about nobody in particular. Minutes are made for each
# reader, and so for none of them.
SITE_EVENT_LABELS = {
    Event.INCIDENT_FILED: "An incident is filed",
    Event.PUBLISHED: "A write-up is published",
    Event.ASSIGNED: "An action is handed to somebody",
    Event.OVERDUE: "An action is overdue",
    Event.DUE_SOON: "An action is due soon",
    Event.VERIFICATION_DUE: "An action can be verified",
    Event.WATCHED: "Something else changes on an action",
    Event.MENTIONED: "Somebody is mentioned",
}


def _address(label: str, **kwargs: Any) -> LineField:
    """A field whose value is not written back into the page: it is as good as a password."""
    return LineField(label, max_length=URL_MAX, **kwargs)


class _Kind(BaseForm):
    kind = ChoiceField(
        "Kind",
        ReceiverKind,
        RECEIVER_KIND_LABELS,
        default=ReceiverKind.WEBHOOK,
        widget=ListWidget(prefix_label=False),
        option_widget=RadioInput(),
    )


class _SiteFields(BaseForm):
    team = OneField("Team", blank="All teams", description="Only what belongs to this team.")
    events = PickField("What it is told", default=lambda: [Event.INCIDENT_FILED.value, Event.PUBLISHED.value])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.events.choices = [SelectChoice(event.value, label) for event, label in SITE_EVENT_LABELS.items()]

    def chosen_events(self) -> list[str]:
        """In the order of the list."""
        return [event.value for event in SITE_EVENT_LABELS if event.value in (self.events.data or ())]


class _Name(BaseForm):
    name = LineField(
        "Name", max_length=100, description="What you call it here.", validators=[required("Enter a name.")]
    )


class AddOwnReceiverForm(CreateForm, _Kind, _Name):
    url = _address(
        "Address",
        description="The whole address that the far end gave you. It is kept secret and not shown again.",
        validators=[required("Enter the address that is called.")],
    )


class AddReceiverForm(AddOwnReceiverForm, _SiteFields):
    pass


class EditOwnReceiverForm(EditForm, _Name):
    url = _address("New address", description="Left blank, the address stays as it is.")


class EditReceiverForm(EditOwnReceiverForm, _SiteFields):
    pass
