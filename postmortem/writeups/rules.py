"""Who may see, change and publish write-ups. A rule's docstring is the sentence shown on refusal.

Two things hide behind one address. What was published is there for everybody who is signed in, and without
signing in where it was published for everybody. The working copy is there for its authors, whoever started
it, those who are asked to review it, facilitators and admins; and where an incident in it is restricted, only
for those of them who see that.
A deleted one is there for nobody, admins included, except in the trash; and a working copy goes into hiding
with a deleted incident.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person, team_members
from postmortem.accounts.rules import is_admin, is_contributor, is_facilitator
from postmortem.attachments.models import Attachment, publication_images
from postmortem.attachments.rules import OF_WRITEUPS
from postmortem.history.queries import last_actor
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.models import Incident
from postmortem.web import visibility
from postmortem.writeups.enums import Audience, WriteupState
from postmortem.writeups.models import Publication, Writeup, writeup_authors, writeup_incidents
from postmortem.writeups.models_around import ReviewRequest

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
    return and_(
        Writeup.state == WriteupState.DELETED,
        Writeup.deleted_at > clock.now() - incidents_rules.UNDO_FOR,
        _working_copy_is_for(person),
        last_actor(Writeup, "deleted") == person.id,
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
    theirs = true() if is_facilitator(person) else or_(is_own(person.id), is_asked(person.id))
    return and_(theirs, ~hidden)


def reasons_to_see(session: Session, person: Person | None, writeup: Writeup) -> list[str]:
    """Why this person gets a page of this write-up, each reason to stand after their name; none where they do not."""
    is_public = session.scalar(select(Writeup.id).where(Writeup.id == writeup.id, IS_PUBLIC)) is not None
    everybody = ["can read it as everybody can: it is public"] if is_public else []
    if person is None:
        return everybody
    if not person.is_active or writeup.state == WriteupState.DELETED:
        return []
    reasons = everybody
    if writeup.state == WriteupState.PUBLISHED:
        reasons = [*everybody, "signs in here, and it is published"]
    if not can_see_draft(person, writeup):
        return reasons
    own = [f"is {'an admin' if is_admin(person) else 'a facilitator'}"] if is_facilitator(person) else []
    own += ["is one of its authors"] if any(author.id == person.id for author in writeup.authors) else []
    own += ["started it"] if writeup.created_by_id == person.id else []
    own += ["is asked to review it"] if _is_asked(person, writeup) else []
    about = " and ".join(incident.reference for incident in writeup.incidents)
    return reasons + [f"{reason}, and sees {about}" if about else reason for reason in own]


def people_who_see(writeup: Writeup) -> ColumnElement[bool]:
    """The people for whom this write-up has a page, as a WHERE clause over people; the other side of `visible_to`."""
    if writeup.state == WriteupState.DELETED:
        return false()
    if writeup.state == WriteupState.PUBLISHED:
        return Person.is_active.is_(True)
    writes = select(writeup_authors.c.writeup_id).where(
        writeup_authors.c.writeup_id == writeup.id, writeup_authors.c.person_id == Person.id
    )
    facilitators = [role for role in Role if role.includes(Role.FACILITATOR)]
    own = or_(
        Person.role.in_(facilitators),
        Person.id == writeup.created_by_id,
        exists(writes),
        exists(_open_requests(Person.id).where(ReviewRequest.writeup_id == writeup.id)),
    )
    return and_(own, people_who_could_see(writeup))


def people_who_could_see(writeup: Writeup) -> ColumnElement[bool]:
    """The people who would see the working copy if they were asked to review it: each of its incidents is there for them."""
    sees_all = (incidents_rules.people_who_see(incident) for incident in writeup.incidents)
    return and_(Person.is_active, *sees_all)


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


def is_asked(person_id: Any) -> ColumnElement[bool]:
    """A clause: this person (an id or a column), or a team of theirs, is asked to review it."""
    return exists(
        _open_requests(person_id)
        .where(ReviewRequest.writeup_id == Writeup.id)
        .correlate_except(ReviewRequest)
    )


def _open_requests(person_id: Any) -> Select[int]:
    in_team = exists(
        select(team_members.c.team_id)
        .where(team_members.c.team_id == ReviewRequest.team_id, team_members.c.person_id == person_id)
        .correlate_except(team_members)
    )
    return select(ReviewRequest.id).where(
        ReviewRequest.closed_at.is_(None), or_(ReviewRequest.person_id == person_id, in_team)
    )


def _is_asked(person: Person, writeup: Writeup) -> bool:
    teams = {team.id for team in person.teams}
    return any(
        request.closed_at is None and (request.person_id == person.id or request.team_id in teams)
        for request in writeup.review_requests
    )


def can_start(person: Person) -> bool:
    """Writing needs the role contributor. An admin can change your role."""
    return is_contributor(person)


def can_edit(person: Person, writeup: Writeup) -> bool:
    """Only its authors, whoever started it, and facilitators change a write-up."""
    return is_contributor(person) and _works_on(person, writeup) and _may_see(person, writeup)


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
    """The working copy is for its authors, whoever started it, those asked to review it, and facilitators."""
    return (_works_on(person, writeup) or _is_asked(person, writeup)) and _may_see(person, writeup)


def _works_on(person: Person, writeup: Writeup) -> bool:
    return (
        is_facilitator(person)
        or writeup.created_by_id == person.id
        or any(author.id == person.id for author in writeup.authors)
    )


def _may_see(person: Person, writeup: Writeup) -> bool:
    return (
        person.is_active
        and writeup.state != WriteupState.DELETED
        and all(incidents_rules.can_see(person, incident) for incident in writeup.incidents)
    )


def images_visible_to(person: Person | None) -> ColumnElement[bool]:
    """Images of working copies that this person may see, and those that a published text shows to its readers."""
    shown = (
        select(publication_images.c.attachment_id)
        .join(Publication, Publication.id == publication_images.c.publication_id)
        .join(
            Writeup,
            and_(Writeup.id == Publication.writeup_id, Writeup.publication_number == Publication.number),
        )
        .where(published_to(person))
    )
    own = select(Writeup.id).where(draft_visible_to(person))
    return or_(Attachment.writeup_id.in_(own), Attachment.id.in_(shown))


visibility.register("writeup", visible_to)
visibility.register(OF_WRITEUPS, images_visible_to)
