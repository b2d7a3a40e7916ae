"""Every column that holds words, and what anonymising does with it. A test fails for one that is missing here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from postmortem.accounts.models import Service, Team
from postmortem.action_reviews.models import ActionReview, ActionReviewDecision
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment, ActionLink, SavedView, Verification
from postmortem.attachments.models import Attachment
from postmortem.blameless.models import LanguageKeep, NamingChoice
from postmortem.ideas.models import Idea, NoActionsNeeded
from postmortem.incidents.enums import MOMENTS
from postmortem.incidents.models import Incident, Participant, RestrictionRule
from postmortem.notifications.models import NewsItem, Receiver
from postmortem.permissions.models import AccessRequest
from postmortem.readers.models import Citation, OpenQuestion, ReaderAnswer, ReaderQuestion
from postmortem.reviews.models import (
    ChecklistAnswer,
    Review,
    ReviewComment,
    ReviewMeeting,
    ReviewPolicy,
    ReviewRequest,
)
from postmortem.tags.models import Tag
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.writeups.models import Publication, Revision, Series, Writeup
from postmortem.writeups.models_around import Autosave, EntryOfTheMonth, WriteupTemplate


class TextKind(StrEnum):
    """Kinds of record whose free text an admin may leave as it is."""

    INCIDENTS = "incidents"
    TIMELINE = "timeline"
    ACTIONS = "actions"
    WRITEUPS = "writeups"
    NAMES = "names"


KIND_LABELS = {
    TextKind.INCIDENTS: "Incidents",
    TextKind.TIMELINE: "Timeline events and factors",
    TextKind.ACTIONS: "Actions with comments, ideas and action reviews",
    TextKind.WRITEUPS: "Write-ups, saved texts and published texts",
    TextKind.NAMES: "Names of tags, teams, services, saved views and receivers of news",
}


@dataclass(frozen=True)
class Place:
    """Columns of one table that hold words. Without a kind they are replaced always."""

    model: Any
    columns: tuple[str, ...]
    kind: TextKind | None = None


PLACES = (
    Place(
        Incident,
        ("title", "summary", "impact", "links", *(f"{name}_source" for name in MOMENTS)),
        TextKind.INCIDENTS,
    ),
    Place(Participant, ("role",), TextKind.INCIDENTS),
    Place(TimelineEvent, ("text", "occurred_text", "actor_role", "evidence"), TextKind.TIMELINE),
    Place(Factor, ("text",), TextKind.TIMELINE),
    Place(
        Action,
        ("title", "description", "end_state", "status_reason", "tracker_url", "tracker_title"),
        TextKind.ACTIONS,
    ),
    Place(ActionComment, ("text",), TextKind.ACTIONS),
    Place(ActionLink, ("url", "title"), TextKind.ACTIONS),
    Place(Verification, ("how",), TextKind.ACTIONS),
    Place(Idea, ("text",), TextKind.ACTIONS),
    Place(NoActionsNeeded, ("reason",), TextKind.ACTIONS),
    Place(ActionReview, ("title", "notes"), TextKind.ACTIONS),
    Place(ActionReviewDecision, ("outcome", "note", "undo"), TextKind.ACTIONS),
    Place(SavedView, ("name",), TextKind.NAMES),
    Place(
        Writeup,
        (
            *("title", "tldr", "body", "source_name", "source_url", "withdrawn_reason"),
            "review_skipped_reason",
        ),
        TextKind.WRITEUPS,
    ),
    Place(Revision, ("title", "tldr", "body", "reason"), TextKind.WRITEUPS),
    Place(Publication, ("title", "tldr", "frozen", "body", "reason"), TextKind.WRITEUPS),
    Place(Autosave, ("title", "tldr", "body"), TextKind.WRITEUPS),
    Place(Attachment, ("alt",), TextKind.WRITEUPS),
    Place(LanguageKeep, ("words", "reason"), TextKind.WRITEUPS),
    Place(Series, ("name", "description"), TextKind.WRITEUPS),
    Place(EntryOfTheMonth, ("note",), TextKind.WRITEUPS),
    Place(WriteupTemplate, ("name", "description", "sections"), TextKind.WRITEUPS),
    Place(ReviewRequest, ("note",), TextKind.WRITEUPS),
    Place(Review, ("text",), TextKind.WRITEUPS),
    Place(ReviewComment, ("quote", "text", "suggestion"), TextKind.WRITEUPS),
    Place(ChecklistAnswer, ("question", "note"), TextKind.WRITEUPS),
    Place(ReviewPolicy, ("checklist",), TextKind.WRITEUPS),
    Place(ReviewMeeting, ("place",), TextKind.WRITEUPS),
    Place(Citation, ("url", "title"), TextKind.WRITEUPS),
    Place(ReaderQuestion, ("text",), TextKind.WRITEUPS),
    Place(ReaderAnswer, ("text",), TextKind.WRITEUPS),
    Place(OpenQuestion, ("text", "outcome"), TextKind.WRITEUPS),
    Place(Tag, ("name",), TextKind.NAMES),
    Place(Team, ("name",), TextKind.NAMES),
    Place(Service, ("name",), TextKind.NAMES),
    Place(RestrictionRule, ("value",), TextKind.NAMES),
    # Of the site; a person's own are removed. The address is left: another one would lead elsewhere.
    Place(Receiver, ("name", "switched_off_reason"), TextKind.NAMES),
    # Who saved and wrote a text, and what was asked and answered: never left.
    Place(Revision, ("saved_by_name",)),
    Place(Publication, ("author_line",)),
    Place(AccessRequest, ("reason", "answer", "path")),
    # How somebody was called in a text, and what stands there instead.
    Place(NamingChoice, ("surface", "replacement")),
    # What others were told, and what waits for them.
    Place(NewsItem, ("payload",)),
    # Addresses of lists, in which people stand by their e-mail addresses.
    Place(SavedView, ("query",)),
    Place(ActionReview, ("query",)),
)
# Made from titles and names; the address before leads nowhere afterwards, because leading on would keep the name.
SLUGS: Mapping[Any, TextKind] = {
    Writeup: TextKind.WRITEUPS,
    Series: TextKind.WRITEUPS,
    Team: TextKind.NAMES,
    Service: TextKind.NAMES,
}
# Made anew from the others.
DERIVED = {
    *("incidents.search_text", "incidents.summary_html", "incidents.impact_html", "factors.text_html"),
    *("timeline_events.text_html", "actions.description_html", "actions.search_text"),
    *("action_comments.text_html", "action_reviews.notes_html"),
    *("reviews.text_html", "review_comments.text_html"),
    *("reader_questions.text_html", "reader_answers.text_html"),
    *("writeups.body_html", "writeups.headings", "publications.body_html", "publications.headings"),
}
# Removed or replaced as the person's own.
OWN = {
    *("people.email", "people.name", "people.handle", "people.timezone"),
    *("people.password_hash", "people.totp_secret"),
    *("sessions.token_hash", "sessions.address", "sessions.user_agent"),
    *("recovery_codes.code_hash", "single_use_links.token_hash", "identities.issuer", "identities.subject"),
    *("sign_in_attempts.account_hash", "sign_in_attempts.address"),
    *("notification_choices.event", "notification_settings.quiet_from", "notification_settings.quiet_until"),
    *("notification_settings.digest_at", "calendar_links.token_hash"),
    *("feed_links.token_hash", "feed_links.path"),
    *(f"receivers.{name}" for name in ("url", "secret", "events")),
    *(
        "outbox_messages.payload",
        "outbox_messages.last_error",
        "form_keys.location",
        "oidc_requests.next_path",
    ),
}
# The history's contents, rewritten with its chain left whole; and what the chain is made of.
HISTORY = {
    *("history_entries.actor_name", "history_entries.subject_label", "history_entries.changes"),
    *(
        "history_entries.verb",
        "history_entries.subject_type",
        "history_entries.salt",
        "history_entries.digest",
    ),
    *("history_entries.chain", "history_entries.covers", "history_entries.redacted_digest"),
    *("history_head.chain", "history_head.signature"),
}
# Words of the program, numbers and random values; and the name of the file that something was imported from, by
# which a second import knows it again (docs/people-leaving.md says so).
NO_WORDS_OF_PEOPLE = {
    *("incidents.timezone", "external_ids.source", "external_ids.external_id"),
    *("writeups.feed_id", "outbox_messages.delivery_id", "outbox_messages.kind", "form_keys.key"),
    *("outbox_messages.lane", "news_items.delivery_id", "reminders.event"),
    *("action_policy.due_days", "action_policy.needs_action"),
    *("attachments.key", "attachments.content_type", "attachments.widths", "attachments.sha256"),
    *("language_policy.rules_off", "language_policy.words", "language_keeps.rule"),
    *(
        "writeups.template",
        "writeup_templates.key",
        "writeup_templates.severities",
        "writeup_templates.kinds",
    ),
    *(
        "writeup_old_slugs.slug",
        "entries_of_the_month.month",
        "review_policy.needs",
        "review_policy.approvals",
    ),
    *("review_meetings.timezone", "review_meetings.uid", "survey_answers.voter", "survey_answers.scores"),
    *("reactions.reader", "reader_visits.reader", "newsletters.week"),
    *("action_review_items.reasons_before", "action_review_items.reasons_after"),
    *("oidc_requests.state_hash", "oidc_requests.nonce", "oidc_requests.code_verifier"),
}
