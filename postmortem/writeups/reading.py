"""A write-up as its page shows it: from what was published, or from the working copy for those who may see it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from types import SimpleNamespace
from typing import Any, TypeVar

from postmortem.actions.enums import ACTION_STATUS_LABELS
from postmortem.incidents.enums import MOMENTS, Confidence, IncidentKind, IncidentStatus
from postmortem.text.markdown import Heading
from postmortem.text.marks import with_states
from postmortem.timeline.picture import Picture, picture_of
from postmortem.writeups.frozen import Frozen, is_below

Thing = TypeVar("Thing")
CONTENTS_FROM = 4
_STATE_LABELS = {status.value: label for status, label in ACTION_STATUS_LABELS.items()}


@dataclass(frozen=True)
class FrozenEvent:
    """A timeline event as it was published."""

    occurred_at: datetime | None
    ended_at: datetime | None
    text_when: str
    kind: str
    role: str
    learnt_later: bool
    text: str
    html: str


@dataclass(frozen=True)
class FrozenAction:
    """An action as it was published, and its state today; "" where that is not for the readers."""

    id: int
    title: str
    team: str
    status: str


@dataclass(frozen=True)
class Group:
    """What belongs to one of several incidents; a single one needs no label."""

    label: str
    events: Sequence[FrozenEvent]
    factors: Sequence[Mapping[str, Any]]
    actions: Sequence[FrozenAction]


@dataclass(frozen=True)
class Reading:
    """What stands below the title; `groups` hold the same events, factors and actions by their incident."""

    body_html: str
    contents: Sequence[Heading]
    events: Sequence[FrozenEvent]
    factors: Sequence[Mapping[str, Any]]
    actions: Sequence[FrozenAction]
    picture: Picture | None
    timeline_title: str
    groups: Sequence[Group]


def reading_of(
    body_html: str,
    headings: Sequence[Sequence[Any]],
    frozen: Frozen,
    *,
    action_states: Mapping[int, str],
    zone: tzinfo,
    at: datetime,
    numbers: Collection[int] = (),
) -> Reading:
    """Put a page together; `at` is when it was published: an incident open then is drawn up to then.

    `numbers` are the incidents that may be named to whoever reads.
    """
    every = [_event(event) for event in frozen["events"]]
    events = _left(frozen, "events", every)
    factors = _left(frozen, "factors", frozen["factors"])
    made = (
        FrozenAction(each["id"], each["title"], each["team"], action_states.get(each["id"], ""))
        for each in frozen["actions"]
    )
    actions = _left(frozen, "actions", list(made))
    picture = _picture(frozen["incident"], every, zone, at)
    below = _below(frozen, events, factors, actions, has_picture=picture is not None)
    return Reading(
        body_html=with_states(body_html, action_states, _STATE_LABELS),
        contents=_contents(headings, below),
        events=[each for _, each in events],
        factors=[each for _, each in factors],
        actions=[each for _, each in actions],
        picture=picture,
        timeline_title=below.get("timeline", ""),
        groups=_groups(events, factors, actions, numbers),
    )


def _left(frozen: Frozen, kind: str, made: Sequence[Thing]) -> list[tuple[int, Thing]]:
    """What stands below the text, each with the number of its incident; 0 where it does not say."""
    pairs = zip(frozen[kind], made, strict=True)
    return [(item.get("of") or 0, each) for item, each in pairs if is_below(frozen, kind, item)]


def _groups(
    events: Sequence[tuple[int, FrozenEvent]],
    factors: Sequence[tuple[int, Mapping[str, Any]]],
    actions: Sequence[tuple[int, FrozenAction]],
    numbers: Collection[int],
) -> list[Group]:
    """By incident where there are several; what was frozen before things said whose they are stays together."""
    found = sorted({number for number, _ in (*events, *factors, *actions)})
    groups = []
    for place, number in enumerate(found, 1):
        several = f"Incident {place} of {len(found)}" if len(found) > 1 else ""
        groups.append(
            Group(
                f"INC-{number}" if number in numbers else several,
                [each for of, each in events if of == number],
                [each for of, each in factors if of == number],
                [each for of, each in actions if of == number],
            )
        )
    return groups


def _event(event: Mapping[str, Any]) -> FrozenEvent:
    return FrozenEvent(
        occurred_at=_moment(event["at"]),
        ended_at=_moment(event["ended_at"]),
        text_when=event["text_when"],
        kind=event["kind"],
        role=event["role"],
        learnt_later=event["learnt_later"],
        text=event["text"],
        html=event["html"],
    )


def _below(
    frozen: Frozen,
    events: Sequence[object],
    factors: Sequence[object],
    actions: Sequence[object],
    *,
    has_picture: bool,
) -> dict[str, str]:
    """What stands below the text, by its id: nothing that a block shows in the text already, but for the picture."""
    found = {}
    if "timeline" in frozen.get("in_text", ()):
        if has_picture:
            found["timeline"] = "How long it took"
    elif events or has_picture:
        found["timeline"] = "Timeline"
    if factors:
        found["factors"] = "Contributing factors"
    if actions:
        found["actions"] = "What is being done"
    return found


def _contents(headings: Sequence[Sequence[Any]], below: Mapping[str, str]) -> list[Heading]:
    """The contents list of a long text: its own headings, then what stands below it. Empty for a short one."""
    own = [Heading(*heading) for heading in headings]
    if len(own) < CONTENTS_FROM:
        return []
    top = min(heading.level for heading in own)
    return own + [Heading(top, id_, text) for id_, text in below.items()]


def _picture(
    moments: Mapping[str, Any] | None, events: Sequence[FrozenEvent], zone: tzinfo, at: datetime
) -> Picture | None:
    """The frozen timeline to scale; None where it says no more than its list does."""
    if moments is None:
        return None
    incident = SimpleNamespace(
        id=0,
        kind=IncidentKind(moments["kind"]),
        status=IncidentStatus(moments["status"]),
        timezone=moments["timezone"],
    )
    for name in MOMENTS:
        setattr(incident, name, _moment(moments[name]))
        setattr(incident, f"{name}_confidence", Confidence(moments[f"{name}_confidence"]))
    picture = picture_of(incident, events, zone, now=at)
    if picture is None or len(picture.points) + len(picture.bars) < 2:
        return None
    # The picture names the incident; a page whose incident is restricted must not.
    return replace(picture, title="The timeline to scale")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
