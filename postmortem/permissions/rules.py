"""Who answers requests for access. A rule's docstring is the sentence shown on refusal."""

from postmortem.accounts.models import Person
from postmortem.accounts.rules import is_admin
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.models import Incident


def can_answer(person: Person, incident: Incident | None) -> bool:
    """Admins answer requests for access; those for an incident also its lead and whoever filed it."""
    if is_admin(person):
        return True
    if incident is None:
        return False
    is_theirs = person.id in (incident.lead_id, incident.reported_by_id)
    return is_theirs and incidents_rules.can_restrict(person, incident)
