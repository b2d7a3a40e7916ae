"""Signatures by which a receiver knows that a call is ours, as Standard Webhooks has them.

For a day after a new secret was made calls are signed with the one before as well, so that the far end can be told in
peace. What is stored then holds both: the new secret's base64, that of the one before, and until when, between dots.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

PREFIX = "whsec_"
KEY_BYTES = 32
OVERLAP = timedelta(hours=24)


def new_secret() -> str:
    """A random key, spelled as the libraries of receivers take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def replacing(stored: str, secret: str, now: datetime) -> str:
    """What is stored from now on: this secret, and for a while the one before. One before that ends now."""
    texts = (text.removeprefix(PREFIX).rstrip("=") for text in (secret, _secrets(stored)[0]))
    return ".".join((*texts, str(int((now + OVERLAP).timestamp()))))


def holding(stored: str, now: datetime) -> tuple[str, ...]:
    """The secrets that hold now: the newest, and the one before until its time is over."""
    newest, *before = _secrets(stored)
    is_over = not before or int(stored.rpartition(".")[2]) <= now.timestamp()
    return (newest,) if is_over else (newest, *before)


def _secrets(stored: str) -> list[str]:
    if "." not in stored:
        return [stored]
    return [PREFIX + text + "=" * (-len(text) % 4) for text in stored.split(".")[:2]]


def signed_headers(stored: str, delivery_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The three headers: which call it is, when it was sent, and that nobody changed it on the way."""
    seconds = str(int(at.timestamp()))
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(
            f"v1,{signature(secret, delivery_id, seconds, body)}" for secret in holding(stored, at)
        ),
    }


def signature(secret: str, delivery_id: str, seconds: str, body: bytes) -> str:
    """HMAC-SHA256 over id, time and body, in base64. Raises ValueError for a secret that is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("the secret is not written in base64") from error
    signed = b".".join((delivery_id.encode("ascii"), seconds.encode("ascii"), body))
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode("ascii")
