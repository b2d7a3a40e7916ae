"""Deleting write-ups, bringing them back, and destroying them for good; letting go of a destroyed incident."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.operations import check_version
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, record, set_fields
from postmortem.text.markdown import render
from postmortem.text.marks import without_marks
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import (
    Publication,
    Revision,
    Writeup,
    writeup_authors,
    writeup_incidents,
    writeup_services,
    writeup_tags,
    writeup_teams,
)
from postmortem.writeups.operations_desk import clear_desk
from postmortem.writeups.publishing import NO_PLAN, keep_rendering

_LINKS = (writeup_authors, writeup_tags, writeup_teams, writeup_services, writeup_incidents)


def delete_writeup(session: Session, writeup: Writeup, *, version: int | None, actor: Actor) -> None:
    """Put a write-up into the trash. Nothing happens to one that is there already.

    Refuses a published one: taking it from its readers is a step of its own, with a reason. Raises Conflict for
    a stale version.
    """
    if writeup.state == WriteupState.DELETED:
        return
    check_version(writeup, version)
    if writeup.state == WriteupState.PUBLISHED:
        raise Refused("This write-up is published. Withdraw it first; then it can be deleted.")
    changes = set_fields(writeup, NO_PLAN)
    changes.pop("publish_version", None)
    writeup.deleted_state = writeup.state
    writeup.deleted_at = clock.now()
    writeup.state = WriteupState.DELETED
    session.flush()
    record(session, "deleted", writeup, actor=actor, changes=changes)


def restore_writeup(session: Session, writeup: Writeup, *, actor: Actor) -> None:
    """Bring a deleted write-up back as it was; it was not published. Nothing happens to any other."""
    if writeup.state != WriteupState.DELETED:
        return
    writeup.state = writeup.deleted_state or WriteupState.WITHDRAWN
    writeup.deleted_state = None
    writeup.deleted_at = None
    session.flush()
    record(session, "brought back", writeup, actor=actor)


def destroy_writeup(session: Session, writeup: Writeup) -> None:
    """Remove a write-up that is not published, with every text of it. Whoever calls records it.

    Raises Conflict where somebody changed it meanwhile.
    """
    clear_desk(session, writeup)
    for model in (Revision, Publication):
        session.execute(delete(model).where(model.writeup_id == writeup.id))
    for table in _LINKS:
        session.execute(delete(table).where(table.c.writeup_id == writeup.id))
    gone = session.scalar(
        delete(Writeup)
        .where(
            Writeup.id == writeup.id,
            Writeup.version == writeup.version,
            Writeup.state != WriteupState.PUBLISHED,
        )
        .returning(Writeup.id)
        .execution_options(synchronize_session=False)
    )
    if gone is None:
        raise Conflict
    session.expunge(writeup)


def let_go_of_incident(session: Session, writeup: Writeup, reference: str, *, actor: Actor) -> None:
    """Take an incident that is being destroyed off a published write-up, whose readers go on reading the same.

    What was never published, or was taken back, goes: it was for those who saw the incident, and nothing would
    hold it back from others any more. The working copy and the saves behind it become the published text, in which
    people are roles: what was typed may name who took part.
    """
    clear_desk(session, writeup)
    kept = _published_numbers(session, writeup)
    stale = Revision.number.not_in(kept)
    session.execute(delete(Revision).where(Revision.writeup_id == writeup.id, stale))
    session.execute(delete(Publication).where(Publication.writeup_id == writeup.id, Publication.is_withdrawn))
    _say_what_readers_read(session, writeup, kept)
    published = session.scalars(
        select(Publication).where(
            Publication.writeup_id == writeup.id, Publication.number == writeup.publication_number
        )
    ).one()
    writeup.title, writeup.tldr, writeup.body = published.title, published.tldr, without_marks(published.body)
    keep_rendering(writeup, render(writeup.body))
    before = sorted(incident.reference for incident in writeup.incidents)
    writeup.incidents = [each for each in writeup.incidents if each.reference != reference]
    writeup.updated_at = clock.now()
    session.flush()
    after = sorted(incident.reference for incident in writeup.incidents)
    record(session, "edited", writeup, actor=actor, changes={"incidents": [before, after]})


def _say_what_readers_read(session: Session, writeup: Writeup, numbers: Sequence[int]) -> None:
    """Let each of these saves be word for word the last publication that was made of it."""
    shown = {
        publication.revision_number: publication
        for publication in session.scalars(
            select(Publication)
            .where(Publication.writeup_id == writeup.id, Publication.is_withdrawn.is_(False))
            .order_by(Publication.number)
        )
    }
    saves = select(Revision).where(Revision.writeup_id == writeup.id, Revision.number.in_(numbers))
    for save in session.scalars(saves):
        publication = shown[save.number]
        save.title, save.tldr, save.body = (
            publication.title,
            publication.tldr,
            without_marks(publication.body),
        )


def _published_numbers(session: Session, writeup: Writeup) -> Sequence[int]:
    """The saved texts that readers were shown and that were not taken back."""
    return session.scalars(
        select(Publication.revision_number).where(
            Publication.writeup_id == writeup.id, Publication.is_withdrawn.is_(False)
        )
    ).all()
