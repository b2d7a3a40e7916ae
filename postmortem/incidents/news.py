"""What is told of incidents: that one was filed, to whoever follows its tags, services and teams and may see it."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.incidents.enums import KIND_LABELS, SEVERITY_LABELS, Visibility
from postmortem.incidents.models import (
    Incident,
    incident_services,
    incident_tags,
    incident_teams,
)
from postmortem.incidents.rules import visible_to
from postmortem.notifications.queries import followers
from postmortem.notifications.stories import News, Story, register
from postmortem.text.reading import plain_text

EXCERPT = 300


class IncidentNews:
    """Tells of incidents."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        """Followers of what it carries now."""
        linked = {
            name: session.scalars(select(column).where(incident_id == news.subject_id)).all()
            for name, column, incident_id in (
                ("tags", incident_tags.c.tag_id, incident_tags.c.incident_id),
                ("services", incident_services.c.service_id, incident_services.c.incident_id),
                ("teams", incident_teams.c.team_id, incident_teams.c.incident_id),
            )
        }
        return followers(session, **linked)

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """That it was filed, and by whom."""
        is_visible = Incident.visibility == Visibility.OPEN if reader is None else visible_to(reader)
        incident = session.scalar(select(Incident).where(Incident.id == news.subject_id, is_visible))
        if incident is None:
            return None
        kind = KIND_LABELS[incident.kind].lower()
        details = [("Severity", SEVERITY_LABELS[incident.severity])] if incident.severity else []
        for label, things in (
            ("Services", incident.services),
            ("Teams", incident.teams),
            ("Tags", incident.tags),
        ):
            if things:
                details.append((label, ", ".join(thing.name for thing in things)))
        return Story(
            headline=f"{incident.reference} {incident.title}",
            sentence=f"{news.actor_name or 'Somebody'} filed {'an' if kind[0] in 'aeiou' else 'a'} {kind}: {incident.title}.",
            path=f"/incidents/{incident.id}",
            details=tuple(details),
            excerpt=plain_text(incident.summary, EXCERPT),
            team_ids=frozenset(team.id for team in incident.teams),
        )


register("incidents", IncidentNews())
