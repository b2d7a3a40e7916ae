"""What was written, field by field, as people call the fields and as they would say the values. Pure."""

from collections.abc import Mapping
from typing import Any

from postmortem.actions.enums import (
    ACTION_KIND_LABELS,
    ACTION_STATUS_LABELS,
    PRIORITY_LABELS,
    ActionKind,
    ActionStatus,
    Priority,
)
from postmortem.actions.story import TOLD_WHOLE, Changes, Names, day_in_words
from postmortem.history.queries import ShownChange

# In this order they are shown; what is not here is shown as history spells it.
_CALLED = {
    "title": "What is to be done",
    "end_state": "How we will know",
    "description": "Description",
    "status": "Status",
    "status_reason": "Reason",
    "owner": "Owner",
    "team": "Team",
    "due_on": "Due",
    "priority": "Priority",
    "kind": "Kind",
    "tracker_url": "Link",
    "tracker_title": "What the link is called",
    "verify_on": "To be verified from",
    "closed_at": "Closed",
}
# Of one that was just added these stand in the sentence already.
_SAID_WHEN_ADDED = frozenset({"owner", "team", "due_on", "came_from", "priority", "kind"})
_LABELS: Mapping[str, Mapping[str, str]] = {
    "status": {member.value: ACTION_STATUS_LABELS[member] for member in ActionStatus},
    "priority": {member.value: PRIORITY_LABELS[member] for member in Priority},
    "kind": {member.value: ACTION_KIND_LABELS[member] for member in ActionKind},
}
_DAYS = frozenset({"due_on", "verify_on"})


def details(verb: str, changes: Changes, names: Names, shown: Mapping[str, ShownChange]) -> list[ShownChange]:
    """What the sentence about a change does not say; `shown` is each field as history spells it."""
    is_new = verb == "added"
    said = _SAID_WHEN_ADDED if is_new else TOLD_WHOLE
    left = [field for field in (*_CALLED, *(changes.keys() - _CALLED.keys())) if field in changes]
    found = []
    for field in left:
        old, new = (_in_words(field, value, names) for value in changes[field])
        if field in said or not (old or new) or (is_new and (field, new) == ("status", "Proposed")):
            continue
        if field in _CALLED:
            found.append(ShownChange(_CALLED[field], old, new))
        else:
            found.append(shown[field])
    return found


def _in_words(field: str, value: Any, names: Names) -> str:
    text = "" if value is None else str(value)
    if field in _LABELS:
        return _LABELS[field].get(text, text)
    if field in _DAYS:
        return day_in_words(text) if text else ""
    return names.get(text, text) if field in ("owner", "team") else text
