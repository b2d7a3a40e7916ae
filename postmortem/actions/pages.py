"""What an action's page shows, as ready values."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.rules import is_facilitator
from postmortem.actions import queries, queries_around, queries_story, rules
from postmortem.actions.coaching import title_hint
from postmortem.actions.enums import ACTION_KIND_LABELS
from postmortem.actions.forms_page import CommentForm, LinkForm
from postmortem.actions.models import Action
from postmortem.actions.operations_links import links_of
from postmortem.actions.queries_story import Place
from postmortem.actions.trackers import shown_address, tracker_key
from postmortem.actions.words import first_sentence
from postmortem.history.queries import history_of
from postmortem.text.reading import plain_text

WHY_TOLD = {
    "owner": "You hear of what changes here, because it is yours.",
    "comment": "You hear of what changes here, because you commented.",
    "watch": "You hear of what changes here.",
}


@dataclass(frozen=True)
class TrackerLink:
    """A link as it is shown: `key` as the tracker has it, `title` as somebody typed it, or else the short address."""

    url: str
    key: str
    title: str


def action_page(
    session: Session,
    person: Person,
    action: Action,
    *,
    before: Place | None = None,
    comment_form: CommentForm | None = None,
    link_form: LinkForm | None = None,
) -> dict[str, Any]:
    """Everything that `actions/show.html` wants; a form that was refused comes in with what was typed."""
    can_edit = rules.can_edit(person, action)
    why = queries_story.why_told(session, person, action)
    is_verified = action.status == "verified"
    return {
        "action": action,
        "kind_label": ACTION_KIND_LABELS[action.kind] if action.kind else "",
        "happened": first_sentence(plain_text(action.incident.summary)),
        "can_edit": can_edit,
        "coach": title_hint(action.title) if can_edit and action.status.is_open else "",
        "links": tracker_links(session, action),
        "why_told": WHY_TOLD[why] if why else "",
        "is_watching": why == "watch",
        "is_owner": why == "owner",
        "verification": queries.verification_in(history_of(session, "actions", action.id))
        if is_verified
        else None,
        "around": queries_around.around(session, person, action),
        "story": queries_story.story_of(session, person, action, before=before),
        "can_delete_any": is_facilitator(person),
        "comment_form": comment_form or CommentForm(formdata=None),
        "link_form": link_form or LinkForm(formdata=None),
    }


def tracker_links(session: Session, action: Action) -> list[TrackerLink]:
    """The action's own link first, then the further ones."""
    pairs = [(action.tracker_url, action.tracker_title)] if action.tracker_url else []
    pairs += [(link.url, link.title) for link in links_of(session, action)]
    return [_shown(url, title) for url, title in pairs]


def _shown(url: str, title: str) -> TrackerLink:
    key = tracker_key(url)
    return TrackerLink(url, key, title or ("" if key else shown_address(url)))
