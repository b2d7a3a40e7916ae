"""The pages of receivers: what is secret is shown once, and everybody sees their own only."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.notifications.enums import Event, Pace, ReceiverKind
from postmortem.notifications.models import NotificationChoice, Receiver
from postmortem.notifications.signing import holding
from postmortem.outbox.models import OutboxMessage
from tests.factories.accounts import make_person
from tests.factories.receivers import make_receiver
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
SITE, OWN = "/settings/receivers/", "/me/notifications/receivers/"
URL = "https://hooks.example.com/services/T0/s3cret-part"


@pytest.fixture
def browser(admin: Person, sign_in: SignIn) -> Browser:
    return sign_in(admin)


def form_data(browser: Browser, path: str, **typed: object) -> dict[str, object]:
    form = max(browser.get(path).forms, key=lambda form: len(form.data))
    return {**form.data, **typed}


@pytest.mark.parametrize("pages", [SITE, OWN])
def test_the_secret_is_shown_once_and_the_address_never_again(
    browser: Browser, session: Session, pages: str
) -> None:
    data = form_data(browser, f"{pages}new", name="Hook", kind="webhook", url=URL)
    page = browser.post(f"{pages}new", data)
    receiver = session.scalars(select(Receiver)).one()
    assert page.status == 200
    assert receiver.secret in page.html
    shown = [
        browser.get(path).html for path in (pages, f"{pages}{receiver.id}", f"{pages}{receiver.id}/edit")
    ]
    shown.append(browser.get("/settings/history/").html)
    for text in shown:
        assert receiver.secret not in text
        assert "s3cret-part" not in text
    assert "hooks.example.com" in shown[0]
    # Sent again, it is not made again and says nothing secret.
    again = browser.post(f"{pages}new", data)
    assert again.status == 303
    assert session.scalars(select(Receiver)).one() is receiver


@pytest.mark.parametrize("pages", [SITE, OWN])
def test_a_new_secret_is_shown_once_and_told_without_it(
    browser: Browser, session: Session, admin: Person, pages: str
) -> None:
    receiver = make_receiver(session, of=admin if pages == OWN else None)
    before, last = receiver.secret, session.scalar(select(HistoryEntry.id).order_by(HistoryEntry.id.desc()))
    page = browser.post(f"{pages}{receiver.id}/rotate")
    session.refresh(receiver)
    newest, old = holding(receiver.secret, clock.now())
    assert old == before
    assert newest != before
    assert newest in page.html
    assert before not in page.html
    [entry] = session.scalars(select(HistoryEntry).where(HistoryEntry.id > last))
    assert (entry.verb, entry.changes) == ("rotated the secret of", {})


def test_only_a_webhook_has_a_secret(browser: Browser, session: Session) -> None:
    receiver = make_receiver(session, kind=ReceiverKind.SLACK)
    assert browser.post(f"{SITE}{receiver.id}/rotate").status == 422


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "http://2130706433/", "http://[::ffff:10.0.0.1]/", "ftp://x.example/"]
)
def test_an_address_that_is_not_called_is_refused_beside_its_field(
    browser: Browser, session: Session, url: str
) -> None:
    page = browser.post(f"{SITE}new", form_data(browser, f"{SITE}new", name="Hook", url=url))
    assert page.status == 422
    assert 'id="url-error"' in page.html
    receiver = make_receiver(session)
    path = f"{SITE}{receiver.id}/edit"
    page = browser.post(path, form_data(browser, path, url=url))
    assert page.status == 422
    session.refresh(receiver)
    assert receiver.url != url


def test_left_blank_the_address_stays(browser: Browser, session: Session) -> None:
    receiver = make_receiver(session, url=URL)
    path = f"{SITE}{receiver.id}/edit"
    assert browser.post(path, form_data(browser, path, name="Another name")).status == 303
    session.refresh(receiver)
    assert (receiver.name, receiver.url) == ("Another name", URL)
    assert receiver.events == [Event.INCIDENT_FILED.value]


def test_two_who_edit_at_once_both_see_it(browser: Browser, session: Session) -> None:
    receiver = make_receiver(session, url=URL)
    path = f"{SITE}{receiver.id}/edit"
    data = form_data(browser, path, name="Mine")
    assert browser.post(path, form_data(browser, path, name="Theirs")).status == 303
    page = browser.post(path, data)
    assert page.status == 409
    assert "Mine" in page.html
    assert "Theirs" in page.html
    assert "s3cret-part" not in page.html


def test_nobody_reaches_the_receiver_of_another(session: Session, admin: Person, sign_in: SignIn) -> None:
    reader = make_person(session, "Rita Reader", role="reader")
    theirs, sites = make_receiver(session, of=reader), make_receiver(session)
    of_admin = sign_in(admin)
    for path in (f"{SITE}{theirs.id}", f"{OWN}{theirs.id}", f"{OWN}{sites.id}"):
        assert of_admin.get(path).status == 404
        assert of_admin.post(f"{path}/delete").status == 404
    of_reader = sign_in(reader)
    assert of_reader.get(f"{OWN}{theirs.id}").status == 200
    assert of_reader.get(f"{OWN}{sites.id}").status == 404
    assert of_reader.get(SITE).status == 403


def test_admins_see_whose_own_was_switched_off(browser: Browser, session: Session, admin: Person) -> None:
    from postmortem import clock

    reader = make_person(session, "Rita Reader", role="reader")
    receiver = make_receiver(session, "Ritas hook", of=reader, url=URL)
    assert "Ritas hook" not in browser.get(SITE).html
    receiver.is_active, receiver.switched_off_at = False, clock.now()
    receiver.switched_off_reason = "hooks.example.com answered with status 500."
    session.commit()
    text = browser.get(SITE).html
    for words in ("Rita Reader", "Ritas hook", "answered with status 500"):
        assert words in text
    assert "s3cret-part" not in text


def test_switched_off_by_hand_nothing_waits_and_replay_needs_it_on(
    browser: Browser, session: Session
) -> None:
    receiver = make_receiver(session)
    there = f"{SITE}{receiver.id}"
    assert browser.post(f"{there}/test").status == 303
    assert browser.post(f"{there}/off").status == 303
    row = session.scalars(select(OutboxMessage)).one()
    assert row.finished_at is not None
    assert not row.is_delivered
    assert "Test call" in browser.get(there).html
    assert browser.post(f"{there}/replay").status == 422
    assert browser.post(f"{there}/on").status == 303
    assert browser.post(f"{there}/replay").status == 303
    session.refresh(row)
    assert (row.finished_at, row.attempts) == (None, 0)


def test_who_deletes_their_receiver_gets_mails_again(
    browser: Browser, session: Session, admin: Person
) -> None:
    receiver = make_receiver(session, of=admin)
    session.add(
        NotificationChoice(
            person_id=admin.id, event=Event.ASSIGNED.value, pace=Pace.AT_ONCE, receiver_id=receiver.id
        )
    )
    session.commit()
    assert browser.post(f"{OWN}{receiver.id}/delete").status == 303
    session.expire_all()
    assert session.scalars(select(NotificationChoice)).one().receiver_id is None
    assert browser.get(f"{OWN}{receiver.id}").status == 404
    assert receiver.name not in browser.get(OWN).html


def test_a_browser_does_not_keep_a_half_typed_address(browser: Browser, session: Session) -> None:
    receiver = make_receiver(session)
    for path in (f"{SITE}new", f"{OWN}new", f"{SITE}{receiver.id}/edit"):
        assert "data-secret" in browser.get(path).html


def test_the_page_of_deliveries_names_the_receiver(browser: Browser, session: Session, admin: Person) -> None:
    for each in (make_receiver(session, "Status board"), make_receiver(session, "My hook", of=admin)):
        pages = SITE if each.person_id is None else OWN
        assert browser.post(f"{pages}{each.id}/test").status == 303
    page = browser.get("/settings/deliveries/")
    assert "Status board" in page.text
    assert f"My hook of {admin.name}" in page.text
