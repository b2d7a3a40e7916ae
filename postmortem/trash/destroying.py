"""Destroying for good: the rows go, in an order in which nothing is left dangling, and history keeps the fact alone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, union
from sqlalchemy.orm import Session

from postmortem.actions.models import Action
from postmortem.actions.operations import destroy_actions
from postmortem.errors import NotVisible, Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import Actor, blank, record, rewrite
from postmortem.incidents.models import Incident, incident_tags
from postmortem.incidents.operations_deletion import destroy_incident
from postmortem.notifications.models import Follow
from postmortem.tags.models import Tag
from postmortem.text.clean import clean_source
from postmortem.timeline.models import Factor, TimelineEvent, factor_tags
from postmortem.timeline.operations import destroy_events, destroy_factors
from postmortem.trash.around import (
    destroy_around_actions,
    destroy_around_incident,
    destroy_around_writeup,
    destroy_idea,
    of_incident,
)
from postmortem.trash.enums import Kind
from postmortem.trash.queries import MODELS, deleted_row, one_trashed
from postmortem.web.models import FormKey
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Writeup, writeup_incidents, writeup_tags
from postmortem.writeups.operations_deletion import destroy_writeup, let_go_of_incident

REASON_MAX = 500


class _Destroyed:
    """What the last entry is about: a number, without the title that is gone."""

    def __init__(self, kind: Kind, id_: int, label: str) -> None:
        self.__tablename__ = MODELS[kind].__tablename__
        self.id = id_
        self.history_label = label


def destroy(session: Session, kind: Kind, id_: int, *, typed: str, reason: str, actor: Actor) -> str:
    """Remove one deleted thing and all that hangs on it for good; returns what it was called, as its label.

    Its history is emptied, not removed, and tags that nothing else carries go; one new entry says who destroyed which number, when and why. Unpublished
    write-ups about an incident go with it; published ones keep what readers see. Raises NotVisible for what is not
    in the trash (any more), Refused (with the field) unless its number is typed and a reason given, and for an
    incident that an unpublished write-up is about together with others. Call this last before the commit.
    """
    thing = deleted_row(session, kind, id_)
    shown = one_trashed(session, kind, id_)
    if thing is None or shown is None:
        raise NotVisible
    if not _is_named(typed, shown.reference, thing):
        raise Refused(f"Type {shown.reference} to say that you mean this one.", field="number")
    reason = " ".join(clean_source(reason).split())
    if not reason:
        raise Refused("Say why; one sentence is enough.", field="reason")
    if len(reason) > REASON_MAX:
        raise Refused(f"Shorten this to {REASON_MAX} characters.", field="reason")
    tags = _tags_of(session, kind, thing)
    gone = _remove(session, kind, thing, actor)
    _drop_unused(session, tags)
    # A write-up's address is made from its title, which is not to stay.
    label = f"write-up {id_}" if kind is Kind.WRITEUP else shown.reference
    why = record(
        session, "destroyed", _Destroyed(kind, id_, label), actor=actor, changes={"reason": [None, reason]}
    )
    blank(session, gone, because=why)
    if kind is Kind.EVENT:
        _forget_in_factors(session, thing, why)
    return label


def titles_in_the_way(session: Session, number: int) -> list[str]:
    """Unpublished write-ups that are about this incident and about others: nobody can say whose their text is."""
    return [
        writeup.title
        for writeup in _about(session, number)
        if not _is_published(writeup) and len(writeup.incidents) > 1
    ]


def _remove(session: Session, kind: Kind, thing: Any, actor: Actor) -> ColumnElement[bool]:
    """Remove the rows; returns which history entries were about them."""
    if kind is Kind.INCIDENT:
        return _remove_incident(session, thing, actor)
    of_itself = _entries_of(MODELS[kind].__tablename__, [thing.id])
    if kind is Kind.WRITEUP:
        of_itself = or_(of_itself, _destroy_writeup(session, thing, actor))
    elif kind is Kind.ACTION:
        of_itself = destroy_around_actions(session, [thing.id], actor=actor)
        destroy_actions(session, Action.id == thing.id)
    elif kind is Kind.IDEA:
        destroy_idea(session, thing)
    elif kind is Kind.EVENT:
        destroy_events(session, TimelineEvent.id == thing.id)
    else:
        destroy_factors(session, Factor.id == thing.id)
    return of_itself


def _remove_incident(session: Session, incident: Incident, actor: Actor) -> ColumnElement[bool]:
    number = incident.id
    if titles := titles_in_the_way(session, number):
        named = ", ".join(f"“{title}”" for title in titles)
        raise Refused(
            f"{named}: not published, and about other incidents too. Bring {incident.reference} back, take it off "
            "there or destroy that first."
        )
    drafts: list[int] = []
    beside_drafts = []
    for writeup in _about(session, number):
        if _is_published(writeup):
            let_go_of_incident(session, writeup, incident.reference, actor=actor)
        else:
            drafts.append(writeup.id)
            beside_drafts.append(_destroy_writeup(session, writeup, actor))
    destroy_factors(session, Factor.incident_id == number)
    destroy_events(session, TimelineEvent.incident_id == number)
    beside = destroy_around_incident(session, number, actor=actor)
    around = destroy_around_actions(session, of_incident(session, number), actor=actor)
    destroy_actions(session, Action.incident_id == number)
    destroy_incident(session, incident)
    about = HistoryEntry.incident_id == number
    return or_(about, around, beside, *beside_drafts, _entries_of(Writeup.__tablename__, drafts))


def _destroy_writeup(session: Session, writeup: Writeup, actor: Actor) -> ColumnElement[bool]:
    around = destroy_around_writeup(session, writeup, actor=actor)
    # The form that started it leads to its address, which is made from its title.
    session.execute(delete(FormKey).where(FormKey.location == f"/writeups/{writeup.slug}/edit"))
    destroy_writeup(session, writeup)
    return around


def _tags_of(session: Session, kind: Kind, thing: Any) -> set[int]:
    """The tags that go out of use if nothing else carries them; their words may be what is to be forgotten."""
    if kind in (Kind.WRITEUP, Kind.FACTOR):
        return {tag.id for tag in thing.tags}
    if kind is not Kind.INCIDENT:
        return set()
    factors = select(factor_tags.c.tag_id).join(Factor, Factor.id == factor_tags.c.factor_id)
    writeups = select(writeup_tags.c.tag_id).join(
        writeup_incidents, writeup_incidents.c.writeup_id == writeup_tags.c.writeup_id
    )
    parts = (
        select(incident_tags.c.tag_id).where(incident_tags.c.incident_id == thing.id),
        factors.where(Factor.incident_id == thing.id),
        writeups.where(writeup_incidents.c.incident_id == thing.id),
    )
    return set(session.scalars(union(*parts)))


def _forget_in_factors(session: Session, event: TimelineEvent, why: HistoryEntry) -> None:
    """The history of factors names the events that show them by number and first words; the number stays."""
    number = f"#{event.id}"

    def forget(words: str) -> str:
        return number if words.startswith(f"{number} ") else words

    factors = HistoryEntry.subject_type == Factor.__tablename__
    rewrite(session, HistoryEntry.incident_id == event.incident_id, factors, replace=forget, because=why)


def _drop_unused(session: Session, tags: set[int]) -> None:
    session.flush()
    unused = session.scalars(
        select(Tag.id).where(
            Tag.id.in_(tags),
            *(
                ~exists(select(table.c.tag_id).where(table.c.tag_id == Tag.id))
                for table in (incident_tags, factor_tags, writeup_tags)
            ),
        )
    ).all()
    # Nobody is told anything of a tag that nothing carries.
    for model, column in ((Follow, Follow.tag_id), (Tag, Tag.id)):
        session.execute(delete(model).where(column.in_(unused)).execution_options(synchronize_session=False))


def _about(session: Session, number: int) -> Sequence[Writeup]:
    return session.scalars(
        select(Writeup).where(Writeup.incidents.any(Incident.id == number)).order_by(Writeup.id)
    ).all()


def _is_published(writeup: Writeup) -> bool:
    return writeup.state == WriteupState.PUBLISHED


def _entries_of(table: str, ids: Sequence[int]) -> ColumnElement[bool]:
    return and_(HistoryEntry.subject_type == table, HistoryEntry.subject_id.in_(ids))


def _is_named(typed: str, reference: str, thing: Any) -> bool:
    """Whether what was typed is its number; for a write-up its address or its title."""
    words = " ".join(typed.split()).casefold()
    names = {reference.casefold()}
    if isinstance(thing, Writeup):
        names |= {f"/writeups/{thing.slug}", " ".join(thing.title.split()).casefold()}
    return words in names
