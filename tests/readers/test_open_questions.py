"""What write-ups leave open: gathered from what is published, found again after edits, listed, searched and settled."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.outbox.workplace import Workplace
from postmortem.readers import operations_open as operations
from postmortem.readers import operations_questions
from postmortem.readers.models import OpenQuestion, ReaderQuestion
from postmortem.readers.outcomes import linked_outcome
from postmortem.readers.points import MAX_POINT, matched, points_of
from postmortem.text.markdown import render
from postmortem.writeups.models import Publication, Writeup
from postmortem.writeups.operations import publish, save_writeup, withdraw
from tests.factories.accounts import make_person, make_service, make_team
from tests.factories.incidents import make_incident
from tests.factories.writeups import publish_writeup
from tests.support.client import Browser
from tests.support.sql import counted

SignIn = Callable[[Person], Browser]
BODY = "## What happened\n\nA cache.\n\n## Open questions\n\n- Why did *nobody* notice?\n- Who owns the spare lamp?\n\n## Next\n\n- Not this.\n"
PAGE = "/writeups/told/questions"


@pytest.fixture
def told(session: Session, author: Person) -> Writeup:
    return publish_writeup(session, author, "Told", body=BODY)


def rows(session: Session) -> list[OpenQuestion]:
    session.expire_all()
    return list(session.scalars(select(OpenQuestion).order_by(OpenQuestion.id)))


def asked(session: Session) -> list[str]:
    return [row.text for row in sorted(rows(session), key=lambda row: row.position) if not row.is_gone]


def republish(session: Session, writeup: Writeup, body: str, actor: Person) -> None:
    save_writeup(session, writeup, {"body": body}, version=writeup.version, actor=actor)
    publish(session, writeup, actor=actor, reason="More exact")
    session.commit()


@pytest.mark.parametrize(
    ("source", "points"),
    [
        ("## Open questions\n\n- One?\n- Two?\n", ["One?", "Two?"]),
        ("# 7. OPEN QUESTION:\n\n1. One?\n2. Two?\n", ["One?", "Two?"]),
        ("### Unanswered questions\n\nOne?\n\nTwo?\n", ["One?", "Two?"]),
        ("## Open questions\n\nSome are left:\n\n- One\n  - with a part\n", ["One with a part"]),
        ("## Open questions\n\n### About the cache\n\n- One?\n\n## More\n\n- No\n", ["One?"]),
        (
            "## Open questions\n\n- [x] Done?\n- [ ] Not *done*, see [this](https://a.example)?\n",
            ["Not done, see this?"],
        ),
        ("## Open questions\n\n```\n- code\n```\n\n> quoted\n\n| a |\n|---|\n| b |\n", []),
        ("## Open questions\n\n- One?[^1]\n\n[^1]: A note.\n", ["One?"]),
        ("## Open questions\n\n- Same?\n- Same?\n", ["Same?"]),
        ("## Open questions\n", []),
        ("## Questions\n\n- What did we ask?\n", []),
        ("We have open questions.\n\n- One?\n", []),
        ("```\n## Open questions\n\n- One?\n```\n", []),
    ],
)
def test_points_stand_below_their_heading(source: str, points: list[str]) -> None:
    assert points_of(render(source).html) == points


def test_a_point_is_cut_to_what_is_kept() -> None:
    [point] = points_of(render(f"## Open questions\n\n- {'very ' * 400}long?\n").html)
    assert len(point) <= MAX_POINT and point.endswith("…")


def test_points_are_found_again_by_their_words() -> None:
    old = ["Why did the cache fail?", "Who owns the queue?", "Is the lamp safe?"]
    new = ["Who owns the old queue?", "Why did the lamp fail?", "Why did the cache fail"]
    assert matched(old, new) == [1, None, 0]
    assert matched(["Why?"], ["Why?"]) == [0]
    assert matched(["Why did we do this?"], ["Why would they do that?"]) == [None], "common words say nothing"
    assert matched([], ["One"]) == [None] and matched(["One"], []) == []


def test_publishing_writes_them_down_and_an_edit_finds_them_again(
    session: Session, told: Writeup, author: Person
) -> None:
    assert asked(session) == ["Why did nobody notice?", "Who owns the spare lamp?"]
    first, second = rows(session)
    operations.settle(session, second, "Maintenance does.", version=second.version, actor=author)
    session.commit()
    edited = "## Open questions\n\n- What is new?\n- Who owns that spare lamp now?\n"
    republish(session, told, edited, author)
    assert asked(session) == ["What is new?", "Who owns that spare lamp now?"]
    first, second, third = rows(session)
    assert (first.is_gone, second.outcome, third.text) == (True, "Maintenance does.", "What is new?")
    republish(session, told, BODY, author)
    first, second, third = rows(session)
    assert (first.is_gone, second.is_gone, third.is_gone) == (False, False, True)
    assert second.settled_at is not None


def test_a_draft_leaves_nothing_open_until_it_is_published(
    session: Session, told: Writeup, author: Person
) -> None:
    save_writeup(session, told, {"body": "Nothing.\n"}, version=told.version, actor=author)
    session.commit()
    assert len(asked(session)) == 2


def test_people_are_roles_in_them(session: Session, author: Person, admin: Person) -> None:
    make_person(session, "Zephyrine Quill")
    publish_writeup(session, author, "Told", body="## Open questions\n\n- Why did Zephyrine Quill wait?\n")
    [text] = asked(session)
    assert "Zephyrine" not in text and "colleague" in text


def test_what_was_published_before_is_gathered_by_the_worker_and_by_render(
    session: Session, told: Writeup, database: Database, config: object
) -> None:
    session.execute(delete(OpenQuestion))
    session.commit()
    operations._last.clear()
    place = Workplace(config, database)  # type: ignore[arg-type]
    operations.gather_missing(place)
    published_at = session.scalars(select(Publication.published_at)).one()
    assert [row.created_at for row in rows(session)] == [published_at] * 2
    session.execute(delete(OpenQuestion))
    session.commit()
    operations.gather_missing(place)
    assert rows(session) == [], "it looks a few times a day"
    assert operations_questions.render_again(session) == 1
    session.commit()
    assert len(rows(session)) == 2
    assert operations_questions.render_again(session) == 0


def test_imports_and_the_worker_gather_them_too() -> None:
    """Each in a process of its own, into which nothing but the module in question is loaded."""
    look = "from postmortem.writeups import after_publishing as a; from postmortem.cli import worker; {}; print(len(a._REGISTERED))"
    for load in ("import postmortem.imports.operations", "import postmortem.imports.demo", "worker.duties()"):
        found = subprocess.run(
            [sys.executable, "-c", look.format(load)], capture_output=True, text=True, check=True
        )
        assert found.stdout.strip() == "1", load


def test_who_works_on_it_settles_one_and_opens_it_again(
    session: Session, told: Writeup, author: Person, reader: Person, outsider: Person, sign_in: SignIn
) -> None:
    number = rows(session)[0].id
    url = f"/open-questions/{number}/settle"
    for person in (reader, outsider):
        assert sign_in(person).get(url).status == 403
        assert sign_in(person).post(f"/open-questions/{number}/reopen").status == 403
        assert "Say what we found out" not in sign_in(person).get(PAGE).text
    browser = sign_in(author)
    assert "Say what we found out" in browser.get("/questions").text
    assert browser.submit(url, {"outcome": " "}).status == 422
    assert browser.submit(url, {"outcome": "x" * 1_001}).status == 422
    assert rows(session)[0].settled_at is None
    page = browser.submit(url, {"outcome": "The alarm was off: see /writeups/told."}, follow=True)
    assert '<a href="/writeups/told">/writeups/told</a>.' in page.sent
    row = rows(session)[0]
    assert row.outcome == "The alarm was off: see /writeups/told." and row.settled_by_id == author.id

    assert "nobody notice" not in sign_in(reader).get("/questions").text
    page = sign_in(reader).get("/questions?state=settled")
    assert "nobody notice" in page.text and "The alarm was off" in page.text
    assert author.name not in page.text
    browser.post(f"/open-questions/{number}/reopen")
    row = rows(session)[0]
    assert (row.settled_at, row.settled_by_id, row.outcome) == (None, None, "")
    entries = session.scalars(
        select(HistoryEntry).where(HistoryEntry.subject_type == "open_questions").order_by(HistoryEntry.id)
    ).all()
    assert [entry.verb for entry in entries] == ["settled", "reopened"]
    assert entries[1].changes["outcome"] == ["The alarm was off: see /writeups/told.", ""]


def test_two_who_settle_it_see_both_sentences(
    session: Session, told: Writeup, author: Person, facilitator: Person, sign_in: SignIn
) -> None:
    url = f"/open-questions/{rows(session)[0].id}/settle"
    browser = sign_in(author)
    typed = {**browser.get(url).forms[-1].data, "outcome": "It was the wind."}
    sign_in(facilitator).submit(url, {"outcome": "It was the rain."})
    page = browser.post(url, typed)
    assert page.status == 409
    assert "It was the wind." in page.sent and "It was the rain." in page.sent
    assert rows(session)[0].outcome == "It was the rain."
    browser.post(url, page.forms[-1].data)
    assert rows(session)[0].outcome == "It was the wind."


def test_what_is_not_asked_any_more_is_shown_nowhere(
    session: Session, told: Writeup, author: Person, sign_in: SignIn
) -> None:
    first, _ = rows(session)
    operations.settle(session, first, "Wind.", version=first.version, actor=author)
    session.commit()
    republish(session, told, "## Open questions\n\n- Something else?\n", author)
    browser = sign_in(author)
    for path in ("/questions?state=all", PAGE, "/questions?q=notice&state=all"):
        assert "nobody notice" not in browser.get(path).text
    assert browser.get(f"/open-questions/{first.id}/settle").status == 404


def test_the_list_is_narrowed_by_words_kind_state_and_whose_it_is(
    session: Session, author: Person, reader: Person, admin: Person, sign_in: SignIn
) -> None:
    team = make_team(session, "Sound")
    make_service(session, "Playback", team)
    one = publish_writeup(
        session, author, "One", body="## Open questions\n\n- Is 100% of the Übung slow?\n", tags=["dns"]
    )
    publish_writeup(
        session,
        author,
        "Two",
        body="## Open questions\n\n- Is a_b slow?\n",
        teams=["sound"],
        services=["playback"],
    )
    question = operations_questions.ask(session, one, "Was the *lamp* slow?", actor=reader)
    session.commit()
    browser = sign_in(reader)

    def found(query: str) -> set[str]:
        text = browser.get(f"/questions?{query}").text
        return {word for word in ("Übung", "a_b", "lamp") if f"{word} slow" in text or f"{word} slow" in text}

    assert found("") == {"Übung", "a_b", "lamp"}
    assert found("q=SLOW") == {"Übung", "a_b", "lamp"}
    assert found("q=slow+lamp") == {"lamp"}
    assert found("q=%C3%BCbung") == found("q=%C3%9CBUNG") == {"Übung"}
    assert found("q=100%25") == {"Übung"} and found("q=%25") == {"Übung"}
    assert found("q=a_b") == {"a_b"} and found("q=_") == {"a_b"} and found("q=!") == set()
    assert found("kind=writeups") == {"Übung", "a_b"} and found("kind=readers") == {"lamp"}
    assert found("tag=dns") == found("tag=DNS") == {"Übung", "lamp"}
    assert found("team=sound") == found("service=playback") == {"a_b"}
    assert found("team=nobody") == set()
    assert found("state=settled") == set()
    operations_questions.answer(session, question, "No.", actor=author)
    session.commit()
    assert found("state=settled") == {"lamp"} and found("") == {"Übung", "a_b"}
    assert found("state=all") == {"Übung", "a_b", "lamp"}
    assert browser.get("/questions?kind=nonsense").status == 422
    assert browser.get("/questions?after=nonsense").status in (400, 404, 422)


def test_both_kinds_are_one_list_newest_first_and_paged(
    session: Session, author: Person, reader: Person, sign_in: SignIn, database: Database
) -> None:
    body = "## Open questions\n\n" + "\n".join(f"- Point number {n} of the list?" for n in range(40))
    told = publish_writeup(session, author, "Told", body=body, published_at=datetime(2026, 3, 1, tzinfo=UTC))
    session.commit()
    browser = sign_in(reader)
    browser.get("/questions")
    operations_questions.ask(session, told, "One?", actor=reader)
    session.commit()
    with counted(database) as one_page:
        browser.get("/questions")
    session.add_all(
        ReaderQuestion(
            writeup_id=told.id,
            text=f"Reader {n}?",
            asked_by_id=reader.id,
            created_at=datetime(2026, 3, 1, tzinfo=UTC),
        )
        for n in range(259)
    )
    session.commit()
    with counted(database) as sent:
        page = browser.get("/questions")
    assert len(sent) == len(one_page)
    assert "300 questions" in page.text
    seen: list[str] = []
    path: str | None = "/questions"
    backwards = ""
    while path:
        page = browser.get(path)
        seen += page.sent.split('<p class="question__text">')[1:]
        backwards = path
        following = [link for link in page.links if "after=" in link and link.startswith("/questions?")]
        path = following[0] if following else None
    assert len(seen) == 300 == len({text[:80].replace("\n", " ") for text in seen})
    assert backwards.count("after=") == 1
    page = browser.get(backwards)
    [earlier] = [link for link in page.links if "before=" in link]
    assert browser.get(earlier).sent.count('<p class="question__text">') == 25


def test_only_what_the_reader_may_see(
    session: Session,
    author: Person,
    admin: Person,
    reader: Person,
    sign_in: SignIn,
    make_app: Callable[..., object],
) -> None:
    hidden = make_incident(session, admin, "Hush", restricted=True)
    publish_writeup(session, admin, "Inside", body="## Open questions\n\n- An inner question?\n")
    publish_writeup(
        session, admin, "Closed", incidents=[hidden], body="## Open questions\n\n- From behind the door?\n"
    )
    publish_writeup(
        session, author, "Outside", is_public=True, body="## Open questions\n\n- An outer question?\n"
    )
    gone = publish_writeup(session, author, "Gone", body="## Open questions\n\n- A question gone?\n")
    withdraw(session, gone, reason="Early", actor=author)
    outer = next(row for row in rows(session) if "outer" in row.text)
    operations.settle(session, outer, f"{author.name} knew.", version=outer.version, actor=author)
    session.commit()
    text = sign_in(reader).get("/questions?state=all").text
    assert "inner question" in text and "outer question" in text and "behind the door" in text
    assert "question gone" not in text
    # What is published about something restricted is read by all, and worked on by those who see it.
    closed = next(row for row in rows(session) if "behind" in row.text)
    assert sign_in(author).get(f"/open-questions/{closed.id}/settle").status == 403

    nobody = Browser(make_app(public_reading=True))  # type: ignore[arg-type]
    assert "Nothing is open" in nobody.get("/questions").text
    page = nobody.get("/questions?state=all&team=sound&service=playback&kind=readers")
    assert "outer question" in page.text and "1 question" in page.text
    assert "inner" not in page.text and author.name not in page.text and "knew" not in page.text
    assert 'name="team"' not in page.sent and 'name="kind"' not in page.sent
    assert nobody.get("/questions?q=knew&state=all").text.count("outer question") == 0
    assert Browser(make_app(public_reading=False)).get("/questions").location.startswith("/login")  # type: ignore[arg-type]


def test_empty_pages_say_what_to_do(
    session: Session, reader: Person, author: Person, sign_in: SignIn
) -> None:
    browser = sign_in(reader)
    assert "Nothing is open" in browser.get("/questions").text
    assert "No question fits" in browser.get("/questions?q=nothing").text
    publish_writeup(session, author, "Told")
    assert "Nobody has asked anything yet" in browser.get(PAGE).text
    assert clock.now() is not None
    assert 'href="/questions" aria-current="page"' in browser.get("/questions").sent


@pytest.mark.parametrize(
    ("outcome", "links"),
    [
        ("See https://a.example/b?c=d.", ["https://a.example/b?c=d"]),
        ("As in /writeups/told-again, and /incidents/7.", ["/writeups/told-again", "/incidents/7"]),
        ("javascript:alert(1) and //evil.example and a/writeups/x", []),
        ("<a href='https://a.example/'>", ["https://a.example/"]),
        ("Nothing", []),
    ],
)
def test_addresses_in_what_was_found_out_are_links(outcome: str, links: list[str]) -> None:
    pieces = linked_outcome(outcome)
    assert "".join(piece.text for piece in pieces) == outcome
    assert [piece.url for piece in pieces if piece.url] == links
