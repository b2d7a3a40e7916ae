"""What a new write-up hangs on: authors, teams, services, tags and incidents, for many at once."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from postmortem.accounts.queries import people_with_emails, services_with_slugs, teams_with_slugs
from postmortem.history.operations import Changes
from postmortem.tags.operations import tags_named
from postmortem.text.slugs import tag_name
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.models import (
    Writeup,
    writeup_authors,
    writeup_incidents,
    writeup_services,
    writeup_tags,
    writeup_teams,
)


class Names:
    """The rows behind the names of many drafts, each looked up once. Raises Refused for an unknown name."""

    def __init__(self, session: Session, drafts: Sequence[WriteupDraft]) -> None:
        def every(field: str) -> list[str]:
            return sorted({value for draft in drafts for value in getattr(draft, field)})

        self.people = {row.email: row.id for row in people_with_emails(session, every("authors"))}
        self.teams = {row.slug: row.id for row in teams_with_slugs(session, every("teams"))}
        self.services = {row.slug: row.id for row in services_with_slugs(session, every("services"))}
        tags = tags_named(session, every("tags"))
        session.flush()
        self.tags = {tag.name: tag.id for tag in tags}

    def links(self, draft: WriteupDraft) -> tuple[tuple[Table, str, Iterable[int]], ...]:
        """Association table, its other column, and the ids to put there."""
        return (
            (writeup_authors, "person_id", (self.people[email.strip().lower()] for email in draft.authors)),
            (writeup_teams, "team_id", (self.teams[slug] for slug in draft.teams)),
            (writeup_services, "service_id", (self.services[slug] for slug in draft.services)),
            (writeup_tags, "tag_id", (self.tags[name] for raw in draft.tags if (name := tag_name(raw)))),
            (writeup_incidents, "incident_id", draft.incidents),
        )


def link_all(
    session: Session, names: Names, drafts: Sequence[WriteupDraft], writeups: Sequence[Writeup]
) -> None:
    """Fill the association tables of new write-ups: one statement a table."""
    rows: dict[Table, list[dict[str, int]]] = {}
    for draft, writeup in zip(drafts, writeups, strict=True):
        for table, other, ids in names.links(draft):
            rows.setdefault(table, []).extend(
                {"writeup_id": writeup.id, other: id_} for id_ in sorted({*ids})
            )
    for table, these in rows.items():
        if these:
            session.execute(insert(table), these)


def told(draft: WriteupDraft) -> Changes:
    """What history says of a new write-up's links; the same words as those of a changed one."""
    linked = {
        "authors": {email.strip().lower() for email in draft.authors},
        "teams": set(draft.teams),
        "services": set(draft.services),
        "tags": {name for raw in draft.tags if (name := tag_name(raw))},
        "incidents": {f"INC-{number}" for number in draft.incidents},
    }
    return {name: [None, sorted(values)] for name, values in linked.items() if values}
