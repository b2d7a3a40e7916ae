"""What history tells of changes made from the list, and that every failure on the way leaves nothing."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from stress.write_paths import PREPARED
from tests.support.changes import Site
from tests.support.client import Browser


@pytest.mark.parametrize("endpoint", ["actions_bulk.change", "saved_views.edit", "saved_views.delete"])
def test_each_changed_record_has_one_entry(
    app: Flask, session: Session, sign_in: Callable[[Person], Browser], endpoint: str
) -> None:
    site = Site(app, session, sign_in)
    sent = PREPARED[endpoint](site)
    last = site.last_entry()
    if endpoint == "actions_bulk.change":
        page = sent.send()
        assert page.status == 303
        assert site.told(last) == sent.entries
    else:
        assert not site.check(sent.entries, sent.send, site.admin)
    # Sent again by a browser that lost the answer, nothing more is done.
    last = site.last_entry()
    assert sent.send().status in (303, 404)
    assert site.told(last) == ()
