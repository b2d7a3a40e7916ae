"""What an action's fields must be, whoever hands them in: a form, an importer or the command line. Pure."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from postmortem.actions.enums import ActionKind, ActionStatus, Priority
from postmortem.actions.status import needs_end_state, why_not
from postmortem.errors import Refused

MAX_LENGTHS = {
    "title": 200,
    "description": 20_000,
    "end_state": 500,
    "status_reason": 500,
    "tracker_url": 500,
    "tracker_title": 200,
}
_ENUMS: dict[str, type[StrEnum]] = {"kind": ActionKind, "status": ActionStatus, "priority": Priority}
_ADDRESS = re.compile(r"https?://[^\s<>\"'/?#]+[^\s<>\"']*", re.IGNORECASE)


def checked_action(values: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields, cleaned: enum members for their values, None for blank ones. Raises Refused."""
    checked = dict(values)
    for name, most in MAX_LENGTHS.items():
        if name in checked:
            checked[name] = (checked[name] or "").strip() if name != "description" else checked[name] or ""
            if len(checked[name]) > most:
                raise Refused(f"Shorten this to {most:,} characters.", field=name)
    if "title" in checked and not checked["title"]:
        raise Refused("Say what is to be done; start with a verb.", field="title")
    for name, enum in _ENUMS.items():
        if name in checked:
            checked[name] = _member(enum, checked[name], name)
    if "status" in checked and checked["status"] is None:
        raise Refused("Choose a status.", field="status")
    if (address := checked.get("tracker_url")) and not _ADDRESS.fullmatch(address):
        raise Refused("Enter a full address that starts with https:// or http://.", field="tracker_url")
    return checked


def check_reason(status: ActionStatus, reason: str) -> None:
    """Raise Refused for *not doing* without a reason."""
    if status is ActionStatus.NOT_DOING and not reason:
        raise Refused(
            "Say why we are not doing this, so that nobody has to ask again.", field="status_reason"
        )


def check_move(from_: ActionStatus, to: ActionStatus, end_state: str) -> None:
    """Raise Refused for a status that does not follow from the present one (see `status`)."""
    if why := why_not(from_, to, bool(end_state)):
        is_asked = why_not(from_, to, has_end_state=True) is None and needs_end_state(from_, to)
        raise Refused(why, field="end_state" if is_asked else "status")


def _member(enum: type[StrEnum], value: str | None, field: str) -> StrEnum | None:
    try:
        return enum(value) if value else None
    except ValueError as error:
        raise Refused(f"There is no {field} “{value}” to choose here.", field=field) from error
