"""Who may see, change and publish write-ups. A rule's docstring is the sentence shown on refusal.

Two things hide behind one address. What was published is there for everybody who is signed in, and without
signing in where it was published for everybody. The working copy is there for its authors, whoever started
it, facilitators and admins; and where an incident in it is restricted, only for those of them who see that.
A deleted one is there for nobody, admins included, except in the trash; and a working copy goes into hiding
with a deleted incident.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.rules import is_admin, is_contributor, is_facilitator
from postmortem.history.models import HistoryEntry
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.models import Incident
from postmortem.web import visibility
from postmortem.writeups.enums import Audience, WriteupState
from postmortem.writeups.models import Publication, Writeup, writeup_authors, writeup_incidents

IS_PUBLISHED = Writeup.state == WriteupState.PUBLISHED
# Both must say so: what it was published for, and what its authors want now. Narrowing works at once.
IS_PUBLIC = and_(
    IS_PUBLISHED,
    Writeup.audience == Audience.PUBLIC,
    exists(
        select(Publication.id)
        .where(
            Publication.writeup_id == Writeup.id,
            Publication.number == Writeup.publication_number,
            Publication.audience == Audience.PUBLIC,
        )
        .correlate(Writeup)
    ),
)


def visible_to(person: Person | None) -> ColumnElement[bool]:
    """The write-ups for which this person gets a page: a published one, or a working copy they may see."""
    if person is None:
        return IS_PUBLIC
    return or_(published_to(person), draft_visible_to(person))


def published_to(person: Person | None) -> ColumnElement[bool]:
    """The published write-ups that this person may read; None is somebody who is not signed in."""
    if person is None:
        return IS_PUBLIC
    return IS_PUBLISHED if person.is_active else false()


def draft_visible_to(person: Person | None) -> ColumnElement[bool]:
    """The write-ups whose working copy, saves and withdrawn texts this person may see."""
    if person is None or not person.is_active:
        return false()
    return and_(Writeup.state != WriteupState.DELETED, _working_copy_is_for(person))


def may_bring_back(person: Person | None) -> ColumnElement[bool]:
    """The deleted write-ups that this person may bring back, as a WHERE clause: admins any, else one's own deletions.

    One's own: deleted by this very person within the last day, and they would see it again.
    """
    if person is None or not is_contributor(person):
        return false()
    if is_admin(person):
        return Writeup.state == WriteupState.DELETED
    deleted_by = (
        select(HistoryEntry.actor_id)
        .where(
            HistoryEntry.subject_type == Writeup.__tablename__,
            HistoryEntry.subject_id == Writeup.id,
            HistoryEntry.verb == "deleted",
        )
        .order_by(HistoryEntry.id.desc())
        .limit(1)
        .correlate(Writeup)
        .scalar_subquery()
    )
    return and_(
        Writeup.state == WriteupState.DELETED,
        Writeup.deleted_at > clock.now() - incidents_rules.UNDO_FOR,
        _working_copy_is_for(person),
        deleted_by == person.id,
    )


def _working_copy_is_for(person: Person) -> ColumnElement[bool]:
    seen = (
        select(Incident.id)
        .where(Incident.id == writeup_incidents.c.incident_id, incidents_rules.visible_to(person))
        .correlate(writeup_incidents)
    )
    # Not "an incident for which visible_to is false": on one without a lead it is unknown instead.
    hidden = exists(
        select(writeup_incidents.c.incident_id)
        .where(writeup_incidents.c.writeup_id == Writeup.id, ~exists(seen))
        .correlate(Writeup)
    )
    return and_(true() if is_facilitator(person) else is_own(person.id), ~hidden)


def is_own(person_id: Any) -> ColumnElement[bool]:
    """A clause: this person (an id or a bind parameter) wrote or started it."""
    return or_(
        Writeup.created_by_id == person_id,
        exists(
            select(writeup_authors.c.writeup_id)
            .where(writeup_authors.c.writeup_id == Writeup.id, writeup_authors.c.person_id == person_id)
            .correlate(Writeup)
        ),
    )


def can_start(person: Person) -> bool:
    """Writing needs the role contributor. An admin can change your role."""
    return is_contributor(person)


def can_edit(person: Person, writeup: Writeup) -> bool:
    """Only its authors, whoever started it, and facilitators change a write-up."""
    return is_contributor(person) and can_see_draft(person, writeup)


def can_publish(person: Person, writeup: Writeup) -> bool:
    """Only its authors, whoever started it, and facilitators publish a write-up."""
    return can_edit(person, writeup)


def can_withdraw(person: Person, writeup: Writeup) -> bool:
    """Only its authors, whoever started it, and facilitators withdraw a write-up."""
    return can_edit(person, writeup)


def can_delete(person: Person, writeup: Writeup) -> bool:
    """Only its authors, whoever started it, and facilitators delete a write-up."""
    return can_edit(person, writeup)


def can_see_draft(person: Person, writeup: Writeup) -> bool:
    """The working copy is for its authors, whoever started it, and facilitators."""
    is_one_of_them = (
        is_facilitator(person)
        or writeup.created_by_id == person.id
        or any(author.id == person.id for author in writeup.authors)
    )
    return (
        person.is_active
        and writeup.state != WriteupState.DELETED
        and is_one_of_them
        and all(incidents_rules.can_see(person, incident) for incident in writeup.incidents)
    )


visibility.register("writeup", visible_to)
