"""Real reports with people made from the names in them, and two questions: is a name left, is another word damaged.

Both are answered without the finder under test: by plain search, and by comparing the words before and after.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache

from postmortem.blameless.roles import Book, Known, Renaming, Source

_LINKS = re.compile(r"(?:https?://|mailto:|(?<=\]: )|<)\S+|[\w.+-]+@[\w.-]+|\[r\]")
_WITH_NAMES = frozenset(["s", "the", "a", "an", "our"])
_WORDS = re.compile(r"[^\W_]+")


def person(id_: int, name: str, handle: str | None = None) -> Known:
    return Known(id_, name, handle, f"{'.'.join(name.lower().split())}@example.org")


# Named in the shared reports, by handle or in full.
NAMED = tuple(
    person(number, name, handle)
    for number, (name, handle) in enumerate(
        (
            ("Rob Brackett", "Mr0grog"),
            ("Matt Aston", "astonm"),
            ("Jaron Offner", "jaronoff97"),
            ("Lucas Heriques", "lucasheriques"),
            ("Paul Schreiber", "paulschreiber"),
            ("Alexandra Allain", "alexallain"),
            ("Steve Bales", None),
            ("Jack Garman", None),
            ("Russ Larson", None),
            ("Bryan Cantrill", None),
            ("Jake Wharton", None),
            ("Fred Hocker", None),
            ("Henrik Hybertsson", None),
            ("Rovion Vavilov", None),
            ("Michael Kehoe", None),
            ("Betsy Beyer", None),
            ("Jennifer Petoff", None),
            ("Niall Richard Murphy", None),
        ),
        1,
    )
)
# Named nowhere in them; but words that look like their names are everywhere.
DECOYS = tuple(
    person(100 + number, name, handle)
    for number, (name, handle) in enumerate(
        (
            ("Will Marsh", "will"),
            ("May Long", "may"),
            ("Mark Field", "mark"),
            ("An Page", "an"),
            ("Grace Hill", "grace"),
            ("Bill Stone", "bill"),
            ("Art Case", "art"),
            ("Rich West", "rich"),
            ("Drew Brown", "drew"),
            ("Hope Young", "hope"),
            ("Sue Cook", "sue"),
            ("Rose Frank", "rose"),
            ("Chase Major", "chase"),
            ("Sky Rivers", "sky"),
            ("Max Power", "max"),
            ("Dawn Summers", "dawn"),
            ("Ray Small", "ray"),
            ("Jan March", "jan"),
            ("Pat King", "pat"),
            ("Travis Green", "travis"),
        ),
        1,
    )
)
ROLES = ((1, "on-call engineer"), (2, "on-call engineer"), (3, "incident lead"), (7, "flight controller"))


@dataclass
class Tally:
    """What was found in all texts."""

    texts: int = 0
    words: int = 0
    mentions: int = 0
    left: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


@cache
def book() -> Book:
    return Book((*NAMED, *DECOYS))


def renaming(text: str) -> Renaming:
    return Renaming(book(), [Source("body", text)], roles=ROLES)


def look_at(name: str, text: str, tally: Tally) -> None:
    """Replace the names of one text and ask both questions."""
    made = renaming(text)
    after = made.texts["body"]
    tally.texts += 1
    tally.words += len(_WORDS.findall(text))
    tally.mentions += sum(each.phrase is not None for each in made.found)
    tally.left += [f"{name}: {found}" for found in names_left(after)]
    tally.damaged += [f"{name}: {found}" for found in words_damaged(text, after)]


def names_left(text: str) -> list[str]:
    """Names, handles and addresses of the known that stand in a text, by plain search."""
    plain = _plain(text)
    found = []
    for each in (*NAMED, *DECOYS):
        spelt = {each.name, each.email, each.name.replace(" ", "-"), each.name.replace(" ", "")}
        spelt |= (
            {each.handle} if each.handle and each in NAMED else {f"@{each.handle}"} if each.handle else set()
        )
        spelt |= set(each.name.split()) - {"Richard"} if each in NAMED else set()
        found += [word for word in spelt if re.search(rf"(?<!\w){re.escape(_plain(word))}(?!\w)", plain)]
    return found


def words_damaged(before: str, after: str) -> Iterator[str]:
    """Words that went although they belong to no name, and words that came although they belong to no role."""
    old, new = _words_of(before), _words_of(after)
    linked = {
        word
        for link in _LINKS.findall(before)
        if link == "[r]" or any(word in _going() - _WITH_NAMES for word in _words_of(link))
        for word in _words_of(link)
    }
    for tag, one, two, three, four in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        strange = [word for word in old[one:two] if word not in _going() | linked]
        strange += [word for word in new[three:four] if word not in _coming()]
        if strange:
            yield (
                " ".join(old[max(0, one - 3) : two + 3])
                + " -> "
                + " ".join(new[max(0, three - 3) : four + 3])
            )


@cache
def _going() -> frozenset[str]:
    """Words of names, and what goes with them: articles, the s of a possessive."""
    words = [word for each in NAMED for word in _words_of(f"{each.name} {each.handle or ''} {each.email}")]
    return frozenset(words) - {"example", "org"} | _WITH_NAMES


@cache
def _coming() -> frozenset[str]:
    made = renaming("\n\n".join(each.name for each in NAMED))
    return frozenset(_words_of(" ".join(made.phrases.values()) + " link left out s a an"))


def _words_of(text: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(text)]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


# Sentences in which somebody is named in every way, to be put between the paragraphs of real texts.
SHAPES: tuple[str, ...] = (
    "{full} restarted the queue.",
    "Then {first} saw it, and {last}'s pager rang.",
    "## {first}’s view",
    "- 10:05 UTC {full} asked @{handle} about it.",
    "| {first} | restarted |\n|---|---|\n| @{handle} | {EMAIL} |",
    "> {first}: it is slow.",
    "Ask <{email}>, [{first}](https://chat.example/@{handle}) or https://chat.example/@{handle} for it.",
    "```\nssh {handle}@host # {full} <{email}>\n```",
    "Run `sudo -u {handle}` as {FULL} did.",
    "![{first} at the graph](/attachments/0123456789abcdef)",
    "Both **{full}** and *{first}* ({email}) were there.",
    "[{first}'s change][r]\n\n[r]: https://code.example/{handle}/1",
)


def planted(text: str, who: Iterable[Known], shapes: Iterable[str]) -> str:
    """A text with the shapes between its paragraphs, outside of its code."""
    paragraphs = (
        re.split(r"\n{2,}(?=[#A-Z-])", text) if "```" not in text and "\n    " not in text else [text]
    )
    lines = []
    for each, shape in zip(who, shapes, strict=True):
        first, *_, last = each.name.split()
        values = {"full": each.name, "first": first, "last": last, "handle": each.handle or first.lower()}
        lines.append(
            shape.format(**values, email=each.email, EMAIL=each.email.upper(), FULL=each.name.upper())
        )
    step = max(1, len(paragraphs) // (len(lines) + 1))
    for number, line in enumerate(lines):
        paragraphs.insert(min(len(paragraphs), (number + 1) * (step + 1)), line)
    return "\n\n".join(paragraphs)
