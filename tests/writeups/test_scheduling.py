"""Publishing at a time: what was looked at and nothing else, once, in the name of whoever planned it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person
from postmortem.blameless.roles import Choice
from postmortem.db import Database
from postmortem.errors import Refused
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from postmortem.incidents.operations_deletion import delete_incident
from postmortem.outbox.workplace import Workplace
from postmortem.reviews import scheduled
from postmortem.reviews.enums import Need
from postmortem.reviews.operations_policy import set_policy
from postmortem.reviews.policy import AS_SHIPPED, Policy, Rule
from postmortem.reviews.scheduled import publish_what_is_due
from postmortem.writeups import operations
from postmortem.writeups.enums import Audience, WriteupState
from postmortem.writeups.models import Publication, Writeup
from postmortem.writeups.operations_deletion import delete_writeup, restore_writeup
from postmortem.writeups.operations_naming import decide_consent, save_choices
from postmortem.writeups.scheduling import plan_publication
from tests.factories.accounts import make_person
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.factories.writeups import make_writeup, publish_writeup
from tests.writeups.planning import (
    NINE,
    NOON,
    SignIn,
    Work,
    at_noon,
    change_text,
    draft,
    is_unplanned,
    nine,
    plan,
    publications,
    told,
    verbs,
    why_not,
)

__all__ = ["at_noon", "draft", "nine"]


def test_it_is_published_when_its_time_has_come_and_not_before(
    session: Session,
    author: Person,
    draft: Writeup,
    nine: Work,
    config: Any,
    database: Database,
    frozen: Callable[[datetime], None],
) -> None:
    plan(session, draft, author, audience=Audience.PUBLIC)
    frozen(NINE - timedelta(seconds=1))
    publish_what_is_due(Workplace(config, database))
    assert publications(session) == []
    nine()
    [publication] = publications(session)
    assert (publication.published_at, publication.published_by_id) == (NINE, author.id)
    assert (draft.state, draft.audience, publication.audience) == (
        WriteupState.PUBLISHED,
        Audience.PUBLIC,
        Audience.PUBLIC,
    )
    assert is_unplanned(draft)
    assert verbs(session)[-2:] == ["planned to publish", "published"]
    assert told(session) == []
    nine()
    assert len(publications(session)) == 1


def test_planning_an_update_publishes_it_with_its_reason(
    session: Session, author: Person, nine: Work
) -> None:
    writeup = publish_writeup(session, author)
    operations.save_writeup(session, writeup, {"body": "Known now."}, version=None, actor=author)
    plan(session, writeup, author, reason="The cause is known.")
    assert len(publications(session)) == 1
    nine()
    assert [each.reason for each in publications(session)] == ["", "The cause is known."]


def test_a_plan_for_what_readers_have_already_ends_quietly(
    session: Session, author: Person, nine: Work
) -> None:
    writeup = publish_writeup(session, author)
    plan(session, writeup, author, reason="Nothing.")
    nine()
    assert len(publications(session)) == 1
    assert is_unplanned(writeup)
    assert verbs(session)[-1] == "found published already"


def change_timeline(session: Session, writeup: Writeup, author: Person) -> None:
    make_event(session, writeup.incidents[0], "Somebody remembers another thing.")


def change_action(session: Session, writeup: Writeup, author: Person) -> None:
    make_action(session, writeup.incidents[0], "Another one", owner=author)


def change_role(session: Session, writeup: Writeup, author: Person) -> None:
    person = session.scalars(select(Person).where(Person.name == "Zelda Quimby")).one()
    save_choices(session, writeup, [Choice(person.id, "", "the captain")], actor=author)


def change_consent(session: Session, writeup: Writeup, author: Person) -> None:
    person = session.scalars(select(Person).where(Person.name == "Zelda Quimby")).one()
    decide_consent(session, writeup, person, is_agreed=True)


def somebody_comes(session: Session, writeup: Writeup, author: Person) -> None:
    make_person(session, "Priya Raman")


def author_declines(session: Session, writeup: Writeup, author: Person) -> None:
    decide_consent(session, writeup, author, is_agreed=False)


def restrict(session: Session, writeup: Writeup, author: Person) -> None:
    # Whoever planned it sees it all the same, and was not warned that others do not.
    values = {"visibility": "restricted", "lead": author.email}
    edit_incident(session, writeup.incidents[0], values, version=None, actor=author)


def restrict_another(session: Session, writeup: Writeup, author: Person) -> None:
    other = session.scalars(select(Incident).where(Incident.title == "Another")).one()
    edit_incident(session, other, {"visibility": "restricted"}, version=None, actor=author)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (change_text, "The write-up was changed after it was planned."),
        (change_timeline, "the timeline changed after"),
        (change_action, "the actions changed after"),
        (change_role, "who is named in it and the text"),
        (change_consent, "who is named in it and the text"),
        (somebody_comes, "who is named in it and the text"),
        (restrict, "what of it is restricted changed after"),
        (restrict_another, "what of it is restricted changed after"),
        (author_declines, "who stands above it changed after"),
    ],
)
def test_what_nobody_looked_at_is_not_published(
    session: Session, author: Person, nine: Work, change: Callable[..., None], why: str
) -> None:
    make_person(session, "Zelda Quimby")
    incident, other = make_incident(session, author), make_incident(session, author, "Another")
    body = f"Zelda Quimby slept. Priya Raman called. As in {other.reference}."
    writeup = make_writeup(session, author, incidents=[incident], body=body)
    plan(session, writeup, author)
    change(session, writeup, author)
    nine()
    assert publications(session) == []
    assert why in why_not(session)
    assert is_unplanned(writeup)
    [news] = told(session)
    assert news["to"] == [author.id]


def lose_role(session: Session, person: Person, admin: Person, writeup: Writeup) -> None:
    edit_person(session, person, {"role": "reader"}, version=None, actor=admin)


def leave(session: Session, person: Person, admin: Person, writeup: Writeup) -> None:
    edit_person(session, person, {"is_active": False}, version=None, actor=admin)


def lose_sight(session: Session, person: Person, admin: Person, writeup: Writeup) -> None:
    # The one it is about is closed by somebody else who leads it.
    edit_incident(
        session,
        writeup.incidents[0],
        {"visibility": "restricted", "lead": admin.email},
        version=None,
        actor=admin,
    )


@pytest.mark.parametrize("lose", [lose_role, leave, lose_sight])
def test_who_may_not_publish_it_any_more_publishes_nothing(
    session: Session, author: Person, admin: Person, nine: Work, lose: Callable[..., None]
) -> None:
    writer = make_person(session, "Wanda Writer")
    writeup = make_writeup(session, author, incidents=[make_incident(session, admin)])
    operations.save_writeup(session, writeup, {"authors": [author, writer]}, version=None, actor=author)
    plan(session, writeup, writer)
    lose(session, writer, admin, writeup)
    nine()
    assert publications(session) == []
    assert why_not(session) == "Wanda Writer planned it, and may not publish it any more."
    [news] = told(session)
    assert news["to"] == sorted([author.id, writer.id])


def test_the_policy_is_asked_when_it_is_planned_and_again_when_it_is_due(
    session: Session, author: Person, admin: Person, nine: Work, sign_in: SignIn
) -> None:
    writeup = make_writeup(session, author, incidents=[make_incident(session, author, severity="sev1")])
    plan(session, writeup, author)
    rules = {**AS_SHIPPED.rules, "sev1": Rule(Need.REQUIRED, 1)}
    set_policy(session, Policy(rules, AS_SHIPPED.checklist), version=0, actor=admin)
    session.commit()
    sent = {"when": "at", "publish_at": "2026-11-26T09:00", "timezone": "UTC"}
    page = sign_in(author).submit(f"/writeups/{writeup.slug}/publish", sent)
    assert page.status == 422
    assert "The policy requires a review" in page.text
    nine()
    assert publications(session) == []
    assert "The policy requires a review" in why_not(session)


def test_withdrawing_deleting_and_publishing_end_the_plan(
    session: Session, author: Person, nine: Work
) -> None:
    published, deleted, withdrawn = (
        make_writeup(session, author, title) for title in ("Sooner", "Deleted", "Withdrawn")
    )
    operations.publish(session, withdrawn, actor=author)
    for writeup in (published, deleted, withdrawn):
        plan(session, writeup, author)
    operations.publish(session, published, actor=author)
    delete_writeup(session, deleted, version=None, actor=author)
    operations.withdraw(session, withdrawn, reason="Too early.", actor=author)
    session.commit()
    assert all(map(is_unplanned, (published, deleted, withdrawn)))
    restore_writeup(session, deleted, actor=author)
    nine()
    assert deleted.state == WriteupState.DRAFT
    assert len(publications(session)) == 2


def test_a_write_up_of_a_deleted_incident_is_not_published(
    session: Session, author: Person, admin: Person, nine: Work
) -> None:
    incident = make_incident(session, author)
    writeup = make_writeup(session, author, incidents=[incident])
    plan(session, writeup, author)
    delete_incident(session, incident, version=None, actor=admin)
    nine()
    assert publications(session) == []
    assert is_unplanned(writeup)


def test_one_that_fails_does_not_hold_up_the_next(
    session: Session, author: Person, nine: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_writeup(session, author, "First"), make_writeup(session, author, "Second")
    plan(session, first, author)
    plan(session, second, author)
    as_it_is = scheduled.publish_as_planned

    def failing(session: Session, writeup: Writeup) -> Publication:
        if writeup.id == first.id:
            raise RuntimeError("a bug")
        return as_it_is(session, writeup)

    monkeypatch.setattr(scheduled, "publish_as_planned", failing)
    with pytest.raises(RuntimeError):
        nine()
    session.expire_all()
    assert [each.writeup_id for each in publications(session)] == [second.id]
    assert first.publish_at == NINE
    monkeypatch.setattr(scheduled, "publish_as_planned", as_it_is)
    nine()
    assert {each.writeup_id for each in publications(session)} == {first.id, second.id}


def test_a_time_that_is_over_and_an_empty_text_are_refused(
    session: Session, author: Person, draft: Writeup
) -> None:
    with pytest.raises(Refused, match="That time is over"):
        plan_publication(session, draft, at=NOON, actor=author)
    empty = make_writeup(session, author, "Empty", tldr="", body="")
    with pytest.raises(Refused, match="nothing to read"):
        plan_publication(session, empty, at=NINE, actor=author)
