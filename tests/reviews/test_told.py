"""Who is told of what is said in a review, and what nobody is told."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.incidents.enums import Visibility
from postmortem.notifications.enums import USUAL_PACE, Event, Pace
from postmortem.notifications.models import NewsItem
from postmortem.notifications.sharing import news_of, story_of
from postmortem.outbox.models import OutboxMessage
from postmortem.reviews.enums import Verdict
from postmortem.reviews.models import ReviewComment
from postmortem.reviews.operations import ask, ask_anew, give_verdict
from postmortem.reviews.operations_comments import (
    answer,
    apply_suggestion,
    comment_on,
    decline_suggestion,
    delete_comment,
)
from postmortem.reviews.queries import waiting_for
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations import save_writeup
from tests.factories.accounts import make_person, make_team
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.notifications.news_fixtures import Work
from tests.support.smtp import MailServer


@pytest.fixture
def writeup(session: Session, author: Person, outsider: Person, reader: Person) -> Writeup:
    """By two, reviewed by two."""
    second = make_person(session, "Second Author")
    writeup = make_writeup(session, author, authors=[author.email, second.email])
    for person in (outsider, reader):
        ask(session, writeup, person, note="", actor=author)
    session.commit()
    return writeup


@pytest.fixture
def second(session: Session, writeup: Writeup) -> Person:
    return session.scalars(select(Person).where(Person.name == "Second Author")).one()


def told(session: Session, work: Work) -> list[tuple[str, str]]:
    """Who was told what, since the last time this was asked."""
    session.commit()
    work()
    session.expire_all()
    items = session.scalars(select(NewsItem).where(NewsItem.id > session.info.get("seen", 0))).all()
    session.info["seen"] = max((item.id for item in items), default=session.info.get("seen", 0))
    found = []
    for item in items:
        person, news = session.get_one(Person, item.person_id), news_of(item.payload)
        story = story_of(session, news, person)
        assert story is not None
        assert item.pace is USUAL_PACE[news.event]
        found.append((person.name, story.sentence))
    return sorted(found)


def test_authors_are_told_of_a_comment_and_of_a_verdict(
    session: Session, work: Work, writeup: Writeup, author: Person, second: Person, outsider: Person
) -> None:
    told(session, work)
    comment_on(session, writeup, "Which *cache*?", revision=1, paragraph=3, actor=outsider)
    said = f"{outsider.name} commented on “The cache that remembered”."
    assert told(session, work) == sorted([(author.name, said), (second.name, said)])
    give_verdict(session, writeup, Verdict.CHANGES, "Say which.", revision=1, actor=outsider)
    said = f"{outsider.name} asks for changes to “The cache that remembered”."
    assert told(session, work) == sorted([(author.name, said), (second.name, said)])
    # What an author says their co-authors hear, and nobody what they said themselves.
    comment_on(session, writeup, "", revision=1, paragraph=3, suggestion="Other.", actor=author)
    said = f"{author.name} suggests other words for “The cache that remembered”."
    assert told(session, work) == [(second.name, said)]


def test_an_answer_is_told_to_who_spoke_in_the_thread_and_to_authors(
    session: Session,
    work: Work,
    writeup: Writeup,
    author: Person,
    second: Person,
    outsider: Person,
    reader: Person,
) -> None:
    comment = comment_on(session, writeup, "Which?", revision=1, paragraph=3, actor=outsider)
    told(session, work)
    made = answer(session, comment, "The second.", actor=author)
    said = f"{author.name} answered in the review of “The cache that remembered”."
    assert told(session, work) == sorted([(outsider.name, said), (second.name, said)])
    answer(session, made, "Then say so.", actor=reader)
    said = f"{reader.name} answered in the review of “The cache that remembered”."
    assert told(session, work) == sorted([(outsider.name, said), (author.name, said), (second.name, said)])


def test_what_became_of_a_suggestion_is_told_to_who_made_it(
    session: Session, work: Work, writeup: Writeup, author: Person, outsider: Person, reader: Person
) -> None:
    one, other = (
        comment_on(session, writeup, "", revision=1, paragraph=3, suggestion=words, actor=outsider)
        for words in ("The second cache kept it.", "It was kept.")
    )
    own = comment_on(session, writeup, "", revision=1, paragraph=3, suggestion="No.", actor=reader)
    told(session, work)
    apply_suggestion(session, one, actor=author)
    decline_suggestion(session, other, actor=author)
    decline_suggestion(session, own, actor=reader)
    assert told(session, work) == [
        (
            outsider.name,
            f"{author.name} leaves the words as they are that you suggested to change in “The cache that remembered”.",
        ),
        (
            outsider.name,
            f"{author.name} took over the words that you suggested for “The cache that remembered”.",
        ),
    ]


def test_who_gave_a_verdict_is_asked_again_once_the_text_changed(
    session: Session, work: Work, writeup: Writeup, author: Person, outsider: Person
) -> None:
    give_verdict(session, writeup, Verdict.CHANGES, "More.", revision=1, actor=outsider)
    told(session, work)
    request = ask(session, writeup, outsider, note="", actor=author)
    assert told(session, work) == []
    save_writeup(session, writeup, {"body": "More."}, version=None, actor=author)
    assert told(session, work) == []
    assert ask(session, writeup, outsider, note="", actor=author).id == request.id
    assert told(session, work) == [
        (
            outsider.name,
            f"{author.name} asks you to look at “The cache that remembered” again: it was changed since.",
        )
    ]
    # Who said something of this very text is not asked again.
    give_verdict(session, writeup, Verdict.APPROVE, "", revision=2, actor=outsider)
    assert not ask_anew(session, request, actor=author)


def test_of_a_team_who_knows_the_newest_text_is_not_asked_again(
    session: Session, work: Work, author: Person, outsider: Person, reader: Person
) -> None:
    third = make_person(session, "Third Person")
    writeup = make_writeup(session, author)
    team = make_team(session, "Sound", outsider, reader, third)
    request = ask(session, writeup, team, note="Once", actor=author)
    give_verdict(session, writeup, Verdict.CHANGES, "More.", revision=1, actor=outsider)
    save_writeup(session, writeup, {"body": "More."}, version=None, actor=author)
    give_verdict(session, writeup, Verdict.APPROVE, "", revision=2, actor=reader)
    told(session, work)
    assert ask(session, writeup, team, note="And now?", actor=author) is request
    assert request.note == "And now?"
    said = f"{author.name} asks Sound, and so you, to look at “The cache that remembered” again: it was changed since."
    assert told(session, work) == sorted([(outsider.name, said), (third.name, said)])
    assert {each: bool(waiting_for(session, each)) for each in (outsider, reader, third)} == {
        outsider: True,
        reader: False,
        third: True,
    }


def test_where_nobody_is_named_as_author_whoever_started_it_hears(
    session: Session, work: Work, author: Person, outsider: Person
) -> None:
    writeup = make_writeup(session, author, "Alone", authors=[])
    ask(session, writeup, outsider, note="", actor=author)
    told(session, work)
    give_verdict(session, writeup, Verdict.APPROVE, "", revision=1, actor=outsider)
    assert told(session, work) == [(author.name, f"{outsider.name} approves “Alone”.")]


def test_nothing_is_told_to_whoever_may_not_see_it_any_more(
    session: Session, work: Work, author: Person, outsider: Person, reader: Person
) -> None:
    incident = make_incident(session, author)
    writeup = make_writeup(session, author, incidents=[incident], authors=[outsider.email])
    ask(session, writeup, reader, note="", actor=author)
    session.commit()
    comment = comment_on(session, writeup, "Secret words", revision=1, paragraph=1, actor=reader)
    told(session, work)
    incident.visibility = Visibility.RESTRICTED
    answer(session, comment, "Secret too", actor=author)
    comment_on(session, writeup, "More secret words", revision=1, paragraph=1, actor=author)
    give_verdict(session, writeup, Verdict.APPROVE, "", revision=1, actor=author)
    assert told(session, work) == []


def test_nothing_is_told_of_what_was_deleted_or_replaced_or_to_everybody(
    session: Session, work: Work, writeup: Writeup, author: Person, outsider: Person
) -> None:
    told(session, work)
    comment = comment_on(session, writeup, "Oh.", revision=1, paragraph=3, actor=outsider)
    delete_comment(session, comment, actor=outsider)
    give_verdict(session, writeup, Verdict.CHANGES, "No.", revision=1, actor=outsider)
    give_verdict(session, writeup, Verdict.APPROVE, "", revision=1, actor=outsider)
    assert {said for _, said in told(session, work)} == {
        f"{outsider.name} approves “The cache that remembered”."
    }
    comment_on(session, writeup, "Ah.", revision=1, paragraph=3, actor=outsider)
    session.commit()
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "news")).all()
    assert len(rows) > 4
    assert all(story_of(session, news_of(row.payload), None) is None for row in rows)


def test_a_verdict_is_mailed_at_once_with_its_words_and_a_comment_waits_for_the_digest(
    session: Session, work: Work, mails: MailServer, writeup: Writeup, outsider: Person, second: Person
) -> None:
    work()
    before = len(mails.taken)
    comment_on(session, writeup, "Which *cache*?", revision=1, paragraph=3, actor=outsider)
    session.commit()
    work()
    assert len(mails.taken) == before
    assert USUAL_PACE[Event.REVIEW_TALK] is Pace.DAILY
    give_verdict(session, writeup, Verdict.CHANGES, "Say *which* one.", revision=1, actor=outsider)
    session.commit()
    work()
    mail = next(taken for taken in mails.taken[before:] if taken.recipients == [second.email])
    text = " ".join(mail.part("plain").split())
    assert "asks for changes to" in text
    assert "Say which one." in text
    assert "/writeups/the-cache-that-remembered/review#state" in text
    assert session.scalars(select(ReviewComment)).one().text not in text
