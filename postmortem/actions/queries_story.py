"""Reading an action's story: what became of it and what was said about it, in one order.

Whoever calls for a story knows that the reader may see the action.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, literal, or_, select
from sqlalchemy.orm import Session, joinedload

from postmortem.accounts.models import Person, Team
from postmortem.actions.mentions import linked
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment, ActionLink, ActionWatch
from postmortem.actions.queries_mentions import pages_named
from postmortem.actions.rules import visible_to
from postmortem.actions.story import Changes, people_and_teams, told, told_of_link
from postmortem.actions.story_details import details
from postmortem.db import UTCDateTime
from postmortem.errors import NotVisible
from postmortem.history.models import HistoryEntry
from postmortem.history.queries import SHOWN, ShownChange, note_of, shown_entries
from postmortem.incidents.queries import hide_mentions

# At the same moment what was done comes before what was said.
_DONE, _SAID = 0, 1
Place = tuple[datetime, int, int]


@dataclass(frozen=True)
class Told:
    """One item: something that was done (`sentence`, perhaps with the fields' values), or a comment (`html` is its text).

    `is_first`: there was nothing before, so that only what is new is shown.
    """

    at: datetime
    actor_name: str
    sentence: str = ""
    changes: Sequence[ShownChange] = ()
    note: str = ""
    comment: ActionComment | None = None
    html: str = ""
    is_first: bool = False


@dataclass(frozen=True)
class WholeStory:
    """Up to a hundred items, oldest first; `earlier` is the place before which there are more, as an address has it."""

    items: Sequence[Told] = field(default_factory=list)
    earlier: str | None = None


def story_of(
    session: Session, person: Person | None, action: Action, *, before: Place | None = None
) -> WholeStory:
    """The last hundred items, or the last ones before a place; as many statements however much there is."""
    entries = list(session.scalars(_entries(action, before)))
    hide_mentions(session, person, entries, "questioned_by")
    comments = session.scalars(_comments(action, before)).all()
    names = names_in(session, [entry.changes for entry in entries])
    placed = [((entry.at, _DONE, entry.id), _of_entry(entry, names)) for entry in entries]
    pages = pages_named(session, action, [comment.text for comment in comments])
    placed += [((comment.created_at, _SAID, comment.id), _of_comment(comment, pages)) for comment in comments]
    placed.sort(key=lambda each: each[0])
    shown = placed[-SHOWN:]
    return WholeStory([item for _, item in shown], _address(shown[0][0]) if len(placed) > SHOWN else None)


def visible_comment(session: Session, person: Person | None, number: int) -> ActionComment:
    """One comment, also a deleted one, with its action and author loaded. Raises NotVisible."""
    found = session.scalar(
        select(ActionComment)
        .join(Action, Action.id == ActionComment.action_id)
        .where(ActionComment.id == number, visible_to(person))
        .options(
            joinedload(ActionComment.action).joinedload(Action.incident), joinedload(ActionComment.author)
        )
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotVisible
    return found


def why_told(session: Session, person: Person, action: Action) -> str | None:
    """Why this person hears of changes: `owner`, `comment`, `watch`; None where they do not."""
    if action.owner_id == person.id:
        return "owner"
    is_watching = exists().where(ActionWatch.action_id == action.id, ActionWatch.person_id == person.id)
    has_commented = exists().where(
        ActionComment.action_id == action.id,
        ActionComment.author_id == person.id,
        ActionComment.deleted_at.is_(None),
    )
    row = session.execute(select(is_watching, has_commented)).one()
    return "watch" if row[0] else "comment" if row[1] else None


def _entries(action: Action, before: Place | None) -> Any:
    label = ActionLink(action_id=action.id).history_label
    of_links = and_(
        HistoryEntry.incident_id == action.incident_id,
        HistoryEntry.subject_type == ActionLink.__tablename__,
        HistoryEntry.subject_label == label,
    )
    mine = and_(HistoryEntry.subject_type == Action.__tablename__, HistoryEntry.subject_id == action.id)
    statement = select(HistoryEntry).where(or_(mine, of_links))
    if before is not None:
        statement = statement.where(_earlier(HistoryEntry.at, HistoryEntry.id, _DONE, before))
    return statement.order_by(HistoryEntry.at.desc(), HistoryEntry.id.desc()).limit(SHOWN + 1)


def _comments(action: Action, before: Place | None) -> Any:
    statement = (
        select(ActionComment)
        .where(ActionComment.action_id == action.id, ActionComment.deleted_at.is_(None))
        .options(joinedload(ActionComment.author))
    )
    if before is not None:
        statement = statement.where(_earlier(ActionComment.created_at, ActionComment.id, _SAID, before))
    return statement.order_by(ActionComment.created_at.desc(), ActionComment.id.desc()).limit(SHOWN + 1)


def _earlier(at: Any, number: Any, rank: int, before: Place) -> ColumnElement[bool]:
    """What stands before a place in the order of (moment, rank, number)."""
    moment = literal(before[0], UTCDateTime())
    if rank == before[1]:
        at_once: ColumnElement[bool] = number < before[2]
    else:
        at_once = literal(True) if rank < before[1] else false()
    return or_(at < moment, and_(at == moment, at_once))


def names_in(session: Session, all_changes: Iterable[Changes]) -> dict[str, str]:
    """The names of people by the addresses, and of teams by the slugs, that changes name."""
    found = [people_and_teams(changes) for changes in all_changes]
    emails = {email for people, _ in found for email in people}
    slugs = {slug for _, teams in found for slug in teams}
    people = select(Person.email, Person.name).where(Person.email.in_(emails))
    teams = select(Team.slug, Team.name).where(Team.slug.in_(slugs))
    # What nobody is named in needs no answer: the meeting's screen is asked for every few seconds.
    asked = [statement for wanted, statement in ((emails, people), (slugs, teams)) if wanted]
    return {value: name for statement in asked for value, name in session.execute(statement)}


def _of_entry(entry: HistoryEntry, names: dict[str, str]) -> Told:
    actor = entry.actor_name or "Somebody"
    (shown,) = shown_entries([entry])
    if entry.is_blanked:
        return Told(entry.at, actor, "changed something", note=note_of(entry))
    if entry.subject_type == ActionLink.__tablename__:
        return Told(entry.at, actor, told_of_link(entry.verb, entry.changes), note=shown.note)
    sentence = told(entry.verb, entry.changes, names, actor)
    spelt = dict(zip(entry.changes, shown.changes, strict=True))
    changes = details(entry.verb, entry.changes, names, spelt)
    return Told(entry.at, actor, sentence, changes, shown.note, is_first=entry.verb == "added")


def _of_comment(comment: ActionComment, pages: dict[str, str]) -> Told:
    html = linked(comment.text_html, pages)
    return Told(comment.created_at, comment.author.name, comment=comment, html=html)


def _address(place: Place) -> str:
    return f"{place[0].isoformat()}~{place[1]}~{place[2]}"
