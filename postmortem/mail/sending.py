"""Handing a message to the mail server of the settings. Certificates are checked; nothing waits for ever."""

import re
import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from socket import SHUT_RDWR

from postmortem.config_parts import Smtp
from postmortem.text.clean import clean_source

# For one step of the conversation, and for all of it.
STEP_SECONDS, WHOLE_SECONDS = 10.0, 60.0
WORDS_LENGTH = 120
# What a server's words may repeat of ours: links, tokens, encoded passwords.
_SECRET = re.compile(r"https?://\S+|[\w+/=.-]{24,}")


class NotSent(Exception):
    """The mail did not go out. The message is a sentence for admins, without secrets."""


class Refused(NotSent):
    """The mail server will not take this mail, now or later."""


def send(message: EmailMessage, to_address: str, smtp: Smtp) -> None:
    """Send to this one address. Raises NotSent, Refused. When it returns, the mail server has taken it."""
    where = f"The mail server {smtp.host}:{smtp.port}"
    try:
        with _connected(smtp) as client:
            if smtp.tls == "starttls":
                _start_tls(client)
            if smtp.user:
                client.login(smtp.user, smtp.password)
            client.send_message(message, from_addr=smtp.sender, to_addrs=[to_address])
    except ssl.SSLCertVerificationError as error:
        raise NotSent(f"{where} shows a certificate that does not hold: {error.verify_message}.") from error
    except ssl.SSLError as error:
        raise NotSent(f"{where} and we found no common way to encrypt ({error.reason}).") from error
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent(f"{where} refused the user name or password ({error.smtp_code}).") from error
    except smtplib.SMTPRecipientsRefused as error:
        raise _refusal(
            f"{where} refused the recipient", *next(iter(error.recipients.values())), smtp
        ) from error
    except smtplib.SMTPDataError as error:
        raise _refusal(f"{where} refused the mail", error.smtp_code, error.smtp_error, smtp) from error
    except smtplib.SMTPResponseException as error:
        words = _words(error.smtp_code, error.smtp_error, smtp)
        raise NotSent(f"{where} answered {words}.") from error
    except smtplib.SMTPNotSupportedError as error:
        raise NotSent(
            f"{where} does not offer what is needed: {_without_secrets(str(error), smtp)}"
        ) from error
    except smtplib.SMTPException as error:
        raise NotSent(f"{where} broke off the conversation ({type(error).__name__}).") from error
    except OSError as error:
        raise NotSent(f"{where} could not be reached or did not answer ({type(error).__name__}).") from error
    except UnicodeError as error:
        raise Refused("The address has characters that mail cannot carry.") from error


@contextmanager
def _connected(smtp: Smtp) -> Iterator[smtplib.SMTP]:
    """A conversation that is cut after WHOLE_SECONDS, also where the other side sends a byte now and then."""
    # Our name in the greeting; looking the machine's own up may take long.
    own_name = smtp.sender.rpartition("@")[2]
    client = (
        smtplib.SMTP_SSL(local_hostname=own_name, timeout=STEP_SECONDS, context=ssl.create_default_context())
        if smtp.tls == "tls"
        else smtplib.SMTP(local_hostname=own_name, timeout=STEP_SECONDS)
    )
    # The name that the certificate must be for; smtplib takes it from here, and sets it only where it connects at once.
    client._host = smtp.host  # type: ignore[attr-defined]
    watch = threading.Timer(WHOLE_SECONDS, _cut, [client])
    watch.daemon = True
    watch.start()
    try:
        code, words = client.connect(smtp.host, smtp.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, words)
        yield client
        # It was taken; how the conversation ends changes nothing.
        with suppress(smtplib.SMTPException, OSError):
            client.quit()
    finally:
        watch.cancel()
        client.close()


def _cut(client: smtplib.SMTP) -> None:
    if client.sock is not None:
        with suppress(OSError):
            client.sock.shutdown(SHUT_RDWR)


def _start_tls(client: smtplib.SMTP) -> None:
    client.ehlo_or_helo_if_needed()
    if not client.has_extn("starttls"):
        raise smtplib.SMTPNotSupportedError("no encryption (STARTTLS).")
    client.starttls(context=ssl.create_default_context())


def _refusal(what: str, code: int, words: bytes | str, smtp: Smtp) -> NotSent:
    sentence = f"{what}: {_words(code, words, smtp)}."
    return Refused(sentence) if code >= 500 else NotSent(sentence)


def _words(code: int, words: bytes | str, smtp: Smtp) -> str:
    """What the server said, short and in one line."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {_without_secrets(text, smtp)}".strip().rstrip(".")


def _without_secrets(text: str, smtp: Smtp) -> str:
    line = " ".join(clean_source(text).split())
    for secret in filter(None, (smtp.password, smtp.user)):
        line = line.replace(secret, "…")
    return _SECRET.sub("…", line)[:WORDS_LENGTH]
