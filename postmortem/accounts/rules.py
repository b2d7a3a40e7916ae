"""Who may do what with people, teams and services. A rule's docstring is the sentence shown on refusal."""

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person


def is_contributor(person: Person) -> bool:
    """This needs the role contributor. An admin can change your role."""
    return person.is_active and person.role.includes(Role.CONTRIBUTOR)


def is_facilitator(person: Person) -> bool:
    """This needs the role facilitator. An admin can change your role."""
    return person.is_active and person.role.includes(Role.FACILITATOR)


def is_admin(person: Person) -> bool:
    """This is for admins. Ask one of them."""
    return person.is_active and person.role.includes(Role.ADMIN)


def can_manage_people(person: Person) -> bool:
    """Only admins add, change and deactivate people, teams and services."""
    return is_admin(person)
