"""Who is named with `@handle` in a Markdown text. Pure.

What stands in code, in an address or in a longer word (`mail@example.com`) names nobody.
"""

import re
from collections.abc import Collection, Mapping

_CODE = re.compile(r"^[ >]{0,12}(?P<fence>`{3,}|~{3,}).*?(?:^[ >]{0,12}(?P=fence)|\Z)|`[^`\n]*`", re.M | re.S)
_MENTION = re.compile(r"(?<![\w@/.:+-])@(\w[\w.-]{0,39})")
# A tag as the renderer writes it, with what is quoted inside; and what stands between tags.
_PIECE = re.compile(r"""(<(?:[^<>"']|"[^"]*"|'[^']*')*>)|([^<]+|<)""")
_TAG = re.compile(r"</?([a-z0-9]+)")
# In these a word is no call, or is a link already.
_QUIET = frozenset({"a", "code", "pre"})
# More than anybody can mean: whoever names everybody addresses nobody.
MOST = 20
# More different ones than that in one text are no mentions, and each has to be looked up.
MOST_SPELLINGS = 100


def spellings(text: str) -> list[str]:
    """What could be handles in the text, folded, in order, each once; a full stop at the end is tried with and without.

    Of more than MOST_SPELLINGS the first ones.
    """
    found: dict[str, None] = {}
    for match in _MENTION.finditer(_CODE.sub(" ", text)):
        word = match[1].casefold()
        found[word] = None
        found[word.rstrip(".-_")] = None
        if len(found) >= MOST_SPELLINGS:
            break
    return list(found)[:MOST_SPELLINGS]


def named_in(text: str, handles: Collection[str]) -> list[str]:
    """Those of these handles that the text names, in its order; at most MOST."""
    known = {handle.casefold(): handle for handle in handles}
    return list(dict.fromkeys(known[word] for word in spellings(text) if word in known))[:MOST]


def linked(html: str, addresses: Mapping[str, str]) -> str:
    """A text as `text.markdown.render` returned it, in which each handle leads to its address.

    `addresses` is by folded handle. Nothing but text between tags is touched, and of that only the handles.
    """
    if not addresses:
        return html
    depth, found = 0, []
    for tag, text in _PIECE.findall(html):
        if tag:
            name = _TAG.match(tag)
            if name and name[1] in _QUIET:
                depth += -1 if tag.startswith("</") else 1
            found.append(tag)
        else:
            found.append(
                text if depth else _MENTION.sub(lambda match: _link(match[0], match[1], addresses), text)
            )
    return "".join(found)


def _link(whole: str, word: str, addresses: Mapping[str, str]) -> str:
    for handle in (word, word.rstrip(".-_")):
        if address := addresses.get(handle.casefold()):
            return f'<a class="mention" href="{address}">@{handle}</a>{whole[len(handle) + 1 :]}'
    return whole
