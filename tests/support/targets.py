"""Every form of the site with what a person would send, for tests that send something else."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from tests.factories.accounts import make_person
from tests.support.client import Browser
from tests.support.secrets import Cast, furnish, make_cast

# Where forms stand on the site that `furnished` makes; each is the last of its page.
FORM_PAGES = (
    "/incidents/new",
    "/incidents/1/edit",
    "/incidents/1/events/new",
    "/events/1/edit",
    "/incidents/1/factors/new",
    "/factors/1/edit",
    "/incidents/1/actions/new",
    "/actions/1/edit",
    "/writeups/new",
    "/writeups/the-third/edit",
    "/writeups/the-third/publish",
    "/writeups/the-second/withdraw",
    "/people/new",
    "/people/1/edit",
    "/teams/new",
    "/teams/sound/edit",
    "/services/new",
    "/services/playback/edit",
    "/me/profile",
    "/settings/restrictions",
    "/access/ask",
)
# Forms that are a button and nothing else.
BUTTONS = (
    "/events/1/delete",
    "/events/1/restore",
    "/factors/1/delete",
    "/factors/1/restore",
    "/actions/1/delete",
    "/actions/1/restore",
    "/people/1/deactivate",
    "/people/1/reactivate",
    "/people/1/link",
    "/me/sessions/1/end",
    "/me/sessions/end-others",
    "/writeups/preview",
)


@dataclass
class Target:
    """A form: where it is sent, and what it would send untouched."""

    page: str
    action: str
    data: dict[str, list[str]]

    @property
    def fields(self) -> list[str]:
        """What a person fills in."""
        return [name for name in self.data if name not in ("csrf_token", "form_key", "version")]


def furnished(session: Session) -> tuple[Cast, Person]:
    """A site with one of everything that has a form, and an admin of its own to attack it."""
    cast = make_cast(session)
    furnish(session, cast)
    return cast, make_person(session, "Mallory Admin", role="admin")


def targets(browser: Browser, *paths: str) -> Iterator[Target]:
    """The forms, freshly opened, as they would be sent untouched."""
    for path in paths or FORM_PAGES:
        form = max(browser.get(path).forms, key=lambda form: len(form.data))
        yield Target(path, form.action or path, form.data)
