"""Rules restrict what is filed, whatever the form says; and what is edited, where it becomes what they are about."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.errors import Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI, IMPORT
from postmortem.incidents.drafts import IncidentDraft
from postmortem.incidents.enums import RuleSubject, Severity, Visibility
from postmortem.incidents.models import Incident, RestrictionRule, incident_tags
from postmortem.incidents.operations import edit_incident, report_incidents
from postmortem.incidents.operations_restrictions import add_rule
from tests.factories.accounts import make_service, make_team
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.sql import counted

SignIn = Callable[[Person], Browser]
RULES = "/settings/restrictions"


def rule(session: Session, subject: str, value: str) -> RestrictionRule:
    made = add_rule(session, subject=RuleSubject(subject), value=value, actor=CLI)
    session.commit()
    return made


def rules(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(RestrictionRule.subject, RestrictionRule.value))
    return sorted((row.subject.value, row.value) for row in rows)


@pytest.mark.parametrize(
    ("subject", "value", "draft"),
    [
        ("tag", "Security", {"tags": ["dns", "SECURITY"]}),
        ("service", "playback", {"services": ["playback"]}),
        ("team", "Sound", {"teams": ["sound"]}),
        ("kind", "near miss", {"kind": "near_miss"}),
        ("severity", "SEV 1", {"severity": "sev1"}),
    ],
)
def test_a_rule_restricts_what_is_filed(
    session: Session, author: Person, subject: str, value: str, draft: dict[str, Any]
) -> None:
    make_service(session, "Playback")
    make_team(session, "Sound")
    before = make_incident(session, author, **draft)
    rule(session, subject, value)
    assert make_incident(session, author, **draft).visibility == Visibility.RESTRICTED
    assert make_incident(session, author).visibility == Visibility.OPEN
    assert before.visibility == Visibility.OPEN


def test_history_and_the_keys_beside_tags_know_it(session: Session, author: Person) -> None:
    rule(session, "tag", "security")
    incident = make_incident(session, author, tags=["security"])
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.incident_id == incident.id)).one()
    assert entry.changes["visibility"] == [None, "restricted"]
    kept = session.scalars(
        select(incident_tags.c.visibility).where(incident_tags.c.incident_id == incident.id)
    )
    assert set(kept) == {Visibility.RESTRICTED}


def test_an_edit_that_brings_what_a_rule_is_about_restricts_and_opening_on_purpose_holds(
    session: Session, author: Person
) -> None:
    rule(session, "tag", "security")
    rule(session, "severity", "sev1")
    incident = make_incident(session, author)

    def edit(**values: Any) -> Visibility:
        edit_incident(session, incident, values, version=None, actor=author)
        session.commit()
        return incident.visibility

    assert edit(title="Something else") == Visibility.OPEN
    assert edit(visibility="open", tags=["security"]) == Visibility.RESTRICTED
    last = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert last is not None
    assert last.changes["visibility"] == ["open", "restricted"]
    assert edit(visibility="open", tags=["security"]) == Visibility.OPEN
    assert edit(tags=["dns", "security"]) == Visibility.OPEN
    assert edit(visibility="open", severity=Severity.SEV1) == Visibility.RESTRICTED
    assert edit(visibility="open", severity=Severity.SEV2) == Visibility.OPEN


def test_three_thousand_drafts_load_the_rules_once(session: Session, database: Database) -> None:
    rule(session, "tag", "security")
    with database.session(writes=True) as writing, counted(database) as sent:
        drafts = [IncidentDraft(title=f"Incident {number}", tags=["security"]) for number in range(300)]
        made = report_incidents(writing, drafts, actor=IMPORT)
        assert {incident.visibility for incident in made} == {Visibility.RESTRICTED}
        assert len([statement for statement in sent if "restriction_rules" in statement]) == 1
        writing.rollback()


def test_filing_says_what_rules_restrict_before_and_after(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    browser = sign_in(author)
    assert "rule" not in browser.get("/incidents/new").text.lower()
    rule(session, "tag", "security")
    rule(session, "severity", "sev1")
    assert "Rules restrict incidents of severity SEV 1; incidents tagged security." in (
        browser.get("/incidents/new").text
    )
    values = {"title": "A token in a log", "tags": "security", "visibility": "open", "severity": "sev1"}
    page = browser.submit("/incidents/new", values, follow=True)
    assert "Restricted, because its severity is SEV 1 and it is tagged security." in page.text
    assert "Restricted to the people it concerns" in page.text
    assert sign_in(outsider).get("/incidents/1").status == 404
    page = browser.submit("/incidents/new", {**values, "visibility": "restricted"}, follow=True)
    assert "because" not in page.text


def test_whoever_restricts_an_incident_for_themselves_too_is_told_why(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    rule(session, "tag", "security")
    make_incident(session, author)
    page = sign_in(outsider).submit("/incidents/1/edit", {"tags": "security"}, follow=True)
    assert "INC-1 is saved." in page.text
    assert "Restricted, because it is tagged security." in page.text
    assert page.response.request.path == "/incidents/"
    session.expire_all()
    assert session.get_one(Incident, 1).visibility == Visibility.RESTRICTED


def test_an_admin_adds_a_rule_and_takes_it_away_and_back(
    session: Session, admin: Person, sign_in: SignIn
) -> None:
    browser = sign_in(admin)
    assert "No rules yet" in browser.get(RULES).text
    page = browser.submit(RULES, {"subject": "tag", "value": " Security  Hole"}, follow=True)
    assert "From now on, incidents tagged security-hole are restricted." in page.text
    assert "Incidents tagged security-hole are restricted" in page.text
    assert "by Ada Admin" in page.text
    made = session.scalars(select(RestrictionRule)).one()
    removed = browser.post(f"{RULES}/{made.id}/remove", follow=True)
    assert rules(session) == []
    [undo] = [form for form in removed.forms if "restore" in form.action]
    for _ in range(2):
        browser.post(undo.action)
        assert rules(session) == [("tag", "security-hole")]
    entries = session.scalars(
        select(HistoryEntry).where(HistoryEntry.subject_type == "restriction_rules").order_by(HistoryEntry.id)
    ).all()
    assert [(entry.verb, entry.actor_name) for entry in entries] == [
        (verb, "Ada Admin") for verb in ("added", "removed", "added")
    ]


def test_a_form_sent_twice_adds_one_rule(session: Session, admin: Person, sign_in: SignIn) -> None:
    browser = sign_in(admin)
    [form] = [form for form in browser.get(RULES).forms if form.action == RULES]
    data = {**form.data, "value": "security"}
    assert [browser.client.post(RULES, data=data).status_code for _ in range(2)] == [303, 303]
    assert rules(session) == [("tag", "security")]


@pytest.mark.parametrize(
    ("subject", "value", "sentence"),
    [
        ("tag", "", "Enter what it is"),
        ("tag", "---", "Enter a tag"),
        ("service", "nosuch", "There is no service “nosuch”."),
        ("team", "nosuch", "There is no team “nosuch”."),
        ("kind", "nosuch", "Enter one of these: Incident, Near miss."),
        ("severity", "sev9", "Enter one of these: SEV 1"),
        ("colour", "red", "Choose one of the list."),
        ("tag", "SECURITY", "There is a rule about this already."),
    ],
)
def test_what_cannot_be_a_rule_is_said_beside_the_field(
    session: Session, admin: Person, sign_in: SignIn, subject: str, value: str, sentence: str
) -> None:
    rule(session, "tag", "security")
    page = sign_in(admin).submit(RULES, {"subject": subject, "value": value})
    assert page.status == 422
    assert sentence in page.text
    assert rules(session) == [("tag", "security")]


def test_rules_are_for_admins_alone(
    session: Session, facilitator: Person, admin: Person, sign_in: SignIn
) -> None:
    made = rule(session, "tag", "security")
    browser = sign_in(facilitator)
    for path in (RULES, f"{RULES}/{made.id}/remove", f"{RULES}/restore?subject=tag&value=other"):
        assert browser.post(path, {"subject": "tag", "value": "other"}).status == 403
    assert browser.get(RULES).status == 403
    assert rules(session) == [("tag", "security")]
    assert sign_in(admin).post(f"{RULES}/999/remove").status == 404
    assert sign_in(admin).post(f"{RULES}/restore?subject=colour&value=red").status == 404


def test_two_rules_about_the_same_are_refused(session: Session) -> None:
    rule(session, "kind", "incident")
    with pytest.raises(Refused):
        add_rule(session, subject=RuleSubject.KIND, value="Incident", actor=CLI)
