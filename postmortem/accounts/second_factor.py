"""Codes of an authenticator app (TOTP, RFC 6238: SHA-1, 6 digits, 30 seconds) and recovery codes. Pure.

A recovery code has 125 random bits, so its SHA-256 can be kept without salt, like that of any other token.
"""

import hmac
import secrets
from datetime import datetime
from io import BytesIO

from postmortem.accounts.tokens import token_hash

STEP_SECONDS = 30
# Clocks of telephones are a little off, and people type slowly.
STEPS_AROUND = 1
RECOVERY_CODES = 10
# No letter that looks like a digit or another letter.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_GROUPS, _GROUP = 5, 5


def new_secret() -> str:
    """160 random bits in base 32, as apps take them."""
    import pyotp

    return pyotp.random_base32()


def step_of(secret: str, code: str, *, now: datetime, after: int | None) -> int | None:
    """The 30-second step whose code this is, one before or after `now` at most; None for a wrong code.

    Steps up to `after` were used already, and do not count any more.
    """
    import pyotp

    totp, current, found = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS, None
    given = "".join(code.split()).encode()
    for step in range(current - STEPS_AROUND, current + STEPS_AROUND + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), given) and step > (after or 0):
            found = found or step
    return found


def new_recovery_codes() -> list[str]:
    """Ten codes like `4k7xm-…`, five groups of five."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> str:
    """What is stored of a recovery code; capitals, spaces and hyphens make no difference."""
    return token_hash("".join(each for each in code.lower() if each.isalnum()))


def setup_address(secret: str, *, email: str, site: str) -> str:
    """What an app reads from the picture: `site` is what it lists the account under."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=site)


def picture(text: str) -> bytes:
    """A QR code as SVG, dark on white whatever the page's colours are: not every app reads the inverse."""
    import segno

    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawn, kind="svg", scale=5, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return drawn.getvalue()


def in_groups(secret: str) -> str:
    """The secret to type by hand, in groups of four."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
