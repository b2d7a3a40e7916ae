"""Forms of actions."""

from typing import Any

from sqlalchemy.orm import Session
from wtforms import DateField, HiddenField
from wtforms.validators import Optional

from postmortem.accounts.queries import people_to_choose, teams_to_choose
from postmortem.actions.checks import MAX_LENGTHS
from postmortem.actions.enums import (
    ACTION_KIND_MEANINGS,
    ACTION_STATUS_LABELS,
    PRIORITY_MEANINGS,
    ActionKind,
    ActionStatus,
    Priority,
)
from postmortem.actions.models import Action
from postmortem.actions.status import MOVES
from postmortem.web.forms import (
    BaseForm,
    ChoiceField,
    CreateForm,
    EditForm,
    LineField,
    MarkdownField,
    OneField,
    required,
    web_address,
)
from postmortem.web.person_field import PersonField


class DayField(DateField):
    """A day, `YYYY-MM-DD`. Data: a date or None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Enter a day like 2026-03-09.") from error

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return self.data.isoformat() if self.data else ""


class ActionFields(BaseForm):
    """What can be said of an action from the start. Owner and team want `offer` before they are shown."""

    title = LineField(
        "What is to be done",
        max_length=MAX_LENGTHS["title"],
        validators=[required("Say what is to be done; start with a verb.")],
        description="Start with a verb: “Add an alarm for…”, “Rehearse…”, “Find out why…”.",
    )
    end_state = LineField(
        "How will we know it is done?",
        max_length=MAX_LENGTHS["end_state"],
        description="Something anybody can check: “A load test with an empty cache passes.”",
    )
    owner = PersonField(
        "Owner",
        blank="Nobody yet",
        description="The one person who answers for it, also where others do the work. Type a name or an address.",
    )
    team = OneField("Team", blank="No team")
    due_on = DayField(
        "Due", validators=[Optional()], description="A day in the past is fine; it shows as overdue."
    )
    kind = ChoiceField("Kind", ActionKind, ACTION_KIND_MEANINGS, blank="Not said")
    priority = ChoiceField("Priority", Priority, PRIORITY_MEANINGS, blank="Not said")
    tracker_url = LineField(
        "Link to your tracker",
        max_length=MAX_LENGTHS["tracker_url"],
        validators=[web_address],
        description="Where the work itself is tracked, if anywhere.",
    )
    tracker_title = LineField(
        "What the link is called",
        max_length=MAX_LENGTHS["tracker_title"],
        description="Beside the key that GitHub, GitLab and Jira give it, which is shown anyway.",
    )
    description = MarkdownField("Description", max_length=MAX_LENGTHS["description"])

    def offer(self, session: Session, action: Action | None = None) -> None:
        """Fill the choices: active people and teams, and whoever the action has now even if they left."""
        people = {person.email: person.name for person in people_to_choose(session)}
        teams = {team.slug: team.name for team in teams_to_choose(session)}
        if action is not None and action.owner:
            people.setdefault(action.owner.email, f"{action.owner.name} (not active)")
        if action is not None and action.team:
            teams.setdefault(action.team.slug, f"{action.team.name} (not active)")
        self.owner.offer(people.items())
        self.team.offer(teams.items())

    def values(self) -> dict[str, Any]:
        """What was entered, by the record's names."""
        unasked = ("csrf_token", "form_key", "version", "bring_back")
        return {field.name: field.data for field in self if field.name not in unasked}


class NewActionForm(ActionFields, CreateForm):
    """An action to add; it starts out *proposed*."""


class EditActionForm(ActionFields, EditForm):
    """All of an action. `bring_back` is set when somebody deleted it while this form was open."""

    status = ChoiceField(
        "Status",
        ActionStatus,
        ACTION_STATUS_LABELS,
        description="Done is the owner’s word. Verified is somebody’s record, some days later, that it worked.",
    )
    status_reason = LineField(
        "Reason",
        max_length=MAX_LENGTHS["status_reason"],
        description="Needed for “not doing”; with “verified”, it records how it was checked.",
    )
    bring_back = HiddenField()

    def offer(self, session: Session, action: Action | None = None) -> None:
        """As for a new one; and says where the status can go from here."""
        super().offer(session, action)
        if action is not None:
            labels = [f"“{ACTION_STATUS_LABELS[status]}”" for status in MOVES[action.status]]
            self.status.description = (
                f"From “{ACTION_STATUS_LABELS[action.status]}” it goes on to {' or '.join(labels)}."
            )
