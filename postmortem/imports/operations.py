"""Bringing a plan into the database, through the operations that the forms use.

Everything that can be refused is looked at before the first row is written, so that a dry run and a real
one give the same report; then all of it is written in one transaction, which the caller commits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

# What is published here leaves questions open as well: this registers whoever gathers them.
import postmortem.readers.operations_open  # noqa: F401
from postmortem import clock
from postmortem.accounts.models import Service
from postmortem.accounts.operations import add_service
from postmortem.accounts.queries import all_services
from postmortem.errors import Refused
from postmortem.history.operations import Actor
from postmortem.imports.changed import earlier_imports, has_changed
from postmortem.imports.plan import Item, Plan, Skip, SkipKind, folded
from postmortem.incidents.checks import checked
from postmortem.incidents.operations import report_incidents
from postmortem.notifications.operations import quietly
from postmortem.text.slugs import slugify
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations import LIMITS, publish_writeups, start_writeups

CHUNK = 50
MAX_SLUG = 50
Track = Callable[[Sequence[Sequence[Item]]], Iterable[Sequence[Item]]]


@dataclass(frozen=True)
class Came:
    """A file that came in (in a dry run: that would): the incident's number and the write-up's slug."""

    file: str
    title: str
    number: int | None = None
    slug: str | None = None


@dataclass(frozen=True)
class Here:
    """A file that came in earlier. `is_changed`: it says something else now; what is here was left alone."""

    file: str
    number: int
    is_changed: bool = False


@dataclass
class Report:
    """What an import did. `notes` are (file, sentence) pairs about what was not used of a file that came in."""

    source: str
    is_dry_run: bool
    came: list[Came] = field(default_factory=list)
    here: list[Here] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    writeups: int = 0
    published: int = 0
    new_services: list[str] = field(default_factory=list)
    other_files: int = 0

    @property
    def unusable(self) -> list[Skip]:
        return [skip for skip in self.skips if skip.kind is SkipKind.UNUSABLE]

    @property
    def deleted(self) -> list[Skip]:
        """Files that came in earlier and whose incidents are in the trash."""
        return [skip for skip in self.skips if skip.kind is SkipKind.DELETED]


def import_plan(
    session: Session, plan: Plan, *, actor: Actor, dry_run: bool = False, track: Track | None = None
) -> Report:
    """Bring in what is not here yet; what is, stays as it is here. `track` wraps the chunks for progress.

    An incident and its write-up that a form would refuse become a skip with the form's sentence. Services
    that are named and not here are made. A dry run writes nothing, not even a used-up number.
    """
    report = Report(source=plan.source, is_dry_run=dry_run, other_files=plan.other_files)
    report.skips = list(plan.skips)
    due = _still_due(session, plan, report)
    services = _Services(session)
    report.new_services = services.missing(due)
    report.notes = [(item.file, note) for item in due for note in item.notes]
    if dry_run:
        report.came = [Came(item.file, item.incident.title) for item in due]
    else:
        services.make(report.new_services, actor)
        chunks = [due[start : start + CHUNK] for start in range(0, len(due), CHUNK)]
        for chunk in track(chunks) if track else chunks:
            report.came += _bring_in(session, chunk, services, actor)
    report.writeups = sum(item.writeup is not None for item in due)
    report.published = sum(item.writeup is not None and item.is_published for item in due)
    return report


def _still_due(session: Session, plan: Plan, report: Report) -> list[Item]:
    """The items that are new and that no form would refuse; the others go into the report."""
    known = earlier_imports(session, plan.source, [item.external_id for item in plan.items])
    due = []
    for item in plan.items:
        earlier = known.get(item.external_id)
        if earlier and earlier.is_deleted:
            in_trash = f"It came in earlier as INC-{earlier.number}, which is in the trash. An admin can bring it back there."
            report.skips.append(Skip(item.file, in_trash, SkipKind.DELETED))
        elif earlier:
            report.here.append(Here(item.file, earlier.number, has_changed(item, earlier)))
        elif sentence := _refusal(item):
            report.skips.append(Skip(item.file, sentence, SkipKind.UNUSABLE))
        else:
            due.append(item)
    return due


def _refusal(item: Item) -> str:
    """The sentence with which a form would refuse it; blank where none would."""
    try:
        _check(item)
    except Refused as refused:
        return refused.sentence
    return ""


def _check(item: Item) -> None:
    """Raise Refused for what `report_incidents` and `start_writeups` would refuse later."""
    checked(vars(item.incident))
    if item.writeup is None:
        return
    for name, most in LIMITS.items():
        if (length := len(getattr(item.writeup, name))) > most:
            raise Refused(
                f"Its {name} is {length:,} characters long, and {most:,} is the most. Split it.", field=name
            )


def _bring_in(session: Session, items: Sequence[Item], services: "_Services", actor: Actor) -> Iterator[Came]:
    drafts = [replace(item.incident, services=services.slugs(item.services)) for item in items]
    with quietly(session):
        incidents = report_incidents(session, drafts, actor=actor)
    told = [
        (item, replace(item.writeup, incidents=(incident.id,), services=draft.services))
        for item, incident, draft in zip(items, incidents, drafts, strict=True)
        if item.writeup is not None
    ]
    writeups = start_writeups(session, [draft for _, draft in told], actor=actor)
    of_file: Mapping[str, Writeup] = {
        item.file: writeup for (item, _), writeup in zip(told, writeups, strict=True)
    }
    due = [
        (of_file[item.file], _not_later_than_now(item.published_at)) for item, _ in told if item.is_published
    ]
    with quietly(session):
        publish_writeups(session, due, actor=actor)
    for item, incident in zip(items, incidents, strict=True):
        writeup = of_file.get(item.file)
        yield Came(item.file, item.incident.title, incident.id, writeup.slug if writeup else None)


def _not_later_than_now(moment: datetime | None) -> datetime | None:
    return min(moment, clock.now()) if moment else None


class _Services:
    """The services that are here, found by name without case and spaces, or by slug."""

    def __init__(self, session: Session) -> None:
        self._session = session
        known = all_services(session)
        self._found = {folded(service.slug): service.slug for service in known}
        self._found |= {folded(service.name): service.slug for service in known}

    def missing(self, items: Iterable[Item]) -> list[str]:
        """The names that are not here, each once, in the order of the items."""
        names = dict.fromkeys(name for item in items for name in item.services)
        return [name for name in names if folded(name) not in self._found]

    def make(self, names: Iterable[str], actor: Actor) -> None:
        for name in names:
            self._found[folded(name)] = self._made(name, actor).slug

    def slugs(self, names: Iterable[str]) -> list[str]:
        return [self._found[folded(name)] for name in names]

    def _made(self, name: str, actor: Actor) -> Service:
        """A new service; where its slug is taken by another name, with a number behind it."""
        base = slugify(name, max_length=MAX_SLUG)
        for slug in (base, *(f"{base}-{number}" for number in range(2, 1000))):
            try:
                return add_service(self._session, slug=slug, name=name, team=None, actor=actor)
            except Refused as refused:
                if refused.field != "slug":
                    raise
        raise Refused(f"There are too many services called “{name}”.")
