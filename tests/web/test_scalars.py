"""A field that takes one value takes one value: sent twice, or as a list, it is refused and nothing is changed."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from tests.support.client import Browser
from tests.support.crawl import dump
from tests.support.targets import furnished, targets

# All others take one value; what stands in rows is called by the row's number.
TAKES_SEVERAL = {"services", "teams", "tags", "members", "authors", "events", "incidents"}


def test_every_field_that_takes_one_value_refuses_two(
    session: Session, sign_in: Callable[[Person], Browser], database: Database
) -> None:
    _, mallory = furnished(session)
    browser = sign_in(mallory)
    before, tried, several = dump(database), 0, set()
    for target in targets(browser):
        for name in target.fields:
            values = [*target.data[name][:1], "another"] if target.data[name] else ["one", "another"]
            if name in TAKES_SEVERAL or name.startswith("words_"):
                several.add(name)
                continue
            answer = browser.client.post(target.action, data={**target.data, name: values})
            assert answer.status_code == 422, (target.page, name, answer.status_code)
            tried += 1
    assert dump(database) == before
    assert tried > 150
    assert {name for name in several if not name.startswith("words_")} <= TAKES_SEVERAL


def test_lists_by_name_are_refused(
    session: Session, sign_in: Callable[[Person], Browser], database: Database
) -> None:
    _, mallory = furnished(session)
    browser = sign_in(mallory)
    before = dump(database)
    for target in targets(browser):
        for name in ("email", *target.fields[:3]):
            for shape in (f"{name}[]", f"{name}[0]", f"{name}[a]"):
                answer = browser.client.post(
                    target.action, data={**target.data, shape: "mallory@evil.example"}
                )
                assert answer.status_code == 400, (target.page, shape)
                assert "not on the page" in answer.get_data(as_text=True)
    assert dump(database) == before


def test_signing_in_as_two_is_signing_in_as_nobody(anonymous: Browser, admin: Person, author: Person) -> None:
    for data in (
        {"email": [admin.email, author.email], "password": "a good long password"},
        {"email": admin.email, "password": ["a good long password", "another"]},
    ):
        assert anonymous.post("/login", data).status == 422
        assert anonymous.get("/me").status == 303
    data = {"email[]": admin.email, "email": admin.email, "password": "a good long password"}
    assert anonymous.post("/login", data).status == 400
