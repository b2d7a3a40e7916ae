"""What publishing freezes of the incidents: their timeline, factors, and actions by title and team.

The result is plain JSON: `{"events": [...], "factors": [...], "actions": [...], "incident": {...}}`. Texts are
kept as source and as HTML, so that a new renderer can render them again without asking the incident, which may
have moved on. An action's owner is not in it: readers learn which team does what, never who. `incident` holds
the five moments for the picture, where the write-up is about a single incident; it has neither number nor title.
Of several incidents each thing says which one it is `of`, by number: pages sort by it.
`in_text` names the blocks that stand in the text: what they show is not shown a second time below it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Team
from postmortem.actions.models import Action
from postmortem.incidents.enums import MOMENTS
from postmortem.incidents.models import Incident
from postmortem.text.markdown import RENDERER_VERSION, render
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.writeups.blocks_parse import blocks_in
from postmortem.writeups.models import Writeup, writeup_incidents

Frozen = dict[str, Any]
CHUNK = 500

_EVENTS = (
    select(writeup_incidents.c.writeup_id, TimelineEvent)
    .join(TimelineEvent, TimelineEvent.incident_id == writeup_incidents.c.incident_id)
    .where(TimelineEvent.deleted_at.is_(None), TimelineEvent.in_writeup)
    .order_by(TimelineEvent.occurred_at.is_(None), TimelineEvent.occurred_at, TimelineEvent.id)
)
_FACTORS = (
    select(writeup_incidents.c.writeup_id, Factor)
    .join(Factor, Factor.incident_id == writeup_incidents.c.incident_id)
    .where(Factor.deleted_at.is_(None))
    .order_by(Factor.id)
)
_ACTIONS = (
    select(writeup_incidents.c.writeup_id, Action.id, Action.title, Team.name, Action.incident_id)
    .join(Action, Action.incident_id == writeup_incidents.c.incident_id)
    .outerjoin(Team, Team.id == Action.team_id)
    .where(Action.deleted_at.is_(None))
    .order_by(Action.id)
)
_INCIDENTS = select(writeup_incidents.c.writeup_id, Incident).join(
    Incident, Incident.id == writeup_incidents.c.incident_id
)


def frozen_of(session: Session, writeup_ids: Sequence[int]) -> dict[int, Frozen]:
    """What there is to freeze for each of these write-ups, which the session has read; four statements for 500."""
    found: dict[int, Frozen] = {
        id_: {"events": [], "factors": [], "actions": [], "incident": []} for id_ in writeup_ids
    }
    kinds: tuple[tuple[str, Select[*tuple[Any, ...]], Callable[..., dict[str, Any]]], ...] = (
        ("events", _EVENTS, _event),
        ("factors", _FACTORS, _factor),
        ("actions", _ACTIONS, _action),
        ("incident", _INCIDENTS, _moments),
    )
    for chunk in chunks(writeup_ids):
        for name, statement, as_json in kinds:
            of_these = statement.where(writeup_incidents.c.writeup_id.in_(chunk))
            for writeup_id, *columns in session.execute(of_these):
                found[writeup_id][name].append(as_json(*columns))
    for writeup_id, each in found.items():
        is_alone = len(each["incident"]) == 1
        each["incident"] = each["incident"][0] if is_alone else None
        for item in (*each["events"], *each["factors"], *each["actions"]) if is_alone else ():
            del item["of"]
        writeup = session.get(Writeup, writeup_id)
        in_text = blocks_in(writeup.body) if writeup else frozenset()
        each["in_text"] = sorted({name.split()[0] for name in in_text} if is_alone else in_text)
    return found


# The block that shows each kind of thing.
_BLOCK_OF = {"events": "timeline", "factors": "factors", "actions": "actions"}


def is_below(frozen: Frozen, kind: str, item: Mapping[str, Any]) -> bool:
    """Whether a thing stands below the text: no block shows it in there. What was published before there were blocks does."""
    block, in_text = _BLOCK_OF[kind], frozen.get("in_text", ())
    return block not in in_text and f"{block} {item.get('of')}" not in in_text


def name_line(names: Sequence[str]) -> str:
    """Names as a sentence names them, within what the column holds."""
    line = " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    return line if len(line) <= 500 else f"{names[0]} and {len(names) - 1} others"


def render_frozen(frozen: Frozen) -> Frozen:
    """The same with its texts rendered again."""
    return frozen | {
        kind: [item | {"html": _html(item["text"], kind[:-1], item["id"])} for item in frozen[kind]]
        for kind in ("events", "factors")
    }


def chunks(items: Sequence[int], size: int = CHUNK) -> Iterator[Sequence[int]]:
    """The items in runs that fit into one statement."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _event(event: TimelineEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "of": event.incident_id,
        "at": event.occurred_at.isoformat() if event.occurred_at else None,
        "ended_at": event.ended_at.isoformat() if event.ended_at else None,
        "text_when": event.occurred_text,
        "kind": event.kind.value,
        "role": event.actor_role,
        "learnt_later": event.learnt_later,
        "text": event.text,
        "html": _current_html(event, "event"),
    }


def _factor(factor: Factor) -> dict[str, Any]:
    return {
        "id": factor.id,
        "of": factor.incident_id,
        "was_present_before": factor.was_present_before,
        "text": factor.text,
        "html": _current_html(factor, "factor"),
    }


def _action(id_: int, title: str, team: str | None, incident_id: int) -> dict[str, Any]:
    return {"id": id_, "of": incident_id, "title": title, "team": team or ""}


def _moments(incident: Incident) -> dict[str, Any]:
    kept: dict[str, Any] = {name: getattr(incident, name) for name in ("kind", "status", "timezone")}
    for name in MOMENTS:
        at = incident.moment(name)
        kept[name] = at.isoformat() if at else None
        kept[f"{name}_confidence"] = getattr(incident, f"{name}_confidence")
    return kept


def _current_html(row: TimelineEvent | Factor, prefix: str) -> str:
    return row.text_html if row.rendered_with == RENDERER_VERSION else _html(row.text, prefix, row.id)


def _html(text: str, prefix: str, id_: int) -> str:
    return render(text, heading_prefix=f"{prefix}-{id_}-").html
