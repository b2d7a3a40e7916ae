"""Every form of the site with what a person would send, for tests that send something else."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person
from postmortem.actions.models import Action
from postmortem.actions.operations import delete_action
from postmortem.actions.operations_comments import add_comment
from postmortem.readers.models import OpenQuestion
from postmortem.readers.operations_citations import add_citation
from postmortem.readers.operations_questions import answer as reply
from postmortem.readers.operations_questions import ask as ask_about
from postmortem.reviews.operations import ask
from postmortem.reviews.operations_comments import comment_on
from postmortem.writeups.models import Writeup
from tests.factories.accounts import make_person
from tests.factories.action_reviews import make_review
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.receivers import make_receiver
from tests.factories.writeups import make_writeup
from tests.factories.writing import make_image
from tests.support.client import Browser
from tests.support.secrets import Cast, furnish, make_cast

# The key of a picture of the fourth write-up, whose file is missing.
IMAGE = "a-picture-of-the-fourth-write-up"
# Where forms stand on the site that `furnished` makes; each is the last of its page.
FORM_PAGES = (
    "/incidents/new",
    "/incidents/1/edit",
    "/incidents/1/events/new",
    "/events/1/edit",
    "/incidents/1/factors/new",
    "/factors/1/edit",
    "/incidents/1/actions/new",
    "/actions/views/new?status=open",
    "/actions/1",
    "/action-comments/1/edit",
    "/actions/1/edit",
    "/actions/3/verify",
    "/actions/3/merge",
    "/actions/leavers",
    "/incidents/1/ideas",
    "/ideas/1/edit",
    "/ideas/1/promote",
    "/incidents/2/no-actions-needed",
    "/settings/actions",
    "/settings/language",
    "/settings/templates/new",
    "/settings/templates/near_miss/edit",
    "/actions/review",
    "/actions/review/1",
    "/actions/review/1/notes",
    "/writeups/new",
    "/writeups/the-third/edit",
    "/writeups/the-third/images",
    "/events/1/images",
    "/writeups/the-third/publish",
    "/writeups/the-third/naming",
    "/writeups/the-fourth/review",
    "/writeups/the-fourth/review?on=1",
    "/writeups/the-fourth/review/checklist",
    "/writeups/the-fourth/review/meeting",
    "/writeups/the-second/review/survey",
    "/settings/reviews",
    "/writeups/the-second/month",
    "/writeups/the-second/around",
    "/writeups/the-second/used",
    "/citations/1/edit",
    "/writeups/the-second/questions",
    "/reader-questions/1/edit",
    "/reader-answers/1/edit",
    "/open-questions/1/settle",
    "/writeups/the-second/withdraw",
    "/people/new",
    "/people/1/edit",
    "/teams/new",
    "/teams/sound/edit",
    "/services/new",
    "/services/playback/edit",
    "/me/profile",
    "/me/calendar",
    "/me/feeds",
    "/me/notifications",
    "/settings/restrictions",
    "/settings/receivers/new",
    "/settings/receivers/1/edit",
    "/me/notifications/receivers/new",
    "/me/notifications/receivers/2/edit",
    "/access/ask",
    "/incidents/2/delete",
    "/writeups/the-fourth/delete",
    "/settings/trash/action/2/destroy",
)
# Forms that are a button and nothing else.
BUTTONS = (
    "/events/1/delete",
    "/events/1/restore",
    "/factors/1/delete",
    "/factors/1/restore",
    "/actions/1/delete",
    "/actions/1/restore",
    "/actions/1/comments",
    "/actions/1/links",
    "/actions/1/links/remove",
    "/actions/1/links/restore",
    "/actions/title-hint",
    "/actions/1/watch",
    "/actions/1/unwatch",
    "/action-comments/1/delete",
    "/action-comments/1/restore",
    "/actions/bulk",
    "/actions/views/1/edit",
    "/actions/views/1/delete",
    "/actions/3/unmerge",
    "/ideas/1/delete",
    "/ideas/1/restore",
    "/incidents/2/no-actions-needed/take-back",
    "/settings/actions/reset",
    "/incidents/2/restore",
    "/writeups/the-fourth/restore",
    "/writeups/the-third/publish/take-back",
    "/settings/trash/action/2/restore",
    "/people/1/deactivate",
    "/people/1/reactivate",
    "/people/1/link",
    "/people/1/link/mail",
    "/people/1/end-sessions",
    "/people/1/reset-second-factor",
    "/people/1/unlink",
    *(f"/settings/receivers/1/{act}" for act in ("test", "rotate", "off", "on", "replay", "delete")),
    *(f"/me/notifications/receivers/2/{act}" for act in ("test", "rotate", "off", "on", "replay", "delete")),
    "/settings/deliveries/again",
    "/settings/deliveries/1/again",
    "/settings/deliveries/test-mail",
    "/settings/restrictions/1/remove",
    "/settings/restrictions/restore",
    "/access/requests/1/grant",
    "/access/requests/1/decline",
    "/confirm/again",
    "/me/calendar/1/revoke",
    "/me/feeds/1/revoke",
    "/me/second-factor/begin",
    "/me/second-factor/switch-on",
    "/me/second-factor/switch-off",
    "/me/second-factor/recovery-codes",
    "/me/follow/team/sound",
    "/me/unfollow/team/sound",
    "/me/sessions/1/end",
    "/me/sessions/end-others",
    *(f"/images/{IMAGE}/{act}" for act in ("edit", "delete", "restore")),
    f"/entries-of-the-month/{clock.today():%Y-%m}/take-back",
    *(
        f"/writeups/the-fourth/review/{act}"
        for act in ("requests", "verdict", "facilitator", "skip", "ask-again", "comments")
    ),
    "/writeups/the-fourth/review/meeting/cancel",
    *(f"/review-comments/1/{act}" for act in ("answer", "resolve", "reopen", "apply", "delete", "restore")),
    "/review-comments/2/decline",
    "/review-requests/1/take-back",
    *(f"/writeups/the-second/{act}" for act in ("helped", "visit")),
    *(f"/citations/1/{act}" for act in ("delete", "restore")),
    *(f"/reader-questions/1/{act}" for act in ("answer", "close", "reopen", "delete", "restore")),
    *(f"/reader-answers/1/{act}" for act in ("delete", "restore")),
    "/open-questions/1/reopen",
    "/settings/reviews/reset",
    "/writeups/preview",
    "/writeups/the-fourth/autosave",
    "/writeups/the-fourth/unsaved/discard",
    "/writeups/the-third/names",
    "/writeups/language",
    "/writeups/the-third/language/keep",
    "/writeups/the-third/language/unkeep",
    "/settings/language/reset",
    *(f"/settings/templates/near_miss/{act}" for act in ("move", "off", "on", "reset")),
    "/actions/review/1/decide",
    "/actions/review/1/comment",
    "/actions/review/1/decisions/1/undo",
    "/actions/review/1/here",
    "/actions/review/1/pause",
    "/actions/review/1/resume",
    "/actions/review/1/end",
    "/actions/review/1/writeup",
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
    incident = furnish(session, cast)
    admin = make_person(session, "Mallory Admin", role="admin")
    to_delete = make_incident(session, admin, "To be deleted")
    delete_action(session, make_action(session, to_delete, "To be destroyed"), actor=admin)
    add_comment(session, session.get_one(Action, 1), "So it is.", actor=admin)
    session.commit()
    make_action(session, incident, "To be verified", status="done", end_state="It rings.")
    fourth = make_writeup(session, admin, "The fourth")
    ask(session, fourth, cast.lead, note="Is it fair?", actor=admin)
    for words in ("Another summary.", "Yet another."):
        comment_on(session, fourth, "So?", revision=1, paragraph=1, suggestion=words, actor=admin)
    second = session.scalars(select(Writeup).where(Writeup.slug == "the-second")).one()
    add_citation(session, second, "https://wiki.example/runbook", actor=admin)
    reply(session, ask_about(session, second, "Which clock?", actor=admin), "Neither.", actor=admin)
    session.add(OpenQuestion(writeup_id=second.id, position=1, text="Why?", created_at=clock.now()))
    image = make_image(fourth, admin)
    image.key = IMAGE
    session.add(image)
    gone = make_person(session, "Gone Person")
    make_action(session, incident, "Left behind", owner=gone)
    edit_person(session, gone, {"is_active": False}, version=None, actor=admin)
    session.commit()
    make_receiver(session)
    make_receiver(session, "My hook", of=admin)
    make_review(session, admin)
    return cast, admin


def targets(browser: Browser, *paths: str) -> Iterator[Target]:
    """The forms, freshly opened, as they would be sent untouched."""
    for path in paths or FORM_PAGES:
        form = max(browser.get(path).forms, key=lambda form: len(form.data), default=None)
        assert form, path
        yield Target(path, form.action or path, form.data)
