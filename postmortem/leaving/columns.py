"""Every column that points at a person, and what merging does with it. A test fails for one that is missing here."""

from enum import StrEnum


class Fate(StrEnum):
    """What happens to a column's value when its person is merged into another."""

    # Points at who stays afterwards; the record that it belongs to gets an entry in its history.
    MOVES = "moves"
    # Moves along with the person's own row and is told there.
    FOLLOWS = "follows"
    # The row is removed: a way in of the account that goes, or what it wants to be told.
    ENDS = "ends"
    # Says who it was then.
    STAYS = "stays"


FATES: dict[str, Fate] = {
    "team_members.person_id": Fate.MOVES,
    "people.merged_into_id": Fate.FOLLOWS,
    "sessions.person_id": Fate.ENDS,
    "recovery_codes.person_id": Fate.ENDS,
    "single_use_links.person_id": Fate.ENDS,
    "identities.person_id": Fate.FOLLOWS,
    "incidents.impact_started_at_entered_by_id": Fate.MOVES,
    "incidents.detected_at_entered_by_id": Fate.MOVES,
    "incidents.declared_at_entered_by_id": Fate.MOVES,
    "incidents.mitigated_at_entered_by_id": Fate.MOVES,
    "incidents.resolved_at_entered_by_id": Fate.MOVES,
    "incidents.lead_id": Fate.MOVES,
    "incidents.reported_by_id": Fate.MOVES,
    "incident_participants.person_id": Fate.MOVES,
    "restriction_rules.created_by_id": Fate.MOVES,
    "actions.owner_id": Fate.MOVES,
    "writeup_authors.person_id": Fate.MOVES,
    "writeups.created_by_id": Fate.MOVES,
    "revisions.saved_by_id": Fate.MOVES,
    "publications.published_by_id": Fate.MOVES,
    "access_requests.person_id": Fate.MOVES,
    "access_requests.answered_by_id": Fate.MOVES,
    "notification_choices.person_id": Fate.ENDS,
    "notification_settings.person_id": Fate.ENDS,
    "follows.person_id": Fate.ENDS,
    "news_items.person_id": Fate.ENDS,
    "digests.person_id": Fate.ENDS,
    "calendar_links.person_id": Fate.ENDS,
    "receivers.person_id": Fate.ENDS,
    "receivers.created_by_id": Fate.MOVES,
    "action_comments.author_id": Fate.MOVES,
    "action_watches.person_id": Fate.ENDS,
    "verifications.person_id": Fate.MOVES,
    "saved_views.person_id": Fate.MOVES,
    "ideas.added_by_id": Fate.MOVES,
    "no_actions_needed.person_id": Fate.MOVES,
    "action_reviews.started_by_id": Fate.MOVES,
    "action_review_people.person_id": Fate.MOVES,
    "action_review_decisions.person_id": Fate.MOVES,
    "action_review_decisions.undone_by_id": Fate.MOVES,
    "writeups.publish_by_id": Fate.MOVES,
    "writeups.facilitator_id": Fate.MOVES,
    "writeups.review_skipped_by_id": Fate.MOVES,
    "attachments.uploaded_by_id": Fate.MOVES,
    "language_keeps.kept_by_id": Fate.MOVES,
    "naming_choices.person_id": Fate.MOVES,
    "naming_choices.chosen_by_id": Fate.MOVES,
    "naming_consents.person_id": Fate.MOVES,
    "autosaves.person_id": Fate.ENDS,
    "desk_visits.person_id": Fate.ENDS,
    "entries_of_the_month.chosen_by_id": Fate.MOVES,
    "review_requests.person_id": Fate.MOVES,
    "review_requests.requested_by_id": Fate.MOVES,
    "reviews.person_id": Fate.MOVES,
    "review_comments.author_id": Fate.MOVES,
    "review_comments.resolved_by_id": Fate.MOVES,
    "checklist_answers.answered_by_id": Fate.MOVES,
    "review_meetings.planned_by_id": Fate.MOVES,
    "review_meeting_guests.person_id": Fate.MOVES,
    "citations.added_by_id": Fate.MOVES,
    "reader_questions.asked_by_id": Fate.MOVES,
    "reader_answers.author_id": Fate.MOVES,
    "open_questions.settled_by_id": Fate.MOVES,
    "feed_links.person_id": Fate.ENDS,
    "history_entries.actor_id": Fate.STAYS,
}
