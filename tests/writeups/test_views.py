"""The writer's pages: start, edit, preview, publish, withdraw."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.writeups import operations
from postmortem.writeups.enums import Audience, Template, WriteupState
from postmortem.writeups.models import Publication, Revision, Writeup
from tests.factories.accounts import make_service, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


def count(session: Session, model: type[Writeup | Revision | Publication]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


# --- starting


def test_an_incident_is_written_up_with_what_it_knows(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    make_service(session, "Playback")
    incident = make_incident(
        session,
        author,
        "Playback stops",
        summary="It **stopped**.",
        impact="One in five.",
        services=["playback"],
        tags=["cache"],
        impact_started_at=datetime(2026, 3, 12, 13, 3, tzinfo=UTC),
    )
    browser = sign_in(author)
    page = browser.get(f"/writeups/new?incident={incident.id}")
    assert page.forms[-1].data["title"] == ["Playback stops"]

    page = browser.submit(f"/writeups/new?incident={incident.id}", {"template": "lightweight"})
    assert (page.status, page.location) == (303, "/writeups/playback-stops/edit")
    writeup = session.scalars(select(Writeup)).one()
    assert writeup.body.startswith(
        "## What happened\n\nIt **stopped**.\n\n## Impact\n\nOne in five.\n\n{{facts}}"
    )
    assert (writeup.state, writeup.template, writeup.audience) == (
        WriteupState.DRAFT,
        Template.LIGHTWEIGHT,
        Audience.INTERNAL,
    )
    assert [person.email for person in writeup.authors] == [author.email]
    assert [each.id for each in writeup.incidents] == [incident.id]
    assert [tag.name for tag in writeup.tags] == ["cache"]
    assert [service.slug for service in writeup.services] == ["playback"]
    assert writeup.created_by_id == author.id


def test_a_bare_form_is_enough(session: Session, author: Person, sign_in: SignIn) -> None:
    """The address alone names the incident, and whoever writes is the author."""
    incident = make_incident(session, author, "Playback stops")
    page = sign_in(author).post(f"/writeups/new?incident={incident.id}", {"title": "Mine"})
    assert page.location == "/writeups/mine/edit"
    writeup = session.scalars(select(Writeup)).one()
    assert [each.id for each in writeup.incidents] == [incident.id]
    assert [person.email for person in writeup.authors] == [author.email]


def test_a_near_miss_proposes_its_template(session: Session, author: Person, sign_in: SignIn) -> None:
    incident = make_incident(session, author, kind="near_miss")
    page = sign_in(author).get(f"/writeups/new?incident={incident.id}")
    assert page.forms[-1].data["template"] == ["near_miss"]


def test_a_text_one_has_already_is_taken_as_it_is(session: Session, author: Person, sign_in: SignIn) -> None:
    sign_in(author).submit("/writeups/new", {"title": "Own words", "body": "My text."})
    assert session.scalars(select(Writeup)).one().body == "My text."


def test_starting_without_a_title_keeps_what_was_typed(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    page = sign_in(author).submit("/writeups/new", {"title": " ", "body": "Kept."})
    assert page.status == 422
    assert "Enter a title" in page.text
    assert page.forms[-1].data["body"] == ["Kept."]
    assert count(session, Writeup) == 0


@pytest.mark.parametrize("typed", ["INC-99", "nonsense", "INC-1, 4711"])
def test_an_incident_that_is_not_there_is_refused(
    session: Session, author: Person, sign_in: SignIn, typed: str
) -> None:
    make_incident(session, author)
    page = sign_in(author).submit("/writeups/new", {"title": "T", "incidents": typed})
    assert page.status == 422
    assert page.forms[-1].data["incidents"] == [typed]
    assert count(session, Writeup) == 0


def test_a_restricted_incident_is_not_there_for_an_outsider(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author, "Secret thing", restricted=True)
    browser = sign_in(outsider)
    assert browser.get(f"/writeups/new?incident={incident.id}").status == 404
    page = browser.submit("/writeups/new", {"title": "T", "incidents": f"INC-{incident.id}"})
    assert page.status == 422
    assert f"There is no incident INC-{incident.id}" in page.text
    assert "Secret" not in page.text


def test_sending_the_form_twice_starts_one(session: Session, author: Person, sign_in: SignIn) -> None:
    browser = sign_in(author)
    data = {**browser.get("/writeups/new").forms[-1].data, "title": "Once"}
    assert browser.post("/writeups/new", data).location == "/writeups/once/edit"
    assert browser.post("/writeups/new", data).location == "/writeups/once/edit"
    assert count(session, Writeup) == 1


def test_readers_do_not_write(session: Session, reader: Person, sign_in: SignIn) -> None:
    browser = sign_in(reader)
    assert browser.get("/writeups/new").status == 403
    page = browser.post("/writeups/new", {"title": "T"})
    assert page.status == 403
    assert "contributor" in page.text
    assert count(session, Writeup) == 0


# --- editing


def test_saving_changes_the_working_copy_and_makes_a_revision(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    make_team(session, "Catalogue")
    writeup = make_writeup(session, author)
    page = sign_in(author).submit(
        f"/writeups/{writeup.slug}/edit",
        {
            "title": "Better",
            "body": "Better text.",
            "tags": "DNS, clock skew",
            "teams": ["catalogue"],
            "audience": "public",
        },
    )
    assert page.location == f"/writeups/{writeup.slug}"
    session.expire_all()
    assert (writeup.title, writeup.body, writeup.audience) == ("Better", "Better text.", Audience.PUBLIC)
    assert [tag.name for tag in writeup.tags] == ["clock-skew", "dns"]
    assert [team.slug for team in writeup.teams] == ["catalogue"]
    assert count(session, Revision) == 2


def test_saving_and_going_on_stays_on_the_page(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = make_writeup(session, author)
    page = sign_in(author).submit(f"/writeups/{writeup.slug}/edit", {"body": "More.", "then": "edit"})
    assert page.location == f"/writeups/{writeup.slug}/edit"


def test_a_form_sent_untouched_changes_nothing(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = make_writeup(session, author, incidents=[make_incident(session, author)], tags=["dns"])
    sign_in(author).submit(f"/writeups/{writeup.slug}/edit")
    session.expire_all()
    assert (writeup.version, count(session, Revision)) == (1, 1)


def test_a_stale_form_shows_both_texts_and_saves_what_is_chosen(
    session: Session, author: Person, facilitator: Person, sign_in: SignIn
) -> None:
    writeup = make_writeup(session, author, body="Start.")
    path = f"/writeups/{writeup.slug}/edit"
    browser = sign_in(author)
    mine = {**browser.get(path).forms[-1].data, "body": "Mine."}
    sign_in(facilitator).submit(path, {"body": "Theirs.", "tldr": "Their summary."})

    page = browser.post(path, mine)
    assert page.status == 409
    assert "Mine." in page.text
    assert "Theirs." in page.text
    session.expire_all()
    assert writeup.body == "Theirs."

    assert browser.post(path, page.forms[-1].data | {"choice-body-0": "mine"}).status == 303
    session.expire_all()
    assert (writeup.body, writeup.tldr) == ("Mine.", "Their summary.")


def test_the_same_stale_save_twice_is_no_conflict(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = make_writeup(session, author)
    path = f"/writeups/{writeup.slug}/edit"
    browser = sign_in(author)
    data = {**browser.get(path).forms[-1].data, "body": "Once."}
    assert browser.post(path, data).status == 303
    assert browser.post(path, data).status == 303
    assert count(session, Revision) == 2


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("title", "", "Enter a title"),
        ("title", "x" * 201, "200 characters"),
        ("tldr", "x" * 1001, "1,000 characters"),
        ("body", "x" * 100_001, "100,000 characters"),
        ("authors", "nobody@example.com", "There is no"),
        ("audience", "world", "Choose one"),
        ("incidents", "twelve", "incident numbers"),
    ],
)
def test_bad_input_is_explained_and_kept(
    session: Session, author: Person, sign_in: SignIn, field: str, typed: str, sentence: str
) -> None:
    writeup = make_writeup(session, author)
    page = sign_in(author).submit(f"/writeups/{writeup.slug}/edit", {"body": "Typed.", field: typed})
    assert page.status == 422
    assert sentence in page.text
    assert page.forms[-1].data["body"] == [typed if field == "body" else "Typed."]
    session.expire_all()
    assert writeup.version == 1


def test_who_may_not_edit(
    session: Session, author: Person, outsider: Person, reader: Person, sign_in: SignIn, anonymous: Browser
) -> None:
    draft, published = make_writeup(session, author, "Draft"), publish_writeup(session, author, "Published")
    for action in ("edit", "publish", "withdraw"):
        assert sign_in(outsider).get(f"/writeups/{draft.slug}/{action}").status == 404
        assert sign_in(outsider).get(f"/writeups/{published.slug}/{action}").status == 403
        assert sign_in(outsider).post(f"/writeups/{published.slug}/{action}", {"title": "x"}).status == 403
        assert sign_in(reader).get(f"/writeups/{published.slug}/{action}").status == 403
        assert anonymous.get(f"/writeups/{published.slug}/{action}").location.startswith("/login")  # type: ignore[union-attr]
        assert sign_in(author).get(f"/writeups/no-such/{action}").status == 404
    session.expire_all()
    assert (draft.version, published.state) == (1, WriteupState.PUBLISHED)


def test_a_facilitator_who_does_not_see_the_incident_edits_nothing_of_it(
    session: Session, author: Person, facilitator: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author, restricted=True)
    draft = make_writeup(session, author, "Draft", incidents=[incident])
    published = publish_writeup(session, author, "Published", incidents=[incident])
    browser = sign_in(facilitator)
    assert browser.get(f"/writeups/{draft.slug}").status == 404
    assert browser.get(f"/writeups/{draft.slug}/edit").status == 404
    assert browser.get(f"/writeups/{published.slug}/edit").status == 403
    assert browser.post(f"/writeups/{published.slug}/withdraw").status == 403


# --- previewing


def test_the_preview_is_what_will_be_published(
    app: Flask, session: Session, author: Person, sign_in: SignIn
) -> None:
    body = (
        "## A\n\n**Bold** <script>x</script>\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nNote[^1]\n\n[^1]: Small.\n"
    )
    browser = sign_in(author)
    answer = browser.client.post("/writeups/preview", data={"text": body, "csrf_token": browser.csrf_token()})
    writeup = publish_writeup(session, author, body=body)
    published = browser.get(f"/writeups/{writeup.slug}").html
    block = answer.get_data(as_text=True).strip()
    assert block.startswith('<div class="prose prose--article">')
    assert block in published
    assert "<script" not in block


def test_previewing_without_script_shows_the_text_and_saves_nothing(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    writeup = make_writeup(session, author)
    page = sign_in(author).submit(
        f"/writeups/{writeup.slug}/edit", {"title": "", "body": "Only **looking**.", "preview": "yes"}
    )
    assert page.status == 200
    assert "<strong>looking</strong>" in page.html
    assert page.forms[-1].data["body"] == ["Only **looking**."]
    session.expire_all()
    assert (writeup.version, count(session, Revision)) == (1, 1)


def test_readers_preview_nothing(reader: Person, sign_in: SignIn) -> None:
    assert sign_in(reader).post("/writeups/preview", {"text": "x"}).status == 403


# --- publishing and withdrawing


def test_the_publish_page_says_what_will_happen_and_does_nothing(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author)
    make_event(session, incident, "Shown.")
    make_event(session, incident, "Kept for us.", in_writeup=False)
    make_action(session, incident, "Add an alarm", owner=author)
    writeup = make_writeup(session, author, incidents=[incident], body="## Empty one\n")
    page = sign_in(author).get(f"/writeups/{writeup.slug}/publish")
    assert "1 event, as it is now" in page.text
    assert "Add an alarm" in page.text
    assert "Still without a word: Empty one" in page.text
    assert page.forms[-1].data["audience"] == ["internal"]
    session.expire_all()
    assert writeup.state == WriteupState.DRAFT


def test_publishing(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = make_writeup(session, author)
    page = sign_in(author).submit(f"/writeups/{writeup.slug}/publish", {"audience": "public"})
    assert (page.status, page.location) == (303, f"/writeups/{writeup.slug}")
    session.expire_all()
    assert (writeup.state, writeup.audience) == (WriteupState.PUBLISHED, Audience.PUBLIC)
    assert session.scalars(select(Publication)).one().audience == Audience.PUBLIC


def test_a_bare_post_publishes_for_the_audience_it_has(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    writeup = make_writeup(session, author)
    assert sign_in(author).post(f"/writeups/{writeup.slug}/publish").status == 303
    assert session.scalars(select(Publication)).one().audience == Audience.INTERNAL


def test_nobody_publishes_a_text_that_they_have_not_seen(
    session: Session, author: Person, facilitator: Person, sign_in: SignIn
) -> None:
    writeup = make_writeup(session, author)
    browser = sign_in(author)
    data = browser.get(f"/writeups/{writeup.slug}/publish").forms[-1].data
    sign_in(facilitator).submit(f"/writeups/{writeup.slug}/edit", {"title": "Changed meanwhile"})
    page = browser.post(f"/writeups/{writeup.slug}/publish", data)
    assert page.status == 409
    assert "Changed meanwhile" in page.text
    assert count(session, Publication) == 0
    assert browser.post(f"/writeups/{writeup.slug}/publish", page.forms[-1].data).status == 303


def test_an_empty_text_is_not_published(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = make_writeup(session, author, tldr="", body="")
    page = sign_in(author).submit(f"/writeups/{writeup.slug}/publish")
    assert page.status == 422
    assert "nothing to read yet" in page.text
    session.expire_all()
    assert writeup.state == WriteupState.DRAFT


def test_publishing_about_a_restricted_incident_names_the_audience(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author, restricted=True)
    writeup = make_writeup(session, author, incidents=[incident])
    page = sign_in(author).get(f"/writeups/{writeup.slug}/publish")
    assert f"about INC-{incident.id}, which is restricted" in page.text
    assert "everybody who signs in here" in page.text


def test_a_facilitator_publishes_for_others_and_an_outsider_does_not(
    session: Session, author: Person, facilitator: Person, outsider: Person, sign_in: SignIn
) -> None:
    writeup = make_writeup(session, author)
    assert sign_in(outsider).post(f"/writeups/{writeup.slug}/publish").status == 404
    assert sign_in(facilitator).post(f"/writeups/{writeup.slug}/publish").status == 303


def test_withdrawing_takes_it_away_at_once(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    writeup = publish_writeup(session, author)
    watching = sign_in(reader)
    assert watching.get(f"/writeups/{writeup.slug}").status == 200
    page = sign_in(author).submit(
        f"/writeups/{writeup.slug}/withdraw", {"withdrawn_reason": "It names a customer."}, follow=True
    )
    assert "It names a customer." in page.text
    assert watching.get(f"/writeups/{writeup.slug}").status == 410
    session.expire_all()
    assert (writeup.state, writeup.withdrawn_reason) == (WriteupState.WITHDRAWN, "It names a customer.")


def test_a_stale_withdrawal_asks_to_look_again(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = publish_writeup(session, author)
    browser = sign_in(author)
    data = browser.get(f"/writeups/{writeup.slug}/withdraw").forms[-1].data
    operations.save_writeup(session, writeup, {"title": "New title"}, version=None, actor=author)
    session.commit()
    page = browser.post(f"/writeups/{writeup.slug}/withdraw", {**data, "withdrawn_reason": "Why."})
    assert page.status == 409
    assert page.forms[-1].data["withdrawn_reason"] == ["Why."]
    session.expire_all()
    assert writeup.state == WriteupState.PUBLISHED
    assert browser.post(f"/writeups/{writeup.slug}/withdraw", page.forms[-1].data).status == 303


def test_a_draft_cannot_be_withdrawn(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = make_writeup(session, author)
    page = sign_in(author).submit(f"/writeups/{writeup.slug}/withdraw")
    assert page.status == 422
    assert "not published" in page.text
