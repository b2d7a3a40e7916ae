"""Signed links with which a mail's reader turns off such mails without signing in. Pure.

The link says for whom and what, and never ends: an old mail must still be good for leaving. Whoever has it can do
nothing else with it.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from postmortem.notifications.enums import Event, Pace

DIGESTS = (Pace.DAILY, Pace.WEEKLY)
# An event, or a digest.
What = Event | Pace
_PURPOSE = b"postmortem unsubscribe\0"


def unsubscribe_token(secret_key: str, person_id: int, what: What) -> str:
    """What stands in the address: `12.mentioned.<signature>`."""
    text = f"{person_id}.{what.value}"
    return f"{text}.{_signature(secret_key, text)}"


def read_token(secret_key: str, token: str) -> tuple[int, What] | None:
    """Whom and what it is for; None where it was not made here."""
    text, _, signature = token.rpartition(".")
    if not hmac.compare_digest(
        signature.encode("utf-8", "surrogatepass"), _signature(secret_key, text).encode()
    ):
        return None
    number, _, name = text.partition(".")
    if name in DIGESTS:
        return int(number), Pace(name)
    # Signed by an earlier version that had another event: nothing is sent of it any more.
    return (int(number), Event(name)) if name in tuple(Event) else None


def _signature(secret_key: str, text: str) -> str:
    key = hashlib.sha256(_PURPOSE + secret_key.encode()).digest()
    made = hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return urlsafe_b64encode(made).decode().rstrip("=")
