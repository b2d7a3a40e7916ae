"""An action's story in words: what each entry of its history says, as people would tell it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from postmortem.actions.enums import ACTION_KIND_LABELS, PRIORITY_LABELS, ActionKind, Priority
from postmortem.actions.trackers import shown_address, tracker_key
from postmortem.actions.words import long_date

Changes = Mapping[str, Sequence[Any]]
Names = Mapping[str, str]

# What the sentence says completely: nobody has to look the values up.
TOLD_WHOLE = frozenset(
    [
        "status",
        "status_reason",
        "reason",
        "owner",
        "due_on",
        "team",
        "priority",
        "kind",
        "end_state",
        "title",
        "questioned_by",
        "merged_into",
        "came_from",
    ]
)

_NEW_STATUS = {
    "proposed": "put it back to proposed",
    "accepted": "accepted it",
    "in_progress": "began work on it",
    "done": "said that it is done",
    "verified": "recorded that it works",
    "not_doing": "decided not to do it",
}
_STATUS_AFTER = {
    ("in_progress", "accepted"): "put it back to accepted",
    ("not_doing", "accepted"): "accepted it after all",
    ("not_doing", "proposed"): "proposed it again",
    ("done", "in_progress"): "took it up again",
    ("verified", "in_progress"): "took it up again",
}
_VERBS = {
    "added": "added this action",
    "deleted": "deleted it",
    "brought back": "brought it back",
    "questioned": "asked whether it really worked",
}


def told(verb: str, changes: Changes, names: Names, actor: str) -> str:
    """What somebody did, to stand after their name. `names` has people by e-mail address and teams by slug."""
    if verb == "added":
        return _VERBS[verb] + _as_added(changes, names)
    if verb != "edited":
        return _VERBS.get(verb, f"{verb} it") + _because(changes) + _asked_by(changes)
    phrases = [phrase for field, say in _SAY.items() if (phrase := _of(field, say, changes, names, actor))]
    return (_joined(phrases) or "changed it") + _because(changes)


def told_of_link(verb: str, changes: Changes) -> str:
    """As `told`, for a further link."""
    old, new = changes.get("url", (None, None))
    return f"{verb} a link{_named(new or old)}"


def people_and_teams(changes: Changes) -> tuple[set[str], set[str]]:
    """The addresses and slugs that an entry names, whose names have to be found."""
    people, teams = changes.get("owner", ()), changes.get("team", ())
    return {value for value in people if value}, {value for value in teams if value}


def _as_added(changes: Changes, names: Names) -> str:
    new = {field: values[1] for field, values in changes.items()}
    owner, team, due_on, came_from = (new.get(name) for name in ("owner", "team", "due_on", "came_from"))
    sorts = [_priority_word(new.get("priority")), _kind_word(new.get("kind"))]
    return (
        (f", which came from {came_from}" if came_from else "")
        + (f", for {names.get(owner, owner)}" if owner else "")
        + ("" if not team else f"{' of' if owner else ', for'} the team {names.get(team, team)}")
        + (f", due {day_in_words(due_on)}" if due_on else "")
        + (f" ({', '.join(filter(None, sorts))})" if any(sorts) else "")
    )


def _priority_word(value: Any) -> str:
    return PRIORITY_LABELS[Priority(value)] if value in set(Priority) else ""


def _kind_word(value: Any) -> str:
    return ACTION_KIND_LABELS[ActionKind(value)] if value in set(ActionKind) else ""


def _because(changes: Changes) -> str:
    """The reason that was given: of a status, or of any other change."""
    given = [changes[field][1] for field in ("status_reason", "reason") if field in changes]
    reasons = list(dict.fromkeys(text for text in given if text))
    return f": “{' – '.join(reasons)}”" if reasons else ""


def _asked_by(changes: Changes) -> str:
    asked_by = changes.get("questioned_by", (None, None))[1]
    return f", because of {asked_by[0]}" if asked_by and isinstance(asked_by, list) else ""


def _of(field: str, say: "Say", changes: Changes, names: Names, actor: str) -> str:
    if field not in changes:
        return ""
    old, new = changes[field]
    return say(old, new, names, actor)


Say = Callable[[Any, Any, Names, str], str]


def _status(old: Any, new: Any, _names: Names, _actor: str) -> str:
    return _STATUS_AFTER.get((old, new)) or _NEW_STATUS.get(new, f"set its status to {new}")


def _owner(old: Any, new: Any, names: Names, actor: str) -> str:
    before, after = names.get(old, old), names.get(new, new)
    if not new:
        return f"took it off {before}, so that nobody owns it"
    if after == actor:
        return f"took it over from {before}" if old else "took it on"
    return f"handed it from {before} to {after}" if old else f"handed it to {after}"


def _due_on(old: Any, new: Any, _names: Names, _actor: str) -> str:
    if not new:
        return f"took the due date away (it was {day_in_words(old)})"
    return (
        f"moved the due date from {day_in_words(old)} to {day_in_words(new)}"
        if old
        else f"set the due date to {day_in_words(new)}"
    )


def _team(old: Any, new: Any, names: Names, _actor: str) -> str:
    return (
        f"gave it to the team {names.get(new, new)}" if new else f"took it off the team {names.get(old, old)}"
    )


def _priority(_old: Any, new: Any, _names: Names, _actor: str) -> str:
    word = _priority_word(new)
    return f"made it {word}" if word else "took its priority away"


def _kind(_old: Any, new: Any, _names: Names, _actor: str) -> str:
    word = _kind_word(new)
    return f"called its kind “{word}”" if word else "took its kind away"


def _end_state(old: Any, new: Any, _names: Names, _actor: str) -> str:
    if not new:
        return "took away how we will know"
    return f"changed how we will know from “{old}” to “{new}”" if old else f"said how we will know: “{new}”"


def _title(old: Any, new: Any, _names: Names, _actor: str) -> str:
    return f"renamed it from “{old}” to “{new}”"


def _description(old: Any, new: Any, _names: Names, _actor: str) -> str:
    if not new:
        return "took the description away"
    return "changed the description" if old else "described it"


def _tracker(old: Any, new: Any, _names: Names, _actor: str) -> str:
    return f"added a link{_named(new)}" if new else f"removed a link{_named(old)}"


def _tracker_title(_old: Any, _new: Any, _names: Names, _actor: str) -> str:
    return ""


def _merged_into(old: Any, new: Any, _names: Names, _actor: str) -> str:
    return f"merged it into {new}" if new else f"took it out of {old} again"


def _named(url: Any) -> str:
    return f" to {tracker_key(str(url)) or shown_address(str(url))}" if url else ""


def day_in_words(value: Any) -> str:
    """An ISO day as people write it; anything else as it is."""
    try:
        return long_date(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def _joined(phrases: Sequence[str]) -> str:
    if len(phrases) < 2:
        return "".join(phrases)
    return f"{', '.join(phrases[:-1])} and {phrases[-1]}"


# In this order they are told.
_SAY: Mapping[str, Say] = {
    "merged_into": _merged_into,
    "status": _status,
    "owner": _owner,
    "due_on": _due_on,
    "team": _team,
    "priority": _priority,
    "kind": _kind,
    "title": _title,
    "end_state": _end_state,
    "description": _description,
    "tracker_url": _tracker,
    "tracker_title": _tracker_title,
}
