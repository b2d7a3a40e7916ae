"""The pattern page: every component with made-up content, at /dev/patterns in development only.

A component that is not shown there does not exist as far as its next user can tell.
"""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, render_template
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from postmortem.web import access
from postmortem.web.pattern_samples import (
    reading_samples,
    sample_events,
    sample_history,
    sample_picture,
)

blueprint = Blueprint("patterns", __name__)

CONFIDENCES = [
    SelectChoice("exact", "Exact"),
    SelectChoice("minutes", "Within minutes"),
    SelectChoice("hours", "Within hours"),
    SelectChoice("unknown", "Unknown"),
]


class LinkForm(Form):
    """One row of a list of links."""

    label = StringField("Words")
    url = StringField("Address", [Length(max=200, message="Enter an address of at most 200 characters.")])


class SampleForm(Form):
    """One field of every kind that forms.html can draw."""

    key = HiddenField()
    title = StringField("Title", [InputRequired("Enter a title, for instance what people noticed.")])
    summary = TextAreaField("Summary", description="What happened, in the order it was noticed.")
    password = PasswordField("Password", description="At least 12 characters. A sentence works well.")
    severity = SelectField(
        "Severity",
        choices=[
            SelectChoice("", "Not rated yet"),
            SelectChoice("sev1", "SEV 1"),
            SelectChoice("sev2", "SEV 2"),
        ],
    )
    kind = RadioField(
        "What was it?",
        choices=[SelectChoice("incident", "An incident"), SelectChoice("near_miss", "A near miss")],
        default="incident",
    )
    is_drill = BooleanField("This was a drill", description="Drills stay out of lists and statistics.")
    due_on = DateField("Due")
    services = SelectMultipleField(
        "Services",
        choices=[
            SelectChoice(word.lower(), word)
            for word in (
                "Accounts",
                "Adverts",
                "Catalogue",
                "Downloads",
                "Lyrics",
                "Payments",
                "Playback",
                "Search",
            )
        ],
    )
    timezone = StringField("Time zone", default="Europe/Stockholm")
    detected_at = StringField("Detected")
    detected_at_confidence = SelectField("How sure", choices=CONFIDENCES)
    detected_at_source = StringField("How we know")
    resolved_at = StringField("Resolved", description="When the last person was no longer affected.")
    resolved_at_confidence = SelectField("How sure", choices=CONFIDENCES)
    resolved_at_source = StringField("How we know")
    resolved_at_fold = RadioField(
        "The clocks went back that night. Which 02:30 was it?",
        validate_choice=False,
        choices=[SelectChoice("0", "The first, summer time"), SelectChoice("1", "The second, winter time")],
    )
    links = FieldList(FormField(LinkForm), "Links", min_entries=1)


def sample_form(*, valid: bool) -> SampleForm:
    """The form as it stands before sending, or as it comes back with mistakes in it."""
    typed = {
        "summary": "Playback stopped for one listener in five.",
        "severity": "sev2",
        "services": ["playback", "search"],
        "detected_at_confidence": "minutes",
        "resolved_at": "2026-10-25T02:30",
        "resolved_at_confidence": "exact",
        "links-0-label": "Dashboard",
        "links-0-url": "https://example.org/" + "x" * 200,
    }
    form = SampleForm(None if valid else MultiDict(typed))
    if not valid:
        form.validate()
        setattr(form.resolved_at, "ambiguous_choices", ["0", "1"])  # noqa: B010 - the real field declares it
        form.resolved_at.errors = ["02:30 came twice on 25 October 2026. Say which one you mean."]
    return form


def samples() -> dict[str, Any]:
    """Everything that the template shows, by name."""
    person = SimpleNamespace(name="Ines Okafor", email="ines@example.org", handle="ines")
    return {
        "empty_form": sample_form(valid=True),
        "form": sample_form(valid=False),
        "moment_at": datetime(2026, 3, 12, 13, 3, tzinfo=UTC),
        "old_day": datetime(1628, 8, 10, 0, 0, tzinfo=UTC),
        "due_on": date(2026, 4, 1),
        "durations": [
            SimpleNamespace(seconds=8580, status="recorded"),
            SimpleNamespace(seconds=None, status="pending"),
            SimpleNamespace(seconds=None, status="not_applicable"),
            SimpleNamespace(seconds=-600, status="invalid"),
        ],
        "people": [person, SimpleNamespace(name="Jonas Lind"), SimpleNamespace(name="Łucja Ørsted")],
        "picture": sample_picture(),
        "events": sample_events(),
        "history_entries": sample_history(),
        "page": SimpleNamespace(previous_url=None, next_url="#next", found_text="243 incidents"),
        "filters": [
            SimpleNamespace(label="Severity: SEV 1", remove_url="#less"),
            SimpleNamespace(label="Service: Playback", remove_url="#less"),
        ],
        "tabs_items": [
            SimpleNamespace(label="Everything", url="#all", is_current=True, count=12),
            SimpleNamespace(label="History", url="#history", is_current=False, count=4),
        ],
        "conflict_fields": [
            SimpleNamespace(
                label="Summary",
                yours="Playback stopped for some.",
                theirs="Playback stopped for 21 %.",
                field_name="summary",
            )
        ],
        "messages": [
            ("success", {"text": "The event was deleted.", "undo_url": "#undo", "undo_label": "Undo"}),
            ("info", "Somebody else is editing this write-up."),
            ("warning", "This incident has no end yet."),
            ("error", "That link has expired. Ask an admin for a new one."),
        ],
    } | reading_samples()


@blueprint.get("/dev/patterns")
@access.public
def show() -> str:
    """Every component on one page."""
    return render_template("dev/patterns.html", **samples())
