"""`INC-12`, `ACT-7` and `@handle` in a rendered text become links for who may see what they name. Pure.

It works on safe HTML, when a page is made: what is stored is the same for everybody, and what a reader may not see
stands there as it was typed, just like what never was. An address is made of a number, so nothing typed gets into it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

# A tag with its attributes; the renderer always quotes them with ".
_TAG = re.compile(r'(<(?:"[^"]*"|[^">])*>)')
_NAME = re.compile(r"<(/?)([a-z0-9]+)")
_NUMBER = re.compile(r"(?<![\w/#&@.-])(INC|ACT)-([1-9][0-9]{0,9})(?![\w-])")
_HANDLE = re.compile(r"(?<![\w@/.:+;-])@(\w[\w.-]{0,39})")
# Nothing in these is linked: it is a link already, or quoted as it is.
_CLOSED = frozenset({"a", "code", "pre", "summary"})
_PATHS = {"INC": "/incidents/", "ACT": "/actions/"}
LARGEST = 2**31 - 1
# More than anybody looks up; what comes later stays as it was typed.
MOST = 500


@dataclass(frozen=True)
class Linked:
    """What may be linked: numbers of incidents and actions, and people's ids by folded handle."""

    incidents: frozenset[int] = frozenset()
    actions: frozenset[int] = frozenset()
    people: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.incidents or self.actions or self.people)


@dataclass(frozen=True)
class Named:
    """What a text names: candidates, whether or not there is such a thing."""

    incidents: frozenset[int]
    actions: frozenset[int]
    handles: frozenset[str]


def named_in(html: str) -> Named:
    """What the text names outside links and code; at most MOST of each."""
    numbers: dict[str, dict[int, None]] = {"INC": {}, "ACT": {}}
    handles: dict[str, None] = {}
    for text, is_open in _pieces(html):
        if not is_open:
            continue
        for prefix, number in _NUMBER.findall(text):
            if int(number) <= LARGEST:
                numbers[prefix][int(number)] = None
        for word in _HANDLE.findall(text):
            handles.update(dict.fromkeys(_spellings(word)))
    incidents, actions, people = (
        frozenset(list(found)[:MOST]) for found in (numbers["INC"], numbers["ACT"], handles)
    )
    return Named(incidents, actions, people)  # type: ignore[arg-type]


def numbers_in(text: str) -> tuple[set[int], set[int]]:
    """Incidents and actions that a text names anywhere, also where it links or quotes them."""
    found: dict[str, set[int]] = {"INC": set(), "ACT": set()}
    for prefix, number in _NUMBER.findall(text):
        if int(number) <= LARGEST:
            found[prefix].add(int(number))
    return found["INC"], found["ACT"]


def link(html: str, linked: Linked) -> str:
    """The same safe HTML with links to what may be linked."""
    if not linked:
        return html
    return "".join(_linked(text, linked) if is_open else text for text, is_open in _pieces(html))


def _linked(text: str, linked: Linked) -> str:
    known: Mapping[str, Collection[int]] = {"INC": linked.incidents, "ACT": linked.actions}

    def number(found: re.Match[str]) -> str:
        if int(found[2]) not in known[found[1]]:
            return found[0]
        return f'<a href="{_PATHS[found[1]]}{int(found[2])}">{found[0]}</a>'

    def handle(found: re.Match[str]) -> str:
        for word in _spellings(found[1]):
            if word in linked.people:
                rest = found[1][len(word) :] if found[1].casefold().startswith(word) else ""
                name = found[0].removesuffix(rest) if rest else found[0]
                return f'<a href="/people/{linked.people[word]}">{name}</a>{rest}'
        return found[0]

    return _HANDLE.sub(handle, _NUMBER.sub(number, text))


def _spellings(word: str) -> list[str]:
    """A handle as typed, and without the full stop that ends a sentence."""
    folded = word.casefold()
    return list(dict.fromkeys((folded, folded.rstrip(".-_"))))


def _pieces(html: str) -> Iterator[tuple[str, bool]]:
    """Tags and the texts between them, in order, each with whether links may be put into it."""
    closed = 0
    for position, piece in enumerate(_TAG.split(html)):
        if position % 2:
            if (name := _NAME.match(piece)) and name[2] in _CLOSED:
                closed += -1 if name[1] else 1
            yield piece, False
        else:
            yield piece, closed == 0
