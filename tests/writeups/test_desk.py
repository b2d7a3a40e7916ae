"""The desk's server side: texts of two people put together or chosen between, what is typed kept, who else writes, names."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.outbox.models import OutboxMessage
from postmortem.text.markdown import Rendered, render
from postmortem.writeups import operations, publishing
from postmortem.writeups.models import Revision, Writeup
from postmortem.writeups.models_around import Autosave
from postmortem.writeups.operations_deletion import destroy_writeup
from postmortem.writeups.queries_desk import revision_of
from tests.factories.accounts import make_person
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
BODY = "## One\n\nFirst.\n\nSecond.\n\nThird."
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def writeup(session: Session, author: Person) -> Writeup:
    return make_writeup(session, author, "The shard", body=BODY, tags=["dns"])


def path_of(writeup: Writeup) -> str:
    return f"/writeups/{writeup.slug}/edit"


def opened(browser: Browser, writeup: Writeup, **changes: Any) -> dict[str, Any]:
    """The form as it is now, with changes not sent yet."""
    return {**browser.get(path_of(writeup)).forms[-1].data, **changes}


# --- two people, one text


def test_what_only_one_of_two_changed_is_put_together(
    session: Session, author: Person, facilitator: Person, sign_in: SignIn, writeup: Writeup
) -> None:
    browser = sign_in(author)
    mine = opened(browser, writeup, body=BODY.replace("First", "1st"), tags="dns, cache", title="The shard!")
    sign_in(facilitator).submit(
        path_of(writeup),
        {"body": BODY.replace("Third.", "3rd.\n\nFourth."), "tags": "shard", "tldr": "Theirs."},
    )
    page = browser.post(path_of(writeup), mine, follow=True)
    assert (
        f"{facilitator.name} changed 3 other paragraphs meanwhile; your changes and theirs are both kept"
        in page.text
    )
    session.expire_all()
    assert writeup.body == "## One\n\n1st.\n\nSecond.\n\n3rd.\n\nFourth."
    assert (writeup.title, writeup.tldr) == ("The shard!", "Theirs.")
    # A tag that one took away is gone, those that either added are there.
    assert {tag.name for tag in writeup.tags} == {"shard", "cache"}
    assert session.scalar(select(func.count()).select_from(Revision)) == 3


@pytest.mark.parametrize(
    ("choice", "own", "left"),
    [
        ("mine", "", "Mine."),
        ("theirs", "", "Theirs."),
        ("both", "", "Theirs.\n\nMine."),
        ("own", "Ours.\n\nReally.", "Ours.\n\nReally."),
        ("both", "Ours.", "Ours."),
        ("own", "", ""),
    ],
)
def test_a_paragraph_that_both_changed_is_chosen_without_script(
    session: Session,
    author: Person,
    facilitator: Person,
    sign_in: SignIn,
    writeup: Writeup,
    choice: str,
    own: str,
    left: str,
) -> None:
    browser = sign_in(author)
    mine = opened(browser, writeup, body=BODY.replace("Second.", "Mine.").replace("First", "1st"))
    sign_in(facilitator).submit(path_of(writeup), {"body": BODY.replace("Second.", "Theirs."), "tldr": "T"})
    page = browser.post(path_of(writeup), mine)
    assert page.status == 409
    assert all(text in page.text for text in ("You wrote", "Mine.", f"{facilitator.name} wrote", "Theirs."))
    answer = page.forms[-1].data | {"choice-body-0": choice, "own-body-0": own}
    assert browser.post(path_of(writeup), answer).status == 303
    session.expire_all()
    assert writeup.body == "\n\n".join(filter(None, ("## One", "1st.", left, "Third.")))
    assert writeup.tldr == "T"


def test_an_answer_that_is_missing_is_asked_for_and_nothing_is_lost(
    session: Session, author: Person, facilitator: Person, sign_in: SignIn, writeup: Writeup
) -> None:
    browser = sign_in(author)
    mine = opened(browser, writeup, title="Mine", audience="public")
    sign_in(facilitator).submit(path_of(writeup), {"title": "Theirs"})
    page = browser.post(path_of(writeup), mine)
    assert page.status == 409
    page = browser.post(path_of(writeup), page.forms[-1].data)
    assert page.status == 422
    assert "Nothing you typed is lost" in page.text
    assert page.forms[-1].data["title"] == ["Mine"]
    # A title is one line: both cannot be kept.
    assert browser.post(path_of(writeup), page.forms[-1].data | {"choice-title-0": "both"}).status == 422
    assert browser.post(path_of(writeup), page.forms[-1].data | {"choice-title-0": "mine"}).status == 303
    session.expire_all()
    assert (writeup.title, writeup.audience.value) == ("Mine", "public")


def test_a_third_save_while_one_chooses_is_put_together_too(
    session: Session, author: Person, facilitator: Person, sign_in: SignIn, writeup: Writeup
) -> None:
    browser, other = sign_in(author), sign_in(facilitator)
    mine = opened(browser, writeup, body=BODY.replace("Second.", "Mine."))
    other.submit(path_of(writeup), {"body": BODY.replace("Second.", "Theirs.")})
    page = browser.post(path_of(writeup), mine)
    other.submit(path_of(writeup), {"body": BODY.replace("Second.", "Theirs.").replace("First", "1st")})
    assert browser.post(path_of(writeup), page.forms[-1].data | {"choice-body-0": "mine"}).status == 303
    session.expire_all()
    assert writeup.body == BODY.replace("Second.", "Mine.").replace("First", "1st")
    # What was decided against meanwhile is in the history.
    saved = session.scalars(select(Revision.body)).all()
    assert any("Theirs." in body for body in saved)


def test_a_form_that_does_not_say_what_it_started_from_shows_both(
    session: Session, author: Person, facilitator: Person, sign_in: SignIn, writeup: Writeup
) -> None:
    browser = sign_in(author)
    mine = opened(browser, writeup, body="Mine.", base="[[[[")
    sign_in(facilitator).submit(path_of(writeup), {"body": "Theirs."})
    page = browser.post(path_of(writeup), mine)
    assert page.status == 409
    assert "Somebody saved this while you were writing" in page.text
    assert page.forms[-1].data["body"] == ["Mine."]


def test_a_form_starts_from_the_text_it_shows_also_while_somebody_saves(
    session: Session, writeup: Writeup
) -> None:
    """On PostgreSQL a save may land between reading the working copy and asking for its number."""
    newer = Revision(
        writeup_id=writeup.id,
        number=2,
        saved_at=writeup.updated_at,
        saved_by_name="Somebody",
        title=writeup.title,
        tldr=writeup.tldr,
        body="Newer.",
    )
    session.add(newer)
    session.flush()
    assert revision_of(session, writeup) == 1
    writeup.body = "Newer."
    assert revision_of(session, writeup) == 2
    writeup.body = "Nowhere saved."
    assert revision_of(session, writeup) == 0


def test_saving_renders_once(
    session: Session,
    author: Person,
    facilitator: Person,
    sign_in: SignIn,
    writeup: Writeup,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser = sign_in(author)
    mine = opened(browser, writeup, body=BODY.replace("First", "1st"))
    sign_in(facilitator).submit(path_of(writeup), {"body": BODY.replace("Third", "3rd")})
    rendered: list[str] = []
    plain = render

    def counted(text: str, **more: Any) -> Rendered:
        rendered.append(text)
        return plain(text, **more)

    for module in (operations, publishing):
        monkeypatch.setattr(module, "render", counted)
    browser.post(path_of(writeup), opened(browser, writeup, body="Once."))
    assert rendered == ["Once."]
    browser.post(path_of(writeup), opened(browser, writeup, tags="other"))
    assert len(rendered) == 1
    rendered.clear()
    # Also where two texts are put together.
    assert browser.post(path_of(writeup), mine).status in (303, 409)
    assert len(rendered) <= 1


# --- what is typed and not saved


def answered(response: Any) -> Any:
    """An answer's JSON."""
    return response.get_json()


def typed(browser: Browser, writeup: Writeup, body: str, replaces: str = "", **more: Any) -> Any:
    data = {"title": writeup.title, "tldr": writeup.tldr, "body": body, "version": "1", "revision": "1"}
    return browser.post(f"/writeups/{writeup.slug}/autosave", {**data, "replaces": replaces, **more}).response


def test_what_was_typed_is_offered_again_and_gone_once_it_is_saved(
    session: Session, author: Person, facilitator: Person, sign_in: SignIn, writeup: Writeup
) -> None:
    browser = sign_in(author)
    answer = typed(browser, writeup, "Typed, not saved.")
    assert (answer.status_code, answer.json["is_kept"]) == (200, True)
    session.expire_all()
    assert (writeup.version, session.scalar(select(func.count()).select_from(Revision))) == (1, 1)

    page = browser.get(path_of(writeup))
    assert "that was not saved" in page.text
    assert page.forms[-1].data["body"] == [BODY]
    assert "Typed, not saved." in browser.get(f"/writeups/{writeup.slug}/unsaved").text
    # It is theirs alone.
    other = sign_in(facilitator)
    assert "that was not saved" not in other.get(path_of(writeup)).text
    assert other.get(f"/writeups/{writeup.slug}/unsaved").status == 404

    # Somebody saves meanwhile; going on with it still knows what it started from.
    other.submit(path_of(writeup), {"body": BODY + "\n\nTheirs."})
    page = browser.get(f"{path_of(writeup)}?unsaved=yes")
    assert page.forms[-1].data["body"] == ["Typed, not saved."]
    page = browser.post(path_of(writeup), page.forms[-1].data)
    session.expire_all()
    assert (page.status, writeup.body) == (303, "Typed, not saved.\n\nTheirs.")
    assert session.scalars(select(Autosave)).all() == []
    assert "that was not saved" not in browser.get(path_of(writeup)).text


def test_it_can_be_thrown_away(session: Session, author: Person, sign_in: SignIn, writeup: Writeup) -> None:
    browser = sign_in(author)
    typed(browser, writeup, "Typed.")
    page = browser.submit(path_of(writeup), form=-2, follow=True)
    assert "Thrown away" in page.text
    assert session.scalars(select(Autosave)).all() == []


def test_a_text_typed_elsewhere_is_never_overwritten(
    session: Session, author: Person, sign_in: SignIn, writeup: Writeup
) -> None:
    browser = sign_in(author)
    token = typed(browser, writeup, "In the first tab.").json["token"]
    assert typed(browser, writeup, "In the second tab.").status_code == 409
    assert session.scalars(select(Autosave.body)).all() == ["In the first tab."]
    answer = typed(browser, writeup, "In the first tab, on.", replaces=token)
    assert answer.json["token"] not in ("", token)
    # The same again is no conflict, and what is saved anyway is not kept.
    assert typed(browser, writeup, "In the first tab, on.").status_code == 200
    token = answer.json["token"]
    session.expire_all()
    token = typed(browser, writeup, "In the first tab, on.").json["token"]
    assert typed(browser, writeup, BODY + "\n", replaces=token).json["is_kept"] is False
    session.expire_all()
    assert session.scalars(select(Autosave)).all() == []


def test_what_could_not_be_saved_is_not_kept_either(
    session: Session, author: Person, sign_in: SignIn, writeup: Writeup
) -> None:
    answer = typed(sign_in(author), writeup, "Body", title="x" * 201)
    assert (answer.status_code, answer.json["field"]) == (422, "title")
    assert session.scalars(select(Autosave)).all() == []


def test_choosing_may_wait(
    session: Session, author: Person, facilitator: Person, sign_in: SignIn, writeup: Writeup
) -> None:
    """Whoever goes away from the choice finds what they had typed."""
    browser = sign_in(author)
    mine = opened(browser, writeup, body=BODY.replace("Second.", "Mine."))
    sign_in(facilitator).submit(path_of(writeup), {"body": BODY.replace("Second.", "Theirs.")})
    page = browser.post(path_of(writeup), mine)
    assert session.scalars(select(Autosave)).all() == []
    page = browser.post(path_of(writeup), page.forms[-1].data | {"later": "yes"}, follow=True)
    assert "that was not saved" in page.text
    page = browser.get(f"{path_of(writeup)}?unsaved=yes")
    assert page.forms[-1].data["body"] == [BODY.replace("Second.", "Mine.")]
    assert browser.post(path_of(writeup), page.forms[-1].data).status == 409


def test_a_destroyed_write_up_takes_unsaved_texts_along(
    session: Session, author: Person, sign_in: SignIn, writeup: Writeup
) -> None:
    typed(sign_in(author), writeup, "Typed.")
    session.expire_all()
    destroy_writeup(session, writeup)
    session.commit()
    assert session.scalars(select(Autosave)).all() == []


# --- who else is here


def test_a_second_editor_is_seen_for_a_minute(
    session: Session, author: Person, facilitator: Person, sign_in: SignIn, writeup: Writeup
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        browser, other = sign_in(author), sign_in(facilitator)
        assert typed(browser, writeup, "Typed.").json["others"] == []
        clock.shift(timedelta(seconds=20))
        here = answered(other.post(f"/writeups/{writeup.slug}/autosave").response)
        assert here["others"] == [{"name": author.name, "seconds": 20}]
        # Who only looks does not write.
        seen = answered(browser.post(f"/writeups/{writeup.slug}/autosave", {"has_typed": "yes"}).response)
        assert seen["others"] == [{"name": facilitator.name, "seconds": None}]
        clock.shift(timedelta(seconds=61))
        assert answered(other.post(f"/writeups/{writeup.slug}/autosave").response)["others"] == []


def test_who_may_not_see_the_draft_has_no_desk(
    session: Session, outsider: Person, reader: Person, sign_in: SignIn, writeup: Writeup
) -> None:
    for name, method in (
        ("autosave", "post"),
        ("unsaved/discard", "post"),
        ("unsaved", "get"),
        ("lookup?q=@a", "get"),
    ):
        path = f"/writeups/{writeup.slug}/{name}"
        assert getattr(sign_in(outsider), method)(path).status == 404
        assert getattr(sign_in(reader), method)(path).status == 403


# --- names and numbers


def named(session: Session, name: str, handle: str, **more: Any) -> Person:
    person = make_person(session, name, **more)
    person.handle = handle
    session.commit()
    return person


def test_only_what_the_reader_may_see_is_offered_and_linked(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    hidden = make_incident(session, outsider, "Secret thing", restricted=True)
    shown = make_incident(session, author, "Cache 100 %")
    action = make_action(session, shown, "Count the shards")
    secret = make_action(session, hidden, "Hide the shards")
    named(session, "Grace Hopper", "grace")
    body = f"INC-{hidden.id}, INC-{shown.id}, ACT-{action.id}, ACT-{secret.id}, @grace, INC-999."
    writeup = make_writeup(session, author, "Numbers", body=body)
    browser = sign_in(author)

    def offered(typed: str) -> list[str]:
        found = answered(browser.client.get(f"/writeups/{writeup.slug}/lookup", query_string={"q": typed}))
        return [each["insert"] for each in found]

    assert offered("INC-") == [f"INC-{shown.id}"]
    assert offered("inc-cache") == offered("INC-100 %") == [f"INC-{shown.id}"]
    assert offered("ACT-shards") == offered(f"ACT-{action.id}") == [f"ACT-{action.id}"]
    assert offered("@gr") == offered("@hop") == ["@grace"]
    assert offered("INC-Secret") == offered("%") == offered("ACT-²") == []

    links = browser.get(f"/writeups/{writeup.slug}").links
    assert f"/incidents/{shown.id}" in links
    assert f"/actions/{action.id}" in links
    assert not {f"/incidents/{hidden.id}", f"/actions/{secret.id}", "/incidents/999"} & set(links)
    preview = browser.client.post(
        "/writeups/preview", data={"text": body, "csrf_token": browser.csrf_token()}
    ).text
    assert f'<a href="/incidents/{shown.id}">' in preview
    assert f"/incidents/{hidden.id}" not in preview
    assert "Secret" not in preview


def test_who_is_named_in_a_draft_is_told_once_if_they_may_see_it(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    may = named(session, "Grace Hopper", "grace", role="facilitator")
    named(session, "Rita Reader", "rita")
    incident: Incident = make_incident(session, author, "Open")
    writeup = make_writeup(session, author, "Named", incidents=[incident])
    browser = sign_in(author)

    def told() -> list[list[int]]:
        session.expire_all()
        rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        return [row.payload["to"] for row in rows if row.payload.get("event") == "mentioned"]

    browser.submit(path_of(writeup), {"body": "Ask @Grace and @rita. `@grace`"})
    assert told() == [[may.id]]
    browser.submit(path_of(writeup), {"body": "Ask @Grace and @rita again."})
    assert len(told()) == 1


def test_a_published_text_links_only_to_what_is_open(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    hidden = make_incident(session, author, "Secret thing", restricted=True)
    shown = make_incident(session, author, "Cache")
    action = make_action(session, shown, "Count the shards")
    body = f"INC-{hidden.id} INC-{shown.id} ACT-{action.id}"
    published = publish_writeup(session, author, "Numbers", body=body)

    def links(person: Person) -> set[str]:
        return {link for link in sign_in(person).get(f"/writeups/{published.slug}").links if "/" in link[1:]}

    wanted = {f"/incidents/{shown.id}", f"/actions/{action.id}"}
    assert wanted <= links(reader)
    # Its author sees the restricted one, but everybody reads the same page.
    assert f"/incidents/{hidden.id}" not in links(author) | links(reader)
    shown.visibility = Visibility.RESTRICTED
    session.commit()
    assert not wanted & links(reader)
