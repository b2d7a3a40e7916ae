"""Putting a role where a name stood, so that the sentence stays one. Pure.

Possessives keep theirs (`Ada's` becomes `the on-call engineer's`), a sentence begins with a capital, no article
stands twice, and where the sentence says the role already, the name goes.
"""

import re
from dataclasses import dataclass

from postmortem.blameless.roles_book import Kind
from postmortem.blameless.roles_context import begins_sentence
from postmortem.blameless.roles_find import Mention
from postmortem.blameless.roles_markdown import Place
from postmortem.text.slugs import slugify

_POSSESSIVE = re.compile(r"(\\?['’ʼ`´]|&(?:#39|#8217|rsquo|apos);)([sS])(?!\w)")
_BARE_POSSESSIVE = re.compile(r"['’ʼ](?!\w)")
_ARTICLE = re.compile(r"(?:the|an?)\s+", re.I)
_BEFORE = re.compile(r"(?<!\w)(the|an?|our|my|your|his|its|their|\w+['’]s)[ \t\n]+[*_~\"“‘(\[]*\Z", re.I)
_MARKS = re.compile(r"[*_~]+")
_IN_CLOSERS = {"(": ")", "<": ">", "[": "]"}


@dataclass(frozen=True)
class Edit:
    """Text from `start` to `end` becomes `text`."""

    start: int
    end: int
    text: str


def bare(phrase: str) -> str:
    """A role without its article."""
    return _ARTICLE.sub("", phrase, count=1) if _ARTICLE.match(phrase) else phrase


def as_token(phrase: str) -> str:
    """A role as code may hold it: `on-call-engineer`."""
    return slugify(bare(phrase), max_length=60)


def edit_for(text: str, mention: Mention, phrase: str) -> Edit:
    """The change that puts `phrase` in the place of a mention in prose or code."""
    start, end = mention.start, mention.end
    if mention.place is Place.CODE or _is_identifier(text, start, end):
        return Edit(start, end, as_token(phrase))
    if said := _said_already(text, start, end, phrase):
        return said
    possessive, end = _possessive(text, start, end)
    start, shown = _with_article(text, start, phrase)
    if text[start - 1 : start] in ("-", "‐", "‑") and text[start - 2 : start - 1].isalnum():
        shown = bare(phrase)
    if begins_sentence(text, start):
        shown = shown[:1].upper() + shown[1:]
    if _is_shouted(text, mention):
        shown = shown.upper()
    if possessive:
        shown += possessive if not shown.endswith(("s", "S")) else possessive.rstrip("sS")
    marks = "".join(_MARKS.findall(mention.surface)) if " " in mention.surface else ""
    return Edit(start, end, shown + marks)


def _is_identifier(text: str, start: int, end: int) -> bool:
    """Inside a name of the machine's, `ada_config` or `ada.example`: there is no sentence around it."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    joined_before = (
        len(before) == 2 and before[1] in "_./\\=:" and before[0].isalnum() and text[start].islower()
    )
    joined_after = (
        len(after) == 2
        and after[0] in "_./\\=@"
        and after[1].isalnum()
        and (after[0] == "_" or text[start].islower())
    )
    return joined_before or joined_after


def _possessive(text: str, start: int, end: int) -> tuple[str, int]:
    if found := _POSSESSIVE.match(text, end):
        return found[0], found.end()
    if text[end - 1 : end] in "sxzSXZ" and (found := _BARE_POSSESSIVE.match(text, end)):
        is_quoted = text[start - 1 : start] in ("'", "‘", "’") and start > 0
        if not is_quoted:
            return f"{found[0]}s", found.end()
    return "", end


def _with_article(text: str, start: int, phrase: str) -> tuple[int, str]:
    """The phrase as it follows what stands before it: no second article, and `a` or `an` as its sound asks."""
    before = text[max(0, start - 60) : start]
    found = _BEFORE.search(before)
    short = bare(phrase)
    if found is None or short == phrase:
        return start, phrase
    if found[1].lower() not in ("a", "an"):
        return start, short
    article = "an" if short[:1].lower() in "aeiou" else "a"
    article = article.capitalize() if found[1][0].isupper() else article
    from_ = start - len(before) + found.start(1)
    between = text[from_ + len(found[1]) : start]
    return from_, article + between + short


def _said_already(text: str, start: int, end: int, phrase: str) -> Edit | None:
    """`the on-call engineer, Ada, said` and `Ada (on-call engineer) said` name the role themselves."""
    role = re.escape(bare(phrase)).replace(r"\ ", r"\s+")
    behind = re.compile(
        rf"\s*(?:\(\s*|,\s+)(?:(?:the|our|an?|my)\s+)?{role}(?:\s*\)|(?=[,.;:)]|\s+and\b|\Z),?)", re.I
    )
    if found := behind.match(text, end):
        is_bracket = text[end : found.end()].lstrip().startswith("(")
        if is_bracket == text[end : found.end()].rstrip().endswith(")"):
            shown = phrase[:1].upper() + phrase[1:] if begins_sentence(text, start) else phrase
            return Edit(
                start, found.end(), _with_article(text, start, shown)[1] if shown == phrase else shown
            )
    before = text[max(0, start - 120) : start]
    ahead = re.search(rf"(?<!\w){role}(\s+|,\s+|\s*\(\s*)\Z", before, re.I)
    if ahead is None:
        return None
    gap = ahead[1]
    from_ = start - len(gap)
    if "(" in gap:
        return Edit(from_, end + 1, "") if text[end : end + 1] == ")" else None
    if "," in gap and text[end : end + 1] == ",":
        return Edit(from_, end + 1, "")
    if "," in gap and not re.match(r"[.;:!?)]|\Z", text[end:]):
        return None
    return Edit(from_, end, "")


def _is_shouted(text: str, mention: Mention) -> bool:
    """Whether the words around are written in capitals too."""
    if not mention.surface.isupper() or len(mention.surface) < 3:
        return False
    around = text[max(0, mention.start - 25) : mention.start] + " " + text[mention.end : mention.end + 25]
    letters = [sign for sign in around if sign.isalpha()]
    return len(letters) > 5 and all(sign.isupper() for sign in letters)


def joined(text: str, one: Mention, two: Mention) -> int | None:
    """Where `Ada (@ada)` ends, which is one mention; None for two that stand apart."""
    if one.people != two.people or Place.CODE in (one.place, two.place):
        return None
    if two.place is Place.LINK and two.part and two.part.kept is None and two.kind is Kind.EMAIL:
        start, end = two.part.whole
        return end if not text[one.end : start].strip() and one.end < start else None
    if one.place is not two.place:
        return None
    gap = text[one.end : two.start].strip()
    if gap in _IN_CLOSERS and text[two.end : two.end + 1] == _IN_CLOSERS[gap]:
        return two.end + 1
    return None
