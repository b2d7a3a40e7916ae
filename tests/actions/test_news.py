"""What is told of actions, to whom, and what is told to nobody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.actions.news import ActionNews, CommentNews
from postmortem.actions.operations import delete_action, edit_action
from postmortem.actions.operations_comments import add_comment, delete_comment
from postmortem.actions.operations_watching import watch
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News, Story, teller_of
from postmortem.outbox.models import OutboxMessage
from tests.factories.accounts import make_person
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident


def owed(session: Session) -> list[News]:
    """The news of actions that is owed, as a worker reads it."""
    session.commit()
    payloads = [
        message.payload for message in session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    ]
    return [
        News(
            event=Event(each["event"]),
            subject_type=each["subject_type"],
            subject_id=each["subject_id"],
            actor_id=each["actor_id"],
            actor_name=each["actor_name"],
            to=tuple(each["to"]),
            facts=each["facts"],
        )
        for each in payloads
        if each["subject_type"].startswith("action")
    ]


def told(session: Session, news: News, reader: Person | None) -> Story | None:
    teller = teller_of(news.subject_type)
    assert teller is not None
    return teller.story(session, news, reader)


def change(session: Session, action: Action, actor: Person, **values: Any) -> News:
    edit_action(session, action, values, version=None, actor=actor)
    return owed(session)[-1]


def test_a_hand_over_is_told_to_who_has_it_as_long_as_they_do(
    session: Session, action: Action, author: Person, reader: Person
) -> None:
    change(session, action, author, owner=reader.email)
    [news] = [news for news in owed(session) if news.event is Event.ASSIGNED]
    assert news.to == (reader.id,)
    story = told(session, news, reader)
    assert story is not None
    assert story.sentence == "Aino Author handed ACT-1, Add an alarm for the queue, to you."
    assert story.path == "/actions/1"
    assert ("Owner", reader.name) in story.details
    edit_action(session, action, {"owner": author.email}, version=None, actor=reader)
    session.commit()
    assert told(session, news, reader) is None


def test_of_a_change_hear_owner_watchers_and_commenters_but_not_who_made_it(
    session: Session,
    incident: Incident,
    author: Person,
    reader: Person,
    outsider: Person,
    facilitator: Person,
) -> None:
    action = make_action(session, incident, owner=author, end_state="It rings.")
    watch(session, action, actor=outsider)
    add_comment(session, action, "Soon", actor=facilitator)
    news = change(session, action, facilitator, status="accepted", due_on=clock.today())
    assert set(ActionNews().audience(session, news)) == {author.id, outsider.id}
    story = told(session, news, author)
    assert story is not None
    assert "accepted it and set the due date to" in story.sentence
    handed = change(session, action, facilitator, owner=outsider.email)
    assert set(ActionNews().audience(session, handed)) == set()
    assert reader.id not in ActionNews().audience(session, news)


def test_who_is_mentioned_hears_of_a_comment_once(
    session: Session, incident: Incident, author: Person, reader: Person
) -> None:
    reader.handle = "rita"
    action = make_action(session, incident, owner=reader)
    comment = add_comment(session, action, "@rita, *look*.", actor=author)
    mentioned, watched = owed(session)[-2:]
    assert (mentioned.event, mentioned.to) == (Event.MENTIONED, (reader.id,))
    assert set(CommentNews().audience(session, watched)) == set()
    story = told(session, mentioned, reader)
    assert story is not None
    assert story.sentence == "Aino Author mentions you on ACT-1, Add an alarm for the queue."
    assert (story.excerpt, story.path) == ("@rita, look.", f"/actions/1#comment-{comment.id}")
    delete_comment(session, comment, actor=author)
    session.commit()
    assert told(session, mentioned, reader) is None


@pytest.mark.parametrize(
    ("event", "days", "sentence"),
    [
        (Event.OVERDUE, -3, "ACT-1, Add an alarm, was due 3 days ago, on 27 February 2026."),
        (Event.DUE_SOON, 3, "ACT-1, Add an alarm, is due in 3 days, on 5 March 2026."),
    ],
)
def test_a_reminder_holds_as_long_as_it_is_true(
    session: Session,
    incident: Incident,
    author: Person,
    frozen: Callable[..., None],
    event: Event,
    days: int,
    sentence: str,
) -> None:
    from datetime import UTC, datetime

    frozen(datetime(2026, 3, 2, 12, tzinfo=UTC))
    action = make_action(
        session, incident, "Add an alarm", owner=author, due_on=clock.today() + timedelta(days=days)
    )
    news = News(event=event, subject_type="actions", subject_id=action.id, to=(author.id,))
    story = told(session, news, author)
    assert story is not None and story.sentence == sentence
    edit_action(session, action, {"status": "done"}, version=None, actor=author)
    session.commit()
    assert told(session, news, author) is None


def test_nobody_hears_of_what_they_may_not_see(session: Session, author: Person, admin: Person) -> None:
    """Not at first, and not after: also who watched, commented and was mentioned before it was restricted."""
    stranger = make_person(session, "Otto Outside")
    stranger.handle = "otto"
    incident = make_incident(session, author, restricted=True)
    action = make_action(session, incident, owner=author)
    watch(session, action, actor=stranger)
    add_comment(session, action, "@otto, the hidden words", actor=author)
    change(session, action, author, due_on=clock.today())
    news = owed(session)
    assert {each.event for each in news} >= {Event.WATCHED, Event.ASSIGNED}
    assert Event.MENTIONED not in {each.event for each in news}
    made_up = [
        News(event=event, subject_type="actions", subject_id=action.id, to=(stranger.id,)) for event in Event
    ]
    for each in (*news, *made_up):
        for reader in (stranger, None):
            assert told(session, each, reader) is None, each.event
    assert told(session, news[-1], admin) is not None
    delete_action(session, action, actor=CLI)
    session.commit()
    assert told(session, news[-1], admin) is None
