"""Who is named with `@handle` in a Markdown text. Pure.

What stands in code, in an address or in a longer word (`mail@example.com`) names nobody.
"""

import re
from collections.abc import Collection

_CODE = re.compile(r"^[ >]{0,12}(?P<fence>`{3,}|~{3,}).*?(?:^[ >]{0,12}(?P=fence)|\Z)|`[^`\n]*`", re.M | re.S)
_MENTION = re.compile(r"(?<![\w@/.:+-])@(\w[\w.-]{0,39})")
# More than anybody can mean: whoever names everybody addresses nobody.
MOST = 20


def spellings(text: str) -> list[str]:
    """What could be handles in the text, folded, in order, each once; a full stop at the end is tried with and without."""
    found: dict[str, None] = {}
    for match in _MENTION.finditer(_CODE.sub(" ", text)):
        word = match[1].casefold()
        found[word] = None
        found[word.rstrip(".-_")] = None
    return list(found)


def named_in(text: str, handles: Collection[str]) -> list[str]:
    """Those of these handles that the text names, in its order; at most MOST."""
    known = {handle.casefold(): handle for handle in handles}
    return list(dict.fromkeys(known[word] for word in spellings(text) if word in known))[:MOST]
