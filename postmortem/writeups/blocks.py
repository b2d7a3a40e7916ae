"""Live blocks of a draft, and how publishing freezes them.

`expand` is for writers: it shows what the blocks say now, and a sentence where one says nothing. `freeze_blocks` is
for readers: what says nothing is not printed, and neither are optional sections that stay empty.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from postmortem.accounts.models import Person, Team
from postmortem.actions.enums import ACTION_STATUS_LABELS
from postmortem.actions.models import Action
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.incidents.rules import visible_to
from postmortem.text.marks import WrongTime, moment_of
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.writeups import blocks_texts as texts
from postmortem.writeups.blocks_parse import BLOCKS, CHOOSES, Block, Wanted, blocks_in, find_blocks, wanted
from postmortem.writeups.models import Writeup, writeup_incidents
from postmortem.writeups.outline import empty_sections, without_empty
from postmortem.writeups.queries_templates import optional_headings

__all__ = ["Frozen", "Known", "blocks_in", "expand", "find_blocks", "freeze", "freeze_blocks"]

_NOUNS = {"timeline": "event", "factors": "factor", "actions": "action"}


@dataclass
class Frozen:
    """What publishing makes of a text, and what its writer should look at before."""

    body: str
    notices: list[str] = field(default_factory=list)
    unprinted: list[str] = field(default_factory=list)


def expand(session: Session, writeup: Writeup, body: str, person: Person | None) -> str:
    """A draft's text with its blocks filled in as they are now, for this person; what they may not see is not there."""
    found = find_blocks(body)
    if not any(block.name != "time" for block in found):
        return body
    known = Known(session, writeup, visible_to(person), is_draft=True)
    notices: list[str] = []
    return _filled(body, found, known, lambda sentence: _noticed(notices, sentence))


def freeze_blocks(session: Session, writeup: Writeup, body: str) -> str:
    """The text that readers get: blocks frozen, without empty optional sections."""
    return freeze(session, writeup, body).body


def freeze(session: Session, writeup: Writeup, body: str) -> Frozen:
    """As `freeze_blocks`, with the sentences for the publish page and the headings that are not printed."""
    frozen = Frozen(body)

    def note(sentence: str) -> str:
        frozen.notices.append(sentence)
        return ""

    if found := find_blocks(body):
        known = Known(session, writeup, Incident.visibility != Visibility.DELETED, is_draft=False)
        frozen.body = _filled(body, found, known, note)
    if empty_sections(frozen.body):
        frozen.body, frozen.unprinted = without_empty(
            frozen.body, optional_headings(session, writeup.template)
        )
    return frozen


def _noticed(notices: list[str], sentence: str) -> str:
    notices.append(sentence)
    return f"{{{{notice: {sentence.replace('{', '').replace('}', '')}}}}}"


class Known:
    """What the blocks of one write-up can show; read only when the first block asks.

    In a draft the state of an action is words; in a frozen text it is a mark that the page fills in.
    """

    def __init__(
        self, session: Session, writeup: Writeup, where: ColumnElement[bool], *, is_draft: bool
    ) -> None:
        self._session, self._writeup, self._where = session, writeup, where
        self.is_draft = is_draft
        self._rows: dict[str, Sequence[Any]] = {}

    def incidents(self) -> Sequence[Incident]:
        if "incidents" not in self._rows:
            linked = select(writeup_incidents.c.incident_id).where(
                writeup_incidents.c.writeup_id == self._writeup.id
            )
            statement = (
                select(Incident)
                .where(Incident.id.in_(linked), self._where)
                .options(selectinload(Incident.services), selectinload(Incident.teams))
                .order_by(Incident.id)
            )
            self._rows["incidents"] = self._session.scalars(statement).all()
        return self._rows["incidents"]

    def rows(self, name: str) -> Sequence[Any]:
        """Events, factors or actions in the order in which they are shown."""
        if name not in self._rows:
            ids = [incident.id for incident in self.incidents()]
            self._rows[name] = self._session.execute(_STATEMENTS[name](ids)).all() if ids else []
        return self._rows[name]


def _events(ids: list[int]) -> Any:
    return (
        select(TimelineEvent.id, TimelineEvent.incident_id, TimelineEvent)
        .where(TimelineEvent.incident_id.in_(ids), TimelineEvent.deleted_at.is_(None))
        .order_by(TimelineEvent.occurred_at.is_(None), TimelineEvent.occurred_at, TimelineEvent.id)
    )


def _factors(ids: list[int]) -> Any:
    return (
        select(Factor.id, Factor.incident_id, Factor)
        .where(Factor.incident_id.in_(ids), Factor.deleted_at.is_(None))
        .order_by(Factor.id)
    )


def _actions(ids: list[int]) -> Any:
    return (
        select(Action.id, Action.incident_id, Action.title, Team.name, Action.status)
        .outerjoin(Team, Team.id == Action.team_id)
        .where(Action.incident_id.in_(ids), Action.deleted_at.is_(None))
        .order_by(Action.id)
    )


_STATEMENTS: dict[str, Callable[[list[int]], Any]] = {
    "timeline": _events,
    "factors": _factors,
    "actions": _actions,
}


def _filled(body: str, found: Sequence[Block], known: Known, note: Callable[[str], str]) -> str:
    parts, place = [], 0
    for block in found:
        text = _text_of(block, known, note)
        if text is not None:
            parts += [body[place : block.start], f"\n{text}\n" if block.is_alone and text else text]
            place = block.end
    return "".join([*parts, body[place:]])


def _text_of(block: Block, known: Known, note: Callable[[str], str]) -> str | None:
    """What stands in the place of a block; None leaves it as it is."""
    if block.name == "time":
        try:
            moment_of(block.words)
        except WrongTime as wrong:
            return note(f"{block.words}: {wrong}")
        return None
    if block.name not in BLOCKS:
        return note(f"There is no block called {block.name}. There are {', '.join(BLOCKS)}.")
    if not block.is_alone:
        return note(f"The block {block.name} needs a line of its own.")
    return _shown(block, wanted(block), known, note)


def _shown(block: Block, asked: Wanted, known: Known, note: Callable[[str], str]) -> str:
    incidents = [each for each in known.incidents() if not asked.incidents or each.id in asked.incidents]
    sentences = list(_strange(block, asked, known))
    if asked.strange and not asked.ids and not asked.incidents:
        return "\n\n".join(note(sentence) for sentence in sentences).strip()
    if block.name in CHOOSES:
        among = {each.id for each in incidents}
        rows = [row for row in known.rows(block.name) if row[1] in among]
        missing = [id_ for id_ in asked.ids if id_ not in {row[0] for row in rows}]
        sentences += [f"There is no {_NOUNS[block.name]} {id_} here." for id_ in missing]
        rows = [row for row in rows if (row[0] in asked.ids if asked.ids else _by_itself(block.name, row))]
        of = dict.fromkeys(row[1] for row in rows)
        text = _of_several(block.name, rows, known) if len(of) > 1 else _of_rows(block.name, rows, known)
    else:
        text = (
            texts.facts_text(incidents) if block.name == "facts" else texts.words_text(incidents, block.name)
        )
    if not text and not sentences:
        sentences = [_NOTHING[block.name] if incidents else "This write-up is about no incident yet."]
    noted = [note(sentence) for sentence in sentences]
    return "\n\n".join(filter(None, [text, *noted]))


_NOTHING = {
    "facts": "Nothing is recorded yet.",
    "timeline": "The timeline has no event for write-ups yet.",
    "factors": "No factor is recorded yet.",
    "actions": "There is no action yet.",
    "impact": "The impact is still blank.",
    "summary": "The summary is still blank.",
}


def _strange(block: Block, asked: Wanted, known: Known) -> list[str]:
    sentences = []
    example = CHOOSES.get(block.name, "INC-12")
    for word in asked.strange:
        sentences.append(f"The block {block.name} does not know {word[:40]}. Write for example {example}.")
    numbers = {incident.id for incident in known.incidents()}
    sentences += [
        f"This write-up is not about INC-{each}." for each in asked.incidents if each not in numbers
    ]
    return sentences


def _by_itself(name: str, row: Any) -> bool:
    return name != "timeline" or row[2].in_writeup


def _of_several(name: str, rows: Sequence[Any], known: Known) -> str:
    """What several incidents have, each below its number."""
    parts = []
    for incident in known.incidents():
        if mine := [row for row in rows if row[1] == incident.id]:
            parts.append(f"**{texts.name_of(incident)}**\n\n{_of_rows(name, mine, known)}")
    return "\n\n".join(parts)


def _of_rows(name: str, rows: Sequence[Any], known: Known) -> str:
    if name == "timeline":
        zone_names = {incident.id: incident.timezone for incident in known.incidents()}
        return texts.timeline_text((row[2] for row in rows), zone_names)
    if name == "factors":
        return texts.factors_text(row[2] for row in rows)
    return texts.actions_text(
        (id_, title, team, ACTION_STATUS_LABELS[status] if known.is_draft else "")
        for id_, _, title, team, status in rows
    )
