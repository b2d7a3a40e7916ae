"""`postmortem people merge` and `anonymise`: as on the pages, from the machine."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.cli.people import people
from postmortem.config import Config
from postmortem.history.checks import chain_problems
from tests.factories.incidents import make_incident

Run = Callable[..., Result]


@pytest.fixture
def run(config: Config, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("postmortem.cli.people.settings", lambda: config)

    def do(*arguments: str, answer: str = "") -> Result:
        return CliRunner().invoke(people, arguments, input=answer)

    return do


def test_merge(run: Run, session: Session, admin: Person, author: Person, outsider: Person) -> None:
    incident = make_incident(session, outsider)
    assert run("merge", outsider.email, author.email, answer="n\n").exit_code == 1
    assert run("merge", outsider.email, "nobody@example.com", "--yes").exit_code == 1
    assert "last admin" in run("merge", admin.email, author.email, "--yes").output
    done = run("merge", outsider.email, author.email, "--yes")
    assert (done.exit_code, f"<{author.email}>" in done.output) == (0, True)
    session.expire_all()
    assert incident.reported_by == author
    assert outsider.merged_into_id == author.id


def test_anonymise(run: Run, session: Session, admin: Person, outsider: Person) -> None:
    incident = make_incident(session, outsider, "Otto Outsider pulled the plug")
    address = outsider.email
    assert run("anonymise", address, "--yes").exit_code == 2
    assert "Leave the name out" in run("anonymise", address, "--reason", f"{address} asked", "--yes").output
    assert "last admin" in run("anonymise", admin.email, "--reason", "Law", "--yes").output
    done = run("anonymise", address, "--reason", "They asked.", answer="y\n")
    assert (done.exit_code, f"Former colleague {outsider.id} now" in done.output) == (0, True)
    session.expire_all()
    assert incident.title == f"Former colleague {outsider.id} pulled the plug"
    assert list(chain_problems(session)) == []
    assert run("anonymise", address, "--reason", "They asked.", "--yes").exit_code == 1
