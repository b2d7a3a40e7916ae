"""History is read newest first and shown in words."""

from sqlalchemy.orm import Session

from postmortem.accounts import operations
from postmortem.accounts.models import Person
from postmortem.history.operations import CLI, record
from postmortem.history.queries import history_of, shown_entries
from tests.factories.accounts import make_team


def test_newest_first_and_only_of_the_one_asked_for(session: Session, author: Person) -> None:
    team, other = make_team(session, "Playback"), make_team(session, "Search")
    operations.edit_team(session, team, {"name": "Play"}, version=None, actor=CLI)
    operations.edit_team(session, other, {"name": "Find"}, version=None, actor=CLI)
    session.commit()
    assert [entry.verb for entry in history_of(session, "teams", team.id)] == ["edited", "added"]
    assert [entry.verb for entry in history_of(session, "teams", team.id, limit=1)] == ["edited"]


def test_fields_and_values_are_shown_in_words(session: Session) -> None:
    team = make_team(session, "Playback")
    record(
        session,
        "edited",
        team,
        actor=CLI,
        changes={
            "is_active": [True, False],
            "members": [["a@example.com"], ["a@example.com", "b@example.com"]],
            "detected_at": [None, "2026-03-09T14:05:00+00:00"],
            "links": [[], [{"label": "Chat", "url": "https://chat.example"}]],
            "summary": ["To Tom", "Thomas"],
        },
    )
    session.commit()
    (entry, _) = shown_entries(history_of(session, "teams", team.id))
    assert (entry.actor_name, entry.sentence) == ("cli", "edited team Playback")
    assert [(change.field, change.old, change.new) for change in entry.changes] == [
        ("Active", "yes", "no"),
        ("Members", "a@example.com", "a@example.com, b@example.com"),
        ("Detected", "", "9 Mar 2026, 14:05 UTC"),
        ("Links", "", "Chat · https://chat.example"),
        ("Summary", "To Tom", "Thomas"),
    ]
