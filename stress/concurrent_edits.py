"""Many people edit the same few records at the same time, and now and then one is deleted: no edit is lost unseen.

Everybody opens a form, thinks for a moment, adds a mark of their own to a text and saves, through the real forms against
the real server. Whoever was overtaken must be shown both texts; they add their mark to the saved text and save again.
At the end every mark that was acknowledged is in its text, once; there are as many answers "saved" as entries of
history, and each entry starts from what the one before left: nobody overwrote anything without having been shown it.
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.accounts.operations import add_person
from postmortem.actions.models import Action
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.writeups.models import Writeup
from stress import arguments
from stress.editors import GIVE_UP_SECONDS, Deleter, Editor, Text
from stress.kill_storm import furnished, place
from stress.ledger import config_of, problems_of
from stress.server import Site
from stress.writers import PASSWORD
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup

PEOPLE = 6


def edits(folder: Path, number: int, *, seed: int, database_url: str = "", say: bool = False) -> list[str]:
    """So many edits by everybody together; returns what did not hold."""
    site = furnished(folder, None, database_url)
    texts = _arranged(site)
    site.start()
    site.wait_until_ready()
    shares = [number // PEOPLE + (each < number % PEOPLE) for each in range(PEOPLE)]
    editors = [
        Editor(site.port, _address(each), texts, share, seed * 100 + each)
        for each, share in enumerate(shares)
    ]
    deleter = Deleter(site.port, "admin@example.com", texts, 0, seed)
    began = time.monotonic()
    try:
        for each in (*editors, deleter):
            each.sign_in()
        began = time.monotonic()
        for each in (*editors, deleter):
            each.thread.start()
        for editor in editors:
            editor.thread.join(GIVE_UP_SECONDS + number)
        deleter.over = True
        deleter.thread.join(GIVE_UP_SECONDS)
    finally:
        took = time.monotonic() - began
        site.stop()
    everybody = (*editors, deleter)
    problems = [each for editor in everybody for each in editor.problems]
    problems += [f"{editor.email} does not end" for editor in everybody if editor.thread.is_alive()]
    saved = [each for editor in editors for each in editor.saved]
    conflicts = sum(editor.conflicts for editor in editors)
    problems += [f"{len(saved)} edits of {number} were saved"] if len(saved) != number else []
    problems += ["nobody was ever overtaken: nothing is shown"] if not conflicts else []
    problems += [*compared(site, saved), *problems_of(site, [])]
    if say:
        print(
            f"   {len(saved)} edits of {len(texts)} texts by {PEOPLE} people, {conflicts} conflicts shown and merged, "
            f"{deleter.brought_back} times something deleted and brought back, {took:.0f} s"
        )
    return problems


def _address(number: int) -> str:
    return f"editor-{number}@example.com"


def _arranged(site: Site) -> list[Text]:
    """People, and two of every record with long texts."""
    config = config_of(site)
    database = Database(config.database_url, secret_key=config.secret_key)
    texts = []
    with database.session(writes=True) as session:
        for number in range(PEOPLE):
            add_person(
                session, email=_address(number), name=f"Editor {number}", role=Role.FACILITATOR,
                password=PASSWORD, actor=CLI,
            )  # fmt: skip
        session.commit()
        author = session.scalars(select(Person).where(Person.email == _address(0))).one()
        for _ in range(2):
            texts += list(_texts_of_one(session, author))
    database.dispose()
    return texts


def _texts_of_one(session: Session, author: Person) -> Iterator[Text]:
    incident = make_incident(session, author, "Everybody writes")
    for name in ("summary", "impact"):
        yield Text(Incident, incident.id, f"/incidents/{incident.id}/edit", name)
    event, factor = make_event(session, incident), make_factor(session, incident)
    yield Text(TimelineEvent, event.id, f"/events/{event.id}/edit", "text", f"/events/{event.id}")
    yield Text(Factor, factor.id, f"/factors/{factor.id}/edit", "text", f"/factors/{factor.id}")
    action = make_action(session, incident)
    yield Text(Action, action.id, f"/actions/{action.id}/edit", "description", f"/actions/{action.id}")
    writeup = make_writeup(session, author, "Everybody tells")
    yield Text(Writeup, writeup.id, f"/writeups/{writeup.slug}/edit", "body")


def compared(site: Site, saved: list[tuple[Text, str]]) -> Iterator[str]:
    """What was told to be saved, beside what is stored."""
    config = config_of(site)
    database = Database(config.database_url, secret_key=config.secret_key)
    with database.session(writes=False) as session:
        for text, mark in saved:
            found = getattr(session.get_one(text.model, text.record), text.name).split().count(mark)
            if found != 1:
                yield f"{mark} is {found} times in {text.path}, {text.name}"
        for (model, number), answers in Counter((text.model, text.record) for text, _ in saved).items():
            yield from _of_record(session, model, number, answers)
    database.dispose()


def _of_record(session: Session, model: Any, number: int, answers: int) -> Iterator[str]:
    """Each answer "saved" has its entry of history, and each entry starts from what the one before left."""
    where = f"{model.__tablename__} {number}"
    about = (HistoryEntry.subject_type == model.__tablename__, HistoryEntry.subject_id == number)
    entries = session.scalars(select(HistoryEntry).where(*about).order_by(HistoryEntry.position)).all()
    edited = [entry for entry in entries if entry.verb == "edited"]
    if len(edited) != answers:
        yield f"{where}: {answers} answers that it is saved, {len(edited)} entries of history"
    if session.get_one(model, number).version <= len(edited):
        yield f"{where}: not a version for each of {len(edited)} edits"
    left: dict[str, Any] = {}
    for entry in entries:
        for name, (before, after) in entry.changes.items():
            if name in left and left[name] != before:
                yield f"{where}: {name} was overwritten unseen before entry {entry.position}"
            left[name] = after


def main(arguments_given: list[str] | None = None) -> int:
    """Edit; the exit code is 0 only when nothing was lost."""
    parser = arguments.parser(__doc__, short=60, long=1000, unit="edits")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL instead of SQLite")
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10**6), help="for the same choices again"
    )
    given = parser.parse_args(arguments_given)
    print(f"   seed {given.seed}")
    with place(given.postgresql) as (folder, url):
        problems = edits(folder, arguments.rounds(given), seed=given.seed, database_url=url, say=True)
    for problem in problems[:50]:
        print(f"   WRONG {problem}")
    print(
        "   " + (f"{len(problems)} problems" if problems else "everything held: 0 lost, every conflict shown")
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
