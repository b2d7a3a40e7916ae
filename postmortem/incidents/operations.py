"""Filing and changing incidents.

Each changed incident leaves one history entry. `sort_at` follows the moments, and the sort keys beside
services, teams and tags follow the incident. Markdown is rendered here, on save.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified, set_committed_value

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import check_version
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, Changes, created, record, set_fields
from postmortem.incidents.checks import checked
from postmortem.incidents.drafts import IncidentDraft, MomentDraft
from postmortem.incidents.enums import MOMENTS, RelationKind, Visibility
from postmortem.incidents.models import (
    TIME_NOT_RECORDED,
    ExternalId,
    Incident,
    Participant,
    Relation,
    incident_services,
    incident_tags,
    incident_teams,
)
from postmortem.incidents.references import References, refuse_known_external_ids, visible_numbers
from postmortem.incidents.restrictions import facts_of, restricted, rules_in_force
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell
from postmortem.text.markdown import RENDERER_VERSION, render

PLAIN_FIELDS = (
    "kind",
    "title",
    "summary",
    "impact",
    "severity",
    "status",
    "visibility",
    "timezone",
    "is_drill",
    "detected_by",
    "synthetic_coverable",
    "synthetic_covered",
    "links",
)
LISTS = ("services", "teams", "tags", "participants", "relations", "external_ids")
SORT_KEYS = ("sort_at", "is_drill", "visibility")
_LINK_TABLES: Mapping[str, tuple[Table, str]] = {
    "services": (incident_services, "service_id"),
    "teams": (incident_teams, "team_id"),
    "tags": (incident_tags, "tag_id"),
}
RENDER_BATCH = 200


def report_incidents(session: Session, drafts: Sequence[IncidentDraft], *, actor: Actor) -> list[Incident]:
    """File incidents, one or ten thousand, in the order given; each gets its number.

    Where a restriction rule is about one it is restricted, whatever its draft says.
    Raises Refused (with the field) for a blank title, unknown people, teams, services or related incidents,
    and for an external id that is here already. Then nothing has been added.
    """
    rules = rules_in_force(session)
    values = [restricted(rules, checked(vars(draft))) for draft in drafts]
    refuse_known_external_ids(session, values)
    found = References(session, values, actor)
    incidents = [_new_incident(draft, found, actor) for draft in values]
    session.add_all(incidents)
    session.flush()
    for name in _LINK_TABLES:
        _write_links(session, incidents, name)
    for incident in incidents:
        record(session, "reported", incident, actor=actor, changes=_made(incident), incident_id=incident.id)
        tell(session, Event.INCIDENT_FILED, incident, actor=actor)
    return incidents


def edit_incident(
    session: Session, incident: Incident, values: Mapping[str, Any], *, version: int | None, actor: Actor
) -> None:
    """Change the given fields (names and values as in IncidentDraft, but for `external_ids`).

    A moment that differs is entered by the actor, others keep whoever entered them. Relations to incidents
    that the actor may not see stay. A tag, service, team, kind or severity that it did not have and that a rule
    is about restricts it. Raises Conflict for a stale version and a deleted incident, Refused as
    `report_incidents` does.
    """
    check_version(incident, version)
    if incident.visibility == Visibility.DELETED:
        raise Conflict
    values = restricted(rules_in_force(session), checked(values), facts_of(incident))
    found = References(session, [values], actor)
    changes = set_fields(incident, {name: values[name] for name in PLAIN_FIELDS if name in values})
    if "lead" in values:
        changes |= set_fields(incident, {"lead": found.person(values["lead"], "lead")})
    for name in MOMENTS:
        if name in values:
            changes |= _set_moment(incident, name, values[name], actor)
    if "participants" in values:
        changes |= _replace(incident, "participants", _participants(incident, values["participants"], found))
    if "relations" in values:
        related = _relations(session, incident, values["relations"], found, actor)
        changes |= _replace(incident, "relations", related)
    linked = {name: getattr(found, name)(values[name]) for name in _LINK_TABLES if name in values}
    changes |= _set_links(incident, linked)
    if changes:
        _save(session, incident, changes, actor)


def render_again(session: Session) -> int:
    """Render anew what an older renderer made; says how many. Leaves no history and no new version.

    An incident that somebody saves meanwhile is left alone: saving renders it.
    """
    count, last_id = 0, 0
    outdated = select(Incident.id, Incident.version, Incident.summary, Incident.impact).where(
        Incident.rendered_with != RENDERER_VERSION
    )
    while rows := session.execute(
        outdated.where(Incident.id > last_id).order_by(Incident.id).limit(RENDER_BATCH)
    ).all():
        for row in rows:
            session.execute(
                update(Incident)
                .where(Incident.id == row.id, Incident.version == row.version)
                .values(
                    summary_html=_rendered("summary", row.summary),
                    impact_html=_rendered("impact", row.impact),
                    rendered_with=RENDERER_VERSION,
                )
                .execution_options(synchronize_session=False)
            )
        count, last_id = count + len(rows), rows[-1].id
    return count


def _new_incident(draft: Mapping[str, Any], found: References, actor: Actor) -> Incident:
    reporter = found.person(draft["reported_by"], "reported_by")
    incident = Incident(
        **{name: draft[name] for name in PLAIN_FIELDS},
        lead=found.person(draft["lead"], "lead"),
        reported_by_id=reporter.id if reporter else _person_id(actor),
        created_at=draft["created_at"] or clock.now(),
        summary_html=_rendered("summary", draft["summary"]),
        impact_html=_rendered("impact", draft["impact"]),
        rendered_with=RENDERER_VERSION,
        search_text=f"{draft['title']}\n{draft['summary']}".casefold(),
    )
    for name in MOMENTS:
        _set_moment(incident, name, draft[name], actor)
    incident.sort_at = _sort_at(incident)
    for number, _ in draft["relations"]:
        found.check_number(number)
    # Every list is set, also to nothing: one that was never set would be looked up for each incident.
    incident.relations = [Relation(other_id=number, kind=kind) for number, kind in draft["relations"]]
    incident.participants = _participants(incident, draft["participants"], found)
    incident.external_ids = [
        ExternalId(source=source, external_id=external_id) for source, external_id in draft["external_ids"]
    ]
    _set_links(incident, {name: getattr(found, name)(draft[name]) for name in _LINK_TABLES})
    return incident


def _save(session: Session, incident: Incident, changes: Changes, actor: Actor) -> None:
    """Write what follows from the changes: HTML, sort keys, the version, the history."""
    for name in ("summary", "impact"):
        if name in changes:
            setattr(incident, f"{name}_html", _rendered(name, getattr(incident, name)))
            incident.rendered_with = RENDERER_VERSION
    if "title" in changes or "summary" in changes:
        incident.search_text = f"{incident.title}\n{incident.summary}".casefold()
    moved = set_fields(incident, {"sort_at": _sort_at(incident)})
    # A change of a list alone must raise the version too: the other form would overwrite it unseen.
    flag_modified(incident, "title")
    session.flush()
    for name in _LINK_TABLES:
        if name in changes or moved or not changes.keys().isdisjoint(SORT_KEYS):
            table, _ = _LINK_TABLES[name]
            session.execute(delete(table).where(table.c.incident_id == incident.id))
            _write_links(session, [incident], name)
    record(session, "edited", incident, actor=actor, changes=changes, incident_id=incident.id)


def _set_moment(incident: Incident, name: str, moment: MomentDraft, actor: Actor) -> Changes:
    changes = set_fields(
        incident,
        {
            name: moment.value.astimezone(UTC) if moment.value else None,
            f"{name}_confidence": moment.confidence,
            f"{name}_source": moment.source,
        },
    )
    if changes:
        is_blank = moment.value is None and not moment.source
        setattr(incident, f"{name}_entered_by_id", None if is_blank else _person_id(actor))
    return changes


def _sort_at(incident: Incident) -> Any:
    return min(
        (moment for name in MOMENTS if (moment := incident.moment(name)) is not None),
        default=TIME_NOT_RECORDED,
    )


def _participants(
    incident: Incident, pairs: Sequence[tuple[str, str]], found: References
) -> list[Participant]:
    """The participants in this order; rows that are there already stay the same rows."""
    known = {(row.person_id, row.role): row for row in incident.participants}
    rows = []
    for position, (email, role) in enumerate(pairs):
        person = found.person(email, "participants")
        if person is None:
            raise Refused("Choose a person for each role.", field="participants")
        row = known.get((person.id, role)) or Participant(person=person, role=role)
        row.position = position
        rows.append(row)
    return rows


def _relations(
    session: Session,
    incident: Incident,
    pairs: Sequence[tuple[int, RelationKind]],
    found: References,
    actor: Actor,
) -> list[Relation]:
    known = {(row.other_id, row.kind): row for row in incident.relations}
    seen = visible_numbers(session, actor, {row.other_id for row in incident.relations})
    kept = [row for row in incident.relations if row.other_id not in seen]
    for number, kind in pairs:
        found.check_number(number)
        if number == incident.id:
            raise Refused("An incident is not related to itself. Name another one.", field="relations")
        kept.append(known.get((number, kind)) or Relation(other_id=number, kind=kind))
    return kept


def _replace(incident: Incident, name: str, rows: list[Any]) -> Changes:
    old, new = [str(row) for row in getattr(incident, name)], [str(row) for row in rows]
    if old == new:
        return {}
    setattr(incident, name, rows)
    return {name: [old, new]}


def _set_links(incident: Incident, linked: Mapping[str, Sequence[Any]]) -> Changes:
    changes: Changes = {}
    for name, rows in linked.items():
        old = [str(row) for row in getattr(incident, name)] if incident.id else []
        new = [str(row) for row in rows]
        if sorted(old) != sorted(new):
            changes[name] = [sorted(old), sorted(new)]
        if sorted(old) != sorted(new) or not incident.id:
            # The rows are written by `_write_links`, with their sort keys.
            set_committed_value(incident, name, list(rows))
    return changes


def _write_links(session: Session, incidents: Sequence[Incident], name: str) -> None:
    table, key = _LINK_TABLES[name]
    rows = [
        {"incident_id": incident.id, key: other.id, **{key_: getattr(incident, key_) for key_ in SORT_KEYS}}
        for incident in incidents
        for other in getattr(incident, name)
    ]
    if rows:
        session.execute(insert(table), rows)


def _made(incident: Incident) -> Changes:
    """The first history entry's changes: what was given, without the confidence of blank moments."""
    recorded = [
        part
        for name in MOMENTS
        for part in (
            (name, f"{name}_confidence", f"{name}_source") if incident.moment(name) else (f"{name}_source",)
        )
    ]
    return created(incident, (*PLAIN_FIELDS, "lead", *LISTS, *recorded))


def _rendered(name: str, source: str) -> str:
    return render(source, heading_prefix=f"{name}-").html if source else ""


def _person_id(actor: Actor) -> int | None:
    return actor.id if isinstance(actor, Person) else None
