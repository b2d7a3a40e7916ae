"""Reference links written out, so that a link and its target can be changed together. Pure."""

import re
from collections.abc import Callable

from postmortem.blameless.roles_markdown import Parts, Place

_DEFINITION = re.compile(
    r"^ {0,3}\[(?!\^)(?P<label>[^\]\n]+)\]:[ \t]*\n?[ \t]*(?P<target><[^>\n]*>|\S+)"
    r"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^)\n]*\)))?[ \t]*(?:\n|\Z)",
    re.M,
)
_USE = re.compile(
    r"(?P<bang>!?)\[(?P<text>(?:[^\[\]\\]|\\.|\[[^\[\]]*\])+)\](?:[ \t]?\n?\[(?P<label>[^\[\]\n]*)\])?(?![(:\[])"
)


def inline_references(text: str, is_named: Callable[[str], bool]) -> str:
    """`[text][label]` as `[text](target)` for every label or target in which somebody `is_named`."""
    if "]:" not in text:
        return text
    code = [part for part in Parts(text).found if part.place is Place.CODE]

    def in_code(position: int) -> bool:
        return any(part.start <= position < part.end for part in code)

    targets: dict[str, str] = {}
    for found in _DEFINITION.finditer(text):
        if not in_code(found.start()) and is_named(f"{found['label']} {found['target']}"):
            targets.setdefault(_label(found["label"]), found["target"])
    if not targets:
        return text

    def define(found: re.Match[str]) -> str:
        return "" if _label(found["label"]) in targets and not in_code(found.start()) else found[0]

    def use(found: re.Match[str]) -> str:
        target = targets.get(_label(found["label"] or found["text"]))
        if target is None or in_code(found.start()):
            return found[0]
        return f"{found['bang']}[{found['text']}]({target})"

    # Uses first: their places are those of the text in which code was looked for.
    spans = [(found.span(), use(found)) for found in _USE.finditer(text)]
    spans += [(found.span(), define(found)) for found in _DEFINITION.finditer(text)]
    return _changed(text, [each for each in spans if text[slice(*each[0])] != each[1]])


def _changed(text: str, spans: list[tuple[tuple[int, int], str]]) -> str:
    pieces, position = [], 0
    for (start, end), new in sorted(spans):
        if start >= position:
            pieces += [text[position:start], new]
            position = end
    return "".join((*pieces, text[position:]))


def _label(raw: str) -> str:
    return " ".join(raw.split()).casefold()
