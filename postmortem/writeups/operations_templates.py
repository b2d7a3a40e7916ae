"""Changing the sets of sections. The first change by an admin writes all of them down as they were shipped.

One history entry for each change, about the set that was changed; that the others are written down changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, Changes, created, record, set_fields
from postmortem.incidents.enums import IncidentKind, Severity
from postmortem.text.slugs import slugify
from postmortem.writeups.models_around import WriteupTemplate
from postmortem.writeups.queries_templates import stored_templates
from postmortem.writeups.templates import FACTS, SHIPPED, Section, TemplateSet

MOST_SECTIONS = 30
MOST_TEMPLATES = 40


def add_template(session: Session, values: Mapping[str, Any], *, actor: Actor) -> WriteupTemplate:
    """A new set, last in the list. `values` are `name`, `description`, `sections`, `severities` and `kinds`."""
    rows = _written_down(session)
    if len(rows) >= MOST_TEMPLATES:
        raise Refused(
            f"There are {MOST_TEMPLATES} templates already. Change one that nobody uses.", field="name"
        )
    row = WriteupTemplate(
        key=_free_key(values["name"], {each.key for each in rows}),
        position=max(each.position for each in rows) + 1,
        is_active=True,
        **_checked(values),
    )
    session.add(row)
    session.flush()
    changes = created(row, ("key", "name", "description", "severities", "kinds"))
    record(session, "added", row, actor=actor, changes=changes | _told([], row.sections))
    return row


def save_template(
    session: Session, key: str, values: Mapping[str, Any], *, version: int, actor: Actor
) -> WriteupTemplate:
    """Change a set; `version` is 1 for who saw it as shipped. Raises Conflict where somebody was quicker."""
    row = _row(session, key)
    if row.version != version:
        raise Conflict
    _change(session, row, _checked(values), "edited", actor)
    return row


def reset_template(session: Session, key: str, *, actor: Actor) -> bool:
    """A shipped set as it was shipped; says whether anything was different. Raises Conflict for one's own."""
    shipped = next((each for each in SHIPPED if each.key == key), None)
    if shipped is None:
        raise Conflict
    if not stored_templates(session):
        return False
    return _change(
        session, _row(session, key), template_values(shipped) | {"is_active": True}, "reset", actor
    )


def switch_template(session: Session, key: str, *, is_active: bool, actor: Actor) -> bool:
    """Offer a set for new write-ups, or not; says whether that is news. Refuses to switch off the last one."""
    if not stored_templates(session) and is_active:
        return False
    row = _row(session, key)
    if not is_active and row.is_active and sum(each.is_active for each in stored_templates(session)) == 1:
        raise Refused("This is the only template that is offered. Switch on another one first.")
    verb = "switched on" if is_active else "switched off"
    return _change(session, row, {"is_active": is_active}, verb, actor)


def move_template(session: Session, key: str, *, up: bool, actor: Actor) -> bool:
    """One place up or down in the list; says whether there was anywhere to go."""
    rows = list(_written_down(session))
    at = next((at for at, each in enumerate(rows) if each.key == key), None)
    if at is None:
        raise Conflict
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rows):
        return False
    row = rows.pop(at)
    rows.insert(to, row)
    for position, each in enumerate(rows):
        each.position = position
    record(session, "moved", row, actor=actor, changes={"place": [at + 1, to + 1]})
    return True


def _row(session: Session, key: str) -> WriteupTemplate:
    """The row of a set. Raises Conflict where there is none."""
    row = next((each for each in _written_down(session) if each.key == key), None)
    if row is None:
        raise Conflict
    return row


def _written_down(session: Session) -> Sequence[WriteupTemplate]:
    """The rows; where there are none, those of the shipped sets. Of two who write them at once the slower one waits."""
    if rows := stored_templates(session):
        return rows
    session.add_all(
        WriteupTemplate(key=str(each.key), position=position, is_active=True, **template_values(each))
        for position, each in enumerate(SHIPPED)
    )
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict from error
    return stored_templates(session)


def _change(
    session: Session, row: WriteupTemplate, values: Mapping[str, Any], verb: str, actor: Actor
) -> bool:
    before = list(row.sections)
    changes = set_fields(row, values)
    if not changes:
        return False
    changes.pop("sections", None)
    record(session, verb, row, actor=actor, changes=changes | _told(before, row.sections))
    return True


def _told(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Changes:
    """The sections as lines to read; those that stayed in their place are left out."""
    old, new = [_line(each) for each in before], [_line(each) for each in after]
    if old == new:
        return {}
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    return {"sections_from": [old[same:], new[same:]]}


def _line(section: Mapping[str, Any]) -> str:
    notes = ", ".join(filter(None, ("optional" if section["is_optional"] else "", section["fact"])))
    return f"{section['heading']}{f' ({notes})' if notes else ''}: {section['prompt']}"


def template_values(template: TemplateSet) -> dict[str, Any]:
    """A set as its row has it."""
    return {
        "name": template.name,
        "description": template.description,
        "severities": [str(each) for each in template.severities],
        "kinds": [str(each) for each in template.kinds],
        "sections": _as_json(template.sections),
    }


def _as_json(sections: Iterable[Section]) -> list[dict[str, Any]]:
    return [
        {
            "heading": each.heading,
            "prompt": each.prompt,
            "is_optional": each.is_optional,
            "fact": each.fact,
        }
        for each in sections
    ]


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the row has them. Refuses a blank name, too many sections, two of one heading, unknown words."""
    name = " ".join(str(values["name"]).split())[:100]
    if not name:
        raise Refused("Enter a name, for example Security review.", field="name")
    sections: Sequence[Section] = values["sections"]
    if len(sections) > MOST_SECTIONS:
        raise Refused(f"Keep to {MOST_SECTIONS} sections.")
    seen: set[str] = set()
    for number, section in enumerate(sections, 1):
        if not section.heading.strip() or section.heading.casefold() in seen or section.fact not in FACTS:
            sentence = "Give each section a heading of its own."
            raise Refused(sentence, field=f"heading_{number}")
        seen.add(section.heading.casefold())
    severities = [each.value for each in Severity if each.value in values["severities"]]
    kinds = [each.value for each in IncidentKind if each.value in values["kinds"]]
    return {
        "name": name,
        "description": " ".join(str(values["description"]).split())[:300],
        "sections": _as_json(sections),
        "severities": severities,
        "kinds": kinds,
    }


def _free_key(name: str, taken: set[str]) -> str:
    """A key for the address; `new` is a page."""
    base = slugify(name, max_length=50)
    taken = taken | {"new", *(each.key for each in SHIPPED)}
    return next(
        key for n in range(1, len(taken) + 2) if (key := base if n == 1 else f"{base}-{n}") not in taken
    )
