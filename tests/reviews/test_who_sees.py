"""Whoever is asked to review sees the working copy, unless it is about something that is not there for them."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.incidents.enums import Visibility
from postmortem.reviews import queries
from postmortem.reviews.enums import Verdict
from postmortem.reviews.models import ReviewRequest
from postmortem.reviews.news import reviews_that_wait
from postmortem.reviews.operations import ask as ask_for_it
from postmortem.reviews.operations import give_verdict
from postmortem.writeups import operations, rules
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations_deletion import delete_writeup
from tests.factories.accounts import make_team
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.support.client import Browser


def ask(session: Session, writeup: Writeup, **whom: int) -> ReviewRequest:
    request = ReviewRequest(writeup_id=writeup.id, created_at=clock.now(), **whom)
    session.add(request)
    session.commit()
    return request


def sees(session: Session, person: Person, writeup: Writeup) -> bool:
    """Every way of asking says the same."""
    clause: Callable[..., object] = rules.draft_visible_to
    by_clause = session.scalar(select(Writeup.id).where(Writeup.id == writeup.id, clause(person)))  # type: ignore[arg-type]
    about_people = select(Person.id).where(Person.id == person.id, rules.people_who_see(writeup))
    said = rules.can_see_draft(person, writeup)
    assert (by_clause is not None) == said
    assert (session.scalar(about_people) is not None) == said
    assert bool(rules.reasons_to_see(session, person, writeup)) == said
    return said


def test_a_person_who_is_asked_sees_it_and_changes_nothing(
    session: Session, author: Person, outsider: Person, reader: Person
) -> None:
    writeup = make_writeup(session, author)
    request = ask(session, writeup, person_id=outsider.id)
    assert sees(session, outsider, writeup)
    assert not sees(session, reader, writeup)
    assert not rules.can_edit(outsider, writeup)
    assert not rules.can_publish(outsider, writeup)

    request.closed_at = clock.now()
    session.commit()
    assert not sees(session, outsider, writeup)


def test_members_of_an_asked_team_see_it_while_they_are_members(
    session: Session, author: Person, outsider: Person, reader: Person
) -> None:
    writeup = make_writeup(session, author)
    team = make_team(session, "Sound", reader)
    make_team(session, "Light", outsider)
    ask(session, writeup, team_id=team.id)
    assert sees(session, reader, writeup)
    assert not sees(session, outsider, writeup)

    team.members.clear()
    session.commit()
    assert not sees(session, reader, writeup)


def test_being_asked_opens_nothing_restricted(session: Session, author: Person, outsider: Person) -> None:
    restricted = make_incident(session, author, restricted=True)
    writeup = make_writeup(session, author, incidents=[restricted])
    ask(session, writeup, person_id=outsider.id)
    assert not sees(session, outsider, writeup)


def test_a_deleted_one_and_a_request_for_another_are_nothing(
    session: Session, author: Person, outsider: Person
) -> None:
    writeup, other = make_writeup(session, author, "One"), make_writeup(session, author, "Other")
    ask(session, writeup, person_id=outsider.id)
    assert not sees(session, outsider, other)
    delete_writeup(session, writeup, version=None, actor=author)
    session.commit()
    assert not sees(session, outsider, writeup)


def test_a_withdrawn_one_is_for_its_reviewers_again(
    session: Session, author: Person, outsider: Person
) -> None:
    writeup = make_writeup(session, author)
    ask(session, writeup, person_id=outsider.id)
    operations.publish(session, writeup, actor=author)
    operations.withdraw(session, writeup, reason="", actor=author)
    session.commit()
    assert sees(session, outsider, writeup)


def test_somebody_deactivated_sees_nothing(session: Session, author: Person, outsider: Person) -> None:
    writeup = make_writeup(session, author)
    ask(session, writeup, person_id=outsider.id)
    outsider.is_active = False
    session.commit()
    assert not sees(session, outsider, writeup)


def test_the_way_to_a_review_is_there_for_whoever_sees_it(
    session: Session,
    sign_in: Callable[[Person], Browser],
    author: Person,
    outsider: Person,
    reader: Person,
) -> None:
    incident = make_incident(session, author)
    writeup = make_writeup(session, author, incidents=[incident])
    ask(session, writeup, person_id=outsider.id)
    link = f'href="/writeups/{writeup.slug}/review"'
    browsers = {person: sign_in(person) for person in (author, outsider, reader)}
    on_incident = {
        person: link in browser.get(f"/incidents/{incident.id}").html for person, browser in browsers.items()
    }
    assert on_incident == {author: True, outsider: True, reader: False}
    operations.publish(session, writeup, actor=author)
    session.commit()

    def on_entry() -> dict[Person, bool]:
        return {
            person: link in browser.get(f"/writeups/{writeup.slug}").html
            for person, browser in browsers.items()
        }

    assert on_entry() == {author: True, outsider: True, reader: False}
    # Once its incident is restricted, only for who sees that.
    incident.visibility = Visibility.RESTRICTED
    session.commit()
    assert on_entry() == {author: True, outsider: False, reader: False}


def test_what_waits_for_a_verdict_stands_on_ones_page_and_in_digests(
    session: Session, sign_in: Callable[[Person], Browser], author: Person, outsider: Person, reader: Person
) -> None:
    writeup = make_writeup(session, author)
    team = make_team(session, "Sound", outsider, author)
    ask(session, writeup, team_id=team.id)
    ask(session, writeup, person_id=outsider.id)
    browsers = {person: sign_in(person) for person in (author, outsider, reader)}

    def waits() -> set[Person]:
        session.commit()
        session.expire_all()
        found = {
            person
            for person, browser in browsers.items()
            if "Reviews that wait for you" in browser.get("/me").text
        }
        since = clock.now() - timedelta(days=7)
        sections = {person for person in browsers if reviews_that_wait(session, person, since, ())}
        assert found == sections
        return found

    assert waits() == {outsider}
    [waiting] = queries.waiting_for(session, outsider)
    assert waiting.url == f"/writeups/{writeup.slug}/review"
    section = reviews_that_wait(session, outsider, clock.now(), {waiting.url})
    assert section is None
    give_verdict(session, writeup, Verdict.CHANGES, "More.", revision=1, actor=outsider)
    assert waits() == set()
    save_again(session, writeup, author)
    ask_for_it(session, writeup, outsider, note="", actor=author)
    assert waits() == {outsider}
    operations.publish(session, writeup, actor=author)
    assert waits() == set()


def test_nothing_restricted_waits(
    session: Session, sign_in: Callable[[Person], Browser], author: Person, outsider: Person
) -> None:
    incident = make_incident(session, author)
    ask(session, make_writeup(session, author, incidents=[incident]), person_id=outsider.id)
    browser = sign_in(outsider)
    assert "Reviews that wait for you" in browser.get("/me").text
    incident.visibility = Visibility.RESTRICTED
    session.commit()
    assert "Reviews that wait for you" not in browser.get("/me").text


def save_again(session: Session, writeup: Writeup, actor: Person) -> None:
    operations.save_writeup(session, writeup, {"body": "Other."}, version=None, actor=actor)
