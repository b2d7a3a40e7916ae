"""What the policy asks before publishing, what counts, and going without."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import Conflict, Refused
from postmortem.history.models import HistoryEntry
from postmortem.incidents.enums import Severity
from postmortem.reviews.enums import Need, Verdict
from postmortem.reviews.operations import ask, give_verdict, name_facilitator
from postmortem.reviews.operations_policy import reset_policy, set_policy
from postmortem.reviews.policy import AS_SHIPPED, Policy, Rule
from postmortem.reviews.queries import policy_or_as_shipped, review_state, stored_policy
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations import save_writeup
from tests.factories.accounts import make_person
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
URL = "/writeups/the-cache-that-remembered"


def require(session: Session, admin: Person, approvals: int = 1) -> None:
    rules = {**AS_SHIPPED.rules, "sev2": Rule(Need.REQUIRED, approvals)}
    set_policy(session, Policy(rules, AS_SHIPPED.checklist), version=0, actor=admin)
    session.commit()


def rated(session: Session, author: Person, *severities: str) -> Writeup:
    incidents = [make_incident(session, author, f"About {each}", severity=each) for each in severities]
    return make_writeup(session, author, incidents=incidents)


def approve(session: Session, writeup: Writeup, person: Person, revision: int = 1) -> None:
    give_verdict(session, writeup, Verdict.APPROVE, "", revision=revision, actor=person)
    session.commit()


def test_as_shipped_two_are_recommended_one_approval_and_none_required() -> None:
    found = {severity: (rule.need, rule.approvals) for severity, rule in AS_SHIPPED.rules.items()}
    assert found == {
        "sev1": (Need.RECOMMENDED, 1),
        "sev2": (Need.RECOMMENDED, 1),
        "sev3": (Need.NONE, 1),
        "sev4": (Need.NONE, 1),
        "": (Need.NONE, 1),
    }
    assert len(AS_SHIPPED.checklist) == 5


def test_the_worst_severity_decides() -> None:
    assert AS_SHIPPED.for_severities([None, Severity.SEV3, Severity.SEV1])[0] == "sev1"
    assert AS_SHIPPED.for_severities([None])[0] == AS_SHIPPED.for_severities([])[0] == ""


def test_what_counts(
    session: Session, author: Person, admin: Person, facilitator: Person, outsider: Person
) -> None:
    writeup = rated(session, author, "sev3", "sev2")
    require(session, admin, approvals=2)
    approve(session, writeup, author)
    assert review_state(session, writeup).missing == 2
    approve(session, writeup, facilitator)
    approve(session, writeup, facilitator)
    assert review_state(session, writeup).missing == 1
    approve(session, writeup, admin)
    assert not review_state(session, writeup).stops_publishing

    give_verdict(session, writeup, Verdict.CHANGES, "Who?", revision=1, actor=admin)
    session.commit()
    state = review_state(session, writeup)
    assert (state.missing, state.asks_changes) == (1, (admin.name,))

    save_writeup(session, writeup, {"body": "Another text."}, version=None, actor=author)
    session.commit()
    state = review_state(session, writeup)
    assert (state.missing, state.earlier, state.asks_changes) == (2, (facilitator.name,), ())


def test_publishing_is_refused_until_it_is_approved(
    session: Session, sign_in: SignIn, author: Person, admin: Person, outsider: Person
) -> None:
    writeup = rated(session, author, "sev2")
    require(session, admin)
    ask(session, writeup, outsider, note="", actor=author)
    session.commit()
    browser = sign_in(author)
    assert "A review is required for SEV 2" in browser.get(f"{URL}/publish").text
    page = browser.post(f"{URL}/publish", publish_form(browser))
    assert page.status == 422
    assert "1 approval of this text is missing" in page.text
    session.expire_all()
    assert writeup.state is WriteupState.IN_REVIEW

    approve(session, writeup, outsider)
    assert f"Approved by {outsider.name}." in browser.get(f"{URL}/publish").text
    assert browser.post(f"{URL}/publish", publish_form(browser)).status == 303
    session.expire_all()
    assert writeup.state.value == "published"


def publish_form(browser: Browser) -> dict[str, list[str]]:
    return next(form for form in browser.get(f"{URL}/publish").forms if form.action == f"{URL}/publish").data


def test_a_recommended_one_stops_nobody(session: Session, sign_in: SignIn, author: Person) -> None:
    rated(session, author, "sev1")
    browser = sign_in(author)
    page = browser.get(f"{URL}/publish").text
    assert "A review is recommended for SEV 1: one approval" in page
    assert "or publish without" in page
    assert browser.post(f"{URL}/publish", publish_form(browser)).status == 303


def test_where_none_is_needed_nothing_is_said(session: Session, sign_in: SignIn, author: Person) -> None:
    rated(session, author, "sev3")
    assert "review" not in sign_in(author).get(f"{URL}/publish").text.casefold()


def test_skipped_with_a_reason_that_is_kept_and_shown(
    session: Session, sign_in: SignIn, author: Person, admin: Person
) -> None:
    writeup = rated(session, author, "sev2")
    require(session, admin)
    browser = sign_in(author)
    assert browser.post(f"{URL}/review/skip", {"reason": "  "}).status == 303
    assert "Say why" in browser.get(f"{URL}/publish").text
    assert browser.post(f"{URL}/review/skip", {"reason": "Everybody is\non leave."}).status == 303
    session.expire_all()
    assert (writeup.review_skipped_reason, writeup.review_skipped_by_id) == (
        "Everybody is on leave.",
        author.id,
    )
    assert browser.post(f"{URL}/publish", publish_form(browser)).status == 303
    assert "Everybody is on leave." in browser.get(f"{URL}/review").text
    assert "Everybody is on leave." in browser.get(f"{URL}/publish").text
    verbs = session.scalars(select(HistoryEntry.verb).where(HistoryEntry.subject_type == "writeups")).all()
    assert "skipped the review of" in verbs

    assert browser.post(f"{URL}/review/ask-again", {}).status == 303
    session.expire_all()
    assert (writeup.review_skipped_reason, writeup.review_skipped_by_id) == ("", None)


def test_who_may_not_publish_does_not_skip(
    session: Session, sign_in: SignIn, author: Person, outsider: Person
) -> None:
    writeup = rated(session, author, "sev2")
    ask(session, writeup, outsider, note="", actor=author)
    session.commit()
    assert sign_in(outsider).post(f"{URL}/review/skip", {"reason": "So."}).status == 403


def test_a_leader_who_responded_is_warned_about(
    session: Session, sign_in: SignIn, author: Person, facilitator: Person
) -> None:
    responder = make_person(session, "Rhea Responder", role="facilitator")
    incident = make_incident(session, author, participants=[(responder.email, "on call")])
    writeup = make_writeup(session, author, incidents=[incident])
    name_facilitator(session, writeup, responder, actor=author)
    session.commit()
    said = f"Rhea Responder leads this review and took part in {incident.reference}."
    assert said in sign_in(author).get(f"{URL}/review").text
    name_facilitator(session, writeup, facilitator, actor=author)
    session.commit()
    assert "took part" not in sign_in(author).get(f"{URL}/review").text


def test_nobody_leads_what_they_do_not_see(session: Session, author: Person, outsider: Person) -> None:
    writeup = make_writeup(session, author)
    with pytest.raises(Refused):
        name_facilitator(session, writeup, outsider, actor=author)


def test_admins_decide_and_set_it_back(session: Session, sign_in: SignIn, admin: Person) -> None:
    browser = sign_in(admin)
    [form] = browser.get("/settings/reviews").forms
    data = form.data | {
        "need_sev3": ["required"],
        "approvals_sev3": ["2"],
        "checklist": ["One?\n\n One?\nTwo?"],
    }
    assert browser.post("/settings/reviews", data).status == 303
    policy = policy_or_as_shipped(stored_policy(session))
    assert (policy.rules["sev3"], policy.checklist) == (Rule(Need.REQUIRED, 2), ("One?", "Two?"))
    # The same from another window is nothing to decide; something else is.
    assert browser.post("/settings/reviews", data | {"checklist": ["One?\nTwo?"]}).status == 303
    assert browser.post("/settings/reviews", data | {"checklist": ["Three?"]}).status == 409
    form = max(browser.get("/settings/reviews").forms, key=lambda form: len(form.data))
    assert browser.post("/settings/reviews", form.data | {"checklist": ["Two?\nOne?"]}).status == 303
    session.expire_all()
    assert policy_or_as_shipped(stored_policy(session)).checklist == ("Two?", "One?")
    for wrong in ("0", "10", "9" * 400, "x", ""):
        assert browser.post("/settings/reviews", data | {"approvals_sev1": [wrong]}).status == 422
    assert browser.post("/settings/reviews/reset", {}).status == 303
    session.expire_all()
    assert policy_or_as_shipped(stored_policy(session)) == AS_SHIPPED


def test_the_policy_as_an_operation(session: Session, admin: Person) -> None:
    assert not reset_policy(session, actor=admin)
    for checklist in (("?",) * 16, ("?" * 201,)):
        with pytest.raises(Refused):
            set_policy(session, Policy(AS_SHIPPED.rules, checklist), version=0, actor=admin)
    with pytest.raises(Conflict):
        set_policy(session, AS_SHIPPED, version=3, actor=admin)
