"""What a request changed in the database, beside what history says it changed.

Every table stands in exactly one of three lists; a new one without its place fails.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, SignIn
from postmortem.actions.operations_policy import policy_values
from postmortem.actions.policy import AS_SHIPPED
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import _plain
from postmortem.models import metadata
from postmortem.reviews.operations_policy import policy_values as review_policy_values
from postmortem.reviews.policy import AS_SHIPPED as REVIEWS_AS_SHIPPED
from postmortem.writeups.operations_templates import template_values
from postmortem.writeups.templates import SHIPPED
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.targets import furnished

# Records of their own: each changed row has one entry. Their columns that follow from others.
RECORDS: dict[str, set[str]] = {
    "people": {"password_hash", "totp_secret", "totp_confirmed_at", "totp_last_step"},
    "teams": set(),
    "services": set(),
    "incidents": {"sort_at", "search_text", "summary_html", "impact_html"},
    "timeline_events": {"text_html"},
    "factors": {"text_html"},
    "actions": {
        *("description_html", "search_text", "sort_key", "closed_at", "first_due_on", "redated_count"),
        *("touched_at", "verify_on", "questioned_at"),
    },
    "action_comments": {"text_html", "edited_at"},
    "action_links": set(),
    "verifications": {"verified_at"},
    "ideas": {"promoted_at"},
    "no_actions_needed": set(),
    "action_policy": set(),
    "saved_views": {"person_id"},
    "action_reviews": {"notes_html", "started_at", "paused_at", "paused_seconds", "ended_at"},
    "receivers": {"secret", "url", "failures", "failing_since", "last_delivered_at"},
    "notification_settings": {"person_id"},
    "calendar_links": {"token_hash", "last_used_at", "person_id"},
    # The long texts are in the revisions, which are never changed; an entry names the revision.
    "writeups": {
        "body",
        "body_html",
        "tldr",
        "headings",
        "reading_minutes",
        "updated_at",
        "feed_id",
        "publish_version",
    },
    "restriction_rules": set(),
    "attachments": {
        *("key", "widths", "sha256", "size_bytes", "width", "height", "content_type", "uploaded_by_id"),
    },
    "language_policy": set(),
    "naming_choices": {"chosen_at", "chosen_by_id"},
    "naming_consents": {"decided_at"},
    "writeup_templates": {"position"},
    # Who chose it is the actor.
    "entries_of_the_month": {"chosen_by_id"},
    "series": set(),
    "review_policy": set(),
    "review_requests": {"reminded_at"},
    "reviews": {"text_html", "text"},
    "review_comments": {"text_html", "edited_at", "quote"},
    "checklist_answers": {"answered_at"},
    # Who planned it is the actor.
    "review_meetings": {"uid", "sequence", "planned_by_id"},
    "citations": set(),
    "reader_questions": {"text_html", "edited_at", "answered_at"},
    "reader_answers": {"text_html", "edited_at"},
    # The published text says them; publishing tells of it.
    "open_questions": {"writeup_id", "text", "position", "is_gone"},
    "feed_links": {"token_hash", "last_used_at", "person_id"},
}
ALWAYS_DERIVED = {"id", "version", "rendered_with", "created_at", "created_by_id", "entered_by_id"}
# Rows that are part of a record: table, the column that names it, and the field under which history has them.
PARTS: dict[str, tuple[str, str, str]] = {
    "team_members": ("teams", "team_id", "members"),
    "external_ids": ("incidents", "incident_id", "external_ids"),
    "incident_participants": ("incidents", "incident_id", "participants"),
    "incident_relations": ("incidents", "incident_id", "relations"),
    "incident_services": ("incidents", "incident_id", "services"),
    "incident_tags": ("incidents", "incident_id", "tags"),
    "incident_teams": ("incidents", "incident_id", "teams"),
    "factor_events": ("factors", "factor_id", "events"),
    "factor_tags": ("factors", "factor_id", "tags"),
    "language_keeps": ("writeups", "writeup_id", "kept_words"),
    "writeup_authors": ("writeups", "writeup_id", "authors"),
    "writeup_incidents": ("writeups", "writeup_id", "incidents"),
    "writeup_services": ("writeups", "writeup_id", "services"),
    "writeup_tags": ("writeups", "writeup_id", "tags"),
    "writeup_teams": ("writeups", "writeup_id", "teams"),
    "review_meeting_guests": ("review_meetings", "meeting_id", "guests"),
    "writeup_relations": ("writeups", "writeup_id", "related"),
}
# Columns of parts that follow the incident's.
FOLLOWS = {"sort_at", "is_drill", "visibility", "position", "id"}
# No records: what is told by the entry of the act itself, and what the program keeps for itself.
TOLD_BY_THE_ACT = {
    *("sessions", "single_use_links", "recovery_codes", "identities", "access_requests"),
    *("revisions", "publications", "publication_images", "writeup_old_slugs"),
    *("action_watches", "follows", "notification_choices"),
    *("action_review_people", "action_review_items", "action_review_decisions"),
}
THE_PROGRAMS_OWN = {
    *("form_keys", "history_entries", "history_head", "oidc_requests", "outbox_messages", "sign_in_attempts"),
    *("news_items", "digests", "reminders"),
    # What somebody typed and did not save, and that they are there: theirs, and gone with saving.
    *("autosaves", "desk_visits"),
    # Keyed hashes that name nobody: an entry with a name would undo them.
    *("reactions", "reader_visits", "survey_answers", "newsletters"),
    # Words that grow from use; whatever uses one says so.
    "tags",
}
# Deleting, publishing and withdrawing say by their verb what became of these.
SAID_BY_THE_VERB = {
    "started": {"state"},
    "deleted": {"deleted_at", "deleted_visibility", "deleted_state", "visibility", "state"},
    "brought back": {"deleted_at", "deleted_visibility", "deleted_state", "visibility", "state"},
}
# What held while there was no row: history tells how the first row differs from it.
HELD_BEFORE: dict[str, dict[str, Any]] = {
    "action_policy": policy_values(AS_SHIPPED),
    "language_policy": {"rules_off": [], "words": {}},
    "review_policy": review_policy_values(REVIEWS_AS_SHIPPED),
}
NAMES = {"lead_id": "lead", "reported_by_id": "reported_by", "team_id": "team", "owner_id": "owner"}
NAMES |= {"publish_by_id": "publish_by"}
NAMES |= {"started_by_id": "started_by", "series_id": "series"}
NAMES |= {"came_from_id": "came_from", "merged_into_id": "merged_into", "questioned_by_id": "questioned_by"}
NAMES |= {
    "needs": "rules",
    "approvals": "rules",
    "facilitator_id": "facilitator",
    "resolved_by_id": "resolved_by",
}
NAMES |= {
    "answered_by_id": "answered_by",
    "checklist": "questions",
    "requested_by_id": "requested_by",
    "review_skipped_by_id": "review_skipped_by",
}
NAMES |= {"sections": "sections_from", "due_days": "days_until_due", "added_by_id": "added_by"}
NAMES |= {"asked_by_id": "asked_by", "question_id": "question", "settled_by_id": "settled_by"}
NAMES |= {
    "author_id": "author",
    "action_id": "action",
    "next_action_id": "next_action",
    "person_id": "person",
}

Rows = dict[str, dict[tuple[Any, ...], dict[str, Any]]]


def snapshot(session: Session) -> Rows:
    """Every row of every table but history's, by its key."""
    found: Rows = {}
    for table in metadata.sorted_tables:
        if table.name in THE_PROGRAMS_OWN:
            continue
        keys = [column.name for column in table.primary_key.columns] or [each.name for each in table.columns]
        rows = session.execute(select(table)).mappings()
        found[table.name] = {tuple(row[key] for key in keys): dict(row) for row in rows}
    return found


def differences(before: Rows, after: Rows, entries: list[HistoryEntry]) -> Iterator[str]:
    """Where what history says is not what became of the rows; nothing when both say the same."""
    told = {(entry.subject_type, entry.subject_id): entry for entry in entries}
    if len(told) != len(entries):
        yield f"two entries about one record: {[entry.sentence for entry in entries]}"
    for table in RECORDS:
        for key in before[table].keys() | after[table].keys():
            new = after[table].get(key)
            old = before[table].get(key, HELD_BEFORE.get(table) or _as_shipped(table, new))
            if old != new and (changed := _changed(table, old, new)):
                entry = told.get((table, key[0]))
                if entry is None and not _went_along(table, old, new, told):
                    yield f"{table} {key[0]} changed without an entry: {sorted(changed)}"
                elif entry is not None:
                    yield from _of_record(table, changed, old, entry)
    for table, (parent, column, told_as) in PARTS.items():
        for number in _parents_with_other_parts(before[table], after[table], column):
            entry = told.get((parent, number))
            if number in {key[0] for key in after[parent]} and (
                entry is None or told_as not in entry.changes
            ):
                yield f"{told_as} of {parent} {number} changed, and history does not say so"


def _as_shipped(table: str, new: Any) -> Any:
    """A template as it held before it was written down for the first time."""
    shipped = {str(each.key): each for each in SHIPPED}
    if table != "writeup_templates" or new is None or new["key"] not in shipped:
        return None
    return new | template_values(shipped[new["key"]]) | {"is_active": True}


def _went_along(table: str, old: Any, new: Any, told: dict[tuple[str, int], HistoryEntry]) -> bool:
    """Whether a row was destroyed with the action that it belongs to, whose entry says so."""
    if new is not None or table not in ("action_comments", "action_links", "verifications"):
        return False
    entry = told.get(("actions", old["action_id"]))
    return entry is not None and entry.verb == "destroyed"


def _changed(table: str, old: Any, new: Any) -> dict[str, list[Any]]:
    derived = RECORDS[table] | ALWAYS_DERIVED
    return {
        name: [_plain((old or {}).get(name)), _plain((new or {}).get(name))]
        for name in (new or old)
        if name not in derived
        and not name.endswith("entered_by_id")
        and (old or {}).get(name) != (new or {}).get(name)
    }


def _of_record(table: str, changed: dict[str, list[Any]], old: Any, entry: HistoryEntry) -> Iterator[str]:
    if entry.verb == "destroyed":
        # What it was is not to be told any more.
        return
    for name, (before, after) in changed.items():
        if name in SAID_BY_THE_VERB.get(entry.verb, ()):
            continue
        if old is None and name == "is_active" and after is True:
            continue
        if old is None and (after in (None, "", [], {}, 0) or name.endswith("_confidence")):
            # A new record's blank fields are not told; a moment without a time has no confidence.
            continue
        if old is None and after == {"reported_by_id": entry.actor_id, "incident_id": entry.incident_id}.get(
            name
        ):
            continue
        if after is None and name == "incident_id" and before == entry.incident_id:
            continue
        field = NAMES.get(name, name)
        if field not in entry.changes:
            yield f"{table}: {name} went from {before!r} to {after!r}, and “{entry.sentence}” does not say so"
        elif field == name and entry.changes[name] != [before, after]:
            yield f"{table}: {name} went from {before!r} to {after!r}, not as {entry.changes[name]}"


def _parents_with_other_parts(before: Any, after: Any, column: str) -> set[int]:
    def plain(rows: Any) -> set[tuple[int, tuple[Any, ...]]]:
        return {
            (row[column], tuple(value for name, value in sorted(row.items()) if name not in FOLLOWS))
            for row in rows.values()
        }

    return {number for number, _ in plain(before) ^ plain(after)}


@dataclass
class Case:
    """One change: where it is sent, what is filled in, and the entries that it leaves (verb and table)."""

    endpoint: str
    path: str
    entries: tuple[str, ...]
    fill_in: dict[str, Any] = field(default_factory=dict)
    has_form: bool = True
    by: str = "admin"


def button(endpoint: str, path: str, *entries: str, **fill_in: Any) -> Case:
    return Case(endpoint, path, entries, fill_in, has_form=False)


class Site:
    """A furnished site, an admin's browser, and what each request left. An empty one has nobody and nothing."""

    def __init__(
        self, app: Flask, session: Session, sign_in: Callable[[Person], Browser], *, is_empty: bool = False
    ) -> None:
        self.app, self.session, self.is_empty = app, session, is_empty
        if is_empty:
            return
        self.cast, self.admin = furnished(session)
        make_incident(session, self.cast.outsider, "Another one")
        self.browser = sign_in(self.admin)

    def send(self, case: Case) -> list[str]:
        """Send it and say what is wrong with what it left; nothing where history tells all of it, once."""
        path, data = self.filled(case)
        return self.check(case.entries, lambda: self.browser.post(path, data), self.admin)

    def check(
        self,
        expected: tuple[str, ...],
        act: Callable[[], Any],
        actor: Person | None,
        answers: tuple[int, ...] = (302, 303),
    ) -> list[str]:
        """Do it and say what is wrong with what it left in history, or with its answer."""
        before, last = snapshot(self.session), self.last_entry()
        page = act()
        after = snapshot(self.session)
        self.session.expire_all()
        entries = list(self.session.scalars(select(HistoryEntry).where(HistoryEntry.id > last)))
        if page.status not in answers:
            errors = " ".join(page.text.split())[:600]
            return [f"was answered with {page.status}: {errors}"]
        found = tuple(f"{entry.verb} {entry.subject_type}" for entry in entries)
        wrong = [] if found == expected else [f"left {found}, not {expected}"]
        wrong += [
            f"{entry.sentence} is said of {entry.actor_name}"
            for entry in entries
            if actor and (entry.actor_id, entry.actor_name) != (actor.id, actor.name)
        ]
        # An act beside the change ("made a password link for") is about the same record.
        changing = [entry for entry in entries if entry.changes or len(entries) == 1]
        return wrong + list(differences(before, after, changing))

    def filled(self, case: Case) -> tuple[str, dict[str, Any]]:
        """Where the case's form goes, and all that it sends: freshly opened and filled in."""
        path = case.path.format(another_session=self._another_session() if "{" in case.path else "")
        if not case.has_form:
            return path, case.fill_in
        form = max(self.browser.get(path).forms, key=lambda form: len(form.data))
        data = {**form.data, **case.fill_in}
        return form.action or path, {name: value for name, value in data.items() if value is not None}

    def _another_session(self) -> int:
        for _ in range(2):
            Browser(self.app).sign_in(self.admin)
        mine = select(SignIn.id).where(SignIn.person_id == self.admin.id).order_by(SignIn.id.desc())
        found = self.session.scalars(mine).first()
        assert found
        return found

    def last_entry(self) -> int:
        return self.session.scalar(select(HistoryEntry.id).order_by(HistoryEntry.id.desc()).limit(1)) or 0

    def told(self, after: int) -> tuple[str, ...]:
        """What history says since this entry: verb and table of each."""
        self.session.expire_all()
        found = select(HistoryEntry).where(HistoryEntry.id > after).order_by(HistoryEntry.id)
        return tuple(f"{entry.verb} {entry.subject_type}" for entry in self.session.scalars(found))
