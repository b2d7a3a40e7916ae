"""What the restriction rules make of an incident: which of its values close it, and how pages say so.

A rule looks at what is *new*: everything when an incident is filed, later only a tag, service, team, kind or
severity that was not there before. So whoever opens an incident on purpose is not overruled by what it had.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.incidents.enums import (
    KIND_LABELS,
    SEVERITY_LABELS,
    IncidentKind,
    RuleSubject,
    Severity,
    Visibility,
)
from postmortem.incidents.models import Incident, RestrictionRule
from postmortem.text.slugs import tag_name

_LISTS = {"tags": RuleSubject.TAG, "services": RuleSubject.SERVICE, "teams": RuleSubject.TEAM}
_BECAUSE = {
    RuleSubject.TAG: "it is tagged {}",
    RuleSubject.SERVICE: "it is about the service {}",
    RuleSubject.TEAM: "it belongs to the team {}",
    RuleSubject.KIND: "its kind is {}",
    RuleSubject.SEVERITY: "its severity is {}",
}
_WHICH = {
    RuleSubject.TAG: "incidents tagged {}",
    RuleSubject.SERVICE: "incidents of the service {}",
    RuleSubject.TEAM: "incidents of the team {}",
    RuleSubject.KIND: "incidents of the kind {}",
    RuleSubject.SEVERITY: "incidents of severity {}",
}


class Fact(NamedTuple):
    """Something about an incident that a rule may look at: `tag security`, `severity sev1`."""

    subject: RuleSubject
    value: str


def rules_in_force(session: Session) -> frozenset[Fact]:
    """What restricts, for however many incidents. One statement."""
    rows = session.execute(select(RestrictionRule.subject, RestrictionRule.value))
    return frozenset(Fact(*row) for row in rows)


def facts_in(values: Mapping[str, Any]) -> set[Fact]:
    """The facts in a draft's or a form's values; of fields that are not given there are none."""
    found = {
        Fact(subject, tag_name(value) if subject == RuleSubject.TAG else value)
        for name, subject in _LISTS.items()
        for value in values.get(name, ())
    }
    for subject in (RuleSubject.KIND, RuleSubject.SEVERITY):
        if value := values.get(subject.value):
            found.add(Fact(subject, value.value))
    return found


def facts_of(incident: Incident) -> set[Fact]:
    """The facts of an incident as it stands."""
    values: dict[str, Any] = {"kind": incident.kind, "severity": incident.severity}
    values["tags"] = [tag.name for tag in incident.tags]
    values |= {name: [row.slug for row in getattr(incident, name)] for name in ("services", "teams")}
    return facts_in(values)


def restricted(
    rules: frozenset[Fact], values: Mapping[str, Any], known: Iterable[Fact] = ()
) -> Mapping[str, Any]:
    """The values, with the visibility *restricted* where a rule is about what they bring beyond `known`."""
    if rules & facts_in(values).difference(known):
        return {**values, "visibility": Visibility.RESTRICTED}
    return values


def because(session: Session, incident: Incident, known: Iterable[Fact] = ()) -> str:
    """The sentence for who has just filed or changed it: "Restricted, because it is tagged security."."""
    closing = sorted(rules_in_force(session) & facts_of(incident).difference(known))
    reasons = [_BECAUSE[fact.subject].format(shown_value(fact)) for fact in closing]
    return f"Restricted, because {' and '.join(reasons)}." if reasons else ""


def announced(session: Session) -> list[str]:
    """What rules restrict, for who is about to file: `incidents tagged security`, in the rules' order."""
    return [which(fact) for fact in sorted(rules_in_force(session))]


def which(fact: Fact) -> str:
    """The incidents that a rule is about: "incidents tagged security"."""
    return _WHICH[fact.subject].format(shown_value(fact))


def shown_value(fact: Fact) -> str:
    """A rule's value as pages call it."""
    if fact.subject == RuleSubject.KIND:
        return KIND_LABELS[IncidentKind(fact.value)].lower()
    return SEVERITY_LABELS[Severity(fact.value)] if fact.subject == RuleSubject.SEVERITY else fact.value
