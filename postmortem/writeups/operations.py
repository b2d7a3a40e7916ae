"""Starting and saving write-ups; publishing stands in `publishing.py` and is called from here as well.

History entries of write-ups carry no incident: whoever sees the incident would read a draft's title there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.operations import check_version
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, created, record, set_fields
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.tags.operations import tags_named
from postmortem.text.clean import clean_source
from postmortem.text.markdown import render, render_many
from postmortem.writeups.addresses import new_slugs
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.links import Names, link_all, told
from postmortem.writeups.models import Revision, Writeup
from postmortem.writeups.operations_desk import tell_mentioned
from postmortem.writeups.publishing import keep_rendering, publish, publish_writeups, render_again, withdraw

__all__ = ["publish", "publish_writeups", "render_again", "save_writeup", "start_writeups", "withdraw"]

TEXTS = ("title", "tldr", "body")
LIMITS = {"title": 200, "tldr": 1000, "body": 100_000}


def start_writeups(session: Session, drafts: Sequence[WriteupDraft], *, actor: Actor) -> list[Writeup]:
    """Make drafts, each with its first revision and an address that stays.

    Refuses a blank title, texts that are too long, and unknown people, teams and services. The incidents
    must exist, and whether the actor may use them was asked before. The number of reads does not grow with
    the drafts.
    """
    if not drafts:
        return []
    drafts = [
        replace(draft, **_checked_texts({name: getattr(draft, name) for name in TEXTS})) for draft in drafts
    ]
    names = Names(session, drafts)
    closed = _restricted(session, drafts)
    hidden = [not closed.isdisjoint(draft.incidents) for draft in drafts]
    slugs = new_slugs(session, [draft.title for draft in drafts], hidden)
    now = clock.now()
    writeups = [_started(draft, slug, actor, now) for draft, slug in zip(drafts, slugs, strict=True)]
    for writeup, rendered in zip(writeups, render_many([each.body for each in writeups]), strict=True):
        keep_rendering(writeup, rendered)
    session.add_all(writeups)
    session.flush()
    link_all(session, names, drafts, writeups)
    session.execute(insert(Revision), [_revision(writeup, 1, actor, now) for writeup in writeups])
    fields = ("slug", "title", "template", "audience", "source_name", "source_url")
    for writeup, draft in zip(writeups, drafts, strict=True):
        made = created(writeup, fields) | told(draft)
        record(session, "started", writeup, actor=actor, changes=made)
    if len(writeups) == 1:
        # Somebody wrote it now; many at once are an import, and old news.
        tell_mentioned(session, writeups[0], (), (writeups[0].tldr, writeups[0].body), actor=actor)
    return writeups


def save_writeup(
    session: Session, writeup: Writeup, values: Mapping[str, Any], *, version: int | None, actor: Actor
) -> None:
    """Save the working copy; a changed text makes a revision, and readers see nothing of it until publishing.

    `values` holds fields of the record: `tags` as names, `authors`, `teams`, `services` and `incidents` as
    rows. Tags, teams, services and incidents are not frozen and change for readers at once, and so does an
    audience that gets narrower. Raises Conflict for a stale version and a deleted write-up, Refused as
    `start_writeups` does.
    """
    check_version(writeup, version)
    if WriteupState.DELETED in (writeup.state, values.get("state")):
        # Deleting is an operation of its own, which remembers what to bring back.
        raise Conflict
    values = {**values, **_checked_texts({name: values[name] for name in TEXTS if name in values})}
    if "tags" in values:
        values["tags"] = tags_named(session, values["tags"])
    incidents = values.pop("incidents", None)
    before = (writeup.tldr, writeup.body)
    changes = set_fields(writeup, values)
    if incidents is not None and {each.id for each in incidents} != {each.id for each in writeup.incidents}:
        changes["incidents"] = [_references(writeup.incidents), _references(incidents)]
        writeup.incidents = list(incidents)
    if not changes:
        return
    if "body" in changes:
        keep_rendering(writeup, render(writeup.body))
    writeup.updated_at = clock.now()
    if any(name in changes for name in TEXTS):
        last = session.scalar(select(func.max(Revision.number)).where(Revision.writeup_id == writeup.id)) or 0
        session.execute(insert(Revision), [_revision(writeup, last + 1, actor, writeup.updated_at)])
        changes["revision"] = [last, last + 1]
    # The long texts themselves are in the revisions.
    kept = {name: change for name, change in changes.items() if name not in ("body", "tldr")}
    record(session, "edited", writeup, actor=actor, changes=kept)
    tell_mentioned(session, writeup, before, (writeup.tldr, writeup.body), actor=actor)


def _restricted(session: Session, drafts: Sequence[WriteupDraft]) -> set[int]:
    """Which of the drafts' incidents are not open to everybody; one statement for 5,000 of them."""
    numbers = sorted({number for draft in drafts for number in draft.incidents})
    found: set[int] = set()
    for start in range(0, len(numbers), 5_000):
        some = Incident.id.in_(numbers[start : start + 5_000])
        closed = select(Incident.id).where(some, Incident.visibility != Visibility.OPEN)
        found |= set(session.scalars(closed))
    return found


def _checked_texts(values: Mapping[str, str]) -> dict[str, Any]:
    """The texts without control characters and blank ends, which forms do not keep. Refuses a blank title and what is too long."""
    checked = {name: clean_source(text).rstrip() for name, text in values.items()}
    if "title" in checked:
        checked["title"] = " ".join(checked["title"].split())
        if not checked["title"]:
            raise Refused("Enter a title: what would make a colleague want to read this?", field="title")
    for name, text in checked.items():
        if len(text) > LIMITS[name]:
            raise Refused(f"Shorten this to {LIMITS[name]:,} characters.", field=name)
    return checked


def _started(draft: WriteupDraft, slug: str, actor: Actor, now: datetime) -> Writeup:
    return Writeup(
        slug=slug,
        title=draft.title,
        tldr=draft.tldr,
        body=draft.body,
        template=draft.template,
        audience=draft.audience,
        state=WriteupState.DRAFT,
        source_name=draft.source_name[:200],
        source_url=draft.source_url[:500] if draft.source_url.startswith(("https://", "http://")) else "",
        created_by_id=actor.id,
        created_at=now,
        updated_at=now,
    )


def _revision(writeup: Writeup, number: int, actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "writeup_id": writeup.id,
        "number": number,
        "saved_at": at,
        "saved_by_id": actor.id,
        "saved_by_name": actor.name[:200],
        "title": writeup.title,
        "tldr": writeup.tldr,
        "body": writeup.body,
    }


def _references(incidents: Iterable[Any]) -> list[str]:
    return sorted(incident.reference for incident in incidents)
