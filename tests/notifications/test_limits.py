"""What one person can do to the others' calls: no more receivers than a few, no storm of test calls, and a call that
cannot be taken does not switch off a receiver that takes all others."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import Refused
from postmortem.history.models import HistoryEntry
from postmortem.notifications.models import Receiver
from postmortem.notifications.operations_receivers import MOST_OWN, delete_receiver, send_test_call
from postmortem.notifications.switching_off import note_failure, note_success
from postmortem.outbox.claims import MAX_ATTEMPTS
from postmortem.outbox.models import OutboxMessage
from tests.factories.receivers import make_receiver
from tests.support.client import Browser

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_nobody_has_more_receivers_of_their_own_than_a_few(
    session: Session, reader: Person, author: Person
) -> None:
    mine = [make_receiver(session, f"Hook {number}", of=reader) for number in range(MOST_OWN)]
    with pytest.raises(Refused, match="10 receivers already"):
        make_receiver(session, "One more", of=reader)
    session.rollback()
    make_receiver(session, "Somebody else's", of=author)
    make_receiver(session, "The site's")
    delete_receiver(session, mine[0], actor=reader)
    session.commit()
    make_receiver(session, "One more", of=reader)


def test_the_form_says_so(session: Session, reader: Person, sign_in: Callable[[Person], Browser]) -> None:
    for number in range(MOST_OWN):
        make_receiver(session, f"Hook {number}", of=reader)
    browser = sign_in(reader)
    values = {"name": "One more", "kind": "slack", "url": "https://hooks.example.com/x"}
    page = browser.post("/me/notifications/receivers/new", values)
    assert page.status == 422
    assert "Delete one that nobody needs any more" in page.text
    assert session.scalar(select(func.count()).select_from(Receiver)) == MOST_OWN


def test_a_test_call_waits_once(session: Session, reader: Person) -> None:
    receiver, other = make_receiver(session, of=reader), make_receiver(session, "Other", of=reader)
    for _ in range(3):
        send_test_call(session, receiver, actor=reader)
        session.commit()
    send_test_call(session, other, actor=reader)
    session.commit()
    owed = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "news_call")).all()
    assert [row.payload["receiver_id"] for row in owed] == [receiver.id, other.id]
    said = select(func.count()).where(HistoryEntry.verb == "sent a test call to")
    assert session.scalar(said) == 2
    owed[0].finished_at, owed[0].is_delivered = START, True
    session.commit()
    send_test_call(session, receiver, actor=reader)
    session.commit()
    assert session.scalar(said) == 3


@pytest.mark.parametrize(("takes_others", "stays_on"), [(True, True), (False, False)])
def test_a_call_that_is_never_taken_switches_off_only_who_takes_nothing(
    session: Session,
    reader: Person,
    frozen: Callable[[datetime], None],
    takes_others: bool,
    stays_on: bool,
) -> None:
    """Whoever writes a text that a far end chokes on must not cut off everybody else's news."""
    receiver = make_receiver(session, of=reader)
    for number in range(1, MAX_ATTEMPTS + 1):
        frozen(START + timedelta(hours=5 * number))
        is_off = note_failure(session, receiver.id, "status 400", is_last_try=number == MAX_ATTEMPTS)
        if takes_others:
            note_success(session, receiver.id)
        session.commit()
    session.refresh(receiver)
    assert (receiver.is_active, is_off) == (stays_on, not stays_on)
