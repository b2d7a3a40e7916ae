"""Which role stands for whom: from what people did in the incident, the same in the whole write-up. Pure."""

import re
from collections.abc import Iterable, Sequence

from postmortem.text.clean import clean_source

COLLEAGUE = "a colleague"
LEAD = "incident lead"
_ORDINALS = [
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
]
# What `ordinal` makes, as a pattern.
ORDINAL = "|".join([*_ORDINALS, r"\d+(?:st|nd|rd|th)"])
_NUMBERED = re.compile(r"an? (?:[\w]+ )?colleague")
# Signs that Markdown or an address would read as its own.
_NO_WORDS = re.compile(r"[\\`*_{}\[\]<>|#@~$^=\"\x00-\x1f\x7f-\x9f]+")
LONGEST = 100


def clean_phrase(raw: str) -> str:
    """A role as it can stand in a sentence: without signs that mean something to Markdown."""
    return " ".join(_NO_WORDS.sub(" ", clean_source(raw)).split())[:LONGEST].strip()


def role_noun(role: str) -> str:
    """A role in words without article and capitals: `The On-Call Engineer` is *on-call engineer*."""
    words = re.sub(r"^(?:the|an?)\s+", "", clean_phrase(role).rstrip(".,;:"), flags=re.I).split()
    is_titled = all(word[:1].isupper() or not word[:1].isalpha() for word in words)
    return " ".join(_lowered(word) if number == 0 or is_titled else word for number, word in enumerate(words))


def _lowered(word: str) -> str:
    letters = [sign for sign in word if sign.isalpha()]
    is_name = len(letters) < 2 or any(sign.isupper() for sign in letters[1:])
    if is_name and not re.fullmatch(r"[A-Z][a-z]+(?:-[A-Z][a-z]+)+", word):
        return word
    return word.lower()


def phrases_from(roles: Iterable[tuple[int, str]]) -> dict[int, str]:
    """`the on-call engineer`, then `the second on-call engineer`, in this order; each person's first role counts."""
    found: dict[int, str] = {}
    used: dict[str, int] = {}
    for person_id, role in roles:
        noun = role_noun(role)
        if person_id in found or not noun:
            continue
        count = used[noun.casefold()] = used.get(noun.casefold(), 0) + 1
        found[person_id] = f"the {noun}" if count == 1 else f"the {ordinal(count)} {noun}"
    return found


def with_colleagues(phrases: dict[int, str], others: Sequence[int], kept: dict[int, str]) -> dict[int, str]:
    """The phrases, and for those without one `a colleague`, `a second colleague`; `kept` are those they had before."""
    found = dict(phrases)
    found.update({id_: phrase for id_, phrase in kept.items() if id_ not in found})
    taken, number = set(found.values()), 1
    for id_ in others:
        if id_ in found:
            continue
        while colleague(number) in taken:
            number += 1
        found[id_] = colleague(number)
        taken.add(found[id_])
    return found


def colleague(number: int) -> str:
    """What the first, second, ... person without a role is called."""
    if number == 1:
        return COLLEAGUE
    word = ordinal(number)
    return f"{'an' if word[0] in 'e' or word.startswith(('18', '11', '8')) else 'a'} {word} colleague"


def is_colleague(phrase: str) -> bool:
    """Whether a phrase was given for want of a role."""
    return _NUMBERED.fullmatch(phrase) is not None


def ordinal(number: int) -> str:
    if 2 <= number < 2 + len(_ORDINALS):
        return _ORDINALS[number - 2]
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
