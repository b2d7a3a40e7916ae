"""Merging two people: everything that points at the one points at the other, and history says so once each."""

from collections.abc import Callable

import pytest
from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Identity, Person, RecoveryCode, SignIn, SingleUseLink, Team
from postmortem.accounts.operations import edit_person
from postmortem.accounts.operations_sign_in import issue_password_link
from postmortem.accounts.queries import people_with_emails
from postmortem.action_reviews.models import ActionReview, ActionReviewDecision, ActionReviewPerson
from postmortem.actions.models import Action
from postmortem.errors import Refused
from postmortem.history.checks import chain_problems
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from postmortem.incidents.enums import RuleSubject
from postmortem.incidents.models import Incident, Participant, RestrictionRule
from postmortem.leaving.columns import FATES, Fate
from postmortem.leaving.operations_merge import VERB, merge
from postmortem.models import metadata
from postmortem.notifications.models import Receiver
from postmortem.permissions.models import AccessRequest
from postmortem.writeups.models import Writeup
from tests.factories.accounts import make_person, make_team
from tests.factories.actions import make_action
from tests.factories.follow_up import furnish_with_news, surround
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup, publish_writeup
from tests.factories.writing import surround_writeup
from tests.support.client import PASSWORD, Browser

SignInAs = Callable[[Person], Browser]


def pointing_at(session: Session, person: Person) -> dict[str, int]:
    """How many rows of each column point at this person."""
    found = {}
    for name in FATES:
        table: Table = metadata.tables[name.split(".")[0]]
        column = table.c[name.split(".")[1]]
        found[name] = session.scalar(select(func.count()).where(column == person.id)) or 0
    return found


@pytest.fixture
def twin(session: Session, author: Person) -> Person:
    """A second account of the author, at which every column points that can."""
    twin = make_person(session, "Aino Twin", role="facilitator")
    make_team(session, "Sound", twin, author)
    make_team(session, "Streaming", twin)
    incident = make_incident(session, twin, "Playback stops")
    values = {name.split(".")[1]: twin.id for name in FATES if name.startswith("incidents.")}
    session.execute(update(Incident).values(**values))
    session.add_all(
        [
            Participant(incident_id=incident.id, person_id=twin.id, role="on call"),
            Participant(incident_id=incident.id, person_id=author.id, role="on call"),
            Participant(incident_id=incident.id, person_id=twin.id, role="scribe", position=1),
        ]
    )
    action = make_action(session, incident)
    session.execute(update(Action).values(owner_id=twin.id))
    review = surround(session, action, twin)
    session.add(ActionReviewPerson(review_id=review.id, person_id=author.id, joined_at=clock.now()))
    furnish_with_news(session, twin, action)
    undo = {"handed_to": twin.id, "before": {"owner_id": None}, "after": {"owner_id": twin.id, "status": "x"}}
    session.execute(update(ActionReviewDecision).values(undo=undo))
    draft = make_writeup(session, twin, "Written together")
    draft.authors = [twin, author]
    surround_writeup(session, draft, twin)
    publish_writeup(session, twin, "Told alone")
    now = clock.now()
    earlier = make_person(session, "Aino Earlier")
    session.execute(
        update(Person).where(Person.id == earlier.id).values(merged_into_id=twin.id, is_active=False)
    )
    session.add_all(
        [
            RestrictionRule(subject=RuleSubject.TAG, value="security", created_by_id=twin.id, created_at=now),
            AccessRequest(person_id=twin.id, path="/incidents/9", created_at=now, answered_by_id=twin.id),
            Identity(issuer="https://id.example", subject="twin", person_id=twin.id, created_at=now),
        ]
    )
    session.add(RecoveryCode(person_id=twin.id, code_hash="0" * 64))
    issue_password_link(session, twin, actor=CLI)
    session.commit()
    return twin


def test_everything_points_at_who_stays(
    session: Session, admin: Person, author: Person, twin: Person, sign_in: SignInAs
) -> None:
    sign_in(twin)
    before = pointing_at(session, twin)
    assert all(before.values()), before
    last = session.scalar(select(func.max(HistoryEntry.id))) or 0
    merge(session, twin.id, author.id, typed=twin.email.upper(), actor=admin)
    session.commit()
    session.expire_all()
    after, moved = pointing_at(session, twin), pointing_at(session, author)
    for name, fate in FATES.items():
        if fate is Fate.STAYS:
            assert after[name] >= before[name]
        else:
            assert after[name] == 0, name
        if fate in (Fate.MOVES, Fate.FOLLOWS):
            assert moved[name], name
    assert [team.name for team in author.teams] == ["Sound", "Streaming"]
    (incident,) = session.scalars(select(Incident))
    assert [(row.person_id, row.role) for row in incident.participants] == [
        (author.id, "on call"),
        (author.id, "scribe"),
    ]
    assert all(writeup.authors == [author] for writeup in session.scalars(select(Writeup)))
    assert (twin.is_active, twin.merged_into_id, twin.password_hash) == (False, author.id, None)
    entries = session.scalars(select(HistoryEntry).where(HistoryEntry.id > last)).all()
    subjects = [(entry.subject_type, entry.subject_id) for entry in entries]
    assert len(subjects) == len(set(subjects)) == 30
    assert {entry.verb for entry in entries if entry.subject_type != "people"} == {VERB}
    (of_action,) = [entry for entry in entries if entry.subject_type == "actions"]
    assert of_action.changes == {"owner": [twin.email, author.email]}
    assert of_action.incident_id == incident.id
    (of_incident,) = [entry for entry in entries if entry.subject_type == "incidents"]
    assert of_incident.changes["detected_at_entered_by"] == [twin.email, author.email]
    assert of_incident.changes["lead"] == [twin.email, author.email]
    (of_review,) = [entry for entry in entries if entry.subject_type == "action_reviews"]
    assert set(of_review.changes) == {"started_by", "people", "decided_by", "undone_by", "handed_to"}
    for undo in session.scalars(select(ActionReviewDecision.undo)):
        after = {"owner_id": author.id, "status": "x"}
        assert undo == {"handed_to": author.id, "before": {"owner_id": None}, "after": after}
    of_incidents = {"action_comments", "verifications", "ideas", "no_actions_needed"}
    assert {entry.subject_type for entry in entries if entry.incident_id == incident.id} >= of_incidents
    (review,) = session.scalars(select(ActionReview))
    assert session.scalars(select(ActionReviewPerson.person_id)).all() == [author.id]
    assert review.version == 2
    # Their own receiver is gone with what waited for it; the site's stays.
    assert session.scalars(select(Receiver.name)).all() == ["Of words"]
    assert list(chain_problems(session)) == []


def test_who_was_merged_leads_to_the_other_and_stands_in_no_list(
    session: Session, admin: Person, author: Person, twin: Person, sign_in: SignInAs, anonymous: Browser
) -> None:
    sessions_of_twin = sign_in(twin)
    browser = sign_in(admin)
    page = browser.get(f"/people/{twin.id}/merge?other={author.email}&stays=other")
    path = f"/people/{twin.id}/merge/{author.id}"
    assert page.location == path
    assert browser.get(f"/people/{author.id}/merge?other={twin.email}&stays=this").location == path
    assert browser.get(f"/people/{twin.id}/merge?other=nobody@example.com").status == 422
    shown = browser.get(path)
    for words in (
        "2 teams",
        "1 incident",
        "1 action",
        "2 write-ups",
        "1 restriction rule",
        "1 comment",
        "1 action review",
        "no undo",
    ):
        assert words in shown.text, words
    assert browser.submit(path, {"email": "somebody@example.com"}).status == 422
    assert browser.submit(path, {"email": twin.email}).location == f"/people/{author.id}"
    assert browser.get(f"/people/{twin.id}").location == f"/people/{author.id}"
    for listed in ("/people/?show=all", "/people/new", "/incidents/new", f"/people/{author.id}/merge"):
        assert "Aino Twin" not in browser.get(listed).text, listed
    assert sessions_of_twin.get("/me/profile").status == 303
    assert anonymous.post("/login", {"email": twin.email, "password": PASSWORD}).status == 422
    session.expire_all()
    assert [person.email for person in people_with_emails(session, [twin.email, author.email])] == [
        author.email
    ]
    for path in (f"/people/{twin.id}/merge", f"/people/{twin.id}/anonymise"):
        assert browser.get(path).status == 404
    assert session.scalar(select(func.count()).where(SignIn.person_id == twin.id)) == 0
    assert session.scalar(select(func.count()).where(SingleUseLink.person_id == twin.id)) == 0


def test_a_form_that_was_open_shows_both_versions(
    session: Session, admin: Person, author: Person, twin: Person, sign_in: SignInAs
) -> None:
    browser = sign_in(admin)
    (incident,) = session.scalars(select(Incident))
    filed = make_incident(session, twin, "Filed by who goes")
    other_form = browser.get(f"/incidents/{filed.id}/edit").forms[-1]
    form = browser.get(f"/incidents/{incident.id}/edit").forms[-1]
    team_form = browser.get("/teams/streaming/edit").forms[-1]
    merge(session, twin.id, author.id, typed=twin.email, actor=admin)
    session.commit()
    path, typed = f"/incidents/{incident.id}/edit", {**form.data, "title": "Mine"}
    # Who went is not to choose any more; what was typed is kept on the page that says so.
    page = browser.post(path, typed)
    assert page.status == 422
    assert 'value="Mine"' in page.html
    path = f"/incidents/{filed.id}/edit"
    assert browser.post(path, {**other_form.data, "title": "Mine"}).status == 409
    members = {"name": "Mine", "members": [author.email]}
    assert browser.post("/teams/streaming/edit", {**team_form.data, **members}).status == 409


def test_refused(session: Session, admin: Person, author: Person, twin: Person, outsider: Person) -> None:
    def refused(gone: Person, stays: Person, *, typed: str | None = None, actor: Person = admin) -> str:
        with pytest.raises(Refused) as found:
            merge(session, gone.id, stays.id, typed=gone.email if typed is None else typed, actor=actor)
        session.rollback()
        return found.value.sentence

    assert "same person" in refused(author, author)
    assert "Type" in refused(twin, author, typed="twin")
    assert "signed in with" in refused(admin, author)
    other = make_person(session, "Olga Other", role="facilitator")
    assert "last admin" in refused(admin, author, actor=other)
    edit_person(session, outsider, {"is_active": False}, version=None, actor=admin)
    session.commit()
    assert "deactivated" in refused(author, outsider)
    merge(session, twin.id, author.id, typed=twin.email, actor=admin)
    session.commit()
    assert "merged into" in refused(twin, author)
    assert "merged into" in refused(author, twin)
    with pytest.raises(Refused, match="stays closed"):
        edit_person(session, twin, {"is_active": True}, version=None, actor=admin)
    session.rollback()
    assert session.get_one(Team, 1).members == [author]
