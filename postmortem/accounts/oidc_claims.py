"""What claims say, read strictly by type: nothing here guesses what a provider may have meant. Pure.

A string "true" is not true, a number is not its digits, and an object is no list of roles.
"""

from collections.abc import Mapping
from typing import Any

from postmortem.accounts.enums import Role
from postmortem.config_parts import Oidc
from postmortem.web.forms import clean_line
from postmortem.web.zones import is_zone

Claims = Mapping[str, Any]
NAME_MAX = 100
WORDS_MAX = 1000


class SignInRefused(Exception):
    """Nobody is signed in. `reason` is kept in history, `sentence` is shown; neither quotes the provider.

    `person_id` is known where the provider vouched for somebody who may not come in all the same.
    """

    def __init__(
        self, reason: str, sentence: str = "", *, status: int = 400, person_id: int | None = None
    ) -> None:
        super().__init__(reason)
        self.reason, self.sentence, self.status, self.person_id = reason, sentence, status, person_id


def vouched_address(claims: Claims) -> str | None:
    """The e-mail address, only where the provider says that it checked it: `email_verified` is exactly true."""
    address = claims.get("email")
    return address if isinstance(address, str) and claims.get("email_verified") is True else None


def words(claims: Claims, name: str) -> tuple[str, ...]:
    """The values of a claim that is a string or a list of strings; none where it is missing, true or false.

    Raises SignInRefused for anything else, because then the setting and the provider mean different things.
    """
    found = claims.get(name)
    if found is None or isinstance(found, bool):
        return ()
    listed = [found] if isinstance(found, str) else found
    if not isinstance(listed, list) or len(listed) > WORDS_MAX:
        raise SignInRefused("a claim that decides rights was no list of words")
    if not all(isinstance(word, str) for word in listed):
        raise SignInRefused("a claim that decides rights was no list of words")
    return tuple(listed)


def follows_roles(settings: Oidc) -> bool:
    """Whether the provider decides about roles at each sign-in."""
    return bool(settings.role_claim and settings.roles)


def role_of(settings: Oidc, claims: Claims) -> Role:
    """The highest role that a value of the role claim stands for; the default one where none does."""
    there = words(claims, settings.role_claim) if follows_roles(settings) else ()
    matching = [Role(role) for value, role in settings.roles if value in there]
    return max(matching, key=lambda role: role.rank, default=Role(settings.default_role))


def name_of(claims: Claims, address: str) -> str:
    """How the provider calls somebody, else what stands before the @."""
    for key in ("name", "preferred_username"):
        name = claims.get(key)
        if isinstance(name, str) and (cleaned := clean_line(name)):
            return cleaned[:NAME_MAX].strip()
    return address.partition("@")[0][:NAME_MAX]


def zone_of(claims: Claims) -> str:
    """The time zone that the provider names, else UTC."""
    name = claims.get("zoneinfo")
    return name if isinstance(name, str) and len(name) <= 64 and is_zone(name) else "UTC"
