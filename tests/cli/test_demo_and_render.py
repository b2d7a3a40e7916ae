"""`postmortem demo load` and `postmortem render`."""

import re
import stat

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.passwords import is_password
from postmortem.action_reviews.models import ActionReview
from postmortem.config import Config
from postmortem.history.models import HistoryEntry
from postmortem.incidents.models import Incident
from postmortem.text.markdown import RENDERER_VERSION
from postmortem.writeups.models import Publication, Writeup
from tests.cli.conftest import Run


def test_samples_in_an_empty_database_come_with_a_password(
    run: Run, session: Session, config: Config
) -> None:
    shown = run("demo", "load")
    assert shown.exit_code == 0
    assert "14 incidents, 13 write-ups, 18 people" in shown.output
    told = re.findall(r"Sign in as (\S+) \((\w+)\) with password (\S+)", shown.output)
    assert [role for _, role, _ in told] == ["admin", "facilitator", "contributor", "reader"]
    for email, role, password in told:
        person = session.scalars(select(Person).where(Person.email == email)).one()
        assert person.role == role
        assert person.is_active
        assert is_password(person.password_hash, password)
    file = config.data_dir / "demo-password"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().strip() == told[0][2]
    assert len(told[0][2]) >= 12

    again = run("demo", "load")
    assert again.exit_code == 0
    assert "here already" in again.output
    assert re.findall(r"Sign in as (\S+) \((\w+)\) with password (\S+)", again.output) == told
    assert session.scalar(select(func.count()).select_from(Incident)) == 14


def test_samples_beside_an_admin_have_no_password(
    run: Run, session: Session, admin: Person, config: Config
) -> None:
    shown = run("demo", "load")
    assert shown.exit_code == 0
    assert "with password" not in shown.output
    assert "postmortem people link" in shown.output
    assert not (config.data_dir / "demo-password").exists()
    hashes = session.scalars(select(Person.password_hash).where(Person.id != admin.id)).all()
    assert set(hashes) == {None}


@pytest.fixture
def samples(run: Run, admin: Person) -> None:
    assert run("demo", "load").exit_code == 0


def test_nothing_to_render(run: Run, samples: None) -> None:
    shown = run("render")
    assert shown.exit_code == 0
    assert "Everything was rendered by this version already." in shown.output


def test_what_an_older_renderer_made_is_rendered_again(run: Run, samples: None, session: Session) -> None:
    before = {each.id: (each.summary_html, each.version) for each in session.scalars(select(Incident))}
    history = session.scalar(select(func.count()).select_from(HistoryEntry))
    frozen = session.scalars(select(Publication.body_html).order_by(Publication.id)).all()
    questions = session.scalars(select(ActionReview.notes_html)).one()
    session.execute(update(ActionReview).values(notes_html="old", rendered_with=RENDERER_VERSION - 1))
    session.execute(update(Incident).values(summary_html="old", rendered_with=RENDERER_VERSION - 1))
    session.execute(update(Publication).values(body_html="old", rendered_with=RENDERER_VERSION - 1))
    shown = run("render")
    assert shown.exit_code == 0
    assert f"{len(before)} incidents" in shown.output
    assert "1 open questions of action reviews" in shown.output
    session.expire_all()
    assert {
        each.id: (each.summary_html, each.version) for each in session.scalars(select(Incident))
    } == before
    assert session.scalars(select(Publication.body_html).order_by(Publication.id)).all() == frozen
    assert session.scalars(select(ActionReview.notes_html)).one() == questions
    assert session.scalar(select(func.count()).select_from(HistoryEntry)) == history


def test_everything_is_rendered_when_asked(run: Run, samples: None, session: Session) -> None:
    session.execute(update(Writeup).values(body_html="tampered with"))
    shown = run("render", "--all")
    assert shown.exit_code == 0
    for words in ("14 incidents", "events and factors", "actions", "write-ups and published texts"):
        assert words in shown.output
    session.expire_all()
    assert "tampered with" not in session.scalars(select(Writeup.body_html)).all()
