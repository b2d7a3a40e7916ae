"""Single sign-on when several do it at the same moment, or one does it all the time."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.enums import AttemptKind
from postmortem.accounts.limits import LIMITS, Limit, Limits
from postmortem.accounts.models import Identity, OidcRequest, Person, SignIn, SignInAttempt
from tests.accounts.oidc_flow import Counts, MakeApp, come_back, go_through, last_entry, leave, settings_for
from tests.factories.accounts import make_team
from tests.support.client import Browser
from tests.support.oidc_provider import FakeProvider


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls return that all start at the same moment."""
    found: list[Any] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(number: int) -> None:
        barrier.wait()
        found[number] = calls[number]()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def copy_of(browser: Browser) -> Browser:
    cookie = browser.client.get_cookie("postmortem")
    assert cookie is not None
    copy = Browser(browser.app)
    copy.client.set_cookie("postmortem", cookie.value)
    return copy


def test_of_many_who_bring_one_state_back_one_comes_in(
    make_app: MakeApp, provider: FakeProvider, ada: Person, session: Session
) -> None:
    browser = Browser(make_app(oidc=settings_for(provider)))
    answer = provider.authorize(leave(browser))
    copies = [copy_of(browser) for _ in range(4)]
    pages = at_once(*(lambda each=each: come_back(each, answer) for each in copies))  # type: ignore[misc]
    assert sorted(page.status for page in pages) == [303, 400, 400, 400]
    assert provider.requests.count("/token") == 1
    assert session.scalar(select(func.count()).select_from(SignIn)) == 1


@pytest.mark.parametrize("creates", [True, False])
def test_one_subject_in_several_browsers_at_once_becomes_one_person(
    make_app: MakeApp, provider: FakeProvider, ada: Person, session: Session, creates: bool
) -> None:
    make_team(session, "Sound")
    provider.claims |= {"teams": ["sound"], "groups": "leads"}
    if creates:
        provider.claims |= {"email": "new@example.com"}
    settings = {"role_claim": "groups", "roles": (("leads", "facilitator"),), "teams_claim": "teams"}
    app = make_app(oidc=settings_for(provider, creates_people=creates, **settings))
    browsers = [Browser(app) for _ in range(4)]
    answers = [provider.authorize(leave(browser)) for browser in browsers]
    pairs = zip(browsers, answers, strict=True)
    pages = at_once(*(lambda b=browser, a=answer: come_back(b, a) for browser, answer in pairs))  # type: ignore[misc]
    assert [page.status for page in pages] == [303] * 4
    assert session.scalar(select(func.count()).select_from(Identity)) == 1
    assert Counts.of(session).people == (3 if creates else 2)
    person = session.scalars(select(Person).where(Person.email == provider.claims["email"])).one()
    assert [team.slug for team in person.teams] == ["sound"]


def test_two_subjects_with_one_address_at_once_do_not_both_become_the_person(
    make_app: MakeApp, provider: FakeProvider, ada: Person, session: Session
) -> None:
    app = make_app(oidc=settings_for(provider))
    browsers = [Browser(app) for _ in range(4)]
    answers = [provider.authorize(leave(browser)) for browser in browsers]
    numbers = iter("1234")
    provider.sign = lambda header, claims: provider.signed(header, claims | {"sub": f"ada-{next(numbers)}"})
    pairs = zip(browsers, answers, strict=True)
    pages = at_once(*(lambda b=browser, a=answer: come_back(b, a) for browser, answer in pairs))  # type: ignore[misc]
    assert sorted(page.status for page in pages) == [303, 403, 403, 403]
    assert session.scalar(select(func.count()).select_from(Identity)) == 1


def test_knocking_fills_neither_history_nor_the_table(
    make_app: MakeApp, provider: FakeProvider, ada: Person, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Limit(6, LIMITS[AttemptKind.OIDC].address[0].within)
    monkeypatch.setitem(LIMITS, AttemptKind.OIDC, Limits(account=(few,), address=(few,), verb="knocked at"))
    browser = Browser(make_app(oidc=settings_for(provider)))
    # Who comes in is not counted, however often.
    for _ in range(8):
        assert go_through(Browser(browser.app), provider).status == 303
    assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 0

    before = Counts.of(session).entries
    statuses = [come_back(Browser(browser.app), {"state": "x"}).status for _ in range(9)]
    assert statuses == [400] * 6 + [429] * 3
    page = browser.post("/login/oidc")
    assert (page.status, "Retry-After" in page.headers) == (429, True)
    assert session.scalar(select(func.count()).select_from(OidcRequest)) == 0
    # Six refusals, and once that the limit was reached.
    assert Counts.of(session).entries == before + 7
    assert last_entry(session).verb == "knocked at"
