"""Calls to receivers: signed, in the words of their kind, once each, and switched off when they fail for too long."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from socket import gaierror
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.config import Config
from postmortem.config_parts import WebhookAllow
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.notifications.deliveries_receivers import HANDLERS
from postmortem.notifications.enums import Event, ReceiverKind
from postmortem.notifications.models import Receiver
from postmortem.notifications.operations_receivers import replay, rotate_secret, send_test_call, switch_on
from postmortem.notifications.receivers import lane_of
from postmortem.notifications.signing import signature
from postmortem.outbox.claims import MAX_ATTEMPTS
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.worker import Worker
from postmortem.outbox.workplace import Workplace
from tests.factories.accounts import make_person, make_team
from tests.factories.incidents import make_incident
from tests.factories.receivers import make_receiver
from tests.support.far_end import FarEnd, far_end
from tests.support.smtp import MailServer

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
Deliver = Callable[[], None]


@pytest.fixture
def deliver(config: Config, mails: MailServer) -> Iterator[Deliver]:
    """Deliver all that is due, on a site that may call this machine."""
    from postmortem.cli.worker import handlers

    database = Database(config.database_url)
    allow = WebhookAllow(networks=(ip_network("127.0.0.1"),))
    place = Workplace(replace(config, smtp=mails.settings(), webhook_allow=allow), database)
    yield lambda: Worker(place, handlers()).drain()
    database.dispose()


@pytest.fixture
def end() -> Iterator[FarEnd]:
    with far_end() as server:
        yield server


def calls(session: Session) -> list[OutboxMessage]:
    session.expire_all()
    return list(
        session.scalars(
            select(OutboxMessage).where(OutboxMessage.kind == "news_call").order_by(OutboxMessage.id)
        )
    )


def test_a_webhook_is_called_with_a_signature_that_holds(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd
) -> None:
    receiver = make_receiver(session, url=end.url)
    incident = make_incident(session, admin, "Playback stopped", teams=[make_team(session, "Sound").slug])
    deliver()
    [call], [row] = end.taken, calls(session)
    assert row.is_delivered
    assert call.id == row.delivery_id
    key = base64.b64decode(receiver.secret.removeprefix("whsec_"))
    signed = f"{call.id}.{call.headers['webhook-timestamp']}.".encode() + call.body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert call.headers["webhook-signature"] == f"v1,{wanted}"
    assert call.json["type"] == "incident_filed"
    data = call.json["data"]
    assert "Playback stopped" in data["headline"] + data["sentence"]
    assert data["url"] == f"http://localhost/incidents/{incident.id}"
    assert data["subject"] == {"type": "incidents", "id": incident.id}
    assert data["teams"] == ["sound"]
    assert receiver.last_delivered_at is not None


def test_for_a_day_after_a_new_secret_calls_are_signed_with_the_one_before_as_well(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd, frozen: Callable[[datetime], None]
) -> None:
    """And one that was replaced twice ends at once."""
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    frozen(start)
    receiver = make_receiver(session, url=end.url)
    secrets = [receiver.secret]
    for _ in range(2):
        secrets.append(rotate_secret(session, receiver, actor=admin))
        session.commit()
    assert len(receiver.secret) <= Receiver.__table__.c.secret.type.length
    for after, good in (
        (timedelta(hours=23, minutes=59), secrets[:0:-1]),
        (timedelta(hours=24), secrets[2:]),
    ):
        frozen(start + after)
        make_incident(session, admin, "Playback stopped")
        deliver()
        call = end.taken[-1]
        wanted = [signature(each, call.id, call.headers["webhook-timestamp"], call.body) for each in good]
        assert call.headers["webhook-signature"] == " ".join(f"v1,{each}" for each in wanted)
    assert len(end.taken) == 2


def test_a_receiver_that_asks_for_time_gets_it(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd, frozen: Callable[[datetime], None]
) -> None:
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    frozen(start)
    end.fault, end.retry_after = "500", "1800"
    make_receiver(session, url=end.url)
    make_incident(session, admin, "Playback stopped")
    deliver()
    [row] = calls(session)
    assert row.due_at == start + timedelta(minutes=30)


def test_who_is_told_what_it_ticked_and_nothing_that_is_not_for_everybody(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd
) -> None:
    for name in ("Sound", "Vision"):
        make_team(session, name)
    sound = make_team(session, "Light")
    make_receiver(session, "Nothing", url=end.url + "&is=nothing", events=[])
    make_receiver(session, "Others", url=end.url + "&is=others", events=[Event.PUBLISHED.value])
    make_receiver(session, "Light", url=end.url + "&is=light", team=sound)
    make_incident(session, admin, "Of vision", teams=["vision"])
    make_incident(session, admin, "Of light", teams=["light"])
    make_incident(session, admin, "Hidden", teams=["light"], restricted=True)
    deliver()
    assert [call.target.rpartition("=")[2] for call in end.taken] == ["light"]
    assert b"Of light" in end.taken[0].body


def test_sharing_out_twice_owes_a_call_once(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd
) -> None:
    make_receiver(session, url=end.url)
    make_incident(session, admin)
    deliver()
    news = session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "news")).all()
    for row in news:
        row.finished_at, row.is_delivered = None, False
    session.commit()
    deliver()
    assert len(calls(session)) == 1
    assert len(end.taken) == 1


def test_what_was_restricted_meanwhile_is_not_told(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd
) -> None:
    from postmortem.incidents.enums import Visibility

    make_receiver(session, url=end.url)
    end.fault = "500"
    incident = make_incident(session, admin, "Soon restricted")
    deliver()
    before = len(end.taken)
    for row in calls(session):
        row.due_at = row.created_at
    incident.visibility = Visibility.RESTRICTED
    session.commit()
    end.fault = ""
    deliver()
    assert len(end.taken) == before == 1
    assert calls(session)[0].is_delivered


def test_every_try_has_the_same_id_and_at_last_it_is_switched_off(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd, mails: MailServer, frozen
) -> None:
    other = make_person(session, "Olga Admin", role="admin")
    frozen(START)
    receiver = make_receiver(session, url=end.url)
    end.fault = "500"
    make_incident(session, admin, "First")
    deliver()
    while not (row := calls(session)[0]).finished_at:
        frozen(row.due_at)
        deliver()
    assert len(end.taken) == MAX_ATTEMPTS
    assert {call.id for call in end.taken} == {row.delivery_id}
    assert "status 500" in row.last_error
    session.refresh(receiver)
    assert not receiver.is_active
    assert receiver.switched_off_at is not None
    assert "s3cret" not in receiver.switched_off_reason + row.last_error
    deliver()
    told = [taken for taken in mails.taken if "switched off" in taken.message["Subject"]]
    assert sorted(taken.recipients[0] for taken in told) == sorted([admin.email, other.email])
    for taken in told:
        assert "s3cret" not in taken.part("plain") + taken.part("html")
        assert f"http://localhost/settings/receivers/{receiver.id}" in taken.part("plain")
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "switched off")).one()
    assert (entry.actor_name, entry.subject_type) == ("worker", "receivers")


def test_ten_failures_over_an_hour_are_enough_and_what_it_misses_is_replayed(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd, frozen
) -> None:
    frozen(START)
    receiver = make_receiver(session, url=end.url)
    end.fault = "500"
    moment = START
    for number in range(12):
        make_incident(session, admin, f"Number {number}")
    while receiver.is_active and moment < START + timedelta(hours=3):
        deliver()
        moment += timedelta(minutes=7)
        frozen(moment)
        session.refresh(receiver)
    assert not receiver.is_active
    assert moment - START >= timedelta(hours=1)
    assert receiver.failures >= 10
    # While it is off, what happens is kept for it and nobody calls.
    tried = len(end.taken)
    make_incident(session, admin, "While it is off")
    deliver()
    frozen(moment + timedelta(days=2))
    deliver()
    assert len(end.taken) == tried
    assert all(row.finished_at and not row.is_delivered for row in calls(session))
    end.fault = ""
    switch_on(session, receiver, actor=admin)
    assert replay(session, receiver, actor=admin) == 13
    session.commit()
    end.taken.clear()
    deliver()
    assert sorted(call.id for call in end.taken) == sorted(row.delivery_id for row in calls(session))
    assert all(row.is_delivered for row in calls(session))
    assert (receiver.failures, receiver.failing_since) == (0, None)


def test_a_far_end_that_is_gone_is_not_called_again(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd
) -> None:
    receiver = make_receiver(session, url=end.url)
    end.fault = "410"
    make_incident(session, admin)
    deliver()
    session.refresh(receiver)
    assert not receiver.is_active
    assert "410" in receiver.switched_off_reason
    assert len(end.taken) == 1


def test_a_success_ends_the_row_of_failures(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd, frozen
) -> None:
    frozen(START)
    receiver = make_receiver(session, url=end.url)
    version = receiver.version
    end.fault = "500"
    make_incident(session, admin)
    deliver()
    session.refresh(receiver)
    assert (receiver.failures, receiver.failing_since) == (1, START)
    end.fault = ""
    frozen(START + timedelta(minutes=1))
    deliver()
    session.refresh(receiver)
    assert (receiver.failures, receiver.failing_since) == (0, None)
    assert receiver.version == version, "an open form must not go stale by a call"


def test_without_leave_this_machine_is_not_called(
    session: Session, admin: Person, config: Config, end: FarEnd
) -> None:
    """The address came past the form: into the row itself."""
    make_receiver(session, url=end.url)
    make_incident(session, admin)
    from postmortem.cli.worker import handlers

    database = Database(config.database_url)
    Worker(Workplace(config, database), handlers()).drain()
    database.dispose()
    assert end.taken == []
    assert "open internet" in calls(session)[0].last_error


def test_whoever_runs_nothing_here_does_not_learn_which_names_there_are_inside(
    session: Session, admin: Person, author: Person, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(host: str, *_args: Any, **_kwargs: Any) -> list[Any]:
        if host == "billing.internal":
            return [(2, 1, 6, "", ("10.0.0.7", 443))]
        raise gaierror("no such name")

    monkeypatch.setattr("postmortem.notifications.calling.getaddrinfo", look_up)
    for host in ("billing.internal", "nothing.internal"):
        make_receiver(session, f"Site {host}", url=f"https://{host}/hook")
        send_test_call(
            session, make_receiver(session, host, url=f"https://{host}/hook", of=author), actor=author
        )
    session.commit()
    make_incident(session, admin)
    from postmortem.cli.worker import handlers

    database = Database(config.database_url)
    Worker(Workplace(config, database), handlers()).drain()
    database.dispose()
    said = {each.last_error for each in calls(session)}
    assert {each.partition(" ")[2] for each in said if "is not known, or" in each} == {
        "is not known, or not on the open internet."
    }
    assert {each for each in said if "is not known, or" not in each} == {
        "billing.internal is not on the open internet, and POSTMORTEM_WEBHOOK_ALLOW does not name it.",
        "The host nothing.internal is not known.",
    }
    assert len(said) == 4


@pytest.mark.parametrize("kind", [ReceiverKind.SLACK, ReceiverKind.TEAMS])
def test_chats_are_not_signed_and_their_address_stays_secret(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd, kind: ReceiverKind
) -> None:
    receiver = make_receiver(session, kind=kind, url=end.url)
    assert receiver.secret == ""
    make_incident(session, admin, "<!channel> & *friends* [x](http://evil.example)")
    deliver()
    [call] = end.taken
    assert "webhook-signature" not in call.headers
    assert b"<!channel>" not in call.body or kind is ReceiverKind.TEAMS
    told = "".join(str(entry.changes) for entry in session.scalars(select(HistoryEntry)))
    assert "s3cret" not in told


def test_teams_says_with_200_that_it_did_not_take_it(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd
) -> None:
    make_receiver(session, kind=ReceiverKind.TEAMS, url=end.url)
    end.answer = b"Webhook message delivery failed with error: 429"
    make_incident(session, admin)
    deliver()
    assert not calls(session)[0].is_delivered


def test_each_kind_has_its_handler() -> None:
    assert set(HANDLERS) == {"news_call", "receiver_off"}
    assert lane_of(7) == "receiver-7"


def test_a_deleted_receiver_is_called_no_more(
    session: Session, admin: Person, deliver: Deliver, end: FarEnd
) -> None:
    from postmortem.notifications.operations_receivers import delete_receiver

    receiver = make_receiver(session, url=end.url)
    make_incident(session, admin)
    delete_receiver(session, receiver, actor=admin)
    session.commit()
    deliver()
    assert end.taken == []
    kept = session.get_one(Receiver, receiver.id)
    assert (kept.url, kept.secret) == ("", "")
