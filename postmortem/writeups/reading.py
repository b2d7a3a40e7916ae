"""A write-up as its page shows it: from what was published, or from the working copy for those who may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from types import SimpleNamespace
from typing import Any

from postmortem.incidents.enums import MOMENTS, Confidence, IncidentKind, IncidentStatus
from postmortem.text.markdown import Heading
from postmortem.timeline.picture import Picture, picture_of
from postmortem.writeups.frozen import Frozen

CONTENTS_FROM = 4


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
class Reading:
    """What stands below the title."""

    body_html: str
    contents: Sequence[Heading]
    events: Sequence[FrozenEvent]
    factors: Sequence[Mapping[str, Any]]
    actions: Sequence[FrozenAction]
    picture: Picture | None


def reading_of(
    body_html: str,
    headings: Sequence[Sequence[Any]],
    frozen: Frozen,
    *,
    action_states: Mapping[int, str],
    zone: tzinfo,
    at: datetime,
) -> Reading:
    """Put a page together; `at` is when it was published: an incident open then is drawn up to then."""
    events = [_event(event) for event in frozen["events"]]
    actions = [
        FrozenAction(each["id"], each["title"], each["team"], action_states.get(each["id"], ""))
        for each in frozen["actions"]
    ]
    picture = _picture(frozen["incident"], events, zone, at)
    return Reading(
        body_html=body_html,
        contents=_contents(headings, frozen, has_picture=picture is not None),
        events=events,
        factors=frozen["factors"],
        actions=actions,
        picture=picture,
    )


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


def _contents(headings: Sequence[Sequence[Any]], frozen: Frozen, *, has_picture: bool) -> list[Heading]:
    """The contents list of a long text: its own headings, then what stands below it. Empty for a short one."""
    own = [Heading(*heading) for heading in headings]
    if len(own) < CONTENTS_FROM:
        return []
    top = min(heading.level for heading in own)
    below = (
        ("timeline", "Timeline", frozen["events"] or has_picture),
        ("factors", "Contributing factors", frozen["factors"]),
        ("actions", "What is being done", frozen["actions"]),
    )
    return own + [Heading(top, id_, text) for id_, text, is_there in below if is_there]


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
