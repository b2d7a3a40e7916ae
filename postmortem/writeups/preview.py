"""What publishing would show: every text with its blocks frozen and names replaced, before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from postmortem.text.markdown import render
from postmortem.writeups import blocks
from postmortem.writeups.closed_references import closed_references
from postmortem.writeups.frozen import frozen_of
from postmortem.writeups.models import Writeup
from postmortem.writeups.naming import Published, names_of
from postmortem.writeups.naming_page import NamesPage, names_page


@dataclass(frozen=True)
class Preview:
    """`texts` are what publishing stores; `body_html` is their body rendered; `printed` says what the blocks lack.

    `closed_references` are numbers in it that not all readers may see.
    """

    texts: Published
    body_html: str
    headings: Sequence[Sequence[object]]
    names: NamesPage
    is_address_left: bool
    tags_left: Sequence[str]
    printed: blocks.Frozen
    closed_references: Sequence[str]


def as_published(session: Session, writeup: Writeup, reason: str = "") -> Preview:
    """The write-up as readers would see it if it were published now, with the reason why it is published again."""
    frozen, names = frozen_of(session, [writeup.id])[writeup.id], names_of(session, [writeup.id])
    filled = blocks.freeze(session, writeup, writeup.body)
    renaming = names.renaming(writeup, filled.body, frozen, " ".join(reason.split()))
    texts = names.published(writeup, renaming, frozen)
    rendered = render(texts.body)
    closed = closed_references(session, writeup, texts)
    return Preview(
        texts=texts,
        body_html=rendered.html,
        headings=[[each.level, each.id, each.text] for each in rendered.headings],
        names=names_page(renaming, names.choices(writeup.id)),
        is_address_left=renaming.names_in_slug(writeup.slug),
        tags_left=names.tags_with_names(writeup.id, renaming),
        printed=filled,
        closed_references=closed,
    )


def names_listed(session: Session, writeup: Writeup, reason: str = "") -> NamesPage:
    """The names on the publishing page, without its texts."""
    frozen, names = frozen_of(session, [writeup.id])[writeup.id], names_of(session, [writeup.id])
    body = blocks.freeze(session, writeup, writeup.body).body
    renaming = names.renaming(writeup, body, frozen, " ".join(reason.split()))
    return names_page(renaming, names.choices(writeup.id))
