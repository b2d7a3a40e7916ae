"""What was found out, as pieces to show: words, and the addresses in it. Pure."""

import re
from dataclasses import dataclass

from postmortem.text.links import Address, classify

# An address of the web, or of a write-up, incident or action here; what ends the sentence is no part of it.
_ADDRESS = re.compile(
    r"https?://[^\s<>\"“”‘’()]+|(?<![\w/.:-])/(?:writeups|incidents|actions)/[\w-]+(?:#[\w-]+)?"
)
_ENDS = ".,;:!?'…"


@dataclass(frozen=True)
class Piece:
    """Some words, and where they lead; nowhere where `url` is blank."""

    text: str
    url: str = ""
    is_external: bool = False


def linked_outcome(outcome: str) -> list[Piece]:
    """The sentence with its addresses as links."""
    pieces, done = [], 0
    for found in _ADDRESS.finditer(outcome):
        words = found[0].rstrip(_ENDS)
        kind, url = classify(words)
        if kind not in (Address.SITE, Address.EXTERNAL):
            continue
        pieces.append(Piece(outcome[done : found.start()]))
        pieces.append(Piece(words, url, kind is Address.EXTERNAL))
        done = found.start() + len(words)
    pieces.append(Piece(outcome[done:]))
    return [piece for piece in pieces if piece.text]
