"""Replacing a person's name in texts: sources first, then everything that is made from them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace as with_values
from typing import Any

from sqlalchemy import inspect, select, update
from sqlalchemy.orm import Session

from postmortem.action_reviews.models import ActionReview
from postmortem.actions import operations as actions
from postmortem.actions import operations_comments as comments
from postmortem.incidents import operations as incidents
from postmortem.incidents.models import Incident
from postmortem.leaving.finding import matching, slugs_to_change
from postmortem.leaving.places import PLACES, SLUGS, Place, TextKind
from postmortem.leaving.words import Replacer
from postmortem.readers.models import ReaderAnswer, ReaderQuestion
from postmortem.reviews.models import Review, ReviewComment
from postmortem.tags.models import Tag
from postmortem.text.markdown import RENDERER_VERSION, render_many
from postmortem.timeline import operations as timeline
from postmortem.writeups import operations as writeups
from postmortem.writeups.models import Publication, Revision, Writeup
from postmortem.writeups.models_around import WriteupOldSlug

_AT_ONCE = 500
# Markdown of which no noun's `render_again` takes care here.
_BESIDE: dict[Any, str] = {ActionReview: "notes", Review: "text", ReviewComment: "text"}
_BESIDE |= {ReaderQuestion: "text", ReaderAnswer: "text"}
_OF_WRITEUPS = (Writeup, Revision, Publication)


def rename_addresses(session: Session, replace: Replacer, kinds: Collection[TextKind]) -> Replacer:
    """Change the addresses that were made of a name; returns a replacer that also knows the old ones."""
    renamed: dict[str, str] = {}
    for model, kind in SLUGS.items():
        if kind not in kinds:
            continue
        for id_, old, new in slugs_to_change(session, model, replace):
            session.get_one(model, id_).slug = new
            renamed[old] = new
    if TextKind.WRITEUPS in kinds:
        # Addresses that publishing left because of the name: they go, and stand nowhere any more.
        for id_, old, _ in slugs_to_change(session, WriteupOldSlug, replace):
            left = session.get_one(WriteupOldSlug, id_)
            renamed[old] = session.get_one(Writeup, left.writeup_id).slug
            session.delete(left)
    session.flush()
    return with_values(replace, renamed=renamed)


def replace_texts(session: Session, replace: Replacer, kinds: Collection[TextKind]) -> None:
    """Replace what stands in these kinds of record and, whatever the kinds, who wrote and who asked."""
    touched: set[int] = set()
    for place in PLACES:
        if place.kind is None or place.kind in kinds:
            for row in _rows(session, place, matching(session, place, replace)):
                _replace_row(session, row, place, replace)
                if place.model in _OF_WRITEUPS:
                    touched.add(row.id if place.model is Writeup else row.writeup_id)
            session.flush()
    _give_new_numbers(session, sorted(touched))
    for noun in (incidents, timeline, actions, comments, writeups):
        noun.render_again(session)
    for model, source in _BESIDE.items():
        _render_changed(session, model, source)
    session.flush()


def _render_changed(session: Session, model: Any, source: str) -> None:
    """Render what was changed just now of this kind."""
    changed = select(model).where(model.rendered_with == 0).order_by(model.id)
    while rows := session.scalars(changed.limit(_AT_ONCE)).all():
        texts = [getattr(row, source) for row in rows]
        for row, rendered in zip(rows, render_many(texts), strict=True):
            setattr(row, f"{source}_html", rendered.html)
            row.rendered_with = RENDERER_VERSION
        session.flush()


def _replace_row(session: Session, row: Any, place: Place, replace: Replacer) -> None:
    for name in place.columns:
        old = getattr(row, name)
        if (new := replace.value(old)) != old:
            limit = getattr(inspect(place.model).columns[name].type, "length", None)
            setattr(row, name, new[:limit] if isinstance(new, str) else new)
    if "rendered_with" in inspect(place.model).columns:
        row.rendered_with = 0
    if isinstance(row, Incident):
        row.search_text = f"{row.title}\n{row.summary}".casefold()
    if isinstance(row, Tag) and session.scalar(select(Tag.id).where(Tag.name == row.name, Tag.id != row.id)):
        row.name = f"{row.name[:40]}-{row.id}"


def _give_new_numbers(session: Session, writeup_ids: Sequence[int]) -> None:
    """What readers see gets the next number: browsers and feed readers keep a page by it, with the name in it."""
    last: dict[int, int] = defaultdict(int)
    for chunk in _chunks(writeup_ids):
        of_these = Publication.writeup_id.in_(chunk)
        session.execute(update(Publication).where(of_these).values(rendered_with=0))
        for writeup_id, number in session.execute(
            select(Publication.writeup_id, Publication.number).where(of_these)
        ):
            last[writeup_id] = max(last[writeup_id], number)
        for writeup in session.scalars(select(Writeup).where(Writeup.id.in_(chunk))):
            writeup.rendered_with = 0
            if writeup.publication_number is not None:
                current = (
                    Publication.writeup_id == writeup.id,
                    Publication.number == writeup.publication_number,
                )
                writeup.publication_number = last[writeup.id] + 1
                session.execute(update(Publication).where(*current).values(number=writeup.publication_number))
    session.flush()


def _rows(session: Session, place: Place, ids: Sequence[int]) -> Iterator[Any]:
    for chunk in _chunks(ids):
        yield from session.scalars(select(place.model).where(place.model.id.in_(chunk)))


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
