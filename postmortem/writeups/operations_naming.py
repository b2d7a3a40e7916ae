"""Deciding how people are named in a write-up: an editor about everybody's roles, each person about their own name."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import check_version
from postmortem.blameless.models import NamingChoice, NamingConsent
from postmortem.blameless.roles import Choice, Renaming
from postmortem.blameless.roles_phrases import clean_phrase, is_colleague
from postmortem.errors import Conflict
from postmortem.history.operations import Actor, Changes, created, record, set_fields
from postmortem.incidents.enums import Visibility
from postmortem.writeups.addresses import new_slugs
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Writeup
from postmortem.writeups.models_around import WriteupOldSlug
from postmortem.writeups.naming import Names

_FIELDS = ("surface", "replacement", "is_left")


def save_choices(
    session: Session, writeup: Writeup, choices: Sequence[Choice], *, actor: Actor, version: int | None = None
) -> int:
    """Remember what an editor decided about names; a choice that says nothing forgets the one there was.

    Each is one of `Choice`: about a person everywhere, about one mention, or about a name nobody here has. Says how
    many changed. Raises Conflict for a stale version and a deleted write-up.
    """
    check_version(writeup, version)
    if writeup.state == WriteupState.DELETED:
        raise Conflict
    statement = select(NamingChoice).where(NamingChoice.writeup_id == writeup.id)
    kept = {(row.person_id, row.surface): row for row in session.scalars(statement)}
    count = 0
    for choice in choices:
        key = (choice.person_id, choice.surface[:200])
        count += _save_one(session, writeup, choice, kept.get(key), actor)
    return count


def _save_one(
    session: Session, writeup: Writeup, choice: Choice, row: NamingChoice | None, actor: Actor
) -> bool:
    values = {"replacement": clean_phrase(choice.replacement), "is_left": choice.is_left}
    if row is None:
        # A choice about a single mention says something also when it only undoes what another one says.
        if not (values["replacement"] or choice.is_left or (choice.person_id and choice.surface)):
            return False
        _add(session, writeup, choice, actor)
        return True
    changes = set_fields(row, values)
    if not changes:
        return False
    row.chosen_by_id, row.chosen_at = actor.id, clock.now()
    record(session, "edited", row, actor=actor, changes=changes)
    return True


def _add(session: Session, writeup: Writeup, choice: Choice, actor: Actor) -> None:
    row = NamingChoice(
        writeup_id=writeup.id,
        person_id=choice.person_id,
        surface=choice.surface[:200],
        replacement=clean_phrase(choice.replacement),
        is_left=choice.is_left,
        chosen_by_id=actor.id,
        chosen_at=clock.now(),
    )
    session.add(row)
    session.flush()
    about: Changes = {"writeup_id": [None, writeup.id]}
    if choice.person_id:
        about["person"] = [None, choice.person_id]
    record(session, "chose", row, actor=actor, changes=about | created(row, _FIELDS))


def keep_numbers(
    session: Session, writeup: Writeup, names: Names, renaming: Renaming, *, actor: Actor
) -> None:
    """Remember who is *a second colleague*, so that the next publication calls them the same."""
    decided = names.decided(writeup.id)
    used = dict.fromkeys(each.mention.people[0] for each in renaming.found if each.phrase is not None)
    for person_id in used:
        phrase = renaming.phrases.get(person_id, "")
        if person_id > 0 and person_id not in decided and is_colleague(phrase):
            _add(session, writeup, Choice(person_id, "", phrase), actor)


def decide_consent(session: Session, writeup: Writeup, person: Person, *, is_agreed: bool) -> bool:
    """Somebody agrees to be named, or takes it back; the next publication goes by it. Says whether that is new.

    It is for oneself alone: there is no actor beside the person. Raises Conflict for a deleted write-up.
    """
    if writeup.state == WriteupState.DELETED:
        raise Conflict
    row = session.scalar(
        select(NamingConsent).where(
            NamingConsent.writeup_id == writeup.id, NamingConsent.person_id == person.id
        )
    )
    if row is not None:
        changes = set_fields(row, {"is_agreed": is_agreed})
        if not changes:
            return False
        row.decided_at = clock.now()
    else:
        row = NamingConsent(
            writeup_id=writeup.id, person_id=person.id, is_agreed=is_agreed, decided_at=clock.now()
        )
        session.add(row)
        session.flush()
        changes = {
            "writeup_id": [None, writeup.id],
            "person": [None, person.id],
            "is_agreed": [None, is_agreed],
        }
    record(session, "agreed" if is_agreed else "declined", row, actor=person, changes=changes)
    return True


def address_without_names(session: Session, writeup: Writeup, title: str) -> str:
    """A new address for a write-up whose address names somebody; the old one is kept for those who see drafts."""
    is_hidden = any(each.visibility != Visibility.OPEN for each in writeup.incidents)
    [slug] = new_slugs(session, [title], [is_hidden])
    session.add(WriteupOldSlug(slug=writeup.slug, writeup_id=writeup.id, created_at=clock.now()))
    return slug
