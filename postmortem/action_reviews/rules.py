"""Who may run action reviews and see them. A rule's docstring is the sentence shown on refusal.

That there is a meeting, its title and who is in it are there for everybody signed in. What stands in its queue is not:
each reader finds the actions that they may see, and everything counted is counted from those.
"""

from sqlalchemy import ColumnElement, false, true

from postmortem.accounts.models import Person
from postmortem.accounts.rules import is_contributor, is_facilitator
from postmortem.actions import rules as actions_rules
from postmortem.actions.models import Action
from postmortem.web import visibility


def visible_to(person: Person | None) -> ColumnElement[bool]:
    """Every meeting, for whoever is signed in."""
    return true() if person is not None and person.is_active else false()


def can_run(person: Person) -> bool:
    """Facilitators start, pause and end action reviews. An admin can change your role."""
    return is_facilitator(person)


def can_note(person: Person) -> bool:
    """Only contributors write down open questions. An admin can change your role."""
    return is_contributor(person)


def can_decide(person: Person, action: Action) -> bool:
    """Only contributors and the action's owner decide about it. An admin can change your role."""
    return actions_rules.can_edit(person, action)


visibility.register("action_review", visible_to)
