"""Templates as admins keep them: shipped until the first change, ordered, proposed, switched off, reset."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import Conflict, Refused
from postmortem.history.models import HistoryEntry
from postmortem.writeups import operations_templates as operations
from postmortem.writeups.models import Writeup
from postmortem.writeups.models_around import WriteupTemplate
from postmortem.writeups.queries_templates import optional_headings, template_of, templates_of
from postmortem.writeups.templates import SHIPPED, Section
from tests.factories.accounts import make_person
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
URL = "/settings/templates"


@pytest.fixture
def admin(session: Session) -> Person:
    return make_person(session, "Template Admin", role="admin")


def values(**changed: Any) -> dict[str, Any]:
    return {
        "name": "Security",
        "description": "",
        "sections": [Section("What was seen", "By whom, how?", is_optional=True)],
        "severities": [],
        "kinds": [],
    } | changed


def keys(session: Session) -> list[str]:
    return [each.key for each in templates_of(session)]


def told(session: Session) -> list[str]:
    subject = HistoryEntry.subject_type == "writeup_templates"
    return list(session.scalars(select(HistoryEntry.verb).where(subject).order_by(HistoryEntry.id)))


def test_until_the_first_change_the_shipped_sets_hold(session: Session, admin: Person) -> None:
    assert templates_of(session) == list(SHIPPED)
    assert operations.reset_template(session, "study", actor=admin) is False
    assert operations.switch_template(session, "study", is_active=True, actor=admin) is False
    assert session.scalar(select(func.count()).select_from(WriteupTemplate)) == 0
    operations.move_template(session, "study", up=True, actor=admin)
    assert keys(session) == ["full_review", "lightweight", "near_miss", "study", "contributors", "free"]
    assert {each.key: each for each in templates_of(session)} == {each.key: each for each in SHIPPED}
    assert told(session) == ["moved"]


def test_at_the_end_of_the_list_nothing_moves(session: Session, admin: Person) -> None:
    assert operations.move_template(session, "full_review", up=True, actor=admin) is False
    assert operations.move_template(session, "free", up=False, actor=admin) is False
    assert told(session) == []


def test_a_changed_set_can_be_set_back(session: Session, admin: Person) -> None:
    operations.save_template(session, "lightweight", values(), version=1, actor=admin)
    found = template_of(session, "lightweight")
    assert found is not None and (found.name, len(found.sections)) == ("Security", 1)
    assert optional_headings(session, "lightweight") == {"what was seen"}
    [entry] = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "edited"))
    assert entry.changes["sections_from"][1] == ["What was seen (optional): By whom, how?"]
    assert operations.reset_template(session, "lightweight", actor=admin) is True
    assert templates_of(session) == list(SHIPPED)
    assert told(session) == ["edited", "reset"]


def test_of_two_who_edit_one_set_the_second_is_told(session: Session, admin: Person) -> None:
    operations.save_template(session, "lightweight", values(), version=1, actor=admin)
    with pytest.raises(Conflict):
        operations.save_template(session, "lightweight", values(name="Other"), version=1, actor=admin)
    # Another set is as it was seen, although it was written down meanwhile.
    operations.save_template(session, "study", values(name="Other"), version=1, actor=admin)
    with pytest.raises(Conflict):
        operations.save_template(session, "unheard-of", values(), version=1, actor=admin)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"sections": [Section("A", "?"), Section("a", "?")]}, "heading_2"),
        ({"sections": [Section("", "?")]}, "heading_1"),
        ({"sections": [Section("A", "?", "everything")]}, "heading_1"),
        ({"sections": [Section(str(number), "?") for number in range(31)]}, None),
    ],
)
def test_what_makes_no_template_is_refused(
    session: Session, admin: Person, wrong: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(Refused) as refused:
        operations.add_template(session, values(**wrong), actor=admin)
    assert refused.value.field == field


def test_a_new_set_has_a_key_of_its_own(session: Session, admin: Person) -> None:
    names = ["Security", "security!", "New", "Study"]
    made = [operations.add_template(session, values(name=name), actor=admin).key for name in names]
    assert made == ["security", "security-2", "new-2", "study-2"] or made == [
        "security",
        "security-2",
        "new-2",
        "study",
    ]
    assert len(set(keys(session))) == len(SHIPPED) + 4


def test_the_last_one_that_is_offered_stays(session: Session, admin: Person) -> None:
    for each in SHIPPED[1:]:
        assert operations.switch_template(session, each.key, is_active=False, actor=admin) is True
    with pytest.raises(Refused, match="only template"):
        operations.switch_template(session, SHIPPED[0].key, is_active=False, actor=admin)


# --- the pages


def test_a_template_is_made_and_used(session: Session, admin: Person, sign_in: SignIn) -> None:
    browser = sign_in(admin)
    typed = {
        "name": "Security",
        "severities": ["sev1"],
        "kinds": ["incident"],
        "heading_1": "What was seen",
        "prompt_1": "By whom, how?",
        "fact_1": "summary",
        "heading_2": "Facts",
        "fact_2": "impact",
    }
    assert browser.submit(f"{URL}/new", typed).location == URL
    browser.post(f"{URL}/security/move", {"way": "up"})
    incident = make_incident(session, admin, severity="sev1", summary="A key was public.")
    page = browser.get(f"/writeups/new?incident={incident.id}")
    # Both name kind and severity: the first in the list is proposed.
    assert page.forms[-1].data["template"] == ["full_review"]
    for _ in range(len(SHIPPED)):
        browser.post(f"{URL}/security/move", {"way": "up"})
    page = browser.submit(f"/writeups/new?incident={incident.id}", {"title": "Leak"})
    writeup = session.scalars(select(Writeup)).one()
    assert (writeup.template, writeup.body) == (
        "security",
        "## What was seen\n\nA key was public.\n\n## Facts\n\n{{facts}}",
    )
    assert "By whom, how?" in browser.get("/writeups/leak/edit").text


def test_sections_are_moved_added_and_removed_without_script(
    session: Session, admin: Person, sign_in: SignIn
) -> None:
    browser = sign_in(admin)
    path = f"{URL}/near_miss/edit"

    def headings(page: Any) -> list[str]:
        data = max(page.forms, key=lambda form: len(form.data)).data
        return [data[name][0] for name in (f"heading_{n}" for n in range(1, 31)) if name in data]

    first = headings(browser.get(path))
    page = browser.submit(path, {"do": "down-1", "prompt_2": "Typed and kept."})
    assert headings(page) == [first[1], first[0], *first[2:]] and "Nothing is saved yet" in page.text
    assert "Typed and kept." in page.text
    assert headings(browser.submit(path, {"do": "remove-2"})) == [first[0], *first[2:]]
    assert headings(browser.submit(path, {"do": "add"})) == [*first, ""]
    for nonsense in ("up-0", "down-99", "remove-", "up-x", "up-²", "fly-1", "up-" + "9" * 500):
        assert sorted(headings(browser.submit(path, {"do": nonsense}))) == sorted(first)
    assert templates_of(session) == list(SHIPPED)


def test_a_stale_template_shows_both(session: Session, admin: Person, sign_in: SignIn) -> None:
    browser = sign_in(admin)
    path = f"{URL}/near_miss/edit"
    stale = max(browser.get(path).forms, key=lambda form: len(form.data)).data
    assert browser.submit(path, {"name": "Theirs"}).location == URL
    page = browser.post(path, stale | {"name": "Mine"})
    assert page.status == 409 and "Theirs" in page.text and "Mine" in page.text
    again = max(page.forms, key=lambda form: len(form.data)).data
    assert browser.post(path, again).location == URL
    session.expire_all()
    assert [each.name for each in templates_of(session)][2] == "Mine"


def test_what_is_switched_off_is_not_offered_but_kept(
    session: Session, admin: Person, sign_in: SignIn
) -> None:
    browser = sign_in(admin)
    writeup = make_writeup(session, admin, template="study")
    gone = make_writeup(session, admin, "Older", template="of-long-ago")
    browser.post(f"{URL}/study/off", {})
    assert 'value="study"' not in browser.get("/writeups/new").text
    # Whoever has it already keeps it, and so does who has one that is not there at all.
    for each, key in ((writeup, "study"), (gone, "of-long-ago")):
        path = f"/writeups/{each.slug}/edit"
        page = browser.submit(path, {"title": f"Anew {key}"})
        assert page.status == 303, page.text
        session.expire_all()
        assert (each.title, each.template) == (f"Anew {key}", key)
    assert browser.post(f"{URL}/of-long-ago/reset", {}).status == 404
    assert browser.get(f"{URL}/of-long-ago/edit").status == 404
