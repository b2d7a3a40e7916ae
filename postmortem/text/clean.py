"""The first step of rendering: characters nobody can see or type on purpose are dropped.

It comes before the sanitiser and never after it: dropping a character later could join two harmless halves
into a live `javascript:` address.
"""

from __future__ import annotations

import re

# C0 without tab and line feed, DEL and C1, the bidirectional overrides and isolates (they make code read
# differently from what it does), lone surrogates (no UTF-8 exists for them) and the two non-characters.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


_REFERENCE = re.compile(r"&#(?:0*([0-9]{1,8})|[xX]0*([0-9a-fA-F]{1,7}));")


def clean_source(source: str) -> str:
    """Normalise line ends to `\\n` and drop control, override, surrogate and byte-order characters."""
    return _UNWANTED.sub("", source.replace("\r\n", "\n").replace("\r", "\n"))


def clean_html(html: str) -> str:
    """Drop the same characters from HTML, written as `&#1;` too; feeds are XML, which may not hold them."""
    return clean_source(_REFERENCE.sub(_kept_reference, html))


def _kept_reference(reference: re.Match[str]) -> str:
    number = int(reference[1] or int(reference[2], 16))
    return "" if number > 0x10FFFF or number == 0xD or _UNWANTED.match(chr(number)) else reference[0]
