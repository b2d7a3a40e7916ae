"""What is told of actions: handed over, mentioned, changed, overdue, due soon, to be verified."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.enums import ACTION_STATUS_LABELS, ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment, ActionWatch
from postmortem.actions.queries_story import names_in
from postmortem.actions.rules import visible_to
from postmortem.actions.story import told
from postmortem.actions.words import due_words, long_date
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News, Story, register
from postmortem.text.reading import plain_text

EXCERPT = 400
_LATE = (Event.OVERDUE, Event.DUE_SOON)


class ActionNews:
    """Tells of actions themselves."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        """Of changes hear the owner, whoever watches and whoever commented; all other news is for whom it names."""
        if news.event is not Event.WATCHED:
            return set()
        # Who it is handed to by this very change hears that.
        handed_to = str((news.facts.get("changes") or {}).get("owner", ["", ""])[1] or "")
        new_owner = session.scalar(select(Person.id).where(Person.email == handed_to))
        return who_follows(session, news.subject_id) - {news.actor_id, new_owner}

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """As it stands now: who has passed it on, or has done it, hears no more that it is theirs or late."""
        action = _seen(session, news.subject_id, reader)
        if action is None or not _still_holds(action, news, reader):
            return None
        return Story(
            headline=f"{action.reference} {action.title}",
            sentence=_sentence(session, action, news, reader),
            path=f"/actions/{action.id}",
            details=_details(action),
            team_ids=_teams(action),
        )


class CommentNews:
    """Tells of comments: to whom they name, and to whoever hears of the action."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        """Who is named hears of it as a mention, once."""
        if news.event is not Event.WATCHED:
            return set()
        action_id = session.scalar(select(ActionComment.action_id).where(ActionComment.id == news.subject_id))
        named = set(news.facts.get("named") or ())
        return who_follows(session, action_id) - named - {news.actor_id} if action_id else set()

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """The comment as it reads now; nothing of one that was deleted."""
        comment = session.get(ActionComment, news.subject_id)
        if comment is None or comment.deleted_at is not None:
            return None
        action = _seen(session, comment.action_id, reader)
        if action is None:
            return None
        who = news.actor_name or "Somebody"
        did = "mentions you" if news.event is Event.MENTIONED and reader else "commented"
        return Story(
            headline=f"{action.reference} {action.title}",
            sentence=f"{who} {did} on {action.reference}, {action.title}.",
            path=f"/actions/{action.id}#comment-{comment.id}",
            details=(("Incident", f"{action.incident.reference} {action.incident.title}"),),
            excerpt=plain_text(comment.text, EXCERPT),
            team_ids=_teams(action),
        )


def who_follows(session: Session, action_id: int) -> set[int]:
    """The owner, whoever watches, and whoever wrote a comment that stands, by id."""
    owner = select(Action.owner_id).where(Action.id == action_id, Action.owner_id.is_not(None))
    watching = select(ActionWatch.person_id).where(ActionWatch.action_id == action_id)
    commented = select(ActionComment.author_id).where(
        ActionComment.action_id == action_id, ActionComment.deleted_at.is_(None)
    )
    found = (session.scalars(statement) for statement in (owner, watching, commented))
    return {number for numbers in found for number in numbers if number is not None}


def _seen(session: Session, action_id: int, reader: Person | None) -> Action | None:
    """The action, if this reader may see it; without a reader, if everybody who signs in may."""
    if reader is None:
        is_open = select(Incident.id).where(Incident.visibility == Visibility.OPEN)
        is_seen: Any = Action.deleted_at.is_(None) & Action.incident_id.in_(is_open)
    else:
        is_seen = visible_to(reader)
    return session.scalar(
        select(Action)
        .where(Action.id == action_id, is_seen)
        .options(joinedload(Action.incident), joinedload(Action.owner))
    )


def _still_holds(action: Action, news: News, reader: Person | None) -> bool:
    if news.event is Event.ASSIGNED:
        return action.owner_id is not None and (reader is None or action.owner_id == reader.id)
    if news.event in _LATE:
        is_due = action.status.is_open and action.due_on is not None
        return is_due and action.is_overdue == (news.event is Event.OVERDUE)
    if news.event is Event.VERIFICATION_DUE:
        return action.status is ActionStatus.DONE or action.questioned_at is not None
    return True


def _sentence(session: Session, action: Action, news: News, reader: Person | None) -> str:
    who, what = news.actor_name or "Somebody", f"{action.reference}, {action.title}"
    is_theirs = reader is not None and action.owner_id == reader.id
    owner = action.owner.name if action.owner else "Nobody"
    if news.event is Event.ASSIGNED:
        reason = f" “{news.facts['reason']}”" if news.facts.get("reason") else ""
        return f"{who} handed {what}, to {'you' if is_theirs else owner}.{reason}"
    if news.event in _LATE and action.due_on:
        when = due_words(action.due_on, clock.today())
        return f"{what}, {'was' if action.is_overdue else 'is'} due {when}, on {long_date(action.due_on)}."
    if news.event is Event.VERIFICATION_DUE:
        if news.facts.get("is_questioned"):
            return f"An incident that is related makes one ask whether this worked: {what}."
        return f"{what}, is done for a while now. Did it work?"
    changes: Mapping[str, Any] = dict(news.facts.get("changes") or {})
    if news.facts.get("reason"):
        changes = {**changes, "reason": ["", news.facts["reason"]]}
    did = told("edited", changes, names_in(session, [changes]), who)
    return f"On {what}, {who} {did}."


def _details(action: Action) -> tuple[tuple[str, str], ...]:
    details = [
        ("Incident", f"{action.incident.reference} {action.incident.title}"),
        ("Status", ACTION_STATUS_LABELS[action.status]),
        ("Owner", action.owner.name if action.owner else "Nobody yet"),
    ]
    details += [("Due", long_date(action.due_on))] if action.due_on else []
    details += [("Done when", action.end_state)] if action.end_state else []
    return tuple(details)


def _teams(action: Action) -> frozenset[int]:
    """Its own team; its incident's where it has none."""
    if action.team_id is not None:
        return frozenset({action.team_id})
    return frozenset(team.id for team in action.incident.teams)


register("actions", ActionNews())
register("action_comments", CommentNews())
