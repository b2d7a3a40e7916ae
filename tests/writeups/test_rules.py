"""Who sees what: published texts, working copies, and what hangs on restricted incidents."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.web.visibility import visible
from postmortem.writeups import operations, rules
from postmortem.writeups.enums import Audience
from postmortem.writeups.models import Writeup
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup, publish_writeup

Cast = dict[str, Person | None]


@pytest.fixture
def cast(admin: Person, facilitator: Person, author: Person, outsider: Person, reader: Person) -> Cast:
    return {
        "admin": admin,
        "facilitator": facilitator,
        "author": author,
        "outsider": outsider,
        "reader": reader,
        "nobody": None,
    }


def seen_by(session: Session, cast: Cast, clause: Callable[[Person | None], object], writeup: Writeup) -> str:
    """The names of those for whom the clause holds, in the order of the cast."""
    return " ".join(
        name
        for name, person in cast.items()
        if session.scalar(select(Writeup.id).where(Writeup.id == writeup.id, clause(person)))  # type: ignore[arg-type]
    )


def test_a_draft_is_for_its_author_facilitators_and_admins(
    session: Session, cast: Cast, author: Person
) -> None:
    writeup = make_writeup(session, author)
    assert seen_by(session, cast, rules.visible_to, writeup) == "admin facilitator author"
    assert seen_by(session, cast, rules.published_to, writeup) == ""


def test_whoever_started_it_sees_it_without_being_its_author(
    session: Session, cast: Cast, author: Person, outsider: Person
) -> None:
    writeup = make_writeup(session, outsider, authors=[author.email])
    assert seen_by(session, cast, rules.visible_to, writeup) == "admin facilitator author outsider"


def test_a_draft_about_a_restricted_incident_is_only_for_those_who_see_that(
    session: Session, cast: Cast, author: Person
) -> None:
    restricted = make_incident(session, author, restricted=True)
    writeup = make_writeup(session, author, incidents=[make_incident(session, author), restricted])
    assert seen_by(session, cast, rules.visible_to, writeup) == "admin author"


def test_an_author_who_does_not_see_the_incident_does_not_see_the_draft(
    session: Session, cast: Cast, author: Person, outsider: Person
) -> None:
    restricted = make_incident(session, author, restricted=True)
    writeup = make_writeup(session, outsider, incidents=[restricted], authors=[author.email, outsider.email])
    assert seen_by(session, cast, rules.visible_to, writeup) == "admin author"
    assert not rules.can_edit(outsider, writeup)


def test_a_published_one_is_for_everybody_who_is_signed_in(
    session: Session, cast: Cast, author: Person
) -> None:
    restricted = make_incident(session, author, restricted=True)
    writeup = publish_writeup(session, author, incidents=[restricted])
    everybody = "admin facilitator author outsider reader"
    assert seen_by(session, cast, rules.visible_to, writeup) == everybody
    assert seen_by(session, cast, rules.draft_visible_to, writeup) == "admin author"


def test_a_public_one_is_for_nobody_in_particular(session: Session, cast: Cast, author: Person) -> None:
    writeup = publish_writeup(session, author, is_public=True)
    assert seen_by(session, cast, rules.published_to, writeup).endswith("reader nobody")


def test_a_wider_audience_waits_for_publishing_and_a_narrower_one_does_not(
    session: Session, cast: Cast, author: Person
) -> None:
    internal = publish_writeup(session, author, "Internal")
    operations.save_writeup(session, internal, {"audience": Audience.PUBLIC}, version=None, actor=author)
    public = publish_writeup(session, author, "Public", is_public=True)
    operations.save_writeup(session, public, {"audience": Audience.INTERNAL}, version=None, actor=author)
    session.commit()
    assert "nobody" not in seen_by(session, cast, rules.visible_to, internal)
    assert "nobody" not in seen_by(session, cast, rules.visible_to, public)

    operations.publish(session, internal, actor=author)
    session.commit()
    assert "nobody" in seen_by(session, cast, rules.visible_to, internal)


def test_a_withdrawn_one_is_a_draft_again(session: Session, cast: Cast, author: Person) -> None:
    writeup = publish_writeup(session, author, is_public=True)
    operations.withdraw(session, writeup, reason="", actor=author)
    session.commit()
    assert seen_by(session, cast, rules.visible_to, writeup) == "admin facilitator author"


def test_a_deactivated_person_sees_nothing(session: Session, author: Person) -> None:
    writeup = publish_writeup(session, author)
    author.is_active = False
    session.commit()
    assert seen_by(session, {"author": author}, rules.visible_to, writeup) == ""
    assert not rules.can_edit(author, writeup)


def test_the_rule_is_registered_for_lower_nouns(session: Session, author: Person, reader: Person) -> None:
    make_writeup(session, author)
    assert session.scalars(select(Writeup.id).where(visible("writeup", reader))).all() == []


@pytest.mark.parametrize("restricted", [False, True])
def test_who_may_edit_and_publish_agrees_with_who_sees_the_working_copy(
    session: Session, cast: Cast, author: Person, restricted: bool
) -> None:
    incident = make_incident(session, author, restricted=restricted)
    writeup = publish_writeup(session, author, incidents=[incident])
    for name, person in cast.items():
        if person is not None:
            sees = name in seen_by(session, cast, rules.draft_visible_to, writeup).split()
            for rule in (rules.can_edit, rules.can_publish, rules.can_withdraw, rules.can_see_draft):
                assert rule(person, writeup) == sees, (name, rule.__name__)


def test_a_reader_who_is_named_as_author_sees_the_draft_and_does_not_change_it(
    session: Session, author: Person, reader: Person
) -> None:
    writeup = make_writeup(session, author, authors=[reader.email])
    assert rules.can_see_draft(reader, writeup)
    assert not rules.can_edit(reader, writeup)
