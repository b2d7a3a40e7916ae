"""The pages of one incident: everything at once, filing, completing; who may, and what stale or bad input gets."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.incidents.drafts import MomentDraft
from postmortem.incidents.enums import Confidence, Coverable, DetectedBy, RelationKind, Severity, Visibility
from postmortem.incidents.models import TIME_NOT_RECORDED, Incident
from postmortem.incidents.operations import edit_incident
from tests.factories.accounts import make_person, make_service, make_team
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.pages import Page
from tests.support.sql import counted

NOON = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
SignIn = Callable[[Person], Browser]


def only(session: Session) -> Incident:
    session.expire_all()
    return session.scalars(select(Incident)).one()


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Incident)) or 0


def field_errors(page: Page) -> str:
    assert page.status == 422
    return page.text


# Filing


def test_a_title_is_enough_to_file(session: Session, sign_in: SignIn, author: Person) -> None:
    page = sign_in(author).submit("/incidents/new", {"title": "  Playback   stops "})
    incident = only(session)
    assert (page.status, page.location) == (303, f"/incidents/{incident.id}")
    assert (incident.title, incident.severity, incident.timezone) == (
        "Playback stops",
        None,
        "Europe/Stockholm",
    )
    assert incident.sort_at == TIME_NOT_RECORDED
    assert incident.reported_by_id == author.id


EVERYTHING: dict[str, Any] = {
    "kind": "near_miss",
    "title": "Songs stop",
    "summary": "Songs **stop**.",
    "impact": "- everybody",
    "severity": "sev2",
    "status": "resolved",
    "visibility": "restricted",
    "services": ["playback"],
    "teams": ["sound"],
    "tags": "Clock skew, caches",
    "lead": "AINO-author@example.com",
    "timezone": "Europe/Paris",
    "participants-0-person": "otto-outsider@example.com",
    "participants-0-role": "on-call engineer",
    "participants-1-person": "",
    "participants-1-role": "",
    "participants-7-person": "Aino Author",
    "participants-7-role": "scribe",
    "is_drill": "y",
    "detected_by": "customer",
    "synthetic_coverable": "unsure",
    "synthetic_covered": "no",
    "impact_started_at": "2026-03-09T13:00",
    "impact_started_at_confidence": "minutes",
    "impact_started_at_source": "graph of errors",
    "detected_at": "2026-03-09",
    "detected_at_confidence": "exact",
    "resolved_at": "2026-03-09 15:23:07",
    "relations-0-number": "inc-1",
    "relations-0-kind": "same_cause_as",
    "links-0-title": "Graph",
    "links-0-url": "https://example.com/graph?a=1",
}


def test_every_field_can_be_given(
    session: Session, sign_in: SignIn, author: Person, outsider: Person
) -> None:
    make_service(session, "Playback")
    make_team(session, "Sound", author)
    make_incident(session, author, "An older one")
    page = sign_in(author).submit("/incidents/new", EVERYTHING)
    assert page.location == "/incidents/2"
    incident = session.get_one(Incident, 2)
    assert (incident.severity, incident.visibility) == (Severity.SEV2, Visibility.RESTRICTED)
    assert [service.slug for service in incident.services] == ["playback"]
    assert [tag.name for tag in incident.tags] == ["caches", "clock-skew"]
    assert incident.lead == author
    assert [str(row) for row in incident.participants] == [
        "otto-outsider@example.com (on-call engineer)",
        "aino-author@example.com (scribe)",
    ]
    assert (incident.is_drill, incident.detected_by) == (True, DetectedBy.CUSTOMER)
    assert (incident.synthetic_coverable, incident.synthetic_covered) == (Coverable.UNSURE, False)
    # Paris is an hour ahead of UTC in March; a day alone is kept as 00:00 of unknown exactness.
    assert incident.impact_started_at == NOON
    assert incident.detected_at == datetime(2026, 3, 8, 23, tzinfo=UTC)
    assert incident.detected_at_confidence == Confidence.UNKNOWN
    assert incident.resolved_at == datetime(2026, 3, 9, 14, 23, 7, tzinfo=UTC)
    assert incident.impact_started_at_source == "graph of errors"
    assert incident.declared_at is None
    assert [(row.other_id, row.kind) for row in incident.relations] == [(1, RelationKind.SAME_CAUSE_AS)]
    assert incident.links == [{"url": "https://example.com/graph?a=1", "title": "Graph"}]


def test_what_was_filed_comes_back_in_the_form_and_saving_it_changes_nothing(
    session: Session, sign_in: SignIn, author: Person, outsider: Person
) -> None:
    make_service(session, "Playback")
    make_team(session, "Sound", author)
    make_incident(session, author, "An older one")
    browser = sign_in(author)
    browser.submit("/incidents/new", EVERYTHING)
    form = browser.get("/incidents/2/edit").forms[-1]
    assert form.data["impact_started_at"] == ["2026-03-09T13:00"]
    assert form.data["detected_at"] == ["2026-03-09"]
    assert form.data["timezone"] == ["Europe/Paris"]
    assert form.data["relations-0-number"] == ["INC-1"]
    assert form.data["participants-1-role"] == ["scribe"]
    assert form.data["participants-3-person"] == [""]
    version = session.get_one(Incident, 2).version
    page = browser.submit("/incidents/2/edit")
    assert page.location == "/incidents/2"
    session.expire_all()
    assert session.get_one(Incident, 2).version == version


def test_a_form_posted_twice_makes_one(session: Session, sign_in: SignIn, author: Person) -> None:
    browser = sign_in(author)
    data = {**browser.get("/incidents/new").forms[-1].data, "title": "Playback stops"}
    first, second = (browser.post("/incidents/new", data) for _ in range(2))
    assert first.location == second.location == "/incidents/1"
    assert count(session) == 1


def test_the_short_form_is_for_near_misses_and_keeps_being_it(
    session: Session, sign_in: SignIn, author: Person
) -> None:
    browser = sign_in(author)
    page = browser.get("/incidents/new?kind=near_miss")
    assert "File a near miss" in page.title
    assert page.forms[-1].data["kind"] == ["near_miss"]
    page = browser.submit("/incidents/new?kind=near_miss", {"title": ""})
    assert page.status == 422
    assert "File a near miss" in page.title
    browser.submit("/incidents/new?kind=near_miss", {"title": "Nearly"})
    assert only(session).kind == "near_miss"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"title": " "}, "Enter a title"),
        ({"title": "x" * 201}, "Shorten this to 200 characters."),
        ({"summary": "x" * 100_001}, "Shorten this to 100,000 characters."),
        ({"severity": "sev9"}, "Choose one of the list."),
        ({"kind": ["incident", "near_miss"]}, "Choose one of the list, once."),
        ({"timezone": "Mars"}, "Enter a time zone by its name"),
        ({"services": ["nowhere"]}, "There is no “nowhere” to choose here."),
        ({"lead": "nobody@example.com"}, "Nobody active here has the address nobody@example.com."),
        ({"participants-0-person": "nobody@example.com"}, "Nobody active here has the address"),
        ({"participants-0-role": "scribe"}, "Say who had this role"),
        ({"detected_at": "last night"}, "Enter a day and time like 2026-03-09T14:05"),
        ({"detected_at": "2026-02-30T12:00"}, "There is no such day or time."),
        ({"detected_at": "0001-01-01"}, "Enter a year between"),
        ({"detected_at": "2026-03-29T02:30"}, "Enter 01:30 or 03:30, whichever it was."),
        ({"detected_at": "2026-10-25T02:30"}, "Say which of the two it was."),
        ({"detected_at_source": "x" * 201}, "Shorten this to 200 characters."),
        ({"relations-0-number": "seven"}, "Enter an incident's number like INC-12."),
        ({"relations-0-number": "INC-999"}, "There is no incident INC-999."),
        ({"links-0-url": "javascript:alert(1)"}, "starts with https:// or http://"),
        ({"links-0-title": "Graph"}, "Enter the address, or clear the words."),
        ({"tags": ", ".join(f"tag {number}" for number in range(31))}, "Give at most 30."),
    ],
)
def test_bad_input_gets_a_sentence_and_loses_nothing(
    session: Session, sign_in: SignIn, author: Person, values: dict[str, Any], sentence: str
) -> None:
    page = sign_in(author).submit("/incidents/new", {"title": "Playback stops", "impact": "Kept", **values})
    assert sentence in field_errors(page)
    assert count(session) == 0
    kept = page.forms[-1].data
    assert kept["impact"] == ["Kept"]
    for name, value in values.items():
        if name not in ("kind", "severity", "services"):
            assert [text.strip() for text in kept[name]] == [value.strip()], name


def test_an_hour_that_came_twice_is_asked_about_and_the_answer_kept(
    session: Session, sign_in: SignIn, author: Person
) -> None:
    browser = sign_in(author)
    values = {"title": "Songs stop", "detected_at": "2026-10-25T02:30"}
    page = browser.submit("/incidents/new", values)
    assert "the first, 02:30 UTC+2" in page.text
    browser.submit("/incidents/new", {**values, "detected_at_fold": "1"})
    incident = only(session)
    assert incident.detected_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert browser.get(f"/incidents/{incident.id}/edit").forms[-1].data["detected_at_fold"] == ["1"]


def test_a_reader_may_not_file(session: Session, sign_in: SignIn, reader: Person) -> None:
    browser = sign_in(reader)
    assert browser.get("/incidents/new").status == 403
    page = browser.post("/incidents/new", {"title": "Playback stops"})
    assert page.status == 403
    assert "role contributor" in page.text
    assert count(session) == 0


# One incident


def test_the_page_shows_everything_at_once(
    session: Session, sign_in: SignIn, author: Person, outsider: Person
) -> None:
    make_service(session, "Playback")
    make_team(session, "Sound", author)
    other = make_incident(session, author, "An older one")
    incident = make_incident(
        session,
        author,
        "Songs <stop>",
        summary="Songs **stop**.",
        impact="Half of <script>alert(1)</script> us",
        severity="sev1",
        status="mitigated",
        services=["playback"],
        teams=["sound"],
        tags=["clock skew"],
        lead="otto-outsider@example.com",
        participants=[("aino-author@example.com", "scribe")],
        detected_by="customer",
        synthetic_coverable="yes",
        synthetic_covered=False,
        impact_started_at=MomentDraft(NOON, Confidence.MINUTES, "graph of errors"),
        detected_at=datetime(2026, 3, 9, 11, 0, tzinfo=UTC),
        mitigated_at=datetime(2026, 3, 9, 14, 23, tzinfo=UTC),
        relations=[(other.id, RelationKind.DUPLICATE_OF)],
        links=[{"url": "https://example.com/graph", "title": "The graph"}],
        external_ids=[("jira", "OPS-1")],
    )
    page = sign_in(author).get(f"/incidents/{incident.id}")
    for part in (
        "INC-2",
        "Songs <stop>",
        "SEV 1",
        "Mitigated",
        "Otto Outsider",
        "Aino Author scribe",
        "A customer",
        "did not cover it",
        "graph of errors",
        "about 9 Mar 2026, 13:00 CET 12:00 UTC",
        "End before start",
        "2 h 23 min",
        "Not known yet",
        "Duplicate of INC-1 An older one",
        "jira OPS-1",
        "Aino Author filed this incident",
        "The graph",
    ):
        assert part in page.text, part
    assert "<strong>stop</strong>" in page.html
    assert "<script>alert" not in page.html
    for link in (
        "/incidents/?service=playback",
        "/incidents/?team=sound",
        "/incidents/?tag=clock-skew",
        "/incidents/2/edit",
        "/writeups/new?incident=2",
        "/incidents/2/events/new",
        "/incidents/2/factors/new",
        "/incidents/2/actions/new",
    ):
        assert link in page.links, link
    assert "Duplicated by INC-2" in sign_in(author).get("/incidents/1").text


def test_a_day_alone_is_shown_as_the_day_whatever_the_readers_zone(
    session: Session, sign_in: SignIn, author: Person
) -> None:
    make_incident(
        session,
        author,
        timezone="Pacific/Auckland",
        detected_at=MomentDraft(datetime(2026, 3, 8, 11, tzinfo=UTC), Confidence.UNKNOWN),
    )
    assert "9 March 2026 time not known" in sign_in(author).get("/incidents/1").text
    assert "9 March 2026 time not known" in sign_in(author).get("/incidents/").text


def test_history_is_told_in_words_and_in_the_readers_zone(
    session: Session, sign_in: SignIn, author: Person, outsider: Person
) -> None:
    make_service(session, "Playback")
    incident = make_incident(session, author, severity="sev3")
    edit_incident(
        session,
        incident,
        {
            "severity": "sev1",
            "detected_at": MomentDraft(NOON, Confidence.HOURS, "chat"),
            "services": ["playback"],
            "is_drill": True,
            "summary": "x" * 500,
        },
        version=None,
        actor=outsider,
    )
    session.commit()
    text = sign_in(author).get("/incidents/1").text
    text = text.replace("→became", "became")
    for part in (
        "Otto Outsider changed the report",
        "SEV 3 became SEV 1",
        "9 Mar 2026, 13:00 CET",
        "Detected: how sure Exact became Within hours",
        "Services blank became playback",
        "Drill no became yes",
        "x" * 200 + "…",
    ):
        assert part in text, part


def test_what_is_hidden_shows_nowhere_on_what_is_open(
    session: Session, sign_in: SignIn, author: Person, outsider: Person
) -> None:
    hidden = make_incident(session, author, "Hidden matter", restricted=True)
    incident = make_incident(session, author, relations=[(hidden.id, RelationKind.RELATED_TO)])
    pointing = make_incident(session, author, "Pointing", restricted=True)
    edit_incident(
        session,
        pointing,
        {"relations": [(incident.id, RelationKind.RELATED_TO)]},
        version=None,
        actor=author,
    )
    session.commit()
    browser = sign_in(outsider)
    for path in (f"/incidents/{incident.id}", f"/incidents/{incident.id}/edit"):
        page = browser.get(path)
        assert page.status == 200
        for secret in ("Hidden matter", "INC-1 ", "INC-1.", "INC-1,", "Pointing", "INC-3"):
            assert secret not in f"{page.text} ", (path, secret)
        assert "/incidents/1" not in page.links
    assert "Related to INC-1 Hidden matter" in sign_in(author).get(f"/incidents/{incident.id}").text
    page = browser.submit(f"/incidents/{incident.id}/edit", {"relations-0-number": "INC-1"})
    assert "There is no incident INC-1." in field_errors(page)
    # Saving the form, which never showed the relation, keeps it.
    browser.submit(f"/incidents/{incident.id}/edit", {"title": "Changed"})
    session.expire_all()
    assert [row.other_id for row in session.get_one(Incident, incident.id).relations] == [hidden.id]


def test_a_restricted_one_is_nothing_to_others(
    session: Session, sign_in: SignIn, author: Person, outsider: Person, facilitator: Person
) -> None:
    make_incident(session, author, restricted=True)
    for person in (outsider, facilitator):
        browser = sign_in(person)
        assert browser.get("/incidents/1").status == 404
        assert browser.get("/incidents/1/edit").status == 404
        assert browser.post("/incidents/1/edit", {"title": "Mine"}).status == 404
        assert browser.get("/incidents/1").text == browser.get("/incidents/2").text
    assert "Restricted" in sign_in(author).get("/incidents/1").text


@pytest.mark.parametrize("number", ["0", "2", "99999999999", "007", "x", "9" * 5000])
def test_a_bad_number_is_nothing(session: Session, sign_in: SignIn, author: Person, number: str) -> None:
    make_incident(session, author)
    assert sign_in(author).get(f"/incidents/{number}").status == 404


def test_signed_out_everything_leads_to_the_sign_in(
    session: Session, anonymous: Browser, author: Person
) -> None:
    make_incident(session, author)
    for path in ("/incidents/1", "/incidents/1/edit", "/incidents/new"):
        assert anonymous.get(path).location == f"/login?next={path}"


def test_a_reader_sees_but_does_not_edit(
    session: Session, sign_in: SignIn, author: Person, reader: Person
) -> None:
    incident = make_incident(session, author)
    browser = sign_in(reader)
    page = browser.get("/incidents/1")
    assert not {"/incidents/1/edit", "/writeups/new?incident=1", "/incidents/1/events/new"} & set(page.links)
    assert browser.get("/incidents/1/edit").status == 403
    assert browser.post("/incidents/1/edit", {"title": "Mine", "version": incident.version}).status == 403
    assert only(session).title == "Playback stops"


def test_the_number_of_statements_does_not_grow(
    session: Session, sign_in: SignIn, author: Person, database: Database
) -> None:
    from postmortem.timeline.drafts import EventDraft, FactorDraft
    from postmortem.timeline.operations import add_events, add_factors

    people = [make_person(session, f"Person {number}") for number in range(3)]
    numbers = []
    for amount in (1, 3):
        for number in range(amount):
            if number < 3:
                make_incident(session, author, f"Other {amount} {number}")
        incident = make_incident(
            session,
            author,
            participants=[(person.email, "") for person in people[:amount]],
            tags=[f"tag-{number}" for number in range(amount)],
            detected_at=NOON,
            relations=[(number + 1, RelationKind.RELATED_TO) for number in range(amount)],
            external_ids=[("jira", f"{amount}-{number}") for number in range(amount)],
        )
        add_events(session, incident, [EventDraft(text="It stops", occurred_at=NOON)] * amount, actor=author)
        add_factors(session, incident, [FactorDraft(text="A clock", tags=["clock"])] * amount, actor=author)
        session.commit()
        numbers.append(incident.id)
    browser = sign_in(author)
    browser.get("/incidents/new")
    for number in numbers:
        with counted(database) as sent:
            assert browser.get(f"/incidents/{number}").status == 200
        assert len(sent) == 22, "\n".join(sent)


# Completing


def test_an_edit_is_saved_and_blank_clears(session: Session, sign_in: SignIn, author: Person) -> None:
    make_incident(session, author, severity="sev1", tags=["clock"], lead=author.email, impact_started_at=NOON)
    page = sign_in(author).submit(
        "/incidents/1/edit",
        {"title": "Renamed", "severity": "", "tags": "", "lead": "", "impact_started_at": ""},
    )
    assert (page.status, page.location) == (303, "/incidents/1")
    incident = only(session)
    assert (incident.title, incident.severity, incident.lead) == ("Renamed", None, None)
    assert (incident.tags, incident.impact_started_at) == ([], None)


def test_bad_input_of_an_edit_changes_nothing(session: Session, sign_in: SignIn, author: Person) -> None:
    make_incident(session, author)
    page = sign_in(author).submit(
        "/incidents/1/edit", {"title": "", "summary": "Kept", "relations-0-number": "INC-1"}
    )
    assert "Enter a title" in field_errors(page)
    assert page.forms[-1].data["summary"] == ["Kept"]
    page = sign_in(author).submit("/incidents/1/edit", {"title": "New", "relations-0-number": "INC-1"})
    assert "An incident is not related to itself." in field_errors(page)
    assert page.forms[-1].data["title"] == ["New"]
    assert only(session).title == "Playback stops"


def test_a_stale_form_shows_both_texts_and_saves_on_purpose(
    session: Session, sign_in: SignIn, author: Person, outsider: Person
) -> None:
    incident = make_incident(session, author, summary="Before", is_drill=True)
    browser = sign_in(author)
    opened = browser.get("/incidents/1/edit").forms[-1].data
    edit_incident(
        session,
        incident,
        {
            "summary": "Theirs",
            "is_drill": False,
            "participants": [(outsider.email, "scribe")],
            "detected_at": MomentDraft(NOON),
        },
        version=None,
        actor=outsider,
    )
    session.commit()
    mine = {**opened, "summary": ["Mine <b>"], "participants-0-person": [author.email]}
    page = browser.post("/incidents/1/edit", mine)
    assert page.status == 409
    for part in (
        "Mine <b>",
        "Theirs",
        "otto-outsider@example.com (scribe)",
        author.email,
        "This is a drill Your version yes Saved now no",
        "2026-03-09T12:00",
    ):
        assert part in page.text, part
    assert only(session).summary == "Theirs"
    again = page.forms[-1].data
    assert again["summary"] == ["Mine <b>"]
    assert browser.post("/incidents/1/edit", again).location == "/incidents/1"
    saved = only(session)
    assert (saved.summary, [row.person_id for row in saved.participants]) == ("Mine <b>", [author.id])


def test_what_is_no_longer_active_stays_on_the_record(
    session: Session, sign_in: SignIn, author: Person, outsider: Person
) -> None:
    service = make_service(session, "Playback")
    team = make_team(session, "Sound")
    incident = make_incident(
        session,
        author,
        services=["playback"],
        teams=["sound"],
        lead=outsider.email,
        participants=[(outsider.email, "scribe")],
    )
    service.is_active = team.is_active = outsider.is_active = False
    session.commit()
    browser = sign_in(author)
    assert "Playback (not active)" in browser.get("/incidents/1/edit").text
    assert browser.submit("/incidents/1/edit", {"title": "Renamed"}).location == "/incidents/1"
    session.expire_all()
    assert ([row.slug for row in incident.services], incident.lead) == (["playback"], outsider)
    page = browser.submit("/incidents/new", {"title": "Another", "lead": outsider.email})
    assert "Nobody active here" in field_errors(page)
    assert "playback" not in browser.get("/incidents/new").forms[-1].data.get("services", [])


def test_only_insiders_restrict_and_who_leaves_is_led_to_the_list(
    session: Session, sign_in: SignIn, author: Person, outsider: Person
) -> None:
    make_incident(session, author, participants=[(outsider.email, "scribe")])
    third = make_person(session, "Third Person")
    page = sign_in(third).submit("/incidents/1/edit", {"visibility": "restricted"})
    assert "Only who filed it" in field_errors(page)
    assert only(session).visibility == Visibility.OPEN
    page = sign_in(outsider).submit(
        "/incidents/1/edit",
        {"visibility": "restricted", "participants-0-person": "", "participants-0-role": ""},
    )
    assert page.location == "/incidents/"
    assert only(session).visibility == Visibility.RESTRICTED
    assert sign_in(outsider).get("/incidents/1").status == 404


@pytest.mark.parametrize("path", ["/incidents/", "/incidents/1"])
def test_other_methods_are_refused(session: Session, sign_in: SignIn, author: Person, path: str) -> None:
    make_incident(session, author)
    assert sign_in(author).post(path).status == 405
