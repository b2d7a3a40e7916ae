"""Series and related write-ups: chosen by hand, shown both ways, and only what their reader may read."""

from collections.abc import Callable, Sequence

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.writeups import operations
from postmortem.writeups.models import Series, Writeup
from postmortem.writeups.models_around import writeup_relations
from postmortem.writeups.operations_series import place_writeup
from tests.factories.accounts import make_person
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


def place(
    session: Session,
    writeup: Writeup,
    by: Person,
    series: str = "",
    position: int = 0,
    related: Sequence[Writeup] = (),
) -> None:
    slugs = [each.slug for each in related]
    place_writeup(session, writeup, series=series, position=position, related=slugs, version=None, actor=by)
    session.commit()


def test_the_parts_of_a_series_lead_to_each_other(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    parts = [publish_writeup(session, author, f"Part {word}") for word in ("one", "two", "three")]
    for position, part in enumerate(parts):
        place(session, part, author, "How  caches fail" if position else "How caches FAIL", 9 - position)
    assert session.scalars(select(Series.name)).all() == ["How caches FAIL"]
    browser = sign_in(reader)
    page = browser.get(f"/writeups/{parts[1].slug}")
    assert "Part 2 of 3: How caches FAIL" in page.text
    assert "Before it: Part three" in page.text
    assert "Next: Part one" in page.text
    first = browser.get(f"/writeups/{parts[2].slug}").text
    assert "Part 1 of 3" in first
    assert "Before it" not in first

    # What is withdrawn leaves no gap, and alone it is no series.
    operations.withdraw(session, parts[2], reason="", actor=author)
    session.commit()
    assert "Part 1 of 2: How caches FAIL" in browser.get(f"/writeups/{parts[1].slug}").text
    place(session, parts[0], author)
    assert "How caches FAIL" not in browser.get(f"/writeups/{parts[1].slug}").text


def test_related_ones_name_each_other_whichever_was_chosen(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    one, other = (publish_writeup(session, author, f"The {word}") for word in ("first", "second"))
    browser = sign_in(reader)
    for chooser, chosen in ((one, other), (other, one)):
        place(session, chooser, author, related=[chosen])
        for page, shown in ((one, other), (other, one)):
            text = browser.get(f"/writeups/{page.slug}").text
            assert "Related write-ups" in text
            assert shown.title in text.partition("Related write-ups")[2]
    assert len(session.execute(select(writeup_relations)).all()) == 1
    place(session, one, author)
    assert "Related write-ups" not in browser.get(f"/writeups/{other.slug}").text


def test_a_stranger_sees_only_public_ones(
    session: Session, author: Person, make_app: Callable[..., Flask]
) -> None:
    public = publish_writeup(session, author, "For everybody", is_public=True)
    internal = publish_writeup(session, author, "For us")
    place(session, public, author, "Secret series", 1, [internal])
    place(session, internal, author, "Secret series", 2, [public])
    text = Browser(make_app(public_reading=True)).get(f"/writeups/{public.slug}").text
    for words in ("For us", "Secret series", "Related write-ups"):
        assert words not in text


def test_only_what_is_published_can_be_chosen(session: Session, author: Person, sign_in: SignIn) -> None:
    here = publish_writeup(session, author, "Here")
    draft = make_writeup(session, author, "A draft")
    session.commit()
    browser, path = sign_in(author), f"/writeups/{here.slug}/around"
    for address in (f"/writeups/{draft.slug}", "/writeups/nowhere", f"/writeups/{here.slug}"):
        page = browser.submit(path, {"related": address})
        assert page.status == 422
        assert "no other published write-up" in page.text
    assert browser.submit(path, {"series_position": "9" * 400}).status == 422
    assert session.execute(select(writeup_relations)).all() == []


def test_what_its_editor_may_not_read_any_more_stays(session: Session, author: Person) -> None:
    here, other, third = (publish_writeup(session, author, f"The {word}") for word in ("a", "b", "c"))
    place(session, here, author, related=[other])
    operations.withdraw(session, other, reason="", actor=author)
    place(session, here, author, related=[third])
    assert len(session.execute(select(writeup_relations)).all()) == 2


def test_the_form_changes_it_and_history_tells(session: Session, author: Person, sign_in: SignIn) -> None:
    here, other = (publish_writeup(session, author, f"The {word}") for word in ("first", "second"))
    browser, path = sign_in(author), f"/writeups/{here.slug}/around"
    stale = browser.get(path).forms[-1].data
    sent = {
        "series": "Caches",
        "series_position": "2",
        "related": f"http://localhost/writeups/{other.slug}/edit",
    }
    assert browser.submit(path, sent).status == 303
    entry = session.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.subject_type == "writeups", HistoryEntry.verb == "edited")
        .order_by(HistoryEntry.id.desc())
    ).first()
    assert entry is not None
    assert entry.changes == {
        "series": [None, "caches"],
        "series_position": [0, 2],
        "related": [[], [other.slug]],
    }
    assert browser.get(path).forms[-1].data["series"] == ["Caches"]
    # A form from before asks to look again, with what was typed.
    page = browser.post(path, {**stale, "series": "Clocks"})
    assert page.status == 409
    assert page.forms[-1].data["series"] == ["Clocks"]
    # The very same again is no change.
    count = len(session.scalars(select(HistoryEntry.id)).all())
    assert browser.submit(path, {}).status == 303
    assert len(session.scalars(select(HistoryEntry.id)).all()) == count


def test_the_desk_shows_what_it_belongs_to_and_leads_there(
    session: Session, author: Person, sign_in: Callable[[Person], Browser]
) -> None:
    other = publish_writeup(session, author, "The other one")
    make_writeup(session, author, "Kept back")
    writeup = publish_writeup(session, author, "This one")
    page = sign_in(author).get(f"/writeups/{writeup.slug}/edit")
    assert f"/writeups/{writeup.slug}/around" in page.links
    assert "The other one" not in page.text
    place_writeup(
        session, writeup, series="Clocks", position=2, related=[other.slug], version=None, actor=author
    )
    session.commit()
    page = sign_in(author).get(f"/writeups/{writeup.slug}/edit").text
    assert "Clocks, position 2" in page
    assert "The other one" in page and "Kept back" not in page


def test_the_name_of_a_series_names_nobody(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    make_person(session, "Zelda Quimby")
    parts = [publish_writeup(session, author, f"Part {word}") for word in ("one", "two")]
    for part in parts:
        place(session, part, author, "Zelda Quimby's nights")
    assert session.scalars(select(Series.name)).all() == ["A colleague's nights"]
    assert session.scalars(select(Series.slug)).all() == ["a-colleagues-nights"]
    page = sign_in(reader).get(f"/writeups/{parts[0].slug}")
    assert "Part 1 of 2: A colleague’s nights" in page.text.replace("'", "’")
    assert "Zelda" not in page.html
