"""What the desk keeps of a text while it is written: it makes no revision and no history. And whom a draft names."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.mentions import named_in, spellings
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell
from postmortem.text.clean import clean_source
from postmortem.writeups.models import Writeup
from postmortem.writeups.models_around import Autosave, DeskVisit
from postmortem.writeups.queries_desk import autosave_of
from postmortem.writeups.rules import can_see_draft

LIMITS = {"title": 200, "tldr": 1000, "body": 100_000}


def keep_autosave(
    session: Session,
    writeup: Writeup,
    texts: Mapping[str, str],
    *,
    base: tuple[int, int],
    replaces: str,
    person: Person,
) -> Autosave | None:
    """Keep what somebody typed and did not save; None where it is what is saved anyway.

    `base` is the version and the revision that they started from. `replaces` names the text of theirs that this one
    goes on from (`token_of`): any other is left alone, and Conflict raised, so that nothing typed elsewhere is lost.
    Refuses what could not be saved either.
    """
    texts = {name: clean_source(text) for name, text in texts.items()}
    for name, text in texts.items():
        if len(text) > LIMITS[name]:
            raise Refused(f"Shorten this to {LIMITS[name]:,} characters.", field=name)
    kept = autosave_of(session, writeup.id, person)
    if kept is not None and token_of(kept) != replaces and not holds(kept, texts):
        raise Conflict
    if is_saved(writeup, texts):
        drop_autosave(session, writeup, person=person)
        return None
    version, revision = base
    values: dict[str, Any] = {**texts, "base_version": version, "base_revision": revision}
    values["saved_at"] = clock.now()
    _put(session, Autosave, {"writeup_id": writeup.id, "person_id": person.id}, values)
    if kept is not None:
        session.expire(kept)
    return autosave_of(session, writeup.id, person)


def keep_sent(session: Session, writeup: Writeup, sent: Mapping[str, str], *, person: Person) -> None:
    """Keep a form's texts as unsaved ones: somebody has to choose first, and may go away instead."""
    base = (whole_number(sent.get("version")), whole_number(sent.get("revision")))
    texts = {name: sent.get(name, "") for name in LIMITS}
    try:
        keep_autosave(session, writeup, texts, base=base, replaces=sent.get("token", ""), person=person)
    except (Conflict, Refused):
        # Typed on from elsewhere, or too long to keep: the page itself still has all of it.
        return


def whole_number(text: str | None) -> int:
    """The number in a hidden field, 0 for anything else."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def drop_autosave(session: Session, writeup: Writeup, *, person: Actor) -> None:
    """Forget what was typed and not saved; nothing happens where there is nothing."""
    mine = (Autosave.writeup_id == writeup.id, Autosave.person_id == person.id)
    session.execute(delete(Autosave).where(*mine).execution_options(synchronize_session=False))


def note_visit(session: Session, writeup: Writeup, *, person: Person, has_typed: bool) -> None:
    """Note that somebody has the desk open now."""
    here = {"writeup_id": writeup.id, "person_id": person.id}
    _put(session, DeskVisit, here, {"seen_at": clock.now(), "has_typed": has_typed})


def leave(session: Session, writeup: Writeup, *, person: Actor) -> None:
    """They saved: nothing is unsaved, and they are not at the desk until it is open again."""
    drop_autosave(session, writeup, person=person)
    mine = (DeskVisit.writeup_id == writeup.id, DeskVisit.person_id == person.id)
    session.execute(delete(DeskVisit).where(*mine).execution_options(synchronize_session=False))


def clear_desk(session: Session, writeup: Writeup) -> None:
    """Forget everybody's unsaved texts of a write-up and who was there: it is being destroyed."""
    for model in (Autosave, DeskVisit):
        session.execute(delete(model).where(model.writeup_id == writeup.id))


def token_of(kept: Autosave) -> str:
    """What names this state of an unsaved text; the next state has another."""
    return f"{kept.saved_at:%Y%m%dT%H%M%S.%f}"


def holds(kept: Autosave, texts: Mapping[str, str]) -> bool:
    """These texts are in it already."""
    return all(getattr(kept, name).rstrip() == text.rstrip() for name, text in texts.items())


def is_saved(writeup: Writeup, texts: Mapping[str, str]) -> bool:
    """The working copy says the same; forms keep no blank end."""
    return all(getattr(writeup, name).rstrip() == text.rstrip() for name, text in texts.items())


def tell_mentioned(
    session: Session, writeup: Writeup, before: Iterable[str], after: Iterable[str], *, actor: Actor
) -> None:
    """Tell those whom a draft names with `@handle` and did not before; only those who may see it."""
    already = set(spellings("\n\n".join(before)))
    text = "\n\n".join(after)
    words = [word for word in spellings(text) if word not in already]
    if not words:
        return
    # Databases fold only ASCII alike; a handle in other letters is found as it is written.
    wanted = or_(
        Person.handle.in_(words), *(Person.handle.ilike(_escaped(word), escape="\\") for word in words[:20])
    )
    people = session.scalars(select(Person).where(wanted, Person.is_active)).all()
    by_handle = {
        person.handle: person for person in people if person.handle and can_see_draft(person, writeup)
    }
    named = [by_handle[handle] for handle in named_in(text, by_handle) if handle.casefold() in words]
    if named:
        tell(session, Event.MENTIONED, writeup, actor=actor, to=named)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _put(session: Session, model: Any, key: Mapping[str, int], values: Mapping[str, Any]) -> None:
    """Insert the row or change it, also where another tab does so at this moment."""
    # Only the dialect in use is imported: PostgreSQL's is a twentieth of the program's start.
    dialect = import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")
    made = dialect.insert(model).values(**key, **values)
    session.execute(made.on_conflict_do_update(index_elements=list(key), set_=dict(values)))
