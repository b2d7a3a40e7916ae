"""A write-up about several incidents: added and removed at the desk, inserted one by one, told apart for readers."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.incidents.models import Incident
from postmortem.writeups import operations
from postmortem.writeups.blocks import freeze_blocks
from postmortem.writeups.blocks_menu import menu_of
from postmortem.writeups.enums import Audience
from postmortem.writeups.frozen import frozen_of
from postmortem.writeups.models import Writeup
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
PATH = "/writeups/two-nights"


@pytest.fixture
def incidents(session: Session, author: Person) -> list[Incident]:
    found = [
        make_incident(session, author, f"{word} night", summary=f"{word} it was.")
        for word in ("Dark", "Long")
    ]
    for incident in found:
        make_event(session, incident, f"Event of the {incident.title}.")
        make_factor(session, incident, f"Factor of the {incident.title}.")
        make_action(session, incident, f"Action of the {incident.title}")
    return found


@pytest.fixture
def writeup(session: Session, author: Person, incidents: list[Incident]) -> Writeup:
    return make_writeup(session, author, "Two nights", incidents=incidents, body="A text.")


def below(text: str) -> str:
    return text[text.index("Timeline") :]


def test_readers_find_each_incidents_events_factors_and_actions_together(
    session: Session, author: Person, reader: Person, writeup: Writeup, sign_in: SignIn
) -> None:
    operations.publish(session, writeup, actor=author)
    session.commit()
    text = below(sign_in(reader).get(PATH).text)
    for kind in ("Event", "Factor", "Action"):
        dark, long = text.index(f"{kind} of the Dark"), text.index(f"{kind} of the Long")
        assert text.rindex("INC-1", 0, dark) < dark < text.rindex("INC-2", 0, long) < long
    page = sign_in(reader).get(PATH)
    assert "About INC-1, INC-2" in page.text


def test_strangers_are_told_no_numbers(
    session: Session, author: Person, writeup: Writeup, make_app: Callable[..., Flask]
) -> None:
    operations.publish(session, writeup, actor=author, audience=Audience.PUBLIC)
    session.commit()
    text = Browser(make_app(public_reading=True)).get(PATH).text
    assert "Incident 1 of 2" in text and "Incident 2 of 2" in text
    assert "INC-" not in text


def test_a_restricted_one_has_no_number_for_readers(
    session: Session, author: Person, reader: Person, incidents: list[Incident], sign_in: SignIn
) -> None:
    closed = make_incident(session, author, "Closed", restricted=True)
    make_event(session, closed, "Kept.")
    writeup = make_writeup(
        session, author, "Two nights", incidents=[incidents[0], closed], body="{{facts}}\n\n{{timeline}}"
    )
    operations.publish(session, writeup, actor=author)
    session.commit()
    text = sign_in(reader).get(f"/writeups/{writeup.slug}").text
    assert "INC-1" in text and closed.reference not in text
    assert "A restricted incident" in text


def test_a_single_one_needs_no_label(
    session: Session, author: Person, reader: Person, incidents: list[Incident], sign_in: SignIn
) -> None:
    writeup = make_writeup(session, author, "Two nights", incidents=incidents[:1], body="{{timeline: INC-1}}")
    frozen = frozen_of(session, [writeup.id])[writeup.id]
    assert "of" not in frozen["events"][0]
    assert frozen["in_text"] == ["timeline"]
    operations.publish(session, writeup, actor=author)
    session.commit()
    page = sign_in(reader).get(PATH)
    assert "of-incident" not in page.html
    assert page.text.count("Event of the Dark") == 1


def test_what_a_block_shows_of_one_is_shown_below_of_the_other(
    session: Session, author: Person, reader: Person, incidents: list[Incident], sign_in: SignIn
) -> None:
    writeup = make_writeup(
        session, author, "Two nights", incidents=incidents, body="{{timeline: INC-1}}\n\n{{factors}}"
    )
    operations.publish(session, writeup, actor=author)
    session.commit()
    page = sign_in(reader).get(PATH)
    for words in ("Event of the Dark", "Event of the Long", "Factor of the Dark", "Factor of the Long"):
        assert page.text.count(words) == 1, words
    assert (
        page.text.index("Event of the Dark")
        < page.text.index("Timeline")
        < page.text.index("Event of the Long")
    )


def test_blocks_of_all_say_whose_each_part_is(
    session: Session, author: Person, incidents: list[Incident]
) -> None:
    writeup = make_writeup(session, author, "Two nights", incidents=incidents)
    text = freeze_blocks(session, writeup, "{{summary}}\n\n{{timeline}}\n\n{{actions: 1}}\n")
    assert text.index("**INC-1**\n\nDark it was.") < text.index("**INC-2**\n\nLong it was.")
    assert text.count("**INC-1**") == text.count("**INC-2**") == 2
    assert text.index("Event of the Dark") < text.rindex("**INC-2**") < text.index("Event of the Long")


def test_the_desk_adds_and_removes_them_and_offers_each(
    session: Session, author: Person, writeup: Writeup, sign_in: SignIn
) -> None:
    browser = sign_in(author)
    page = browser.get(f"{PATH}/edit")
    assert page.forms[-1].data["incidents"] == ["INC-1, INC-2"]
    assert 'data-insert="{{timeline: INC-2}}"' in page.html
    assert "INC-2: Event of the Long night." in page.text
    assert "Incidents now INC-1 Dark night" in page.text
    browser.submit(f"{PATH}/edit", {"incidents": "INC-2"})
    session.expire_all()
    assert [each.id for each in writeup.incidents] == [2]
    page = browser.get(f"{PATH}/edit")
    assert "{{timeline: INC-2}}" not in page.html
    menu = menu_of(session, writeup, author)
    assert (menu.incidents, [each.words for each in menu.events]) == ((), ["Event of the Long night."])
