"""Who chooses the entry of the month. The rule's docstring is the sentence shown on refusal."""

from postmortem.accounts.models import Person
from postmortem.accounts.rules import is_facilitator


def can_choose_entry(person: Person) -> bool:
    """Choosing the entry of the month needs the role facilitator. An admin can change your role."""
    return is_facilitator(person)
