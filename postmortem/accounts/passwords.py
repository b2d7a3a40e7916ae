"""Argon2id password hashes (argon2-cffi's defaults: 64 MiB, 3 passes, ~100 ms each).

Each hash takes 64 MiB while it runs, so at most two run at once in a process; others wait their turn.
"""

import os
import threading
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from postmortem.accounts.weak_passwords import is_common, is_own_word
from postmortem.errors import Refused

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_LENGTH, MAX_LENGTH = 8, 1000
_at_once = threading.BoundedSemaphore(2)


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    if os.environ.get("POSTMORTEM_TESTING_CHEAP_PASSWORDS"):
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher()


def hash_password(password: str, *, own: Iterable[str] = ()) -> str:
    """The hash to store. Raises Refused (field `password`) when it is too short, absurdly long or easily guessed.

    `own` are the person's name and address. Any characters will do, spaces at the ends too; none is demanded.
    """
    if len(password) < MIN_LENGTH:
        raise Refused(f"Choose a password of {MIN_LENGTH} characters or more.", field="password")
    if len(password) > MAX_LENGTH:
        raise Refused(f"Choose a password of at most {MAX_LENGTH} characters.", field="password")
    if is_common(password):
        raise Refused(
            "That password is among the first that are tried. A few words that do not belong together are better.",
            field="password",
        )
    if is_own_word(password, own):
        raise Refused(
            "That password is made of your name, your address or this site's. Choose other words.",
            field="password",
        )
    with _at_once:
        return _hasher().hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long when there is none stored, so that timing tells nothing."""
    from argon2.exceptions import InvalidHashError, VerificationError

    # Made before it is needed, or the first unknown address of a process would take twice as long.
    nobodys = _nobodys_hash()
    with _at_once:
        try:
            return _hasher().verify(stored or nobodys, password[: MAX_LENGTH + 1]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody has this password")
