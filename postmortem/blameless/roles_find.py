"""Every mention of somebody known in a text, with its place and kind. Pure."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from postmortem.blameless.roles_book import Book, Keys, Kind
from postmortem.blameless.roles_context import Spot, Verdict, is_wordlike, judge
from postmortem.blameless.roles_markdown import Part, Parts, Place
from postmortem.blameless.roles_spelling import Word, fold, keys, words
from postmortem.blameless.roles_words import HONORIFICS

AROUND = 40
_EMAIL = re.compile(r"(?<![\w.+-])\w[\w.+'-]{0,63}\\?(?:@|%40)[\w-]+(?:\\?\.[\w-]+)+")
_HANDLE = re.compile(r"(?:(?<![\w@.%])\\?@|%40)(\w(?:[\w.-]*\w)?)")
_DASHES = "-‐‑"
# Between the words of one name: blanks with emphasis, or one sign that joins.
_BLANK = r"(?:[*_~]{0,3}(?:[ \t\u00a0\u202f]|&nbsp;){1,4}[*_~]{0,3}|[ \t]*\n[ \t>]*)"
_JOINER = r"(?:\\?[-‐‑'’ʼ`´._]|&(?:\#39|\#8217|rsquo|apos);|%20|\+)"
_GAP = re.compile(rf"{_BLANK}|{_JOINER}")
_GAP_BEHIND_INITIAL = re.compile(rf"\.?{_BLANK}|\.")
_REVERSED_GAP = re.compile(rf",{_BLANK}")
_HONORIFIC = re.compile(rf"(?<!\w)(?:{'|'.join(HONORIFICS)})\.?[ \t\u00a0]+\Z", re.I)
_STRONG = (Kind.FULL_NAME, Kind.HANDLE, Kind.EMAIL)


@dataclass(frozen=True)
class Mention:
    """Somebody named at `start` to `end`. `people` are those it can mean; exactly one where that is clear.

    Where `is_sure`, it is replaced unless somebody says otherwise; else it is left unless somebody says so. `part`
    is the part of the text it stands in.
    """

    start: int
    end: int
    surface: str
    kind: Kind
    place: Place
    people: tuple[int, ...]
    is_sure: bool
    part: Part | None = field(default=None, compare=False)
    context: tuple[str, str] = ("", "")

    @property
    def person_id(self) -> int | None:
        return self.people[0] if len(self.people) == 1 else None

    @property
    def key(self) -> str:
        """What a choice about this one mention is remembered by: its words, with those around them."""
        before, after = (" ".join(side.split()) for side in self.context)
        return f"{before}«{self.surface}»{after}"[:200]


def strongly_named(text: str, book: Book, *, is_markdown: bool = True) -> set[int]:
    """Who is named beyond doubt: in full, by handle or by address."""
    found = _Finder(text, book, frozenset(), is_markdown=is_markdown).strong()
    return {id_ for mention in found for id_ in mention.people}


def find_mentions(
    text: str,
    book: Book,
    cast: Collection[int] = (),
    *,
    is_markdown: bool = True,
    place: Place = Place.TEXT,
) -> list[Mention]:
    """The mentions of a text, in order and without overlaps.

    `cast` are those whom the text is about: takers part, authors, and who is named in full somewhere in it. A name
    that several have means the one of them who is in it. `place` is what a plain text is.
    """
    return _Finder(text, book, frozenset(cast), is_markdown=is_markdown, place=place).all()


class _Finder:
    def __init__(
        self,
        text: str,
        book: Book,
        cast: frozenset[int],
        *,
        is_markdown: bool = True,
        place: Place = Place.TEXT,
    ) -> None:
        self.text, self.book, self.cast, self.default = text, book, cast, place
        self.parts = Parts(text, is_markdown=is_markdown)
        self.words: Sequence[Word] = list(words(text))
        self.taken = bytearray(len(text))

    def strong(self) -> list[Mention]:
        found = list(self._emails())
        self._take(found)
        found += self._handles()
        self._take(found)
        return found + [mention for mention in self._names() if mention.kind in _STRONG and mention.is_sure]

    def all(self) -> list[Mention]:
        found = list(self._emails())
        self._take(found)
        found += self._handles()
        self._take(found)
        return sorted((*found, *self._names()), key=lambda mention: mention.start)

    def _emails(self) -> Iterator[Mention]:
        for found in _EMAIL.finditer(self.text):
            address = found[0].replace("\\", "").replace("%40", "@").casefold()
            owner = self.book.emails.get(address)
            if owner is not None:
                yield self._mention(*found.span(), Kind.EMAIL, {owner})
                continue
            local = address.partition("@")[0]
            owners = self.book.owners(keys(local))
            people = {id_ for kind in _STRONG for id_ in owners.get(kind, ())}
            if not people and not is_wordlike(local):
                people = {id_ for ids in owners.values() for id_ in ids}
            if people:
                yield self._mention(*found.span(), Kind.EMAIL, self._meant(people, is_certain=True))

    def _handles(self) -> Iterator[Mention]:
        for found in _HANDLE.finditer(self.text):
            owner = self.book.handles.get(fold(found[1]))
            if owner is not None and not self.taken[found.start()]:
                yield self._mention(*found.span(), Kind.HANDLE, {owner})

    def _take(self, found: Sequence[Mention]) -> None:
        for mention in found:
            self.taken[mention.start : mention.end] = b"\x01" * (mention.end - mention.start)

    def _names(self) -> Iterator[Mention]:
        index = 0
        while index < len(self.words):
            found = None if self._is_taken(self.words[index]) else self._name_at(index)
            if found is None:
                index += 1
                continue
            mention, last = found
            yield mention
            index = last + 1

    def _is_taken(self, word: Word) -> bool:
        return bool(self.taken[word.start])

    def _name_at(self, index: int) -> tuple[Mention, int] | None:
        maybe: tuple[Mention, int] | None = None
        for spelling in self.book.beginning(self.words[index].key):
            last = index + len(spelling) - 1
            if self._stands_here(spelling, index):
                mention = self._read(spelling, index, last)
                if mention and mention.is_sure:
                    return mention, last
                if mention and maybe is None:
                    maybe = mention, last
        return self._initials(index) or maybe

    def _stands_here(self, spelling: Keys, index: int) -> bool:
        if index + len(spelling) > len(self.words):
            return False
        if any(self.words[index + n].key != key for n, key in enumerate(spelling)):
            return False
        return all(self._gap(index + n, spelling) for n in range(len(spelling) - 1))

    def _gap(self, index: int, spelling: Keys) -> bool:
        one, two = self.words[index], self.words[index + 1]
        gap = self.text[one.end : two.start]
        if not gap:
            return one.is_unspaced and two.is_unspaced
        if _REVERSED_GAP.fullmatch(gap):
            return self._is_reversed(spelling)
        if len(one.key) == 1 and _GAP_BEHIND_INITIAL.fullmatch(gap):
            return one.is_capital
        return _GAP.fullmatch(gap) is not None

    def _is_reversed(self, spelling: Keys) -> bool:
        owners = self.book.owners(spelling).get(Kind.FULL_NAME, set())
        return any(keys(self.book.people[id_].name)[-1] in spelling[:-1] for id_ in owners)

    def _read(self, spelling: Keys, first: int, last: int) -> Mention | None:
        owners = self.book.owners(spelling)
        start, end = self.words[first].start, self.words[last].end
        for kind in (Kind.FULL_NAME, Kind.HANDLE):
            if kind in owners and self._is_clear(kind, spelling, first):
                return self._mention(
                    self._with_what_precedes(start), end, kind, self._meant(owners[kind], is_certain=True)
                )
        people = self._meant({id_ for ids in owners.values() for id_ in ids})
        if Kind.FIRST_NAME not in owners and Kind.LAST_NAME not in owners:
            return None
        is_first = people <= owners.get(Kind.FIRST_NAME, set())
        if is_first or Kind.LAST_NAME not in owners:
            return self._weak(Kind.FIRST_NAME, first, last, people)
        return self._weak(Kind.LAST_NAME, first, last, people)

    def _is_clear(self, kind: Kind, spelling: Keys, first: int) -> bool:
        """A name in full is clear in any case; one of words (`Mark Field`, `A Case`) only with its capitals."""
        if kind is Kind.HANDLE:
            owners = self.book.owners(spelling)
            return len(spelling) > 1 or not (
                is_wordlike(spelling[0]) or Kind.FIRST_NAME in owners or Kind.LAST_NAME in owners
            )
        last = first + len(spelling) - 1
        if len(spelling[0]) == 1 and len(spelling[-1]) > 1:
            has_stop = self.text[self.words[first].end : self.words[first].end + 1] == "."
            is_clear = has_stop or not is_wordlike(spelling[-1])
            return is_clear and self.words[first].is_capital and self.words[last].is_capital
        if all(is_wordlike(key) for key in spelling) and not self.words[first].is_unspaced:
            return all(self.words[index].is_capital for index in range(first, last + 1))
        return True

    def _weak(self, kind: Kind, first: int, last: int, people: set[int]) -> Mention | None:
        start, end = self.words[first].start, self.words[last].end
        own = frozenset(
            key
            for id_ in people
            for key in keys(self.book.people[id_].name)
            if kind is not Kind.FIRST_NAME or key != self.words[first].key
        )
        spot = Spot(self.text, self.words, first, last, self._place(start), bool(people & self.cast), own)
        verdict = judge(kind, spot)
        if verdict is Verdict.NO:
            return None
        start = self._with_what_precedes(start)
        return self._mention(start, end, kind, people, is_sure=verdict is Verdict.SURE)

    def _initials(self, index: int) -> tuple[Mention, int] | None:
        word = self.words[index]
        if word.text in self.book.initials:
            mention = self._weak(Kind.INITIALS, index, index, self.book.initials[word.text])
            return (mention, index) if mention else None
        return None

    def _with_what_precedes(self, start: int) -> int:
        """From the @ or the `Dr.` on, which goes with the name."""
        if self.text[start - 1 : start] == "@":
            return start - 1
        title = _HONORIFIC.search(self.text, max(0, start - 12), start)
        return title.start() if title else start

    def _meant(self, people: set[int], *, is_certain: bool = False) -> set[int]:
        """Of those it can mean, the one whom the text is about; one at any rate where it `is_certain` to be a name."""
        here = people & self.cast
        if len(here) == 1:
            return here
        return {min(here or people)} if is_certain else people

    def _place(self, position: int) -> Place:
        part = self.parts.at(position)
        return part.place if part else self.default

    def _mention(
        self, start: int, end: int, kind: Kind, people: set[int], *, is_sure: bool = True
    ) -> Mention:
        around = self.text[max(0, start - AROUND) : start], self.text[end : end + AROUND]
        return Mention(
            start=start,
            end=end,
            surface=self.text[start:end],
            kind=kind,
            place=self._place(start),
            people=tuple(sorted(people)),
            is_sure=is_sure and len(people) == 1,
            part=self.parts.at(start),
            context=around,
        )
