"""Adding, changing, deleting and bringing back factors through the pages."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.incidents.models import Incident
from postmortem.timeline import queries
from postmortem.timeline.models import Factor
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


@pytest.fixture
def incident(session: Session, author: Person) -> Incident:
    return make_incident(session, author)


@pytest.fixture
def browser(author: Person, sign_in: SignIn) -> Browser:
    return sign_in(author)


def only_factor(session: Session) -> Factor:
    session.expire_all()
    return session.scalars(select(Factor)).one()


def count(session: Session) -> int | None:
    return session.scalar(select(func.count()).select_from(Factor))


def test_a_factor_is_stored_with_tags_answer_and_events(
    browser: Browser, incident: Incident, session: Session
) -> None:
    event = make_event(session, incident, "The certificate expires.")
    page = browser.submit(
        f"/incidents/{incident.number}/factors/new",
        {
            "text": "Nobody **looks** at it.",
            "tags": "Certificates, monitoring",
            "was_present_before": "no",
            "events": [str(event.id)],
        },
    )
    factor = only_factor(session)
    assert (page.status, page.location) == (303, f"/incidents/{incident.number}#factor-{factor.id}")
    assert "<strong>looks</strong>" in factor.text_html
    assert [tag.name for tag in factor.tags] == ["certificates", "monitoring"]
    assert factor.was_present_before is False
    assert factor.events == [event]


@pytest.mark.parametrize(("sent", "kept"), [({"was_present_before": "yes"}, True), ({}, None)])
def test_not_known_is_an_answer(
    browser: Browser, incident: Incident, session: Session, sent: dict[str, str], kept: bool | None
) -> None:
    browser.post(f"/incidents/{incident.number}/factors/new", {"text": "Something", **sent})
    assert only_factor(session).was_present_before is kept


def test_adding_another_opens_an_empty_form(browser: Browser, incident: Incident, session: Session) -> None:
    path = f"/incidents/{incident.number}/factors/new"
    page = browser.submit(path, {"text": "One", "tags": "a", "add_another": "1"})
    assert page.location == path
    data = browser.get(path).forms[0].data
    assert (data["text"], data["tags"]) == ([""], [""])


def test_the_same_form_twice_makes_one_factor(browser: Browser, incident: Incident, session: Session) -> None:
    path = f"/incidents/{incident.number}/factors/new"
    data = {**browser.get(path).forms[0].data, "text": "Once"}
    assert browser.post(path, data).location == browser.post(path, data).location
    assert count(session) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": ""}, "one sentence is enough"),
        ({"was_present_before": "perhaps"}, "Choose one of the answers"),
        ({"tags": "x" * 51}, "within 50 characters"),
        ({"events": "999"}, "There is no “999”"),
        ({"events": "one"}, "There is no “one”"),
    ],
)
def test_bad_input_is_named_and_nothing_is_lost(
    browser: Browser, incident: Incident, session: Session, changes: dict[str, str], sentence: str
) -> None:
    make_event(session, incident)
    page = browser.submit(
        f"/incidents/{incident.number}/factors/new", {"text": "Kept", "tags": "kept-tag", **changes}
    )
    assert page.status == 422
    assert sentence in page.text
    assert page.forms[0].data["text"] == [changes.get("text", "Kept")]
    assert page.forms[0].data["tags"] == [changes.get("tags", "kept-tag")]
    assert count(session) == 0


def test_an_event_of_another_incident_cannot_be_named(
    browser: Browser, incident: Incident, session: Session, author: Person
) -> None:
    foreign = make_event(session, make_incident(session, author, restricted=True), "Hidden")
    page = browser.post(
        f"/incidents/{incident.number}/factors/new", {"text": "Something", "events": str(foreign.id)}
    )
    assert page.status == 422
    assert "Hidden" not in page.html
    assert count(session) == 0


def test_editing_untouched_changes_nothing(browser: Browser, incident: Incident, session: Session) -> None:
    event = make_event(session, incident)
    factor = make_factor(session, incident, tags=["b", "a"], was_present_before=True, events=[event.id])
    page = browser.submit(f"/factors/{factor.id}/edit", form=0)
    assert page.location == f"/incidents/{incident.number}#factor-{factor.id}"
    assert only_factor(session).version == 1


def test_editing_changes_the_factor(browser: Browser, incident: Incident, session: Session) -> None:
    first, second = make_event(session, incident, "First"), make_event(session, incident, "Second")
    factor = make_factor(session, incident, tags=["old"], was_present_before=True, events=[first.id])
    changes = {"text": "Better", "tags": "new", "was_present_before": "", "events": [str(second.id)]}
    browser.submit(f"/factors/{factor.id}/edit", changes, form=0)
    factor = only_factor(session)
    assert (factor.text, factor.was_present_before, factor.version) == ("Better", None, 2)
    assert ([tag.name for tag in factor.tags], factor.events) == (["new"], [second])


def test_a_stale_form_shows_both_texts_and_saves_on_the_second_try(
    browser: Browser, incident: Incident, session: Session
) -> None:
    factor = make_factor(session, incident, "First words", was_present_before=True)
    path = f"/factors/{factor.id}/edit"
    mine = {**browser.get(path).forms[0].data, "text": "My words", "was_present_before": "no"}
    browser.submit(path, {"text": "Their words"}, form=0)
    page = browser.post(path, mine)
    assert page.status == 409
    for words in ("My words", "Their words", "Yes, it was waiting", "No, it came with it"):
        assert words in page.text
    assert only_factor(session).text == "Their words"
    browser.post(path, page.forms[0].data)
    assert only_factor(session).text == "My words"
    assert only_factor(session).was_present_before is False


def test_deleting_offers_undo(browser: Browser, incident: Incident, session: Session) -> None:
    factor = make_factor(session, incident, tags=["kept"])
    page = browser.post(f"/factors/{factor.id}/delete")
    assert page.location == f"/incidents/{incident.number}#factors"
    assert not queries.factors_of(session, incident.id)
    page = browser.get(f"/factors/{factor.id}/edit")
    assert page.status == 404
    undo = next(form for form in page.forms if form.action == f"/factors/{factor.id}/restore")
    browser.post(undo.action, undo.data)
    browser.post(undo.action, undo.data)
    (found,) = queries.factors_of(session, incident.id)
    assert [tag.name for tag in found.tags] == ["kept"]
    verbs = session.scalars(
        select(HistoryEntry.verb).where(HistoryEntry.subject_type == "factors").order_by(HistoryEntry.id)
    )
    assert list(verbs) == ["added", "deleted", "brought back"]


GET_AND_POST = ("/incidents/{number}/factors/new", "/factors/{id}/edit")
POST_ONLY = ("/factors/{id}/delete", "/factors/{id}/restore")


@pytest.mark.parametrize("path", [*GET_AND_POST, *POST_ONLY])
def test_who_may_not_is_kept_out(
    incident: Incident,
    session: Session,
    sign_in: SignIn,
    reader: Person,
    outsider: Person,
    anonymous: Browser,
    author: Person,
    path: str,
) -> None:
    secret = make_incident(session, author, restricted=True)
    factor, hidden = make_factor(session, incident, "As it was"), make_factor(session, secret, "Hidden")
    here = path.format(number=incident.number, id=factor.id)
    there = path.format(number=secret.number, id=hidden.id)
    for method in ["get", "post"] if path in GET_AND_POST else ["post"]:
        for browser, address, status in (
            (anonymous, here, 303),
            (sign_in(reader), here, 403),
            (sign_in(outsider), there, 404),
            (sign_in(outsider), path.format(number=999, id=10**30), 404),
        ):
            page = getattr(browser, method)(address)
            assert page.status == status, (method, address)
            assert "Hidden" not in page.html
    assert {row.text for row in session.scalars(select(Factor))} == {"As it was", "Hidden"}
    assert session.scalar(select(func.count()).where(Factor.deleted_at.is_not(None))) == 0
