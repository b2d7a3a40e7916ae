"""Every form of the site, ready to be sent: the cases of the history tests, and those that need an arrangement first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from postmortem import clock
from postmortem.accounts.models import Identity, Person, SignIn
from postmortem.accounts.operations_sign_in import issue_password_link, issue_setup_code
from postmortem.action_reviews.models import ActionReviewDecision
from postmortem.actions.models_around import SavedView
from postmortem.actions.operations_calendar import make_link
from postmortem.actions.operations_saved import save_view
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident, RestrictionRule
from postmortem.notifications.enums import Event
from postmortem.notifications.models import CalendarLink
from postmortem.notifications.unsubscribing import unsubscribe_token
from postmortem.outbox.models import OutboxMessage
from postmortem.permissions.models import AccessRequest
from postmortem.writeups.models_around import FeedLink
from postmortem.writeups.operations_feed_links import make_feed_link
from tests.factories.accounts import make_person
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.receivers import make_receiver
from tests.support.cases import CASES, NEW_PASSWORD
from tests.support.changes import Case, Site
from tests.support.client import PASSWORD, Browser
from tests.support.pages import Page
from tests.support.second_factor import app_code, switch_on


@dataclass
class Sent:
    """A form as somebody sends it: always the same, also when it is sent again."""

    browser: Browser
    path: str
    data: dict[str, Any] = field(default_factory=dict)
    # Which entries of history it leaves.
    entries: tuple[str, ...] = ()
    actor: Person | None = None
    answers: tuple[int, ...] = (303,)
    # Transactions of their own, committed before the one that does what was asked.
    own_commits: int = 0
    # Whether all that changed is in those entries; the others are told by the act alone.
    is_compared: bool = False
    more: dict[str, Any] = field(default_factory=dict)

    def send(self) -> Page:
        return self.browser.post(self.path, self.data, **self.more)


@dataclass(frozen=True)
class WritePath:
    """A route, and how to come so far that its form can be sent."""

    endpoint: str
    prepare: Callable[[Site], Sent]


# The deliberate exceptions. Whoever tries to prove who they are has spent an attempt, whatever becomes of the rest: it
# is written down and committed before the secret is looked at, or an error at the right moment would make tries free.
SPEND_AN_ATTEMPT = frozenset(
    {
        "sign_in.login",
        "sign_in.set_up",
        "code.login_code",
        "confirmation.confirm",
        "me.password",
        "reset.forgot",
    }
)
# What does something again when it is sent again: it has no one-time key, because pressing twice is meant.
REPEATS = {
    "people.link": "each press makes a new link, and the one before stops working",
    "people.mail_link": "mails a new link",
    "second_factor.begin": "begins anew, with a new secret",
    "second_factor.recovery_codes": "makes new codes, because those of a lost answer were never seen",
    "deliveries.test_mail": "sends another mail",
    "reset.forgot": "notes another request; the worker bounds how many mails come of it",
    "deliveries.again": "has it tried once more",
    "desk.autosave": "keeps what is typed again, with the time",
    **dict.fromkeys(("receivers.test_call", "own_receivers.test_call"), "calls once more"),
    **dict.fromkeys(
        ("receivers.rotate", "own_receivers.rotate"),
        "makes another secret, because that of a lost answer was never seen",
    ),
    "proxy.start": "signs in, because the answer with the cookie was lost",
    "sign_in.login": "signs in, because the answer with the cookie was lost",
    "confirmation.confirm": "proves again who one is",
    "code.login_code": "is refused and told: a code is good once, and the next one comes within half a minute",
}
# What has a version, and asks to look again where the record is not what it was, also where one did it oneself.
DECIDED_ANEW = frozenset({"publishing.publish", "publishing.withdraw"})
# Routes that are not gone through, and why.
LEFT_OUT = {
    "writeups.preview": "keeps nothing",
    "actions_around.hint": "keeps nothing",
    "language.look": "keeps nothing",
    "oidc.start": "keeps what the way back needs, and nothing else; tests/accounts/test_oidc_faults.py",
}


# Where the site sends mail, a new person gets the link by mail.
WITH_MAIL = {"people.new": ("added people", "sent a password link to people")}


def paths(site: Site) -> Iterator[WritePath]:
    """All of them on this site, in an order in which each finds what it needs."""
    if site.is_empty:
        yield WritePath("sign_in.set_up", _set_up)
        return
    yield from (WritePath(case.endpoint, _of_case(case)) for case in CASES)
    yield from (WritePath(endpoint, prepare) for endpoint, prepare in PREPARED.items())


def _of_case(case: Case) -> Callable[[Site], Sent]:
    def prepare(site: Site) -> Sent:
        if case.endpoint == "trash.restore":
            site.browser.post("/actions/1/delete")
        path, data = site.filled(case)
        # Numbers that failures used up are not used again.
        if case.endpoint == "restrictions.remove":
            path = path.replace("/1/", f"/{site.session.scalar(select(func.max(RestrictionRule.id)))}/")
        if case.endpoint == "meeting.undo":
            last = site.session.scalar(select(func.max(ActionReviewDecision.id)))
            path = path.replace("decisions/1/", f"decisions/{last}/")
        own = int(case.endpoint in SPEND_AN_ATTEMPT)
        data = {"csrf_token": site.browser.csrf_token(), **data}
        entries = WITH_MAIL.get(case.endpoint, case.entries)
        return Sent(site.browser, path, data, entries, site.admin, (302, 303), own, is_compared=True)

    return prepare


def _anonymous(site: Site, path: str, data: dict[str, Any], *entries: str, own_commits: int = 0) -> Sent:
    browser = Browser(site.app)
    data = {"csrf_token": browser.csrf_token(), **data}
    return Sent(browser, path, data, entries, own_commits=own_commits)


def _as_admin(site: Site, path: str, *entries: str, answers: tuple[int, ...] = (303,), **data: Any) -> Sent:
    browser = Browser(site.app)
    browser.sign_in(site.admin)
    data = {"csrf_token": browser.csrf_token(), **data}
    return Sent(browser, path, data, entries, site.admin, answers)


def _unsubscribe(site: Site) -> Sent:
    key = site.app.extensions["config"].secret_key
    path = f"/unsubscribe/{unsubscribe_token(key, site.cast.lead.id, Event.MENTIONED)}"
    sent = _anonymous(site, path, {}, "unsubscribed notification_settings")
    return replace(sent, answers=(200,))


def _login(site: Site) -> Sent:
    data = {"email": site.cast.lead.email, "password": PASSWORD}
    return _anonymous(site, "/login", data, "signed in as people", own_commits=1)


def _password(site: Site) -> Sent:
    token = issue_password_link(site.session, site.cast.member, actor=CLI)
    site.session.commit()
    data = {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    return _anonymous(site, f"/password/{token}", data, "set the password of people", "signed in as people")


def _confirm(site: Site) -> Sent:
    sent = _as_admin(site, "/confirm", confirm_password=NEW_PASSWORD)
    site.session.execute(update(SignIn).values(confirmed_at=clock.now() - timedelta(hours=1)))
    sent.own_commits = 1
    return sent


def _switch_on(site: Site) -> Sent:
    site.session.refresh(site.admin)
    code = app_code(site.admin)
    return _as_admin(
        site,
        "/me/second-factor/switch-on",
        "switched on the second factor of people",
        answers=(200,),
        code=code,
    )


def _login_code(site: Site) -> Sent:
    person = make_person(site.session, "Cody Code")
    switch_on(site.session, person)
    sent = _anonymous(site, "/login", {"email": person.email, "password": PASSWORD})
    assert sent.send().status == 303
    data = {"csrf_token": sent.browser.csrf_token(), "code": app_code(person)}
    return Sent(sent.browser, "/login/code", data, ("signed in as people",), own_commits=1)


def _again(site: Site) -> Sent:
    site.session.execute(update(OutboxMessage).values(finished_at=clock.now()))
    number = site.session.scalar(select(func.min(OutboxMessage.id)))
    return _as_admin(site, f"/settings/deliveries/{number}/again", "tried again outbox_messages")


def _all_again(site: Site) -> Sent:
    site.session.execute(update(OutboxMessage).values(finished_at=clock.now()))
    first = site.session.scalar(select(func.min(OutboxMessage.id)))
    site.session.execute(delete(OutboxMessage).where(OutboxMessage.id != first))
    return _as_admin(site, "/settings/deliveries/again", "tried again outbox_messages")


def _ask(site: Site) -> Sent:
    hidden = make_incident(site.session, site.cast.filer, "Hidden", restricted=True)
    browser = Browser(site.app)
    browser.sign_in(site.cast.outsider)
    form = browser.get(f"/access/ask?path=/incidents/{hidden.id}").forms[-1]
    data = {**form.data, "reason": "I was there."}
    return Sent(browser, "/access/ask", data, ("asked with access_requests",))


def _answer(site: Site, answer: str, *entries: str) -> Sent:
    request = site.session.scalars(select(AccessRequest).order_by(AccessRequest.id.desc())).first()
    assert request is not None
    return _as_admin(site, f"/access/requests/{request.id}/{answer}", *entries, answer="Ask your lead.")


def _grant(site: Site) -> Sent:
    assert _ask(site).send().status == 303
    return _answer(site, "grant", "edited incidents", "granted access_requests")


def _unlink(site: Site) -> Sent:
    person = site.cast.lead
    site.session.add(
        Identity(issuer="https://id.example", subject="1", person_id=person.id, created_at=clock.now())
    )
    site.session.commit()
    return _as_admin(site, f"/people/{person.id}/unlink", "unlinked the provider's account from people")


def _end_sessions(site: Site) -> Sent:
    Browser(site.app).sign_in(site.cast.lead)
    return _as_admin(site, f"/people/{site.cast.lead.id}/end-sessions", "ended every sign-in of people")


def _reset_second_factor(site: Site) -> Sent:
    person = make_person(site.session, "Rosa Reset")
    switch_on(site.session, person)
    return _as_admin(site, f"/people/{person.id}/reset-second-factor", "reset the second factor of people")


def _destroy(site: Site) -> Sent:
    browser = Browser(site.app)
    browser.sign_in(site.admin)
    browser.post("/actions/1/delete")
    form = max(browser.get("/settings/trash/action/1/destroy").forms, key=lambda form: len(form.data))
    data = {**form.data, "number": "ACT-1", "reason": "Nobody may see it."}
    return Sent(browser, form.action, data, ("destroyed actions",), site.admin, is_compared=True)


def _bulk(site: Site) -> Sent:
    made = [make_action(site.session, site.session.get_one(Incident, 1), f"Do {n}") for n in (1, 2)]
    rows = [f"{action.id}:{action.version}" for action in made]
    data: dict[str, Any] = {
        "row": rows,
        "change": "due_on",
        "due_on": "2027-02-28",
        "reason": "The parts come later.",
    }
    sent = _as_admin(site, "/actions/bulk?status=open", "edited actions", "edited actions", **data)
    sent.is_compared = True
    return sent


def _view(site: Site) -> SavedView:
    view = save_view(
        site.session, site.admin, name="Open", query="status=open", is_shared=False, actor=site.admin
    )
    site.session.commit()
    return view


def _edit_view(site: Site) -> Sent:
    view = _view(site)
    data: dict[str, Any] = {"name": "Ours", "is_shared": "y", "version": str(view.version)}
    sent = _as_admin(site, f"/actions/views/{view.id}/edit", "edited saved_views", **data)
    sent.is_compared = True
    return sent


def _calendar_link(site: Site) -> int:
    make_link(site.session, site.admin, "")
    site.session.commit()
    return site.session.scalar(select(func.max(CalendarLink.id))) or 0


def _feed_link(site: Site) -> int:
    make_feed_link(site.session, site.admin, "/", "atom")
    site.session.commit()
    return site.session.scalar(select(func.max(FeedLink.id))) or 0


def _rotate(site: Site, pages: str, of: Person | None) -> Sent:
    number = make_receiver(site.session, "To be rotated", of=of).id
    return _as_admin(site, f"{pages}/{number}/rotate", "rotated the secret of receivers", answers=(200,))


def _set_up(site: Site) -> Sent:
    code = issue_setup_code(site.session)
    site.session.commit()
    data = {
        "code": code,
        "email": "first@example.com",
        "name": "First",
        "password": NEW_PASSWORD,
        "password_again": NEW_PASSWORD,
        "timezone": "Europe/Stockholm",
    }
    return _anonymous(site, "/setup", data, "added people", "signed in as people", own_commits=1)


def _merge(site: Site) -> Sent:
    gone, stays = (make_person(site.session, name) for name in ("Gwen Goes", "Gwen Stays"))
    make_incident(site.session, gone, "Seen by Gwen")
    sent = _as_admin(site, f"/people/{gone.id}/merge/{stays.id}", email=gone.email)
    sent.entries = (
        "merged two people in incidents",
        "merged into another person people",
        "merged another person into people",
    )
    return sent


def _anonymise(site: Site) -> Sent:
    person = make_person(site.session, "Lena Leaver")
    make_incident(site.session, person, "Lena Leaver was here")
    browser = Browser(site.app)
    browser.sign_in(site.admin)
    path = f"/people/{person.id}/anonymise"
    form = max(browser.get(path).forms, key=lambda form: len(form.data))
    data = {**form.data, "email": person.email, "reason": "They asked for it."}
    return Sent(browser, path, data, ("anonymised people",), site.admin)


def _proxy(site: Site) -> Sent:
    person = site.cast.lead
    sent = _anonymous(site, "/login/proxy", {"email": person.email}, "signed in as people")
    sent.more = {"headers": [(PROXY_HEADER, person.email)], "environ_base": {"REMOTE_ADDR": PROXY}}
    return sent


PROXY_HEADER, PROXY = "X-Remote-User", "10.0.0.7"
_ADMIN = "/me/second-factor"
PREPARED: dict[str, Callable[[Site], Sent]] = {
    "sign_in.login": _login,
    "sign_in.password": _password,
    "proxy.start": _proxy,
    "confirmation.confirm": _confirm,
    "confirmation.sign_in_again": lambda site: _as_admin(site, "/confirm/again", "signed out as people"),
    "reset.forgot": lambda site: _anonymous(
        site, "/login/forgot", {"email": site.cast.lead.email}, own_commits=1
    ),
    "second_factor.begin": lambda site: _as_admin(site, f"{_ADMIN}/begin"),
    "second_factor.switch_on": _switch_on,
    "second_factor.recovery_codes": lambda site: _as_admin(
        site, f"{_ADMIN}/recovery-codes", "made new recovery codes for people", answers=(200,)
    ),
    "second_factor.switch_off": lambda site: _as_admin(
        site, f"{_ADMIN}/switch-off", "switched off the second factor of people"
    ),
    "code.login_code": _login_code,
    "desk.autosave": lambda site: _as_admin(
        site, "/writeups/the-third/autosave", answers=(200,), title="T", body="Typed."
    ),
    "desk.discard": lambda site: _as_admin(site, "/writeups/the-third/unsaved/discard"),
    "readers.helped": lambda site: _as_admin(site, "/writeups/the-second/helped", helped="yes"),
    "review_survey.show": lambda site: _as_admin(
        site, "/writeups/the-second/review/survey", learnt="5", blameless="4", time="4", actions="3"
    ),
    "readers.visit": lambda site: _as_admin(site, "/writeups/the-second/visit", answers=(204,)),
    "deliveries.test_mail": lambda site: _as_admin(
        site, "/settings/deliveries/test-mail", "sent a test mail to people"
    ),
    "people.mail_link": lambda site: _as_admin(
        site, f"/people/{site.cast.lead.id}/link/mail", "sent a password link to people"
    ),
    "deliveries.again": _again,
    "deliveries.all_again": _all_again,
    "access_requests.ask": _ask,
    "access_requests.decline": lambda site: _answer(site, "decline", "declined access_requests"),
    "access_requests.grant": _grant,
    "oidc.unlink": _unlink,
    "people_access.end_sessions": _end_sessions,
    "people_access.reset_second_factor": _reset_second_factor,
    "destroying.destroy": _destroy,
    "merging.merge": _merge,
    "anonymising.anonymise": _anonymise,
    "actions_bulk.change": _bulk,
    "receivers.rotate": lambda site: _rotate(site, "/settings/receivers", None),
    "own_receivers.rotate": lambda site: _rotate(site, "/me/notifications/receivers", site.admin),
    "saved_views.edit": _edit_view,
    "calendar.revoke": lambda site: _as_admin(
        site, f"/me/calendar/{_calendar_link(site)}/revoke", "revoked calendar_links"
    ),
    "feed_links.revoke": lambda site: _as_admin(
        site, f"/me/feeds/{_feed_link(site)}/revoke", "revoked feed_links"
    ),
    "unsubscribing.unsubscribe": _unsubscribe,
    "saved_views.delete": lambda site: _as_admin(
        site, f"/actions/views/{_view(site).id}/delete", "removed saved_views"
    ),
}
