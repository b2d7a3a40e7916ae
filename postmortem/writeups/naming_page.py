"""The names of a write-up as the publishing page lists them, and what was ticked there as choices. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from postmortem.blameless.roles import Choice, Found, Renaming
from postmortem.blameless.roles_phrases import clean_phrase
from postmortem.text.clean import clean_source

if TYPE_CHECKING:
    # The worker makes these pages too, and loads no web framework.
    from werkzeug.datastructures import MultiDict

# Where a mention stands, by the first part of its text's key.
WHERE = {
    "title": "Title",
    "tldr": "In short",
    "body": "Text",
    "events": "Timeline",
    "factors": "Contributing factor",
    "actions": "Action",
    "reason": "Why it is published again",
}


@dataclass(frozen=True)
class MentionRow:
    """One mention (or several that stand between the same words)."""

    id: str
    key: str
    where: str
    place: str
    before: str
    surface: str
    after: str
    becomes: bool
    is_sure: bool


@dataclass
class PersonRow:
    """A person with every mention of them; `phrase` is what they become, `own` what they would without a choice."""

    id: int
    name: str
    email: str
    phrase: str
    is_left: bool
    has_agreed: bool
    mentions: list[MentionRow] = field(default_factory=list)

    @property
    def sure(self) -> list[MentionRow]:
        return [each for each in self.mentions if each.is_sure]

    @property
    def doubtful(self) -> list[MentionRow]:
        """Words that only look like the name."""
        return [each for each in self.mentions if not each.is_sure]

    @property
    def doubtful_count(self) -> int:
        return len(self.doubtful)


@dataclass(frozen=True)
class UnknownRow:
    """A name that nobody here has, or several; `phrase` is what was chosen for it."""

    id: str
    surface: str
    phrase: str


@dataclass(frozen=True)
class NamesPage:
    """Everybody named, those named for certain first; and the names nobody here has."""

    people: Sequence[PersonRow]
    unknown: Sequence[UnknownRow]

    @property
    def certain(self) -> list[PersonRow]:
        return [row for row in self.people if row.sure]

    @property
    def only_doubtful(self) -> list[PersonRow]:
        return [row for row in self.people if not row.sure]


def names_page(renaming: Renaming, choices: Sequence[Choice]) -> NamesPage:
    """What the page lists; `choices` are those kept."""
    left = {each.person_id for each in choices if each.person_id and not each.surface and each.is_left}
    rows: dict[int, PersonRow] = {}
    seen: set[tuple[int, str]] = set()
    for found in renaming.found:
        person_id = found.mention.person_id
        if person_id is None or person_id < 0:
            continue
        if person_id not in rows:
            rows[person_id] = _person(renaming, person_id, person_id in left)
        if (person_id, found.mention.key) not in seen:
            seen.add((person_id, found.mention.key))
            rows[person_id].mentions.append(_mention(found, person_id))
    chosen = {each.surface: each.replacement for each in choices if each.person_id is None}
    surfaces = dict.fromkeys([*chosen, *renaming.unknown()])
    unknown = [UnknownRow(_id(surface), surface, chosen.get(surface, "")) for surface in surfaces]
    return NamesPage(list(rows.values()), unknown)


# What several values are sent for; everything else once.
TICKED = ("leave", "shown", "become")


def sent_choices(form: "MultiDict[str, str]", page: NamesPage) -> list[Choice]:
    """What was ticked and typed, as choices: only where it differs from what holds. Nothing, where no list was sent.

    Fields: `names` says that the list was sent; `role-<email>` a role, `leave` the addresses of those who stay named;
    `shown` the mentions on the page and `become` those ticked; `as-<id>` what becomes of an unknown name; `another` a
    name that the page does not list, with `another_as`.
    """
    if not form.get("names"):
        return []
    found: list[Choice] = []
    for row in page.people:
        found += _about(row, form)
    for unknown in page.unknown:
        phrase = clean_phrase(form.get(f"as-{unknown.id}", unknown.phrase))
        if phrase != unknown.phrase:
            found.append(Choice(None, unknown.surface, phrase))
    if (surface := " ".join(clean_source(form.get("another", "")).split())[:200]) and (
        phrase := clean_phrase(form.get("another_as", ""))
    ):
        found.append(Choice(None, surface, phrase))
    return found


def _about(row: PersonRow, form: "MultiDict[str, str]") -> list[Choice]:
    phrase = clean_phrase(form.get(f"role-{row.email}", row.phrase)) or row.phrase
    is_left = row.email in form.getlist("leave")
    found: list[Choice] = []
    if phrase != row.phrase or is_left != row.is_left:
        found.append(Choice(row.id, "", phrase if phrase != row.phrase else "", is_left))
    if is_left != row.is_left:
        # Who is to stay named, or no longer: the ticks on the page were made for the other.
        return found
    shown, become = set(form.getlist("shown")), set(form.getlist("become"))
    for mention in row.mentions:
        wanted = mention.id in become
        if mention.id in shown and wanted != mention.becomes:
            found.append(Choice(row.id, mention.key, "", is_left=not wanted))
    return found


def _person(renaming: Renaming, person_id: int, is_left: bool) -> PersonRow:
    known = renaming.book.people[person_id]
    return PersonRow(
        id=person_id,
        name=known.name,
        email=known.email,
        phrase=renaming.phrase_for(person_id),
        is_left=is_left,
        has_agreed=person_id in renaming.agreed,
    )


def _mention(found: Found, person_id: int) -> MentionRow:
    mention = found.mention
    before, after = mention.context
    return MentionRow(
        id=_id(f"{person_id} {mention.key}"),
        key=mention.key,
        where=WHERE[found.source.partition("/")[0]],
        place="" if mention.place.value == "text" else mention.place.value,
        before=before.rpartition("\n")[2],
        surface=mention.surface,
        after=after.partition("\n")[0],
        becomes=found.phrase is not None,
        is_sure=mention.is_sure,
    )


def _id(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
