"""The forms of an incident: to file one, and to complete it later. Both hold every field of the record."""

from typing import Any

from sqlalchemy.orm import Session
from wtforms import BooleanField, FormField
from wtforms.fields import SelectChoice

from postmortem.accounts.models import Person
from postmortem.accounts.queries import people_to_choose, services_to_choose, teams_to_choose
from postmortem.incidents import checks
from postmortem.incidents.drafts import MomentDraft
from postmortem.incidents.durations import day_alone
from postmortem.incidents.enums import (
    CONFIDENCE_LABELS,
    COVERABLE_LABELS,
    DETECTED_BY_LABELS,
    KIND_LABELS,
    MOMENT_LABELS,
    MOMENTS,
    SEVERITY_LABELS,
    STATUS_LABELS,
    VISIBILITY_LABELS,
    Confidence,
    Coverable,
    DetectedBy,
    IncidentKind,
    IncidentStatus,
    RelationKind,
    Severity,
    Visibility,
)
from postmortem.incidents.form_rows import (
    PERSON_INPUT,
    LinkForm,
    MomentField,
    ParticipantForm,
    RelationForm,
    RowsField,
    incident_number,
)
from postmortem.incidents.models import Incident
from postmortem.web.forms import (
    BaseForm,
    ChoiceField,
    CreateForm,
    EditForm,
    LineField,
    MarkdownField,
    NamesField,
    OneField,
    PickField,
    required,
)
from postmortem.web.moments import FoldField, TimezoneField

BLANK_ROWS = 2
_MOMENT_HINTS = {
    "impact_started_at": "When the first person was affected, whether or not anybody knew.",
    "detected_at": "When the first of us, or of our alerts, knew.",
    "declared_at": "When somebody said: this is an incident.",
    "mitigated_at": "When people were no longer affected, even if by a workaround.",
    "resolved_at": "When it was over and nothing provisional was left.",
}


class IncidentFields(BaseForm):
    """Every field of the record, by its name. Call `offer` before it is shown or validated."""

    title = LineField(
        "Title",
        max_length=checks.TITLE_MAX,
        validators=[required("Enter a title, for instance what people noticed.")],
        description="What people noticed, in one line. It can be changed later.",
    )
    kind = ChoiceField("Kind", IncidentKind, KIND_LABELS, default=IncidentKind.INCIDENT)
    severity = ChoiceField(
        "Severity",
        Severity,
        SEVERITY_LABELS,
        blank="Not rated yet",
        description="SEV 1 is the worst. Leave it until you know.",
    )
    status = ChoiceField("Status", IncidentStatus, STATUS_LABELS, default=IncidentStatus.OPEN)
    summary = MarkdownField("Summary", description="What happened, for somebody who was not there.")
    impact = MarkdownField("Impact", description="Who was affected, how many, and for how long.")
    is_drill = BooleanField(
        "This is a drill", default=False, description="Drills stay out of lists and statistics."
    )
    timezone = TimezoneField(
        "Time zone",
        default="UTC",
        render_kw={"list": "timezones", "autocomplete": "off"},
        description="Of all the times below. For example Europe/Stockholm.",
    )
    services = PickField("Services", description="What broke, or nearly did.")
    teams = PickField(
        "Teams", description="Whose incident it is. Its teams see it also when it is restricted."
    )
    tags = NamesField("Tags", description="Words to find it by, separated by commas.")
    lead = LineField(
        "Lead",
        max_length=254,
        render_kw=PERSON_INPUT,
        description="The e-mail address of whoever leads, or led, the response.",
    )
    participants = RowsField(
        FormField(ParticipantForm),
        "Participants",
        description="Who took part, by e-mail address, and in which role.",
    )
    detected_by = ChoiceField("Detected by", DetectedBy, DETECTED_BY_LABELS, blank="Not known")
    synthetic_coverable = ChoiceField(
        "Could a synthetic check have noticed it?", Coverable, COVERABLE_LABELS, blank="Not said"
    )
    synthetic_covered = OneField("Did a synthetic check cover it?", blank="Not said")
    visibility = ChoiceField(
        "Who may see it",
        Visibility,
        VISIBILITY_LABELS,
        default=Visibility.OPEN,
        description="A restricted incident exists only for who filed it, its lead, participants, teams, "
        "the owners of its actions, and admins.",
    )
    relations = RowsField(
        FormField(RelationForm), "Related incidents", description="Clear a number to remove the row."
    )
    links = RowsField(
        FormField(LinkForm), "Links", description="Chat, graphs, tickets: whatever helps to remember."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_submitted():
            self._add_blank_rows()

    def _add_blank_rows(self) -> None:
        for rows in (self.participants, self.relations, self.links):
            for _ in range(BLANK_ROWS):
                rows.append_entry()

    def offer(self, session: Session, incident: Incident | None = None) -> None:
        """Fill the choices: what is active, and what the incident has already even if it no longer is."""
        services = {service.slug: service.name for service in services_to_choose(session)}
        teams = {team.slug: team.name for team in teams_to_choose(session)}
        self.people: dict[str, str] = {person.email: person.name for person in people_to_choose(session)}
        self.known = set(self.people)
        if incident is not None:
            for service in incident.services:
                services.setdefault(service.slug, f"{service.name} (not active)")
            for team in incident.teams:
                teams.setdefault(team.slug, f"{team.name} (not active)")
            here: list[Person | None] = [incident.lead, *(row.person for row in incident.participants)]
            self.known |= {person.email for person in here if person}
        self.services.choices = [SelectChoice(slug, name) for slug, name in services.items()]
        self.teams.choices = [SelectChoice(slug, name) for slug, name in teams.items()]
        self.synthetic_covered.offer([("yes", "Yes"), ("no", "No")])

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """As every form; and people must be known here."""
        is_valid: bool = super().validate(*args, **kwargs)
        for field in (self.lead, *(row.form.person for row in self.participants)):
            if field.data and self._email(field.data) not in self.known:
                field.errors = [*field.errors, f"Nobody active here has the address {field.data}."]
                is_valid = False
        # A list of rows looks at its rows' errors once, before these were found.
        self.participants.errors = [row.errors for row in self.participants if row.errors]
        return is_valid

    def _email(self, typed: str) -> str:
        """The address that was typed; a name that only one person has stands for theirs."""
        text = typed.strip().casefold()
        named = [email for email, name in self.people.items() if name.casefold() == text]
        return named[0] if len(named) == 1 else text

    def values(self) -> dict[str, Any]:
        """What was entered, by the record's names, as operations take it."""
        plain = (
            "title kind severity status summary impact is_drill timezone services teams tags detected_by "
            "synthetic_coverable visibility"
        )
        return {
            **{name: self._fields[name].data for name in plain.split()},
            "synthetic_covered": {"yes": True, "no": False}.get(self.synthetic_covered.data),
            "lead": self._email(self.lead.data) if self.lead.data else None,
            "participants": [
                (self._email(row.person.data), row.role.data)
                for row in self._rows(self.participants)
                if row.person.data
            ],
            "relations": [
                (incident_number(row.number.data), row.kind.data)
                for row in self._rows(self.relations)
                if row.number.data
            ],
            "links": [
                {"url": row.url.data, "title": row.title.data}
                for row in self._rows(self.links)
                if row.url.data
            ],
            **{name: self._moment(name) for name in MOMENTS},
        }

    @staticmethod
    def _rows(field: RowsField) -> list[Any]:
        return [entry.form for entry in field]

    def _moment(self, name: str) -> MomentDraft:
        field = self._fields[name]
        sure = Confidence.UNKNOWN if field.is_day else self._fields[f"{name}_confidence"].data
        return MomentDraft(field.data, sure, self._fields[f"{name}_source"].data)


def _add_moments() -> None:
    """Give the form each moment with its confidence, its source, and which of two equal hours is meant."""
    for name in MOMENTS:
        parts = {
            name: MomentField(MOMENT_LABELS[name], description=_MOMENT_HINTS[name]),
            f"{name}_confidence": ChoiceField(
                f"{MOMENT_LABELS[name]}: how sure", Confidence, CONFIDENCE_LABELS, default=Confidence.EXACT
            ),
            f"{name}_source": LineField(f"{MOMENT_LABELS[name]}: how we know", max_length=checks.SOURCE_MAX),
            f"{name}_fold": FoldField(),
        }
        for part, field in parts.items():
            setattr(IncidentFields, part, field)


_add_moments()


class NewIncidentForm(IncidentFields, CreateForm):
    """An incident to file. Only the title is needed."""


class EditIncidentForm(IncidentFields, EditForm):
    """Everything about an incident that is there."""

    @classmethod
    def of(
        cls, incident: Incident, related: list[tuple[int, RelationKind]], **kwargs: Any
    ) -> "EditIncidentForm":
        """The form filled from the record; `related` is what the person may see of its relations."""
        form = cls(data=_stored(incident, related), **kwargs)
        for name in MOMENTS:
            confidence = getattr(incident, f"{name}_confidence")
            if day_alone(incident.moment(name), confidence, incident.timezone):
                form._fields[name].show_as_day()
        return form


def _stored(incident: Incident, related: list[tuple[int, RelationKind]]) -> dict[str, Any]:
    plain = (
        "title kind severity status summary impact is_drill timezone detected_by synthetic_coverable "
        "visibility links version"
    )
    moments = [part for name in MOMENTS for part in (name, f"{name}_confidence", f"{name}_source")]
    covered = {True: "yes", False: "no", None: ""}[incident.synthetic_covered]
    return {
        **{name: getattr(incident, name) for name in (*plain.split(), *moments)},
        "synthetic_covered": covered,
        "services": [service.slug for service in incident.services],
        "teams": [team.slug for team in incident.teams],
        "tags": [tag.name for tag in incident.tags],
        "lead": incident.lead.email if incident.lead else "",
        "participants": [{"person": row.person.email, "role": row.role} for row in incident.participants],
        "relations": [{"number": f"INC-{number}", "kind": kind} for number, kind in related],
    }
