"""Signatures by which a receiver knows that a call is ours, as Standard Webhooks has them."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

PREFIX = "whsec_"
KEY_BYTES = 32


def new_secret() -> str:
    """A random key, spelled as the libraries of receivers take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode("ascii")


def signed_headers(secret: str, delivery_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The three headers: which call it is, when it was sent, and that nobody changed it on the way."""
    seconds = str(int(at.timestamp()))
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{signature(secret, delivery_id, seconds, body)}",
    }


def signature(secret: str, delivery_id: str, seconds: str, body: bytes) -> str:
    """HMAC-SHA256 over id, time and body, in base64. Raises ValueError for a secret that is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("the secret is not written in base64") from error
    signed = b".".join((delivery_id.encode("ascii"), seconds.encode("ascii"), body))
    return base64.b64encode(hmac.digest(key, signed, "sha256")).decode("ascii")
