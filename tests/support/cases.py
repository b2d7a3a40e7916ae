"""What somebody sends to each form of the site, once and successfully; every entry of history that it leaves.

For tests that look at every write path. Another form needs its case here: test_history_complete.py says so.
"""

from tests.support.changes import Case, button
from tests.support.client import PASSWORD

NEW_PASSWORD = "another good long password"
# The test call waits while nothing delivers: switching off gives it up, so that there is something to replay.
RECEIVER_BUTTONS = (
    ("test_call", "test", "sent a test call to receivers"),
    ("switch_off", "off", "switched off receivers"),
    ("switch_on", "on", "switched on receivers"),
    ("replay", "replay", "replayed the calls of receivers"),
    ("delete", "delete", "deleted receivers"),
)

# In this order, each on what the one before left.
CASES = (
    Case(
        "incidents.new",
        "/incidents/new",
        ("reported incidents",),
        {
            "title": "Search is slow",
            "severity": "sev2",
            "summary": "So *slow*.",
            "impact": "Everybody",
            "tags": "search, cache",
            "services": ["playback"],
            "teams": ["sound"],
            "lead": "lead-person@example.com",
            "detected_at": "2026-03-09T14:05",
            "detected_at_confidence": "minutes",
            "detected_at_source": "the pager",
            "detected_by": "alert",
        },
    ),
    Case(
        "incidents.edit",
        "/incidents/1/edit",
        ("edited incidents",),
        {
            "title": "Playback stopped",
            "kind": "near_miss",
            "severity": "sev1",
            "status": "resolved",
            "visibility": "restricted",
            "tags": "dns, tape",
            "services": [],
            "teams": [],
            "lead": "lead-person@example.com",
            "is_drill": "y",
            "resolved_at": "2026-03-09T15:05",
            "resolved_at_confidence": "minutes",
            "synthetic_coverable": "yes",
            "timezone": "Europe/Stockholm",
        },
    ),
    Case(
        "timeline.new_event",
        "/incidents/1/events/new",
        ("added timeline_events",),
        {
            "text": "An alarm rang.",
            "occurred_at": "2026-03-09T14:05",
            "kind": "detection",
            "actor_role": "on call",
        },
    ),
    Case(
        "timeline.edit_event",
        "/events/1/edit",
        ("edited timeline_events",),
        {
            "text": "Nobody heard it.",
            "occurred_at": "2026-03-09T14:06",
            "learnt_later": "y",
            "kind": "impact",
        },
    ),
    Case(
        "timeline.new_factor",
        "/incidents/1/factors/new",
        ("added factors",),
        {"text": "The limit was old.", "tags": "limits", "was_present_before": "yes"},
    ),
    Case(
        "timeline.edit_factor",
        "/factors/1/edit",
        ("edited factors",),
        {"text": "The limit was very old.", "tags": "limits, age", "events": []},
    ),
    Case(
        "actions.new",
        "/incidents/1/actions/new",
        ("added actions",),
        {
            "title": "Add an alarm",
            "owner": "owner-person@example.com",
            "team": "sound",
            "due_on": "2026-12-24",
            "priority": "p1",
            "kind": "detect",
            "end_state": "It rings.",
            "description": "A *loud* one.",
        },
    ),
    Case(
        "actions.edit",
        "/actions/1/edit",
        ("edited actions",),
        {
            "title": "Add two alarms",
            "owner": "owner-person@example.com",
            "team": "",
            "due_on": "2027-01-31",
            "status": "not_doing",
            "status_reason": "One is enough.",
            "description": "Two.",
            "tracker_url": "https://tracker.example/1",
        },
    ),
    Case(
        "saved_views.new",
        "/actions/views/new?status=open&group=team",
        ("saved saved_views",),
        {"name": "Open ones", "is_shared": "y"},
    ),
    button("timeline.delete_event", "/events/1/delete", "deleted timeline_events"),
    button("timeline.restore_event", "/events/1/restore", "brought back timeline_events"),
    button("timeline.delete_factor", "/factors/1/delete", "deleted factors"),
    button("timeline.restore_factor", "/factors/1/restore", "brought back factors"),
    Case(
        "verification.verify",
        "/actions/3/verify",
        ("added verifications", "edited actions"),
        {"outcome": "worked", "how": "It rang."},
    ),
    Case("action_merging.merge", "/actions/3/merge", ("merged actions",), {"into": "ACT-1"}),
    button("action_merging.unmerge", "/actions/3/unmerge", "unmerged actions"),
    Case("ideas.add", "/incidents/1", ("added ideas",), {"text": "What if we rang twice?"}),
    Case("ideas.edit", "/ideas/1/edit", ("edited ideas",), {"text": "What if we rang thrice?"}),
    button("ideas.delete", "/ideas/1/delete", "deleted ideas"),
    button("ideas.restore", "/ideas/1/restore", "brought back ideas"),
    Case(
        "ideas.promote",
        "/ideas/1/promote",
        ("added actions", "promoted ideas"),
        {"title": "Ring thrice", "reason": "It rings tonight.", "end_state": "It rings."},
    ),
    Case(
        "none_needed.say",
        "/incidents/3/no-actions-needed",
        ("said no_actions_needed",),
        {"reason": "It is repaired."},
    ),
    button(
        "none_needed.take_back", "/incidents/3/no-actions-needed/take-back", "took back no_actions_needed"
    ),
    Case(
        "policy.index",
        "/settings/actions",
        ("edited action_policy",),
        {
            "due_sev1_other": "10",
            "due_none_process": "90",
            "needs_action": ["sev1", "sev3"],
            "verification_days": "20",
            "soak_working_days": "0",
            "stale_days": "40",
            "due_soon_days": "5",
        },
    ),
    Case(
        "receivers.new",
        "/settings/receivers/new",
        ("added receivers",),
        {
            "name": "Incidents",
            "kind": "slack",
            "url": "https://hooks.example.com/services/T0/B0/s3cret",
            "team": "sound",
            "events": ["incident_filed", "published"],
        },
    ),
    Case(
        "receivers.edit",
        "/settings/receivers/1/edit",
        ("edited receivers",),
        {
            "name": "Everything",
            "url": "https://other.example.com/s3cret",
            "team": "sound",
            "events": ["minutes"],
        },
    ),
    *(
        button(f"receivers.{each}", f"/settings/receivers/1/{path}", entry)
        for each, path, entry in RECEIVER_BUTTONS
    ),
    Case(
        "own_receivers.new",
        "/me/notifications/receivers/new",
        ("added receivers",),
        {"name": "Mine", "kind": "teams", "url": "https://hooks.example.com/s3cret"},
    ),
    Case(
        "own_receivers.edit",
        "/me/notifications/receivers/2/edit",
        ("edited receivers",),
        {"name": "Mine too", "url": "https://hooks.example.com/other-s3cret"},
    ),
    *(
        button(f"own_receivers.{each}", f"/me/notifications/receivers/2/{path}", entry)
        for each, path, entry in RECEIVER_BUTTONS
    ),
    button("policy.reset", "/settings/actions/reset", "reset action_policy"),
    Case(
        "pile.leavers",
        "/actions/leavers",
        ("edited actions",),
        {"to": "lead-person@example.com", "reason": "They know it best.", "number": ["4"]},
    ),
    button("actions.delete", "/actions/1/delete", "deleted actions"),
    button("actions.restore", "/actions/1/restore", "brought back actions"),
    Case(
        "action_reviews.index",
        "/actions/review",
        ("started action_reviews",),
        {"title": "Monday", "planned_minutes": "30", "people": ["lead-person@example.com"]},
    ),
    Case("meeting.decide", "/actions/review/1", ("decided to keep actions",), {"decision": "keep"}),
    button("meeting.undo", "/actions/review/1/decisions/1/undo", "took back a decision on actions"),
    button(
        "meeting_comments.comment", "/actions/review/1/comment", "added action_comments", item=1, text="So."
    ),
    button("running.here", "/actions/review/1/here"),
    button("running.pause", "/actions/review/1/pause", "paused action_reviews"),
    button("running.resume", "/actions/review/1/resume", "resumed action_reviews"),
    Case(
        "running.notes", "/actions/review/1/notes", ("edited action_reviews",), {"notes": "Who asks *them*?"}
    ),
    button("running.end", "/actions/review/1/end", "ended action_reviews"),
    button(
        "minutes.as_writeup",
        "/actions/review/1/writeup",
        "started writeups",
        "made a write-up of action_reviews",
    ),
    Case(
        "writeups.new",
        "/writeups/new?incident=1",
        ("started writeups",),
        {
            "title": "A told one",
            "tldr": "In short.",
            "tags": "dns",
            "teams": ["sound"],
            "services": ["playback"],
            "authors": ["lead-person@example.com", "mallory-admin@example.com"],
        },
    ),
    Case(
        "writeups.edit",
        "/writeups/the-third/edit",
        ("edited writeups",),
        {
            "title": "The very third",
            "tldr": "Shorter.",
            "body": "## Other\n\nText.",
            "tags": "other",
            "teams": [],
            "services": [],
            "audience": "public",
            "authors": ["lead-person@example.com"],
            "incidents": "",
        },
    ),
    Case("publishing.publish", "/writeups/the-third/publish", ("published writeups",)),
    Case(
        "publishing.withdraw",
        "/writeups/the-third/withdraw",
        ("withdrew writeups",),
        {"reason": "Too early."},
    ),
    Case("writeup_deletion.delete", "/writeups/the-third/delete", ("deleted writeups",)),
    button("writeup_deletion.restore", "/writeups/the-third/restore", "brought back writeups"),
    Case("incident_deletion.delete", "/incidents/2/delete", ("deleted incidents",)),
    button("incident_deletion.restore", "/incidents/2/restore", "brought back incidents"),
    Case(
        "people.new",
        "/people/new",
        ("added people", "made a password link for people"),
        {
            "email": "new@example.com",
            "name": "New",
            "role": "facilitator",
            "handle": "new",
            "timezone": "Europe/Stockholm",
        },
    ),
    Case(
        "people.edit",
        "/people/1/edit",
        ("edited people",),
        {
            "name": "Other",
            "email": "other@example.com",
            "role": "reader",
            "handle": "o",
            "timezone": "Asia/Tokyo",
        },
    ),
    button("people.link", "/people/1/link", "made a password link for people"),
    button("people.deactivate", "/people/1/deactivate", "edited people"),
    button("people.reactivate", "/people/1/reactivate", "edited people"),
    Case("teams.new", "/teams/new", ("added teams",), {"name": "Band", "members": ["other@example.com"]}),
    Case(
        "teams.edit",
        "/teams/sound/edit",
        ("edited teams",),
        {"name": "Noise", "members": [], "is_active": None},
    ),
    Case("services.new", "/services/new", ("added services",), {"name": "Radio", "team": "band"}),
    Case("services.edit", "/services/playback/edit", ("edited services",), {"name": "Play", "team": "band"}),
    Case("me.profile", "/me/profile", ("edited people",), {"name": "Me", "timezone": "Asia/Tokyo"}),
    button(
        "me.password",
        "/me/password",
        "changed the password of people",
        current_password=PASSWORD,
        password=NEW_PASSWORD,
        password_again=NEW_PASSWORD,
    ),
    button("me.end_session", "/me/sessions/{another_session}/end", "ended a sign-in of people"),
    button("me.end_other_sessions", "/me/sessions/end-others", "ended the other sign-ins of people"),
    Case(
        "restrictions.index",
        "/settings/restrictions",
        ("added restriction_rules",),
        {"subject": "tag", "value": "security"},
    ),
    button("restrictions.remove", "/settings/restrictions/1/remove", "removed restriction_rules"),
    button(
        "restrictions.restore",
        "/settings/restrictions/restore?subject=tag&value=security",
        "added restriction_rules",
    ),
    button("trash.restore", "/settings/trash/action/1/restore", "brought back actions"),
    button("sign_in.logout", "/logout", "signed out as people"),
)
