"""A distinctive name, address and handle planted everywhere; afterwards no column and no byte holds any of them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts import limits, operations
from postmortem.accounts.enums import AttemptKind
from postmortem.accounts.models import Identity, OidcRequest, Person, SignIn, SignInAttempt
from postmortem.accounts.operations_sign_in import issue_password_link
from postmortem.action_reviews.models import ActionReview
from postmortem.actions.models_around import ActionComment, ActionWatch
from postmortem.db import Database
from postmortem.errors import Refused
from postmortem.history.checks import chain_problems
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from postmortem.incidents.drafts import MomentDraft
from postmortem.incidents.models import Incident
from postmortem.leaving.file import forget_freed
from postmortem.leaving.operations_anonymise import anonymise
from postmortem.leaving.operations_merge import merge
from postmortem.leaving.places import TextKind
from postmortem.leaving.words import HANDLE, Term
from postmortem.notifications.enums import Pace
from postmortem.notifications.models import (
    CalendarLink,
    Digest,
    Follow,
    NewsItem,
    NotificationChoice,
    NotificationSettings,
    Receiver,
)
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.operations import owe
from postmortem.permissions.models import AccessRequest
from postmortem.tags.models import Tag
from postmortem.timeline.models import TimelineEvent
from postmortem.web.models import FormKey
from postmortem.writeups.models import Publication, Revision, Writeup
from postmortem.writeups.operations import save_writeup
from tests.factories.accounts import make_team
from tests.factories.actions import make_action
from tests.factories.follow_up import furnish_with_news, surround
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import PASSWORD, Browser
from tests.support.crawl import crawl, dump, every

SignInAs = Callable[[Person], Browser]
# What is searched for afterwards, in any case and as part of any word. The address before last is among it.
SIGNS = ("zelqua", "brimwick", "zbrim77", "zelda-brim")
NAME, EMAIL, HANDLE_TEXT = "Zelqua Brimwick", "z.brimwick@larkspool.example", "zbrim77"
TEXT = (
    f"**{NAME}** (<{EMAIL}>, @{HANDLE_TEXT}) and ZELQUA\nBRIMWICK restarted it; Z.Brimwick@LarkSpool.example."
)


@pytest.fixture
def leaver(session: Session, author: Person, admin: Person, sign_in: SignInAs) -> Person:
    """Somebody whose name stands in every table there is."""
    leaver = operations.add_person(
        session,
        email="zelda-brim@larkspool.example",
        name="Zelqua Oldname",
        handle=HANDLE_TEXT,
        role=author.role,
        password=PASSWORD,
        actor=CLI,
    )
    session.commit()
    operations.edit_person(session, leaver, {"name": NAME, "email": EMAIL}, version=None, actor=admin)
    session.commit()
    _plant_records(session, leaver, author)
    _plant_account(session, leaver, author)
    sign_in(leaver).submit("/me/profile", {"timezone": "Europe/Stockholm"})
    return leaver


def _plant_records(session: Session, leaver: Person, other: Person) -> None:
    team = make_team(session, f"{NAME} fan club", leaver)
    incident = make_incident(
        session,
        leaver,
        f"{NAME} pulled the plug",
        summary=TEXT,
        impact=TEXT,
        lead=leaver.email,
        links=[{"title": NAME, "url": f"https://chat.example/@{HANDLE_TEXT}"}],
        tags=[HANDLE_TEXT],
        teams=[team.slug],
        detected_at=MomentDraft(clock.now(), source=f"told by {NAME}"),
        participants=[(leaver.email, f"stood in for {NAME}")],
    )
    make_event(session, incident, TEXT, evidence=[f"https://logs.example/?user={HANDLE_TEXT}"])
    make_factor(session, incident, TEXT)
    action = make_action(session, incident, f"Thank {NAME}", description=TEXT, end_state=TEXT, owner=leaver)
    surround(session, action, leaver, TEXT)
    furnish_with_news(session, leaver, action, NAME)
    told = {"subject_type": "actions", "subject_id": action.id, "actor_name": NAME, "facts": {"text": TEXT}}
    session.add(NewsItem(delivery_id="another", person_id=other.id, pace=Pace.DAILY,
                         payload=told, created_at=clock.now()))  # fmt: skip
    writeup = publish_writeup(
        session, leaver, f"What {NAME} taught us", incidents=[incident], body=TEXT, tldr=TEXT, is_public=True
    )
    save_writeup(session, writeup, {"body": f"# {NAME}\n\n{TEXT}"}, version=None, actor=leaver)
    session.commit()
    make_writeup(session, leaver, f"A draft by {HANDLE_TEXT}", source_name=NAME)


def _plant_account(session: Session, leaver: Person, author: Person) -> None:
    now = clock.now()
    issue_password_link(session, leaver, actor=leaver)
    owe(session, DeliveryKind.TEST_MAIL, {"person_id": leaver.id})
    owe(session, DeliveryKind.PASSWORD_RESET, {"email": EMAIL, "browser": "Firefox"})
    owe(session, DeliveryKind.INVITATION, {"person_id": author.id, "invited_by": NAME}).last_error = EMAIL
    session.add_all(
        [
            Identity(issuer="https://id.example", subject=HANDLE_TEXT, person_id=leaver.id, created_at=now),
            AccessRequest(person_id=leaver.id, path="/incidents/9", reason=TEXT, created_at=now),
            AccessRequest(person_id=author.id, path="/writeups/what-zelqua-brimwick-taught-us",
                          reason=f"{NAME} sent me", created_at=now),
            FormKey(key="k", location="/writeups/what-zelqua-brimwick-taught-us/edit", used_at=now),
            OidcRequest(state_hash="s", nonce="n", code_verifier="v", created_at=now,
                        next_path="/writeups/what-zelqua-brimwick-taught-us"),
        ]
    )  # fmt: skip
    session.commit()


def holding(rows: dict[str, list[tuple[Any, ...]]]) -> list[str]:
    """Every row that holds one of the signs, as `table: row`."""
    return [
        f"{table}: {row}"
        for table, found in rows.items()
        for row in found
        if any(sign in repr(row).casefold() for sign in SIGNS)
    ]


def bytes_of(database: Database) -> bytes:
    """The database's files as they lie on the disk."""
    assert database.file is not None
    parts = [
        database.file,
        *(database.file.with_name(database.file.name + end) for end in ("-wal", "-journal")),
    ]
    return b"".join(part.read_bytes() for part in parts if part.exists()).lower()


def test_nothing_of_them_is_left_anywhere(
    app: Flask, database: Database, session: Session, leaver: Person, admin: Person, sign_in: SignInAs
) -> None:
    planted = {line.split(":")[0] for line in holding(dump(database))}
    assert planted >= {
        *("people", "teams", "tags", "incidents", "incident_participants", "timeline_events", "factors"),
        *("actions", "writeups", "revisions", "publications", "access_requests", "outbox_messages"),
        *("history_entries", "identities", "form_keys", "oidc_requests"),
        *("action_comments", "action_links", "verifications", "ideas", "no_actions_needed", "saved_views"),
        *("action_reviews", "action_review_decisions", "news_items", "receivers"),
    }
    with app.test_request_context():
        session.add(
            SignInAttempt(kind=AttemptKind.SIGN_IN, account_hash=limits.hash_of(EMAIL), address="198.51.100.7",
                          at=clock.now())
        )  # fmt: skip
        session.commit()
    browser = sign_in(admin)
    feed = browser.get("/writeups/feed.atom").headers["ETag"]
    path = f"/people/{leaver.id}/anonymise"
    page = browser.get(path)
    for words in (
        "Incidents: 2",
        "action reviews: 9",
        NAME,
        "Zelqua Oldname",
        "zelda-brim@larkspool.example",
    ):
        assert words in page.text, words
    done = browser.submit(path, {"email": EMAIL, "reason": "They asked for it."})
    assert done.location == f"/people/{leaver.id}"
    left = holding(dump(database))
    assert not left, every(left)
    session.expire_all()
    assert list(chain_problems(session)) == []
    assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 0
    assert session.scalar(select(func.count()).where(SignIn.person_id == leaver.id)) == 0
    if database.is_sqlite:
        assert not [sign for sign in SIGNS if sign.encode() in bytes_of(database)]
    visits = crawl(browser, "/", "/incidents/", "/people/?show=all", "/settings/history")
    shown = [
        visit.path
        for visit in visits.visits.values()
        if any(sign in visit.page.html.casefold() for sign in SIGNS)
    ]
    assert not shown, every(shown)
    assert browser.get("/writeups/feed.atom").headers["ETag"] != feed
    assert_stands_in(session, browser, leaver)


def assert_stands_in(session: Session, browser: Browser, leaver: Person) -> None:
    """What stands there instead, in words and in everything made from them."""
    now_called = f"Former colleague {leaver.id}"
    (incident,) = session.scalars(select(Incident))
    assert incident.title == f"{now_called} pulled the plug"
    assert f"<strong>{now_called}</strong>" in incident.summary_html
    assert session.scalar(select(Incident.search_text)).startswith(now_called.casefold())
    assert incident.lead_id == leaver.id
    writeup = session.scalars(select(Writeup).order_by(Writeup.id)).first()
    assert writeup is not None
    assert writeup.slug == "what-the-incident-lead-taught-us"
    assert browser.get("/writeups/what-zelqua-brimwick-taught-us").status == 404
    page = browser.get(f"/writeups/{writeup.slug}")
    assert now_called in page.text
    publication = session.scalars(select(Publication)).one()
    assert (publication.number, writeup.publication_number) == (2, 2)
    assert publication.author_line == now_called
    # Readers had the role before, and have it still.
    assert "the incident lead" in str(publication.frozen).casefold()
    assert {row.saved_by_name for row in session.scalars(select(Revision))} == {now_called}
    tags = select(Tag.name).where(Tag.name.not_like("followed-%"))
    assert session.scalars(tags).all() == [f"former-{leaver.id}"]
    assert f"@former-{leaver.id}" in session.scalars(select(TimelineEvent.text)).one()
    for html in (ActionComment.text_html, ActionReview.notes_html):
        assert f"<strong>{now_called}</strong>" in session.scalars(select(html)).one()
    # Their own news, links and receivers are gone; what others were told is rewritten.
    for model in (CalendarLink, Follow, NotificationChoice, NotificationSettings, Digest, ActionWatch):
        assert session.scalar(select(func.count()).select_from(model)) == 0
    assert now_called in str(session.scalars(select(NewsItem.payload)).one())
    assert session.scalars(select(Receiver.name)).all() == [f"Of {now_called}"]
    last = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert last is not None
    assert (last.verb, last.subject_label) == ("anonymised", f"person {leaver.id}")
    assert last.changes == {"reason": [None, "They asked for it."]}
    addresses = [entry.changes["address"] for entry in session.scalars(select(HistoryEntry))
                 if entry.subject_id == leaver.id and "address" in entry.changes]  # fmt: skip
    assert all(address == [None, ""] for address in addresses)


def test_kinds_and_words_that_were_unticked_stay(session: Session, leaver: Person, admin: Person) -> None:
    handle = Term(HANDLE, HANDLE_TEXT)
    anonymise(
        session,
        leaver.id,
        typed=EMAIL,
        reason="They asked.",
        kinds=[TextKind.TIMELINE],
        leave=[handle],
        also=["restarted it"],
        actor=admin,
    )
    session.commit()
    (incident,) = session.scalars(select(Incident))
    assert incident.title == f"{NAME} pulled the plug"
    text = session.scalars(select(TimelineEvent.text)).one()
    assert NAME not in text
    assert f"@{HANDLE_TEXT}" in text
    assert "restarted" not in text
    # Who wrote is never left, and neither is what the history says of the person.
    assert session.scalars(select(Publication.author_line)).one() == f"Former colleague {leaver.id}"
    assert not [entry.id for entry in session.scalars(select(HistoryEntry)) if NAME in repr(entry.changes)]
    assert list(chain_problems(session)) == []


def test_accounts_that_were_merged_into_theirs_go_with_them(
    database: Database, session: Session, leaver: Person, admin: Person, author: Person
) -> None:
    merge(session, leaver.id, author.id, typed=EMAIL, actor=admin)
    session.commit()
    with pytest.raises(Refused, match="merged into"):
        anonymise(session, leaver.id, typed=EMAIL, reason="They asked.", actor=admin)
    session.rollback()
    anonymise(session, author.id, typed=author.email, reason="They asked.", actor=admin)
    session.commit()
    assert not holding(dump(database))
    assert not [row for row in dump(database)["people"] if "Aino" in repr(row)]
    assert list(chain_problems(session)) == []


def test_refused(session: Session, leaver: Person, admin: Person, facilitator: Person) -> None:
    def refused(person: Person, *, typed: str = "", reason: str = "They asked.", actor: Any = CLI) -> str:
        with pytest.raises(Refused) as found:
            anonymise(session, person.id, typed=typed or person.email, reason=reason, actor=actor)
        session.rollback()
        return found.value.sentence

    assert "Type" in refused(leaver, typed="somebody@example.com")
    assert "Say why" in refused(leaver, reason="  ")
    assert "Leave the name out" in refused(leaver, reason=f"{NAME} asked.")
    assert "Shorten" in refused(leaver, reason="x" * 501)
    assert "Another admin" in refused(admin, actor=admin)
    assert "last admin" in refused(admin)
    anonymise(session, leaver.id, typed=EMAIL, reason="They asked.", actor=admin)
    session.commit()
    assert "already" in refused(leaver)
    with pytest.raises(Refused, match="anonymised"):
        merge(session, leaver.id, facilitator.id, typed=leaver.email, actor=admin)
    session.rollback()
    for values in ({"is_active": True}, {"name": "Zelqua Again"}):
        with pytest.raises(Refused, match="stays closed"):
            operations.edit_person(session, leaver, values, version=None, actor=admin)
        session.rollback()


def test_a_namesake_is_warned_about(
    session: Session, leaver: Person, admin: Person, sign_in: SignInAs
) -> None:
    path = f"/people/{leaver.id}/anonymise"
    assert "same name" not in sign_in(admin).get(path).text
    operations.add_person(session, email="other@example.com", name=NAME, role=leaver.role, actor=CLI)
    session.commit()
    page = sign_in(admin).get(path)
    assert "Somebody else has the same name: other@example.com" in page.text


def test_only_admins_and_only_after_saying_who_they_are(
    session: Session, leaver: Person, admin: Person, facilitator: Person, sign_in: SignInAs
) -> None:
    for path in (f"/people/{leaver.id}/anonymise", f"/people/{leaver.id}/merge/{facilitator.id}"):
        assert sign_in(facilitator).get(path).status == 403
        browser = sign_in(admin)
        long_ago = clock.now() - timedelta(hours=1)
        session.execute(update(SignIn).values(confirmed_at=long_ago))
        session.commit()
        assert (browser.get(path).location or "").startswith("/confirm")


def test_the_file_is_left_alone_where_there_is_none(database: Database) -> None:
    assert forget_freed(database)


@pytest.fixture(autouse=True)
def _many_entries_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Runs of rows end in the middle of what the tests plant."""
    monkeypatch.setattr("postmortem.leaving.finding._AT_ONCE", 2)
    monkeypatch.setattr("postmortem.leaving.texts._AT_ONCE", 2)
    yield
