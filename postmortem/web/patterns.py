"""The pattern page: every component with made-up content, at /dev/patterns in development only.

A component that is not shown there does not exist as far as its next user can tell.
"""

from datetime import UTC, date, datetime, timedelta
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


def sample_entry(title: str, tldr: str, **more: Any) -> SimpleNamespace:
    """A write-up as the blog's cards want it."""
    entry = {
        "title": title,
        "url": "#entry",
        "tldr": tldr,
        "author_line": "The playback team",
        "published_at": datetime(2026, 3, 12, 9, 0, tzinfo=UTC),
        "reading_minutes": 7,
        "tags": [("caching", "#caching"), ("clock skew", "#clock")],
        "services": [("Playback", "#playback")],
        "severity": None,
        "is_imported": False,
    }
    return SimpleNamespace(**(entry | more))


def sample_picture() -> SimpleNamespace:
    """A timeline drawn by hand; real ones come from the incident's own numbers."""
    return SimpleNamespace(
        width=960,
        height=222,
        title="Timeline of INC-12 to scale",
        description="Impact began at 13:03, was detected after 16 minutes and was over after 2 h 23 min.",
        ticks=[(20, "13:00"), (250, "13:40"), (480, "14:20"), (710, "15:00"), (940, "15:40")],
        bars=[
            (37, 92, "Detect 16 min", "detect"),
            (37, 448, "Mitigate 1 h 18 min", "mitigate"),
            (37, 822, "Resolve 2 h 23 min", "resolve"),
        ],
        points=[
            (37, 122, "First errors", "impact", "13:03 First errors in the player"),
            (129, 148, "Alert", "detection", "13:19 Alert: playback error rate"),
            (300, 122, "Cache suspected", "diagnosis", "13:49 Cache suspected"),
            (421, 148, "Roll back?", "decision", "14:10 Decision to roll back"),
            (485, 122, "Rolled back", "repair", "14:21 Rolled back"),
            (700, 148, "Status page", "communication", "14:58 Status page updated"),
            (859, 122, "All clear", "other", "15:26 All clear"),
        ],
    )


def sample_history() -> list[SimpleNamespace]:
    """Two entries: one with changed fields, one without."""
    start = datetime(2026, 3, 12, 13, 3, tzinfo=UTC)
    change = SimpleNamespace(field="Severity", old="SEV 3", new="SEV 2")
    blank = SimpleNamespace(field="Impact", old="", new="One listener in five could not start a song.")
    return [
        SimpleNamespace(
            at=start + timedelta(hours=3),
            actor_name="Ines Okafor",
            sentence="changed the report",
            changes=[change, blank],
        ),
        SimpleNamespace(at=start, actor_name="Jonas Lind", sentence="filed the incident", changes=[]),
    ]


def reading_samples() -> dict[str, Any]:
    """What the blog shows: entries and the headings of one."""
    return {
        "entries": [
            sample_entry(
                "The cache that remembered too well",
                "A cache kept yesterday's catalogue for eleven hours because two clocks disagreed. "
                "We found it by accident, and learnt why our alerts could not have.",
                severity="sev2",
                is_pinned=True,
            ),
            sample_entry(
                "Vasa",
                "A ship with one gun deck too many sails for 1,300 metres.",
                author_line="",
                is_imported=True,
            ),
            sample_entry(
                "Forty minutes without search", "An index was rebuilt in the wrong order.", severity="sev3"
            ),
        ],
        "headings": [
            SimpleNamespace(id="what-happened", text="What happened", level=2),
            SimpleNamespace(id="what-helped", text="What helped", level=2),
            SimpleNamespace(id="the-second-clock", text="The second clock", level=3),
        ],
    }


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
