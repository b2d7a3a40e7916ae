"""Who did something with a write-up without being known: a keyed hash for one purpose, one write-up and one person.

Without the site's secret nobody can tell a person from it, and two hashes of the same person for two write-ups have
nothing in common. Whoever holds the secret and the list of people can try them all: docs say so.
"""

import hashlib
import hmac

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.writeups.models import Writeup


def voter(session: Session, purpose: str, writeup: Writeup, person: Person) -> str:
    """64 hexadecimal digits. `purpose` keeps a reaction and a visit of the same reader apart."""
    key = hmac.new(session.info["secret_key"].encode(), f"voter {purpose}".encode(), hashlib.sha256).digest()
    return hmac.new(key, f"{writeup.feed_id} {person.id}".encode(), hashlib.sha256).hexdigest()
