"""Numbers in addresses: what no row can have leads nowhere, and never to an error."""

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person

NUMBERS = ["0", "-1", "99", str(2**31 - 1), str(2**31), str(2**63), str(10**400), "9" * 5000, "1.0", "1e3", "0x1",
           "x", "٣", "1%20", "%2b1", "NaN", "1_0", "01"]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("path", ["/people/{}", "/people/{}/edit"])
def test_there_is_no_such_page(sign_in, admin: Person, path: str, number: str) -> None:
    page = sign_in(admin).get(path.format(number))
    assert page.status == 404
    assert "Nothing here" in page.text


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("path", ["/people/{}/deactivate", "/people/{}/link", "/me/sessions/{}/end"])
def test_nothing_is_changed_there(sign_in, admin: Person, session: Session, path: str, number: str) -> None:
    assert sign_in(admin).post(path.format(number)).status == 404


def test_a_row_has_one_address(sign_in, admin: Person) -> None:
    browser = sign_in(admin)
    assert browser.get(f"/people/{admin.id}").status == 200
    assert browser.get(f"/people/0{admin.id}").status == 404
