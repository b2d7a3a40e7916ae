"""The arithmetic of the hash chain: digests, links, signatures, and what one entry covers of others. Pure.

An entry's digest is SHA-256 over its contents and a random salt, so that a digest that outlives its contents
tells nothing about them. Its link is SHA-256 over the link before, its place, what stays when it is blanked,
and its digest; so the chain can be followed whether or not contents are still there.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

START = "0" * 64
STAYS = ("actor_id", "verb", "subject_type", "subject_id", "incident_id")
CONTENTS = ("actor_name", "subject_label", "changes")


def digest(entry: Any, **replaced: Any) -> str:
    """Of all that an entry says, with its salt; `replaced` holds contents that it is to have instead."""
    names = (*STAYS, *CONTENTS, "salt")
    values = {name: replaced.get(name, getattr(entry, name)) for name in names}
    return _sha256({**values, "at": _moment(entry)})


def link(previous: str, position: int, entry: Any) -> str:
    """The chain's value at this position, behind the link of the position before."""
    stays = [getattr(entry, name) for name in STAYS]
    return _sha256([previous, position, entry.id, _moment(entry), *stays, entry.digest, entry.covers])


def signature(secret_key: str, position: int, chain: str) -> str:
    """Proves that somebody who knows the site's secret key saw the chain end like this."""
    key = hmac.new(secret_key.encode(), b"history head", hashlib.sha256).digest()
    return hmac.new(key, f"{position}:{chain}".encode(), hashlib.sha256).hexdigest()


def is_signed(secret_key: str, position: int, chain: str, found: str) -> bool:
    """Whether the head bears our signature; a chain without entries needs none."""
    if position == 0:
        return chain == START
    return bool(secret_key) and hmac.compare_digest(signature(secret_key, position, chain), found)


def covers_text(blanked: set[int], redacted: Mapping[int, str]) -> str:
    """Positions whose contents went (`3-5,9`) and those with new contents (`12:<digest>`), as one text."""
    runs: list[list[int]] = []
    for position in sorted(blanked):
        if runs and position == runs[-1][1] + 1:
            runs[-1][1] = position
        else:
            runs.append([position, position])
    parts = [f"{first}-{last}" for first, last in runs]
    return ",".join([*parts, *(f"{position}:{redacted[position]}" for position in sorted(redacted))])


def covered(text: str | None) -> tuple[list[range], dict[int, str]]:
    """The opposite of `covers_text`: blanked runs of positions, and redacted positions with their digests."""
    blanked: list[range] = []
    redacted: dict[int, str] = {}
    for part in (text or "").split(",") if text else []:
        first, sign, last = part.partition("-")
        if sign:
            blanked.append(range(int(first), int(last) + 1))
        else:
            position, _, new = part.partition(":")
            redacted[int(position)] = new
    return blanked, redacted


def _moment(entry: Any) -> str:
    moment: str = entry.at.astimezone(UTC).isoformat()
    return moment


def _sha256(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
