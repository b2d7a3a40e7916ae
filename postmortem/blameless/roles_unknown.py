"""Capitalised names that nobody here has: offered, never changed by themselves. Pure."""

import re
from collections.abc import Collection, Iterator, Sequence

from postmortem.blameless.roles_context import begins_sentence, is_wordlike
from postmortem.blameless.roles_markdown import Parts, Place
from postmortem.blameless.roles_spelling import Word, words
from postmortem.blameless.roles_words import ACTING, GIVEN_NAMES, HONORIFICS, NO_PERSON, OPENERS, TO_PEOPLE

MOST = 60
_HANDLE = re.compile(r"(?<![\w@/.%`])@(\w(?:[\w.-]*\w)?)")
_PROSE = (Place.TEXT, Place.IMAGE, Place.LINK_TEXT)
_ASKED = TO_PEOPLE - frozenset(
    [
        "with",
        "by",
        "and",
        "call",
        "calls",
        "page",
        "pages",
        "help",
        "helped",
        "contact",
        "join",
        "joined",
        "joins",
    ]
)


def unknown_names(text: str, taken: Collection[tuple[int, int]], *, is_markdown: bool = True) -> list[str]:
    """Names and handles outside `taken`, each once, in the order of the text."""
    parts = Parts(text, is_markdown=is_markdown)
    found = [
        (match.start(), match[0])
        for match in _HANDLE.finditer(text)
        if parts.place(match.start()) is not Place.CODE and parts.place(match.start()) is not Place.LINK
    ]
    found += [(start, name) for start, name in _capitalised(text, parts)]
    mask = bytearray(len(text))
    for first, last in taken:
        mask[first:last] = b"\x01" * (last - first)
    free = [(start, name) for start, name in sorted(found) if not any(mask[start : start + len(name)])]
    return list(dict.fromkeys(name for _, name in free))[:MOST]


def _capitalised(text: str, parts: Parts) -> Iterator[tuple[int, str]]:
    found = [word for word in words(text) if parts.place(word.start) in _PROSE]
    index = 0
    while index < len(found):
        run = _run(text, found, index)
        if _is_name(text, found, index, run):
            yield run[0].start, text[run[0].start : run[-1].end]
        index += max(1, len(run))


def _run(text: str, found: Sequence[Word], index: int) -> list[Word]:
    """The capitalised words from here on that one blank, hyphen or apostrophe joins; at most four."""
    run: list[Word] = []
    for word in found[index : index + 5]:
        is_joined = not run or text[run[-1].end : word.start] in (" ", "-", "'", "’", "\u00a0")
        is_name = (word.is_title and len(word.text) > 1) or (len(word.text) == 1 and word.is_capital)
        if not (is_joined and is_name and word.text.isalpha()):
            break
        if not run and (word.key in OPENERS or word.key in HONORIFICS):
            break
        run.append(word)
    return run[:4]


def _is_name(text: str, found: Sequence[Word], index: int, run: Sequence[Word]) -> bool:
    if not run or any(word.key in NO_PERSON or word.key in OPENERS for word in run):
        return False
    before = found[index - 1] if index else None
    after = found[index + len(run)] if index + len(run) < len(found) else None
    is_done = bool(after and after.start == run[-1].end + 1 and _is_done(after, text))
    is_owner = re.match(r"['’]s\b", text[run[-1].end :]) is not None
    is_asked = bool(before and before.end == run[0].start - 1 and before.key in _ASKED)
    is_given = run[0].key in GIVEN_NAMES
    if len(run) > 1:
        is_joined_only = text[run[0].end : run[-1].start].find(" ") < 0
        return is_given or (
            not is_joined_only and (is_done or is_owner or is_asked or not _starts(text, run))
        )
    if is_given:
        return True
    return not is_wordlike(run[0].key) and is_asked


def _is_done(after: Word, text: str) -> bool:
    return not after.is_capital and (after.key in ACTING or after.key.endswith("ed"))


def _starts(text: str, run: Sequence[Word]) -> bool:
    return begins_sentence(text, run[0].start)
