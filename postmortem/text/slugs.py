"""Names for addresses and tags."""

from __future__ import annotations

import re
import unicodedata

MAX_TAG = 50

# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h",
        "ı": "i", "ŋ": "n", "ŧ": "t", "ĸ": "k", "ſ": "s", "ə": "e",
    }
)  # fmt: skip
# An apostrophe joins ("don't" is one word: dont); everything else that is not a letter or digit separates.
_APOSTROPHES = re.compile("['’`´]")
_NOT_PLAIN = re.compile(r"[^a-z0-9]+")
_INVISIBLE = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
# Come along when a word is copied from a page, are not seen, and separate nothing.
_UNSEEN = re.compile("[\u00ad\u034f\u2060\ufe00-\ufe0f\ufeff]")
_TAG_SEPARATORS = re.compile(rf"[\s/\\,;#?&%{_INVISIBLE}-]+")


def slugify(title: str, *, max_length: int = 80) -> str:
    """Make the part of an address from a title: a-z, 0-9 and single hyphens, never empty (`untitled`).

    It is cut between words where that keeps more than half of `max_length`.
    """
    text = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", title).lower().translate(_LETTERS))
    slug = _NOT_PLAIN.sub("-", text.encode("ascii", "ignore").decode().lower()).strip("-")
    if len(slug) > max_length:
        cut = slug[:max_length]
        whole_words = cut if slug[max_length] == "-" else cut.rpartition("-")[0]
        slug = (whole_words if len(whole_words) > max_length // 2 else cut).strip("-")
    return slug or "untitled"[:max_length]


def tag_name(raw: str) -> str:
    """Normalise a tag so that one idea has one spelling; letters of every script stay. May be empty.

    Compatibility forms and case are folded, soft hyphens and their like, which nobody sees, left out: no
    restriction rule is missed for one. White space, slashes, commas and what has a meaning in an address become
    single hyphens; at most 50 characters.
    """
    # Folding case can undo the normal form, so it is made again (Unicode, section 3.13.5).
    seen = _UNSEEN.sub("", raw)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    name = _TAG_SEPARATORS.sub("-", folded).strip("-.")
    return name[:MAX_TAG].rstrip("-.")
