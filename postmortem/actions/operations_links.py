"""Where else the work on an action is tracked: its first link is its own `tracker_url`, further ones stand beside it."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.actions.checks import checked_action
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionLink
from postmortem.actions.operations import change_action, touch
from postmortem.errors import Refused
from postmortem.history.operations import Actor, created, record

MOST_LINKS = 30
_TWICE = "This link stands here already."


def add_link(session: Session, action: Action, url: str, title: str = "", *, actor: Actor) -> None:
    """Add a link; the first one becomes the action's own. Raises Refused for what is no web address, and for one twice."""
    checked = checked_action({"tracker_url": url, "tracker_title": title})
    url, title = checked["tracker_url"], checked["tracker_title"]
    if not url:
        raise Refused("Enter a full address that starts with https:// or http://.", field="url")
    if not action.tracker_url:
        change_action(session, action, checked, actor=actor)
        return
    others = links_of(session, action)
    if url == action.tracker_url or url in {link.url for link in others}:
        raise Refused(_TWICE, field="url")
    if len(others) >= MOST_LINKS:
        raise Refused(f"More than {MOST_LINKS} links help nobody. Remove one first.", field="url")
    link = ActionLink(action_id=action.id, url=url, title=title, created_at=clock.now())
    session.add(link)
    try:
        session.flush()
    except IntegrityError as error:
        raise Refused(_TWICE, field="url") from error
    touch(action)
    made = {"action": [None, action.reference], **created(link, ("url", "title"))}
    record(session, "added", link, actor=actor, changes=made, incident_id=action.incident_id)


class RemovedLink(NamedTuple):
    """What was taken away; `add_link` with the same brings it back."""

    url: str
    title: str


def remove_link(session: Session, action: Action, url: str, *, actor: Actor) -> RemovedLink | None:
    """Take a link away. Nothing happens, and None is returned, where there is none such."""
    if url and url == action.tracker_url:
        removed = RemovedLink(url, action.tracker_title)
        change_action(session, action, {"tracker_url": "", "tracker_title": ""}, actor=actor)
        return removed
    link = next((link for link in links_of(session, action) if link.url == url), None)
    if link is None:
        return None
    removed = RemovedLink(link.url, link.title)
    gone = {"action": [action.reference, None], "url": [link.url, None], "title": [link.title, None]}
    record(session, "removed", link, actor=actor, changes=gone, incident_id=action.incident_id)
    session.delete(link)
    touch(action)
    return removed


def links_of(session: Session, action: Action) -> list[ActionLink]:
    """The further links, oldest first."""
    found = select(ActionLink).where(ActionLink.action_id == action.id).order_by(ActionLink.id)
    return list(session.scalars(found))
