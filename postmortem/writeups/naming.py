"""Who may be named in write-ups, and their texts as readers will see them: what `blameless.roles` needs, read for many at once.

An author stands above the text by name unless they said otherwise. Inside it, only who agreed does.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, union_all
from sqlalchemy import literal as as_column
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.blameless.models import NamingChoice, NamingConsent
from postmortem.blameless.roles import Book, Choice, Known, Place, Renaming, Source
from postmortem.blameless.roles_phrases import LEAD
from postmortem.incidents.models import Incident, Participant
from postmortem.tags.models import Tag
from postmortem.text.markdown import render
from postmortem.writeups.frozen import Frozen, chunks, name_line
from postmortem.writeups.models import Writeup, writeup_authors, writeup_incidents, writeup_tags

LIMITS = {"title": 200, "tldr": 1000, "reason": 500}
# Which texts of each frozen thing are searched; those marked are Markdown.
FROZEN_TEXTS = {"events": ("text", "text_when", "role"), "factors": ("text",), "actions": ("title",)}
_MARKDOWN = {("events", "text"), ("factors", "text")}


@dataclass
class _Around:
    """What was read of one write-up."""

    roles: list[tuple[int, str]] = field(default_factory=list)
    authors: list[tuple[int, str]] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    consents: dict[int, bool] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Published:
    """The texts of a write-up as readers will see them."""

    title: str
    tldr: str
    body: str
    author_line: str
    frozen: Frozen
    reason: str


class Names:
    """Everybody who is known, and what was decided about them in these write-ups."""

    def __init__(self, book: Book, around: Mapping[int, _Around]) -> None:
        self.book = book
        self._around = around

    def renaming(self, writeup: Writeup, body: str, frozen: Frozen, reason: str = "") -> Renaming:
        """The names in a write-up's texts; `body` with its blocks frozen, `reason` why it is published again."""
        return self.renaming_of(writeup.id, writeup.title, writeup.tldr, body, frozen, reason)

    def renaming_of(
        self, writeup_id: int, title: str, tldr: str, body: str, frozen: Frozen, reason: str = ""
    ) -> Renaming:
        """The names in any of its texts, also in those that were published before."""
        around = self._around[writeup_id]
        return Renaming(
            self.book,
            [*sources_of(title, tldr, body, frozen), Source("reason", reason, is_markdown=False)],
            roles=around.roles,
            authors=[id_ for id_, _ in around.authors],
            agreed=[id_ for id_, is_agreed in around.consents.items() if is_agreed],
            choices=around.choices,
        )

    def published(self, writeup: Writeup, renaming: Renaming, frozen: Frozen) -> Published:
        """What is stored for readers."""
        texts = renaming.texts
        return Published(
            title=shortened(texts["title"], LIMITS["title"]),
            tldr=shortened(texts["tldr"], LIMITS["tldr"]),
            body=texts["body"],
            author_line=self.author_line(writeup.id, renaming),
            frozen=frozen_with(frozen, texts),
            reason=shortened(texts["reason"], LIMITS["reason"]),
        )

    def author_line(self, writeup_id: int, renaming: Renaming) -> str:
        """Authors by name, and by role where they do not want to be named."""
        around = self._around[writeup_id]
        return name_line(
            [
                name if around.consents.get(id_, True) else renaming.phrase_for(id_)
                for id_, name in around.authors
            ]
        )

    def choices(self, writeup_id: int) -> Sequence[Choice]:
        """What was chosen for this write-up."""
        return self._around[writeup_id].choices

    def tags_with_names(self, writeup_id: int, renaming: Renaming) -> list[str]:
        """Tags that name somebody who becomes a role: readers would see them on the page and in the feed."""
        return [tag for tag in self._around[writeup_id].tags if renaming.names_in_slug(tag)]

    def decided(self, writeup_id: int) -> set[int]:
        """The people about whom a choice for the whole write-up is kept."""
        choices = self._around[writeup_id].choices
        return {each.person_id for each in choices if each.person_id and not each.surface}

    def consent(self, writeup_id: int, person_id: int) -> bool | None:
        """What somebody said about being named; None where they said nothing."""
        return self._around[writeup_id].consents.get(person_id)


def names_of(session: Session, writeup_ids: Sequence[int]) -> Names:
    """What is known of the people in these write-ups: everybody once, and five statements for 500 write-ups."""
    # Whoever was merged into somebody goes on being found by the old name and address, as that other one.
    people = session.execute(
        select(func.coalesce(Person.merged_into_id, Person.id), Person.name, Person.handle, Person.email)
        .where(Person.anonymised_at.is_(None))
        .order_by(Person.merged_into_id.is_not(None), Person.id)
    )
    book = Book(Known(*row) for row in people)
    around: dict[int, _Around] = {id_: _Around() for id_ in writeup_ids}
    for chunk in chunks(writeup_ids):
        for writeup_id, person_id, role, *_ in session.execute(_roles(chunk)):
            around[writeup_id].roles.append((person_id, role))
        for writeup_id, person_id, name in session.execute(_AUTHORS.where(_OF_AUTHORS.in_(chunk))):
            around[writeup_id].authors.append((person_id, name))
        for choice in session.scalars(_CHOICES.where(NamingChoice.writeup_id.in_(chunk))):
            around[choice.writeup_id].choices.append(
                Choice(choice.person_id, choice.surface, choice.replacement, choice.is_left)
            )
        for writeup_id, tag in session.execute(_TAGS.where(writeup_tags.c.writeup_id.in_(chunk))):
            around[writeup_id].tags.append(tag)
        for consent in session.scalars(_CONSENTS.where(NamingConsent.writeup_id.in_(chunk))):
            around[consent.writeup_id].consents[consent.person_id] = consent.is_agreed
    return Names(book, defaultdict(_Around, around))


def sources_of(title: str, tldr: str, body: str, frozen: Frozen) -> list[Source]:
    """Every text of a write-up that readers get to see."""
    sources = [
        Source("title", title, is_markdown=False, place=Place.HEADING),
        Source("tldr", tldr, is_markdown=False),
        Source("body", body),
    ]
    for kind, names in FROZEN_TEXTS.items():
        place = Place.HEADING if kind == "actions" else Place.TEXT
        sources += [
            Source(f"{kind}/{item['id']}/{name}", item[name], (kind, name) in _MARKDOWN, place)
            for item in frozen[kind]
            for name in names
            if item[name]
        ]
    return sources


def frozen_with(frozen: Frozen, texts: Mapping[str, str]) -> Frozen:
    """The frozen things with these texts, rendered again where they differ."""
    changed: dict[str, Any] = dict(frozen)
    for kind, names in FROZEN_TEXTS.items():
        changed[kind] = [_item(kind, item, names, texts) for item in frozen[kind]]
    return changed


def _item(kind: str, item: dict[str, Any], names: Iterable[str], texts: Mapping[str, str]) -> dict[str, Any]:
    new = item | {name: texts.get(f"{kind}/{item['id']}/{name}", item[name]) for name in names}
    if "html" in item and new["text"] != item["text"]:
        new["html"] = render(new["text"], heading_prefix=f"{kind[:-1]}-{item['id']}-").html
    return new


def line_for_readers(session: Session, writeup_id: int, line: str, limit: int) -> str:
    """A line that stands beside a write-up for all its readers, with the write-up's roles in the place of names."""
    nothing: Frozen = {"events": [], "factors": [], "actions": []}
    texts = names_of(session, [writeup_id]).renaming_of(writeup_id, "", line, "", nothing).texts
    return shortened(texts["tldr"], limit)


def shortened(text: str, limit: int) -> str:
    """A text that roles made longer than its column, cut behind a word."""
    return text if len(text) <= limit else text[: limit - 1].rpartition(" ")[0].rstrip(" ,;") + "…"


def _roles(writeup_ids: Sequence[int]) -> Any:
    """People with what they did, in an order that stays: by incident, as they are listed there, the lead last."""
    link = writeup_incidents.c
    return union_all(
        select(
            link.writeup_id,
            Participant.person_id,
            Participant.role,
            link.incident_id.label("incident"),
            as_column(0).label("is_lead"),
            Participant.position.label("position"),
            Participant.id.label("row"),
        )
        .join(Participant, Participant.incident_id == link.incident_id)
        .where(link.writeup_id.in_(writeup_ids)),
        select(
            link.writeup_id,
            Incident.lead_id,
            as_column(LEAD),
            link.incident_id,
            as_column(1),
            as_column(0),
            as_column(0),
        )
        .join(Incident, Incident.id == link.incident_id)
        .where(link.writeup_id.in_(writeup_ids), Incident.lead_id.is_not(None)),
    ).order_by("writeup_id", "incident", "is_lead", "position", "row")


_OF_AUTHORS = writeup_authors.c.writeup_id
_AUTHORS = (
    select(_OF_AUTHORS, Person.id, Person.name)
    .join(Person, Person.id == writeup_authors.c.person_id)
    .order_by(Person.name, Person.id)
)
_TAGS = (
    select(writeup_tags.c.writeup_id, Tag.name).join(Tag, Tag.id == writeup_tags.c.tag_id).order_by(Tag.name)
)
_CHOICES = select(NamingChoice).order_by(NamingChoice.id)
_CONSENTS = select(NamingConsent).order_by(NamingConsent.id)
