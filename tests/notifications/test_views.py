"""The page of what one is told, and following."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.notifications.enums import USUAL_PACE, Event, Pace, ReceiverKind
from postmortem.notifications.models import Follow, NotificationChoice, NotificationSettings, Receiver
from postmortem.notifications.unsubscribing import read_token, unsubscribe_token
from tests.factories.accounts import make_service, make_team
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.sql import counted

PAGE = "/me/notifications"
SignIn = Callable[[Person], Browser]


def choices(session: Session) -> dict[str, Pace]:
    session.expire_all()
    return {row.event: row.pace for row in session.scalars(select(NotificationChoice))}


def verbs(session: Session) -> list[str]:
    entries = select(HistoryEntry).where(HistoryEntry.subject_type == "notification_settings")
    return [entry.verb for entry in session.scalars(entries.order_by(HistoryEntry.id))]


def test_as_shipped_what_waits_for_somebody_comes_at_once(outsider: Person, sign_in: SignIn) -> None:
    [form] = [form for form in sign_in(outsider).get(PAGE).forms if "pace_assigned" in form.data]
    paces = {name[5:]: value[0] for name, value in form.data.items() if name.startswith("pace_")}
    at_once = {name for name, pace in paces.items() if pace == "at_once"}
    assert at_once == {
        *("assigned", "mentioned", "overdue", "minutes", "held"),
        *("review_requested", "review_verdict", "question_asked", "question_answered"),
    }
    assert {name for name, pace in paces.items() if pace == "daily"} == {"review_talk"}
    assert form.data["quiet_from"] == [""]
    assert form.data["digest_at"] == ["08:00"]


def test_choosing(session: Session, outsider: Person, sign_in: SignIn) -> None:
    browser = sign_in(outsider)
    sent = {"pace_mentioned": "daily", "quiet_from": "22:00", "quiet_until": "07:00", "digest_weekday": "4"}
    page = browser.submit(PAGE, sent, follow=True)
    assert "What you are told is saved." in page.text
    assert choices(session) == {"mentioned": Pace.DAILY}
    [settings] = session.scalars(select(NotificationSettings))
    assert (settings.quiet_from, settings.quiet_until, settings.digest_weekday) == ("22:00", "07:00", 4)
    [entry] = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "chose"))
    assert entry.changes["Somebody mentions you"] == ["At once", "In a daily digest"]
    assert entry.actor_id == outsider.id
    # Sent again untouched it changes nothing.
    browser.submit(PAGE)
    assert verbs(session) == ["chose"]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"quiet_from": "22:00"}, "Give both ends of your quiet hours, or neither."),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "Let your quiet hours end at another time"),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, "Enter a time of day, for example 22:00."),
        ({"digest_at": ""}, "Enter when digests come."),
        ({"digest_weekday": "7"}, "Not a valid choice"),
        ({"pace_mentioned": "hourly"}, "Choose one of the list."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    session: Session, outsider: Person, sign_in: SignIn, sent: dict[str, str], sentence: str
) -> None:
    page = sign_in(outsider).submit(PAGE, {"pace_overdue": "never", **sent})
    assert page.status == 422
    assert sentence in page.text
    assert choices(session) == {}
    [form] = [form for form in page.forms if "pace_assigned" in form.data]
    assert form.data["pace_overdue"] == ["never"]


def test_two_browsers_do_not_overwrite_each_other_unseen(
    session: Session, outsider: Person, sign_in: SignIn
) -> None:
    browser = sign_in(outsider)
    for first, second in (("never", "daily"), ("weekly", "at_once")):
        stale = browser.get(PAGE).forms[-1].data
        browser.submit(PAGE, {"pace_assigned": first})
        page = browser.post(PAGE, {**stale, "pace_assigned": second})
        assert page.status == 409
        assert "An action is handed to you: how soon" in page.text
        assert choices(session) == {"assigned": Pace(first)}
    assert verbs(session) == ["chose", "chose"]


def test_only_ones_own_receiver_takes_the_place_of_mail(
    session: Session, outsider: Person, author: Person, sign_in: SignIn
) -> None:
    from postmortem import clock

    for person in (outsider, author):
        session.add(
            Receiver(
                kind=ReceiverKind.SLACK,
                name=f"Chat of {person.name}",
                url="https://x.example/1",
                person_id=person.id,
                created_at=clock.now(),
            )
        )
    session.commit()
    browser = sign_in(outsider)
    page = browser.get(PAGE)
    assert "Chat of Otto Outsider" in page.text
    assert "Chat of Aino Author" not in page.text
    assert browser.submit(PAGE, {"where_assigned": "2"}).status == 422
    assert browser.submit(PAGE, {"where_assigned": "1"}).status == 303
    assert session.scalars(select(NotificationChoice.receiver_id)).all() == [1]


def test_following_and_leaving_a_team_a_service_and_a_tag(
    session: Session, outsider: Person, author: Person, sign_in: SignIn
) -> None:
    make_team(session, "Sound")
    make_service(session, "Playback")
    make_incident(session, author, tags=["dns"])
    publishing(session, author)
    browser = sign_in(outsider)
    for page in ("/teams/sound", "/services/playback", "/tags/dns"):
        shown = browser.submit(page, form=follow_form(browser, page), follow=True)
        assert "Stop following" in shown.text
    page = browser.get(PAGE)
    for name in ("Sound", "Playback", "dns"):
        assert f"Stop following {name}" in page.text
    assert verbs(session) == ["followed"] * 3
    browser.post("/me/follow/team/sound")
    assert verbs(session) == ["followed"] * 3
    answer = browser.post("/me/unfollow/tag/dns", {"back": "notifications"}, follow=True)
    assert "You do not follow dns any more." in answer.text
    assert len(session.scalars(select(Follow)).all()) == 2
    assert browser.post("/me/follow/person/1").status == 404
    assert browser.post("/me/follow/team/nobody").status == 404


def test_it_asks_as_often_for_three_follows_as_for_one(
    session: Session, outsider: Person, sign_in: SignIn, app: Flask
) -> None:
    browser, asked = sign_in(outsider), []
    for names in (("One",), ("Two", "Three")):
        for name in names:
            make_team(session, name)
            make_service(session, name)
            browser.post(f"/me/follow/team/{name.lower()}")
            browser.post(f"/me/follow/service/{name.lower()}")
        browser.get(PAGE)
        with counted(app.extensions["database"]) as sent:
            page = browser.get(PAGE)
        assert f"Stop following {names[-1]}" in page.text
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 8


def publishing(session: Session, author: Person) -> None:
    from tests.factories.writeups import publish_writeup

    publish_writeup(session, author, tags=["dns"])


def follow_form(browser: Browser, page: str) -> int:
    actions = [form.action for form in browser.get(page).forms]
    return next(number for number, action in enumerate(actions) if "/me/follow/" in action)


def test_a_tag_that_one_may_not_see_is_not_there_to_follow(
    session: Session, outsider: Person, author: Person, sign_in: SignIn
) -> None:
    make_incident(session, author, "Hush", tags=["secret-merger"], restricted=True)
    browser = sign_in(outsider)
    seen, unknown = (browser.post(f"/me/follow/tag/{name}") for name in ("secret-merger", "never-used"))
    assert seen.status == unknown.status == 404
    assert session.scalars(select(Follow)).all() == []


def link(app: Flask, person_id: int, what: Event | Pace) -> str:
    return f"/unsubscribe/{unsubscribe_token(app.extensions['config'].secret_key, person_id, what)}"


def test_one_click_turns_an_event_off(app: Flask, session: Session, outsider: Person) -> None:
    path = link(app, outsider.id, Event.MENTIONED)
    browser = Browser(app)
    assert "Somebody mentions you" in browser.get(path).text
    assert choices(session) == {}
    # As a mail program sends it: no cookie, no token, its own body.
    answer = app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    app.test_client().post(path, data={"List-Unsubscribe": "One-Click"})
    assert choices(session) == {"mentioned": Pace.NEVER}
    assert verbs(session) == ["unsubscribed"]
    assert "There will be no more" in browser.submit(path).text


def test_one_click_turns_a_digest_off(app: Flask, session: Session, outsider: Person) -> None:
    app.test_client().post(link(app, outsider.id, Pace.WEEKLY))
    # The newsletter comes once a week too, and is no digest.
    turned_off = {event for event in Event if USUAL_PACE[event] is Pace.WEEKLY} - {Event.NEWSLETTER}
    assert choices(session) == {event.value: Pace.NEVER for event in turned_off}


def test_a_link_that_was_tampered_with_does_nothing(app: Flask, session: Session, outsider: Person) -> None:
    good = link(app, outsider.id, Event.MENTIONED).rpartition("/")[2]
    number, what, signature = good.split(".")
    other = link(app, outsider.id, Event.ASSIGNED).rpartition(".")[2]
    for token in (
        f"{number}.assigned.{signature}",
        f"{outsider.id + 1}.{what}.{signature}",
        f"{number}.{what}.{other}",
        f"{number}.{what}.{signature[:-1]}",
        f"{number}.{what}.",
        f"{number}.{what}",
        "x",
        f"{number}.{what}.{signature}ü",
    ):
        for answer in (
            app.test_client().get(f"/unsubscribe/{token}"),
            app.test_client().post(f"/unsubscribe/{token}"),
        ):
            assert answer.status_code == 404, token
    assert choices(session) == {}
    assert read_token("another key", good) is None


def test_the_page_says_nothing_about_accounts(app: Flask, session: Session, outsider: Person) -> None:
    pages = [Browser(app).get(link(app, number, Event.MENTIONED)).text for number in (outsider.id, 4711)]
    assert pages[0] == pages[1]
    assert outsider.name not in pages[0]
    answers = [
        app.test_client().post(link(app, number, Event.MENTIONED)).status_code
        for number in (4711, outsider.id)
    ]
    assert answers == [200, 200]
