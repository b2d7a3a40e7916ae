"""Finding the people, teams, services, tags and incidents that drafts name: each kind once for all drafts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, Service, Team
from postmortem.errors import Refused
from postmortem.history.operations import Actor
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import ExternalId, Incident
from postmortem.incidents.rules import visible_to
from postmortem.tags.models import Tag
from postmortem.tags.operations import tags_named
from postmortem.text.slugs import tag_name

Named = TypeVar("Named", Person, Team, Service)
# Databases limit the parameters of one statement.
CHUNK = 5_000


class References:
    """What the given values name, loaded in bulk. Resolving raises Refused with the field for the unknown."""

    def __init__(self, session: Session, drafts: Sequence[Mapping[str, Any]], actor: Actor) -> None:
        emails = {email for draft in drafts for email in _emails(draft)}
        self._people = {p.email: p for p in _found(session, Person, Person.email, emails)}
        self._teams = {t.slug: t for t in _found(session, Team, Team.slug, _all(drafts, "teams"))}
        self._services = {s.slug: s for s in _found(session, Service, Service.slug, _all(drafts, "services"))}
        self._tags: dict[str, Tag] = {}
        for names in _chunks(_all(drafts, "tags")):
            self._tags |= {tag.name: tag for tag in tags_named(session, names)}
        self._numbers = visible_numbers(
            session, actor, {number for draft in drafts for number, _ in draft.get("relations", ())}
        )

    def person(self, email: str | None, field: str) -> Person | None:
        if not email:
            return None
        sentence = f"Nobody here has the address {email}."
        person: Person = self._one(self._people, email.strip().lower(), sentence, field)
        return person

    def teams(self, slugs: Iterable[str]) -> list[Team]:
        found = [self._one(self._teams, slug, f"There is no team “{slug}”.", "teams") for slug in slugs]
        return sorted(set(found), key=lambda team: (team.name, team.slug))

    def services(self, slugs: Iterable[str]) -> list[Service]:
        found = [
            self._one(self._services, slug, f"There is no service “{slug}”.", "services") for slug in slugs
        ]
        return sorted(set(found), key=lambda service: (service.name, service.slug))

    def tags(self, names: Iterable[str]) -> list[Tag]:
        wanted = sorted({name for raw in names if (name := tag_name(raw))})
        return [self._tags[name] for name in wanted]

    def check_number(self, number: int) -> None:
        """An incident that the actor may not see is as unknown as one that does not exist."""
        if number not in self._numbers:
            raise Refused(f"There is no incident INC-{number}.", field="relations")

    @staticmethod
    def _one(found: Mapping[str, Any], key: str, sentence: str, field: str) -> Any:
        if key not in found:
            raise Refused(sentence, field=field)
        return found[key]


def visible_numbers(session: Session, actor: Actor, numbers: Iterable[int]) -> set[int]:
    """Which of these incidents exist for the actor; the program itself sees all that are not deleted."""
    found: set[int] = set()
    for chunk in _chunks(number for number in numbers if 0 < number < 2**31):
        seen = visible_to(actor) if isinstance(actor, Person) else Incident.visibility != Visibility.DELETED
        found |= set(session.scalars(select(Incident.id).where(Incident.id.in_(chunk), seen)))
    return found


def refuse_known_external_ids(session: Session, drafts: Sequence[Mapping[str, Any]]) -> None:
    """Raise Refused when an external id stands on an incident already, or twice among the drafts."""
    wanted = [pair for draft in drafts for pair in draft.get("external_ids", ())]
    if len(wanted) != len(set(wanted)):
        raise Refused("The same external id stands on two incidents.", field="external_ids")
    for source in {source for source, _ in wanted}:
        for chunk in _chunks(external_id for name, external_id in wanted if name == source):
            known = session.execute(
                select(ExternalId.external_id, ExternalId.incident_id, Incident.visibility)
                .join(Incident, Incident.id == ExternalId.incident_id)
                .where(ExternalId.source == source, ExternalId.external_id.in_(chunk))
            ).first()
            if known:
                where = ", in the trash" if known.visibility == Visibility.DELETED else ""
                raise Refused(
                    f"{source} {known.external_id} is here already: INC-{known.incident_id}{where}.",
                    field="external_ids",
                )


def _emails(draft: Mapping[str, Any]) -> Iterator[str]:
    for name in ("lead", "reported_by"):
        if email := draft.get(name):
            yield email.strip().lower()
    yield from (email for email, _ in draft.get("participants", ()))


def _all(drafts: Sequence[Mapping[str, Any]], name: str) -> set[str]:
    return {value for draft in drafts for value in draft.get(name, ())}


def _chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    ordered = sorted(set(values))
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]


def _found(session: Session, model: type[Named], key: Any, values: Iterable[str]) -> Iterator[Named]:
    for chunk in _chunks(values):
        yield from session.scalars(select(model).where(key.in_(chunk)))
