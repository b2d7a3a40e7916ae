"""Adding and removing restriction rules. A rule changes nothing about incidents that are there already."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Service, Team
from postmortem.errors import Refused
from postmortem.history.operations import Actor, record
from postmortem.incidents.enums import (
    KIND_LABELS,
    SEVERITY_LABELS,
    RuleSubject,
)
from postmortem.incidents.models import RestrictionRule
from postmortem.text.slugs import tag_name

Check = Callable[[Session, str], str]


def add_rule(session: Session, *, subject: RuleSubject, value: str, actor: Actor) -> RestrictionRule:
    """Restrict, from now on, what is filed with this tag, service, team, kind or severity.

    A tag need not exist yet; a service or team is given by short name or name. Refuses (field `value`) what
    does not exist, and a rule that is there already.
    """
    found = _CHECKS[subject](session, " ".join(value.split()))
    if rule_about(session, subject, found):
        raise Refused("There is a rule about this already.", field="value")
    rule = RestrictionRule(
        subject=subject,
        value=found,
        created_by_id=actor.id if isinstance(actor, Person) else None,
        created_at=clock.now(),
    )
    session.add(rule)
    session.flush()
    changes = {"subject": [None, subject.value], "value": [None, found]}
    record(session, "added", rule, actor=actor, changes=changes)
    return rule


def remove_rule(session: Session, rule: RestrictionRule, *, actor: Actor) -> None:
    """Take a rule away. What it has restricted stays restricted."""
    changes = {"subject": [rule.subject.value, None], "value": [rule.value, None]}
    record(session, "removed", rule, actor=actor, changes=changes)
    session.delete(rule)


def rule_about(session: Session, subject: RuleSubject, value: str) -> RestrictionRule | None:
    """The rule about this, if there is one."""
    return session.scalar(
        select(RestrictionRule).where(RestrictionRule.subject == subject, RestrictionRule.value == value)
    )


def _tag(_session: Session, text: str) -> str:
    if name := tag_name(text):
        return name
    raise Refused("Enter a tag, for example security.", field="value")


def _slug(model: type[Service] | type[Team], word: str) -> Check:
    def check(session: Session, text: str) -> str:
        slug = session.scalar(select(model.slug).where(model.slug == text))
        if slug is None:
            named = session.scalars(select(model.slug).where(model.name == text).limit(2)).all()
            slug = named[0] if len(named) == 1 else None
        if slug is None:
            raise Refused(f"There is no {word} “{text[:60]}”. Enter its short name.", field="value")
        return slug

    return check


def _member(labels: Mapping[Any, str]) -> Check:
    def check(_session: Session, text: str) -> str:
        wanted = text.casefold().replace(" ", "").replace("_", "")
        for member in labels:
            if wanted == member.value.replace("_", ""):
                return str(member.value)
        known = ", ".join(labels.values())
        raise Refused(f"Enter one of these: {known}.", field="value")

    return check


_CHECKS: Mapping[RuleSubject, Check] = {
    RuleSubject.TAG: _tag,
    RuleSubject.SERVICE: _slug(Service, "service"),
    RuleSubject.TEAM: _slug(Team, "team"),
    RuleSubject.KIND: _member(KIND_LABELS),
    RuleSubject.SEVERITY: _member(SEVERITY_LABELS),
}
