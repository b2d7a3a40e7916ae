"""The policy page: deciding, bounds, two admins at once, and back to as shipped."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.enums import ActionKind
from postmortem.actions.operations_policy import reset_policy, set_policy
from postmortem.actions.policy import AS_SHIPPED
from postmortem.actions.queries_policy import current_policy
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.incidents.enums import Severity
from tests.factories.accounts import make_person
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.pages import Page
from tests.support.sql import counted

PATH = "/settings/actions"
SignIn = Callable[[Person], Browser]


@pytest.fixture
def admins(session: Session, admin: Person, sign_in: SignIn) -> list[Browser]:
    return [sign_in(admin), sign_in(make_person(session, "Trudy Admin", role="admin"))]


def policy_form(page: Page) -> dict[str, Any]:
    return max((form.data for form in page.forms), key=len)


def decide(browser: Browser, **values: Any) -> Page:
    return browser.post(PATH, {**policy_form(browser.get(PATH)), **values})


def told(session: Session) -> list[HistoryEntry]:
    found = select(HistoryEntry).where(HistoryEntry.subject_type == "action_policy")
    return list(session.scalars(found.order_by(HistoryEntry.id)))


def test_what_is_decided_holds(
    session: Session, admins: list[Browser], author: Person, sign_in: SignIn
) -> None:
    assert decide(admins[0]).status == 303
    assert told(session) == []
    values = {
        "due_sev1_other": "5",
        "due_sev1_investigate": "",
        "due_none_process": "100",
        "needs_action": ["sev3"],
        "soak_working_days": "0",
        "stale_days": "45",
    }
    assert decide(admins[0], **values).status == 303
    policy = current_policy(session)
    assert policy.due_days(Severity.SEV1, None) == policy.due_days(Severity.SEV1, ActionKind.INVESTIGATE) == 5
    assert policy.due_days(Severity.SEV1, ActionKind.MITIGATE) == 8
    assert policy.due_days(None, ActionKind.PROCESS) == 100
    assert policy.due_days(None, ActionKind.DETECT) == 30
    assert policy.needs_action == {Severity.SEV3}
    assert (policy.soak_working_days, policy.stale_days, policy.due_soon_days) == (0, 45, 7)
    [entry] = told(session)
    assert entry.changes == {
        "days_until_due": [
            ["SEV 1: 15, investigate 8, mitigate 8", "Not rated: 30, investigate 15, mitigate 15"],
            ["SEV 1: 5, mitigate 8", "Not rated: 30, investigate 15, mitigate 15, process 100"],
        ],
        "needs_action": [["sev1", "sev2"], ["sev3"]],
        "soak_working_days": [2, 0],
        "stale_days": [30, 45],
    }
    make_incident(session, author, severity="sev1")
    page = sign_in(author).get("/incidents/1/actions/new")
    assert "Proposed: 5 days from today, usual after a SEV 1" in page.text
    assert "Usual to mitigate: 8 days" in page.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("due_sev1_other", "", "from 1 to 730"),
        ("due_sev1_other", "0", "from 1 to 730"),
        ("due_sev2_detect", "731", "from 1 to 730"),
        ("due_sev2_detect", "soon", "Enter a whole number of days."),
        ("stale_days", "-3", "from 1 to 365"),
        ("soak_working_days", "21", "from 0 to 20"),
        ("soak_working_days", "", "from 0 to 20"),
        ("verification_days", "99999999999999999999", "from 1 to 365"),
        ("needs_action", "sev9", "There is no “sev9” to choose here."),
    ],
)
def test_what_cannot_be_comes_back(
    session: Session, admins: list[Browser], field: str, value: str, sentence: str
) -> None:
    page = decide(admins[0], **{field: value})
    assert page.status == 422
    assert sentence in page.text
    assert current_policy(session) == AS_SHIPPED
    assert told(session) == []


def test_two_admins_do_not_overwrite_each_other(session: Session, admins: list[Browser]) -> None:
    mine = policy_form(admins[0].get(PATH))
    assert decide(admins[1], stale_days="10").status == 303
    page = admins[0].post(PATH, {**mine, "stale_days": "20"})
    assert page.status == 409
    assert "saved this while you were writing" in page.text
    assert current_policy(session).stale_days == 10
    assert admins[0].post(PATH, policy_form(page)).status == 303
    session.rollback()
    assert current_policy(session).stale_days == 20
    assert admins[0].post(PATH, policy_form(page)).status == 303
    assert len(told(session)) == 2


def test_back_to_as_shipped(session: Session, admins: list[Browser]) -> None:
    decide(admins[0], needs_action=[], due_sev4_other="700")
    stale = policy_form(admins[1].get(PATH))
    for _ in range(2):
        assert admins[0].post(f"{PATH}/reset").status == 303
    assert current_policy(session) == AS_SHIPPED
    assert [entry.verb for entry in told(session)] == ["edited", "reset"]
    assert f"{PATH}/reset" not in [form.action for form in admins[0].get(PATH).forms]
    # A form from before does not bring the old decision back unseen.
    assert admins[1].post(PATH, stale).status == 409


def test_only_admins_see_and_decide(session: Session, facilitator: Person, sign_in: SignIn) -> None:
    browser = sign_in(facilitator)
    assert browser.get(PATH).status == 403
    assert browser.post(PATH, {"version": "0"}).status == 403
    assert browser.post(f"{PATH}/reset").status == 403


def test_it_is_read_once_in_a_transaction_and_again_when_it_changed(
    session: Session, admin: Person, database: Database
) -> None:
    def read(reader: Session) -> int:
        with counted(database) as sent:
            for _ in range(3):
                current_policy(reader)
        return len([each for each in sent if "action_policy" in each])

    with database.session(writes=False) as reader:
        assert (read(reader), read(reader)) == (1, 0)
        set_policy(session, replace(AS_SHIPPED, stale_days=77), version=0, actor=admin)
        # Who decides it finds it decided, in the same transaction.
        assert current_policy(session).stale_days == 77
        session.commit()
        reader.rollback()
        assert read(reader) == 1
        assert current_policy(reader).stale_days == 77
    reset_policy(session, actor=admin)
    assert current_policy(session) == AS_SHIPPED


def test_a_list_that_asks_the_policy_reads_it_once(
    session: Session, admin: Person, database: Database, sign_in: SignIn
) -> None:
    browser = sign_in(admin)
    for path in ("/actions/?show=due_soon", "/actions/?show=stale", "/settings/actions"):
        browser.get(path)
        with counted(database) as sent:
            browser.get(path)
        assert len([each for each in sent if "FROM action_policy" in str(each)]) == 1, path
