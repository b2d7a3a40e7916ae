"""Hints as a part of a page, keeping words with a reason, and what admins decide about the rules."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.blameless.models import LanguageKeep, LanguagePolicy
from postmortem.blameless.panel import SHOWN, language_panel
from postmortem.history.models import HistoryEntry
from postmortem.writeups.models import Writeup
from tests.factories.accounts import make_person
from tests.factories.writeups import make_writeup
from tests.support.client import Browser
from tests.support.pages import Page

SignIn = Callable[[Person], Browser]
BODY = "## What happened\n\nIt was human error.\n\nWe should have tested it, as it was human error.\n"
LOOK = "/writeups/language"


@pytest.fixture
def writeup(session: Session, author: Person) -> Writeup:
    return make_writeup(session, author, "A told one", body=BODY)


@pytest.fixture
def browser(author: Person, sign_in: SignIn) -> Browser:
    return sign_in(author)


def look(browser: Browser, text: str = BODY, slug: str = "a-told-one") -> str:
    sent = {"text": text, "slug": slug, "csrf_token": browser.csrf_token()}
    answer = browser.client.post(LOOK, data=sent)
    assert answer.status_code == 200
    return answer.text


def keep(browser: Browser, words: str = "human error", reason: str = "It is quoted in the law.") -> int:
    data = {"rule": "mechanistic", "words": words, "reason": reason}
    return browser.post("/writeups/a-told-one/language/keep", data).status


# --- looking


def test_each_hint_shows_its_words_why_and_a_question(browser: Browser, writeup: Writeup) -> None:
    shown = look(browser)
    assert "3 places where other words might teach more" in shown
    assert shown.count("People as a faulty part") == 2
    assert "What in the tools, the load or the information led a capable person here?" in shown
    assert "We should have tested it, as it was" in shown


def test_a_text_without_a_write_up_is_looked_at_and_nothing_can_be_kept(browser: Browser) -> None:
    shown = look(browser, slug="")
    assert "3 places" in shown and "Keep, because" not in shown


def test_looking_writes_nothing(browser: Browser, session: Session, writeup: Writeup) -> None:
    last = session.scalars(select(HistoryEntry.id).order_by(HistoryEntry.id.desc())).first()
    look(browser)
    assert session.scalars(select(HistoryEntry.id).order_by(HistoryEntry.id.desc())).first() == last


def test_places_are_counted_as_scripts_count_them(session: Session) -> None:
    [shown] = language_panel(session, None, "🎉\r\n\r\nIt was human error.").hints
    assert (shown.utf16_start, shown.utf16_end) == (2 + 2 + len("It was "), 2 + 2 + len("It was human error"))


def test_of_very_many_hints_the_first_are_shown_and_the_rest_counted(session: Session) -> None:
    panel = language_panel(session, None, "It was human error.\n\n" * (SHOWN + 5))
    assert (len(panel.hints), panel.more, panel.count) == (SHOWN, 5, SHOWN + 5)


def test_markup_in_a_text_stays_text(browser: Browser) -> None:
    shown = look(browser, "Obviously <b onclick=alert(1)>we failed to</b> see it & more.", slug="")
    assert "<b onclick" not in shown and "Seen with hindsight" in shown


def test_a_colleague_is_known_by_name(browser: Browser, session: Session) -> None:
    make_person(session, "Marit Dahl")
    assert "One person in the light" in look(browser, "Marit Dahl forgot the flag.", slug="")
    assert "One person in the light" not in look(browser, "Jon Doe forgot the flag.", slug="")


def test_nobody_learns_of_a_draft_by_looking(session: Session, sign_in: SignIn, writeup: Writeup) -> None:
    other = sign_in(make_person(session, "Other", role=Role.CONTRIBUTOR))
    for slug in ("a-told-one", "there-is-none"):
        assert other.post(LOOK, {"text": BODY, "slug": slug}).status == 404
        assert other.post(f"/writeups/{slug}/language/keep", {"rule": "absolute", "words": "x"}).status == 404
        assert other.get(f"/writeups/{slug}/language").status == 404


# --- keeping


def test_kept_words_are_folded_away_with_their_reason_wherever_they_stand(
    browser: Browser, writeup: Writeup
) -> None:
    assert keep(browser) == 303
    shown = look(browser, BODY + "\n\nHuman  error again.")
    assert "1 place where" in shown and "People as a faulty part" not in shown
    assert "Kept on purpose: 1" in shown and "because: It is quoted in the law." in shown


def test_another_write_up_keeps_its_hint(
    browser: Browser, session: Session, author: Person, writeup: Writeup
) -> None:
    make_writeup(session, author, "Another one", body=BODY)
    keep(browser)
    assert "3 places" in look(browser, slug="another-one")


def test_keeping_twice_changes_the_reason_and_the_same_reason_nothing(
    browser: Browser, session: Session, writeup: Writeup
) -> None:
    for reason in ("One.", "Two.", "Two."):
        assert keep(browser, reason=reason) == 303
    assert [each.reason for each in session.scalars(select(LanguageKeep))] == ["Two."]
    told = [
        each.changes["kept_words"]
        for each in session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "kept words"))
    ]
    assert told == [
        [None, "“human error”, because: One."],
        ["“human error”, because: One.", "“human error”, because: Two."],
    ]


def test_taking_back_gives_the_hint_again_and_stands_in_the_write_ups_history(
    browser: Browser, session: Session, writeup: Writeup
) -> None:
    keep(browser)
    data = {"rule": "mechanistic", "words": "human error"}
    for _ in range(2):
        assert browser.post("/writeups/a-told-one/language/unkeep", data).status == 303
    assert "3 places" in look(browser)
    entries = session.scalars(select(HistoryEntry).where(HistoryEntry.subject_type == "writeups"))
    assert [each.verb for each in entries][-2:] == ["kept words", "took back keeping"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"rule": "mechanistic", "words": "human error", "reason": " "}, "Say why these words stay."),
        (
            {"rule": "mechanistic", "words": "x", "reason": "y" * 501},
            "Keep the reason within 500 characters.",
        ),
        ({"rule": "nonsense", "words": "x", "reason": "y"}, "These words have no hint any more."),
        ({"rule": "absolute", "words": " ", "reason": "y"}, "These words have no hint any more."),
    ],
)
def test_what_cannot_be_kept_says_why(
    browser: Browser, session: Session, writeup: Writeup, data: dict[str, str], sentence: str
) -> None:
    page = browser.post("/writeups/a-told-one/language/keep", data)
    assert page.status == 422 and sentence in page.text
    assert session.scalars(select(LanguageKeep)).all() == []


def test_without_script_words_of_the_saved_text_are_kept_on_a_page_of_their_own(
    browser: Browser, session: Session, writeup: Writeup
) -> None:
    path = "/writeups/a-told-one/language"
    form = next(each for each in browser.get(path).forms if each.action.endswith("/keep"))
    assert browser.post(form.action, {**form.data, "reason": "It is a title."}).location == path
    page = browser.get(path)
    assert "It is a title." in page.text
    [back] = [each for each in page.forms if each.action.endswith("/unkeep")]
    browser.post(back.action, back.data)
    assert session.scalars(select(LanguageKeep)).all() == []


# --- deciding


def decide(office: Browser, *off: str, **words: str) -> Page:
    form = next(each for each in office.get("/settings/language").forms if "version" in each.data)
    data = {name: value for name, value in form.data.items() if name not in {f"on_{rule}" for rule in off}}
    return office.post(
        "/settings/language", {**data, **{f"words_{rule}": each for rule, each in words.items()}}
    )


@pytest.fixture
def office(session: Session, sign_in: SignIn) -> Browser:
    return sign_in(make_person(session, "Admin", role=Role.ADMIN))


def test_a_rule_switched_off_and_a_word_added_count_at_once(
    office: Browser, browser: Browser, writeup: Writeup
) -> None:
    assert decide(office, "mechanistic", minimising="teeny, a  wee bit").status == 303
    shown = look(browser, BODY + "\n\nA TEENY outage, a wee bit long, not teenyweeny.")
    assert "3 places" in shown and "People as a faulty part" not in shown
    assert shown.count("Made smaller") == 2


def test_as_shipped_again(office: Browser, session: Session, browser: Browser, writeup: Writeup) -> None:
    decide(office, "mechanistic")
    for _ in range(2):
        assert office.post("/settings/language/reset", {}).status == 303
    assert "3 places" in look(browser)
    row = session.scalars(select(LanguagePolicy)).one()
    session.refresh(row)
    assert (row.rules_off, row.words) == ([], {})
    verbs = [
        each.verb
        for each in session.scalars(
            select(HistoryEntry).where(HistoryEntry.subject_type == "language_policy")
        )
    ]
    assert verbs == ["edited", "reset"]


def test_saving_what_holds_already_leaves_no_trace(office: Browser, session: Session) -> None:
    assert decide(office).status == 303
    assert session.scalars(select(LanguagePolicy)).all() == []


def test_of_two_who_decide_differently_the_second_is_shown_both(office: Browser) -> None:
    form = next(each for each in office.get("/settings/language").forms if "version" in each.data)
    office.post("/settings/language", {**form.data, "words_absolute": "evermore"})
    page = office.post("/settings/language", {**form.data, "words_absolute": "for good"})
    assert page.status == 409 and "evermore" in page.text and "for good" in page.text


def test_too_long_words_are_refused_beside_their_field(office: Browser) -> None:
    page = decide(office, absolute="x" * 61)
    assert page.status == 422 and "Keep each within 60 characters." in page.text
