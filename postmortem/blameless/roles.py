"""People become roles: names, handles and addresses of known people in the texts of a write-up. Pure.

Give `Renaming` everybody who is known, what they did, what was decided, and the texts; it says who is named where,
what each becomes, and what the texts read like then. The parts stand in `roles_<part>.py`: `book` knows spellings,
`markdown` what is code and what a link, `find` and `context` decide what is a name, `grammar` keeps sentences whole.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from postmortem.blameless.roles_book import Book, Kind, Known
from postmortem.blameless.roles_find import Mention, find_mentions, strongly_named
from postmortem.blameless.roles_grammar import Edit, edit_for, joined
from postmortem.blameless.roles_markdown import Place
from postmortem.blameless.roles_phrases import clean_phrase, is_colleague, phrases_from, with_colleagues
from postmortem.blameless.roles_references import inline_references
from postmortem.blameless.roles_unknown import unknown_names
from postmortem.text.slugs import slugify

__all__ = ["Book", "Choice", "Found", "Kind", "Known", "Mention", "Place", "Renaming", "Source"]

LINK_LEFT_OUT = "(link left out)"


@dataclass(frozen=True)
class Source:
    """One text. `key` says which (`body`, `events/12/text`); `place` is what a text without Markdown is."""

    key: str
    text: str
    is_markdown: bool = True
    place: Place = Place.TEXT


@dataclass(frozen=True)
class Choice:
    """What an editor decided. Without a person it is about a name that nobody here has; see `NamingChoice`."""

    person_id: int | None
    surface: str
    replacement: str = ""
    is_left: bool = False


@dataclass(frozen=True)
class Found:
    """A mention in one of the texts, and what it becomes; None where it stays."""

    source: str
    mention: Mention
    phrase: str | None


class Renaming:
    """The names of one write-up's texts.

    `roles` are pairs of person and role in words, in an order that stays; `authors` are in the cast. Those who
    `agreed` stay named unless a choice about one mention says otherwise.
    """

    def __init__(
        self,
        book: Book,
        sources: Sequence[Source],
        *,
        roles: Iterable[tuple[int, str]] = (),
        authors: Collection[int] = (),
        agreed: Collection[int] = (),
        choices: Sequence[Choice] = (),
    ) -> None:
        self._roles = [(id_, role) for id_, role in roles if id_ in book.people]
        self.agreed = frozenset(agreed)
        self._everywhere = {each.person_id: each for each in choices if each.person_id and not each.surface}
        self._single = {
            (each.person_id, each.surface): each for each in choices if each.person_id and each.surface
        }
        self._strangers = _strangers(choices)
        self.book = _with_strangers(book, self._strangers).with_participants(id_ for id_, _ in self._roles)
        self.sources = {each.key: _prepared(each, self.book) for each in sources}
        named = (strongly_named(each.text, self.book, is_markdown=each.is_markdown) for each in sources)
        strangers = {-number for number in range(1, 1 + len(self._strangers))}
        self.cast = {id_ for id_, _ in self._roles}.union(authors, strangers, *named)

    @cached_property
    def mentions(self) -> list[tuple[str, Mention]]:
        """Every mention of somebody known, with the text it stands in."""
        return [
            (each.key, mention)
            for each in self.sources.values()
            for mention in find_mentions(
                each.text, self.book, self.cast, is_markdown=each.is_markdown, place=each.place
            )
        ]

    @cached_property
    def phrases(self) -> dict[int, str]:
        """What each person becomes."""
        chosen = {
            id_: phrase
            for id_, each in self._everywhere.items()
            if id_ and (phrase := clean_phrase(each.replacement))
        }
        kept = {id_: phrase for id_, phrase in chosen.items() if is_colleague(phrase)}
        fixed = self._own_phrases() | {id_: chosen[id_] for id_ in chosen if id_ not in kept}
        strangers = {-n: clean_phrase(each.replacement) for n, each in enumerate(self._strangers, 1)}
        mentioned = [m.people[0] for _, m in self.mentions if m.person_id and self._may_become(m)]
        return with_colleagues(fixed | strangers, list(dict.fromkeys(mentioned)), kept)

    @cached_property
    def found(self) -> list[Found]:
        """Every mention with what it becomes."""
        return [Found(source, mention, self._phrase(mention)) for source, mention in self.mentions]

    @cached_property
    def texts(self) -> dict[str, str]:
        """The texts as readers will see them."""
        by_source: dict[str, list[Found]] = {key: [] for key in self.sources}
        for each in self.found:
            by_source[each.source].append(each)
        return {key: replaced(self.sources[key].text, found) for key, found in by_source.items()}

    def unknown(self) -> list[str]:
        """Names that nobody here has, and those that several have; each once."""
        doubtful = [m.surface for _, m in self.mentions if len(m.people) > 1]
        found: dict[str, None] = dict.fromkeys(doubtful)
        for each in self.sources.values():
            taken = [(m.start, m.end) for key, m in self.mentions if key == each.key]
            found |= dict.fromkeys(unknown_names(each.text, taken, is_markdown=each.is_markdown))
        # Who is offered in full is not offered by a part of the name as well.
        parts = {part for name in found for part in name.split() if " " in name}
        return [name for name in found if name not in parts]

    def names_in_slug(self, slug: str) -> bool:
        """Whether an address holds a name that is replaced."""
        plain = "-".join(part for part in slug.split("-") if part)
        singular = "-".join(part.removesuffix("s") if len(part) > 3 else part for part in slug.split("-"))
        for text in (plain, singular):
            for mention in find_mentions(text, self.book, self.cast, is_markdown=False, place=Place.LINK):
                if mention.is_sure and self._phrase(mention) is not None:
                    return True
        surfaces = [each.mention.surface for each in self.found if each.source == "title" and each.phrase]
        spelt = {slugify(name) for surface in surfaces for name in (surface, f"{surface}s")}
        return any(f"-{name}-" in f"-{plain}-" for name in spelt)

    def phrase_for(self, person_id: int) -> str:
        """What a person becomes, also one whom no text names."""
        return self.phrases.get(person_id) or with_colleagues(self.phrases, [person_id], {})[person_id]

    def _own_phrases(self) -> dict[int, str]:
        return phrases_from((id_, role) for id_, role in self._roles if not self._names_somebody(role))

    def _names_somebody(self, role: str) -> bool:
        return any(m.is_sure for m in find_mentions(role, self.book, self.cast, is_markdown=False))

    def _may_become(self, mention: Mention) -> bool:
        return self._decided(mention) is not False

    def _decided(self, mention: Mention) -> bool | None:
        """Whether a mention is replaced: True, False."""
        person_id = mention.person_id
        if person_id is None:
            return False
        single = self._single.get((person_id, mention.key))
        if single is not None:
            return not single.is_left
        everywhere = self._everywhere.get(person_id)
        if everywhere is not None and everywhere.is_left:
            return False
        return mention.is_sure and person_id not in self.agreed

    def _phrase(self, mention: Mention) -> str | None:
        return self.phrase_for(mention.people[0]) if self._decided(mention) else None


def replaced(text: str, found: Sequence[Found]) -> str:
    """The text with every mention that has a phrase replaced by it."""
    edits: list[Edit] = []
    pending = [each for each in found if each.phrase is not None]
    index = 0
    while index < len(pending):
        mention, phrase = pending[index].mention, pending[index].phrase or ""
        if mention.place is Place.LINK and mention.part is not None:
            edits += _without_link(text, mention, phrase)
        else:
            edit = edit_for(text, mention, phrase)
            if index + 1 < len(pending) and (end := joined(text, mention, pending[index + 1].mention)):
                edit = Edit(edit.start, max(edit.end, end), edit.text)
                index += 1
            edits.append(edit)
        index += 1
    return _applied(text, edits)


def _without_link(text: str, mention: Mention, phrase: str) -> list[Edit]:
    part = mention.part
    assert part is not None  # noqa: S101
    if part.kept is not None:
        return [Edit(part.whole[0], part.kept[0], ""), Edit(part.kept[1], part.whole[1], "")]
    start, end = part.whole
    if "=" in text[max(0, start - 8) : start]:
        return [Edit(start, end, "#")]
    if mention.kind is Kind.EMAIL:
        return [Edit(start, end, phrase)]
    return [Edit(start, end, LINK_LEFT_OUT)]


def _applied(text: str, edits: Iterable[Edit]) -> str:
    pieces, position = [], 0
    for edit in sorted(set(edits), key=lambda each: (each.start, -each.end)):
        if edit.start < position:
            continue
        pieces += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join((*pieces, text[position:]))


def _prepared(source: Source, book: Book) -> Source:
    if not source.is_markdown:
        return source

    def is_named(text: str) -> bool:
        return bool(find_mentions(text, book, book.people, is_markdown=False, place=Place.LINK))

    return Source(source.key, inline_references(source.text, is_named), True, source.place)


def _strangers(choices: Iterable[Choice]) -> list[Choice]:
    return [
        each
        for each in choices
        if each.person_id is None and each.surface and each.replacement.strip() and not each.is_left
    ]


def _with_strangers(book: Book, strangers: Sequence[Choice]) -> Book:
    """The book and those whom an editor wants replaced although nobody here is called so; their numbers are negative."""
    if not strangers:
        return book
    added: Mapping[int, Known] = {
        -number: _stranger(-number, each.surface) for number, each in enumerate(strangers, 1)
    }
    return Book((*book.entries, *added.values()))


def _stranger(id_: int, surface: str) -> Known:
    if surface.startswith("@"):
        return Known(id_, "", handle=surface[1:])
    return Known(id_, "", email=surface) if "@" in surface else Known(id_, surface)
