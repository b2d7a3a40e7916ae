"""The roles, in rising order; ways to sign in, what is limited, and what a single-use link is for."""

from enum import StrEnum


class Role(StrEnum):
    READER = "reader"
    CONTRIBUTOR = "contributor"
    FACILITATOR = "facilitator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def includes(self, other: "Role") -> bool:
        """Whether somebody with this role may do what `other` may."""
        return self.rank >= other.rank


class SignInMethod(StrEnum):
    """How somebody proved who they are."""

    PASSWORD = "password"  # noqa: S105
    LINK = "link"
    OIDC = "oidc"
    PROXY = "proxy"


class AttemptKind(StrEnum):
    """What is counted against a limit."""

    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    CODE = "code"
    RESET = "reset"
    OIDC = "oidc"


class LinkPurpose(StrEnum):
    SETUP = "setup"
    PASSWORD = "password"  # noqa: S105


ROLE_LABELS = {
    Role.READER: "Reader: reads what is open to everyone here",
    Role.CONTRIBUTOR: "Contributor: files and edits incidents, actions and write-ups",
    Role.FACILITATOR: "Facilitator: reviews, publishes any write-up, runs action reviews",
    Role.ADMIN: "Admin: people, settings, restricted incidents and the trash",
}

SIGN_IN_METHOD_LABELS = {
    SignInMethod.PASSWORD: "Password",
    SignInMethod.LINK: "Single-use link",
    SignInMethod.OIDC: "Single sign-on",
    SignInMethod.PROXY: "Proxy",
}
