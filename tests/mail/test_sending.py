"""Sending: to a mail server that behaves, and to those that do not."""

import time
from pathlib import Path

import pytest

from postmortem.mail import sending
from postmortem.mail.message import Letter, put_together
from postmortem.mail.sending import NotSent, Refused, send
from tests.support.smtp import FAULTS, MailServer, mail_server

LINK = "https://site.example/password/kZ0aVb3-s3cret-token-of-forty-three-letters"
LETTER = Letter("Subject", f"Open {LINK} now.\n.\n..dots\n", "<p>Open</p>")
TO = "nils@example.com"


def message():
    return put_together(
        LETTER, to_name="Nils", to_address=TO, sender="postmortem@example.com", delivery_id="1-2-3"
    )


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "STEP_SECONDS", 1.0)
    monkeypatch.setattr(sending, "WHOLE_SECONDS", 2.0)


def test_a_mail_arrives_as_text_and_html(mails: MailServer) -> None:
    send(message(), TO, mails.settings())
    [taken] = mails.taken
    assert (taken.sender, taken.recipients) == ("postmortem@example.com", [TO])
    assert taken.part("plain").replace("\r\n", "\n") == LETTER.text
    assert taken.part("html").strip() == LETTER.html
    assert taken.signed_in == ""


def test_it_signs_in_where_it_has_to(mails: MailServer) -> None:
    send(message(), TO, mails.settings(user="us", password="s3cret"))
    assert mails.taken[0].signed_in == "|us|s3cret"


SAYS = {
    "hangs at greeting": "broke off the conversation (SMTPServerDisconnected)",
    "hangs at data": "broke off the conversation (SMTPServerDisconnected)",
    "drips": "answered 222 222",
    "drops at greeting": "broke off the conversation (SMTPServerDisconnected)",
    "drops at data": "broke off the conversation (SMTPServerDisconnected)",
    "refuses the greeting": "answered 554 not today.",
    "later": "refused the recipient: 451 4.7.1 try later.",
    "never": "refused the recipient: 550 5.1.1 nobody of this name.",
    "refuses the mail": "refused the mail: 554 5.7.1 unwanted: ….",
    "refuses sign-in": "refused the user name or password (535).",
}


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "drops after taking"])
def test_a_server_that_misbehaves_is_named_and_costs_little_time(mails: MailServer, fault: str) -> None:
    mails.fault = fault
    settings = mails.settings(user="us", password="s3cret") if "sign-in" in fault else mails.settings()
    began = time.monotonic()
    with pytest.raises(NotSent) as raised:
        send(message(), TO, settings)
    said = str(raised.value)
    assert SAYS[fault] in said
    assert said.startswith(f"The mail server localhost:{mails.port}")
    assert time.monotonic() - began < 5
    assert isinstance(raised.value, Refused) == (fault in ("never", "refuses the mail"))
    assert "s3cret" not in said
    assert mails.taken == []


def test_what_was_taken_is_sent_however_the_conversation_ends(mails: MailServer) -> None:
    mails.fault = "drops after taking"
    send(message(), TO, mails.settings())
    assert len(mails.taken) == 1


def test_nobody_there(mails: MailServer) -> None:
    with mail_server() as gone:
        settings = gone.settings()
    with pytest.raises(NotSent, match=r"could not be reached or did not answer \(ConnectionRefusedError\)"):
        send(message(), TO, settings)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_gets_neither_mail_nor_password(
    certificate: Path, tls: str
) -> None:
    with mail_server(certificate=certificate, implicit_tls=tls == "tls") as server:
        with pytest.raises(NotSent, match="certificate that does not hold: self"):
            send(message(), TO, server.settings(tls=tls, user="us", password="s3cret"))
        assert (server.taken, "AUTH" in server.seen, "MAIL" in server.seen) == ([], False, False)


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_a_certificate_that_holds_is_for_this_name_only(
    certificate: Path, tls: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(certificate=certificate, implicit_tls=tls == "tls") as server:
        send(message(), TO, server.settings(tls=tls, user="us", password="s3cret"))
        assert (server.taken[0].is_encrypted, server.taken[0].signed_in) == (True, "|us|s3cret")
        with pytest.raises(NotSent, match="certificate that does not hold"):
            send(message(), TO, server.settings(tls=tls, host="127.0.0.1"))
        assert len(server.taken) == 1


def test_where_encryption_was_asked_for_nothing_goes_out_without(mails: MailServer) -> None:
    """A server, or somebody in between, that does not offer STARTTLS learns neither mail nor password."""
    with pytest.raises(NotSent, match="no encryption"):
        send(message(), TO, mails.settings(tls="starttls", user="us", password="s3cret"))
    assert (mails.taken, "AUTH" in mails.seen) == ([], False)


def test_an_address_that_mail_cannot_carry_is_refused_for_good(mails: MailServer) -> None:
    with pytest.raises(NotSent):
        send(message(), "nils🙂@example.com", mails.settings())
    assert mails.taken == []
