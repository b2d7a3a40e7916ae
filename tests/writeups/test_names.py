"""What publishing does about names: readers get roles by every road, writers keep the names, people answer for themselves."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.blameless.models import NamingChoice, NamingConsent
from postmortem.blameless.roles import Choice
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News
from postmortem.writeups import operations
from postmortem.writeups.enums import Audience
from postmortem.writeups.models import Publication, Writeup
from postmortem.writeups.models_around import WriteupOldSlug
from postmortem.writeups.news import WriteupNews, published_lately
from postmortem.writeups.operations_naming import decide_consent, save_choices
from tests.exports.conftest import exporting
from tests.factories.accounts import make_person
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup
from tests.support.client import Browser
from tests.support.crawl import crawl
from tests.support.static_site import texts_of

DAY = datetime(2026, 3, 9, 14, tzinfo=UTC)
NAMES = ("zelda", "quimby", "zquimby", "ambrose", "threlkeld", "mckittrick")
BODY = """## What Zelda saw

Zelda Quimby’s pager rang. Then @zquimby asked Ambrose (ambrose-threlkeld@example.com) and ZQ slept.

![Zelda at the graph](https://pictures.example/zquimby.png)

[Zelda's change](https://code.example/@zquimby/1), [the runbook][1], <zelda-quimby@example.com>, Ondine’s idea.

| Who | What |
|---|---|
| Ambrose Threlkeld | `ssh zquimby@host` |

```
author: Zelda Quimby <zelda-quimby@example.com>
```

[1]: https://wiki.example/zelda-quimby
"""


@pytest.fixture
def people(session: Session) -> tuple[Person, Person, Person]:
    """Two who took part in the incident, and one without a role."""
    zelda, ambrose, other = (
        make_person(session, name) for name in ("Zelda Quimby", "Ambrose Threlkeld", "Ondine McKittrick")
    )
    zelda.handle = "zquimby"
    session.commit()
    return zelda, ambrose, other


@pytest.fixture
def incident(session: Session, author: Person, people: tuple[Person, Person, Person]) -> Incident:
    made = make_incident(session, author, "Playback stops", detected_at=DAY)
    roles = [(people[0].email, "On-call engineer"), (people[1].email, "on-call engineer")]
    edit_incident(session, made, {"participants": roles}, version=None, actor=author)
    make_event(
        session, made, "Zelda restarted *it*.", at=DAY, occurred_text="when Zelda woke", actor_role="Ambrose"
    )
    make_factor(session, made, "Only @zquimby knew.")
    make_action(session, made, "Write down what Ondine McKittrick knows")
    session.commit()
    return made


@pytest.fixture
def named(session: Session, author: Person, incident: Incident) -> Writeup:
    return make_writeup(
        session,
        author,
        "Zelda's long night",
        incidents=[incident],
        tldr="Zelda and Ambrose met a queue.",
        body=BODY,
        tags=["queues", "zelda"],
        audience=Audience.PUBLIC,
    )


def publish(session: Session, writeup: Writeup, author: Person) -> Publication:
    made = operations.publish(session, writeup, actor=author)
    session.commit()
    return made


def names_in(text: str) -> list[str]:
    return [name for name in (*NAMES, "ondine") if name in text.casefold()]


def test_nothing_that_is_stored_for_readers_names_anybody(
    session: Session, author: Person, named: Writeup
) -> None:
    made = publish(session, named, author)
    columns = {name: getattr(made, name) for name in ("title", "tldr", "body", "body_html", "author_line")}
    columns |= {"frozen": json.dumps(made.frozen), "headings": json.dumps(made.headings), "slug": named.slug}
    assert {name: names_in(value) for name, value in columns.items() if names_in(value)} == {}
    assert made.title == "The on-call engineer's long night"
    assert made.tldr == "The on-call engineer and the second on-call engineer met a queue."
    assert made.headings[0][2] == "What the on-call engineer saw"
    assert made.frozen["events"][0]["role"] == "The second on-call engineer"
    assert made.frozen["actions"][0]["title"] == "Write down what a colleague knows"
    assert made.author_line == "Aino Author"
    assert named.slug == "the-on-call-engineers-long-night"
    assert (named.title, named.body, [tag.name for tag in named.tags]) == (
        "Zelda's long night",
        BODY.rstrip(),
        ["queues"],
    )


def test_a_reader_who_goes_everywhere_meets_no_name(
    make_app: Callable[..., Flask], session: Session, author: Person, named: Writeup
) -> None:
    app = make_app(public_reading=True)
    publish(session, named, author)
    seen = crawl(Browser(app), "/", "/writeups/feed.atom", f"/writeups/{named.slug}/history", "/tags/queues")
    assert f"/writeups/{named.slug}" in seen.visits
    assert {
        path: names_in(visit.page.html) for path, visit in seen.visits.items() if names_in(visit.page.html)
    } == {}


def test_a_colleague_who_signs_in_meets_no_name_in_the_write_up(
    session: Session, author: Person, reader: Person, named: Writeup, sign_in: Callable[[Person], Browser]
) -> None:
    publish(session, named, author)
    operations.save_writeup(session, named, {"body": BODY + "\nZelda slept."}, version=None, actor=author)
    publish(session, named, author)
    browser = sign_in(reader)
    paths = [
        "/",
        f"/writeups/{named.slug}",
        f"/writeups/{named.slug}/history",
        "/writeups/feed.atom",
        "/archive/2026",
    ]
    paths += [f"/writeups/{named.slug}/history?text={number}" for number in (1, 2)]
    paths += ["/writeups/feed.json", "/tags/queues/feed.json", f"/writeups/{named.slug}/markdown"]
    for path in paths:
        page = browser.get(path)
        assert (path, page.status, names_in(page.html)) == (path, 200, [])
    for path in ("/writeups/zeldas-long-night", "/writeups/zeldas-long-night/history", "/tags/zelda"):
        assert browser.get(path).status == 404


def test_the_exported_site_names_nobody(
    app: Flask, session: Session, author: Person, named: Writeup, tmp_path: Path
) -> None:
    publish(session, named, author)
    operations.save_writeup(session, named, {"body": BODY + "\nZelda slept."}, version=None, actor=author)
    session.commit()
    for is_internal in (False, True):
        exporting(app)(tmp_path / "site", include_internal=is_internal)
        texts = texts_of(tmp_path / "site")
        assert f"writeups/{named.slug}.html" in texts
        assert {file: names_in(file + text) for file, text in texts.items() if names_in(file + text)} == {}


def test_news_of_it_carry_what_was_published(
    session: Session, author: Person, reader: Person, named: Writeup
) -> None:
    publish(session, named, author)
    news = News(
        event=Event.PUBLISHED,
        subject_type="writeups",
        subject_id=named.id,
        actor_id=author.id,
        actor_name="Zelda Quimby",
    )
    for who in (reader, None):
        story = WriteupNews().story(session, news, who)
        assert story and names_in(repr(story)) == []
    section = published_lately(session, reader, DAY, ())
    assert section and names_in(repr(section)) == []


def test_the_left_address_leads_on_for_writers_alone(
    session: Session, author: Person, outsider: Person, named: Writeup, sign_in: Callable[[Person], Browser]
) -> None:
    publish(session, named, author)
    assert session.scalars(select(WriteupOldSlug.slug)).all() == ["zeldas-long-night"]
    for tail in ("", "/history", "/edit", "/publish"):
        answer = sign_in(author).get(f"/writeups/zeldas-long-night{tail}")
        assert (answer.status, answer.headers["Location"]) == (302, f"/writeups/{named.slug}{tail}")
        assert sign_in(outsider).get(f"/writeups/zeldas-long-night{tail}").status == 404
    assert make_writeup(session, author, "Zelda's long night").slug == "zeldas-long-night-2"


def test_rendering_again_starts_from_what_was_published(
    session: Session, author: Person, named: Writeup
) -> None:
    made = publish(session, named, author)
    before, made.rendered_with = made.body_html, 0
    session.commit()
    assert operations.render_again(session) == 1
    assert (made.body_html, names_in(made.body_html)) == (before, [])


def test_people_agree_for_themselves_and_it_counts_from_the_next_publication(
    session: Session,
    author: Person,
    named: Writeup,
    people: tuple[Person, Person, Person],
    sign_in: Callable[[Person], Browser],
) -> None:
    publish(session, named, author)
    browser = sign_in(people[1])
    path = f"/writeups/{named.slug}/naming"
    assert "You are not named" in browser.get(path).text
    assert browser.post(path, {"is_named": "yes", "person_id": str(people[0].id)}).status == 303
    assert [(row.person_id, row.is_agreed) for row in session.scalars(select(NamingConsent))] == [
        (people[1].id, True)
    ]
    session.expire_all()
    made = publish(session, named, author)
    assert made.number == 2
    assert made.tldr == "The on-call engineer and Ambrose met a queue."
    decide_consent(session, named, people[1], is_agreed=False)
    made = publish(session, named, author)
    assert made.tldr == "The on-call engineer and the second on-call engineer met a queue."
    # Also what readers can look back at follows.
    texts = session.scalars(select(Publication.tldr).where(Publication.writeup_id == named.id)).all()
    assert [names_in(text) for text in texts] == [[], [], []]


def test_an_author_is_named_above_the_text_unless_they_say_otherwise(
    session: Session, author: Person, people: tuple[Person, Person, Person], incident: Incident
) -> None:
    writeup = make_writeup(
        session,
        author,
        "Queues",
        incidents=[incident],
        body="Zelda saw it.",
        authors=[author.email, people[0].email],
    )
    made = publish(session, writeup, author)
    assert (made.author_line, made.body) == ("Aino Author and Zelda Quimby", "The on-call engineer saw it.")
    decide_consent(session, writeup, people[0], is_agreed=False)
    assert publish(session, writeup, author).author_line == "Aino Author and the on-call engineer"
    decide_consent(session, writeup, people[0], is_agreed=True)
    assert publish(session, writeup, author).body == "Zelda saw it."


def test_colleagues_keep_their_numbers_from_publication_to_publication(
    session: Session, author: Person, people: tuple[Person, Person, Person]
) -> None:
    writeup = make_writeup(session, author, "Queues", body="Ondine and Zelda met.")
    assert publish(session, writeup, author).body == "A colleague and a second colleague met."
    operations.save_writeup(
        session, writeup, {"body": "Ambrose and Zelda met Ondine."}, version=None, actor=author
    )
    assert (
        publish(session, writeup, author).body == "A third colleague and a second colleague met a colleague."
    )
    assert len(session.scalars(select(NamingChoice)).all()) == 3


def test_choices_are_kept_changed_and_say_nothing_twice(
    session: Session, author: Person, named: Writeup, people: tuple[Person, Person, Person]
) -> None:
    captain = Choice(people[0].id, "", "the *captain*")
    assert save_choices(session, named, [captain, Choice(people[1].id, "", "")], actor=author) == 1
    assert save_choices(session, named, [captain], actor=author) == 0
    assert save_choices(session, named, [Choice(None, "a queue", "the queue of queues")], actor=author) == 1
    made = publish(session, named, author)
    assert made.title == "The captain's long night"
    assert save_choices(session, named, [Choice(people[0].id, "", "", is_left=True)], actor=author) == 1
    assert publish(session, named, author).title == "Zelda's long night"


def test_a_merged_account_is_still_the_same_person(
    session: Session, author: Person, people: tuple[Person, Person, Person], incident: Incident
) -> None:
    old = make_person(session, "Zelda Quimby-Old")
    old.merged_into_id, old.is_active = people[0].id, False
    session.commit()
    writeup = make_writeup(
        session,
        author,
        "Queues",
        incidents=[incident],
        body="We asked Zelda and zelda-quimby-old@example.com.",
    )
    made = publish(session, writeup, author)
    assert made.body == "We asked the on-call engineer and the on-call engineer."
