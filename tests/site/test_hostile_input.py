"""What no browser sends, to every form and list: a clear sentence, nothing half-written, nothing alive in a page."""

import io
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, SignInAttempt
from postmortem.accounts.operations_sign_in import issue_password_link
from postmortem.db import Database
from postmortem.history.operations import CLI
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.factories.writing import PNG
from tests.support.client import Browser, with_files
from tests.support.crawl import crawl, dump, routes
from tests.support.pages import Page
from tests.support.secrets import Cast
from tests.support.targets import BUTTONS, FORM_PAGES, Target, furnished, targets

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
LONG = "x" * 200_000
LONG_FIELDS = {"text", "body", "summary", "impact", "description", "tldr"}
TEXT = "".join(
    (
        "Text a\0b \u202egnp.exe\u2066 \ud7ff\ufffe\uffff\u2028\x1b[31m ",
        SCRIPT,
        "\"'></textarea></title></script><svg/onload=alert(1)> <iframe src=//example.com> ",
        "[x](javascript:alert(1)) <javascript:alert(1)> [y](data:text/html,x) ",
        "{{ 7*7 }} {% raw %} %s ${7*7} '; DROP TABLE people; -- ../../../etc/passwd\r\nSet-Cookie: a=b",
    )
)
# Sent in every field of a form at once.
EVERYWHERE = (
    TEXT,
    "=1+1|' /C calc'!A0",
    "javascript:alert(1)",
    str(2**63),
    "-1",
    "9999-12-31T23:59",
    "0001-01-01",
    "\N{SUPERSCRIPT TWO}\N{ARABIC-INDIC DIGIT THREE}",
)
# What names something, sent with the name of what is not there.
NAMING = re.compile(
    "lead|person|owner|team|services|members|authors|events|role|kind|status|audience|-number"
)
# Signing in, setting up, passwords, codes; and pages that ask for confirmation before they show their form.
OF_THEIR_OWN = (
    *("/login", "/login/oidc", "/login/proxy", "/login/code", "/login/forgot", "/logout", "/setup"),
    *("/me/password", "/confirm", "/people/1/merge/2", "/people/1/anonymise", "/unsubscribe/x"),
)
ANSWERS = {200, 303, 400, 404, 409, 413, 422}
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def site(session: Session) -> tuple[Cast, Person]:
    return furnished(session)


@pytest.fixture
def browser(site: tuple[Cast, Person], sign_in: Callable[[Person], Browser]) -> Browser:
    return sign_in(site[1])


class Attack:
    """Sends forms with what no browser sends, and watches that a refusal has changed nothing."""

    def __init__(self, browser: Browser, database: Database) -> None:
        self.browser, self.database = browser, database
        self.stored: Rows | None = None

    def __call__(self, target: Target, changes: dict[str, Any]) -> Page:
        """Send a form with these changes: it works, or it says what is wrong and has changed nothing."""
        before = self.stored or dump(self.database)
        # Without the usual checks of a page, which cost as much as making it; other tests look at these pages.
        page = Page(self.browser.client.post(target.action, data=with_files({**target.data, **changes})))
        told = f"{target.page} {str(changes)[:300]}"
        assert page.status in ANSWERS, f"{page.status} {told}"
        self.stored = None
        if page.status >= 400:
            self.stored = dump(self.database)
            assert self.stored == before, told
        if page.status == 422:
            assert re.search(r'class="error-summary".*?<li>.*?\w+.*?</li>', page.html, re.S), told
        return page


@pytest.fixture
def attack(browser: Browser, database: Database) -> Attack:
    return Attack(browser, database)


def fields_of(target: Target) -> list[str]:
    """One field of each sort: not every row or section, not every of the five moments."""
    others = r"-1-|^(declared|mitigated|detected)_at|^(heading|prompt|fact|is_optional)_[2-9]"
    return [name for name in target.fields if not re.search(others, name)]


def test_every_form_is_attacked(app: Flask) -> None:
    """A new form must be added to the targets; those that ask who somebody is have tests of their own."""
    # Some pages show a form that goes elsewhere: where it goes is named by itself.
    known = posted_to(app, *FORM_PAGES, *BUTTONS, *OF_THEIR_OWN)
    adapter = app.url_map.bind("localhost")
    named = {adapter.match(path, method="POST")[0] for path in known}
    assert {rule.endpoint for rule in routes(app, "POST")} - named == {"sign_in.password"}


@pytest.mark.parametrize("value", EVERYWHERE)
def test_nonsense_in_every_field_at_once(browser: Browser, attack: Attack, value: str) -> None:
    for target in targets(browser):
        attack(target, dict.fromkeys(target.fields, value))


# What else a form asks for before it saves anything.
NEEDED: dict[str, dict[str, str | bytes]] = {
    "/writeups/the-third/images": {"image": PNG},
    "/events/1/images": {"image": PNG},
    "/writeups/the-second/month": {"note": TEXT[:100]},
    "/actions/1": {"url": "https://example.com/browse/OPS-1"},
    "/actions/3/merge": {"into": "ACT-1"},
    "/actions/3/verify": {"outcome": "worked", "how": TEXT[:100]},
    "/actions/leavers": {"to": "mallory-admin@example.com", "number": "4:1"},
    "/actions/review/1": {"due_on": "2027-01-08"},
    "/settings/templates/new": {"description": TEXT[:100], "heading_1": TEXT[:90], "prompt_1": TEXT[:100]},
    "/settings/templates/near_miss/edit": {"description": TEXT[:100], "heading_1": TEXT[:90]},
    "/settings/receivers/new": {"url": "https://93.184.216.34/hook"},
    "/me/notifications/receivers/new": {"url": "https://93.184.216.34/hook"},
    "/writeups/the-fourth/review/meeting": {"starts_at": "2990-03-09T14:05", "place": TEXT[:100]},
    "/writeups/the-second/review/survey": {"learnt": "1", "blameless": "2", "time": "3", "actions": "4"},
    "/writeups/the-second/used": {"url": "https://example.com/runbook", "title": TEXT[:100]},
    "/open-questions/1/settle": {"outcome": TEXT[:100]},
}


def posted_to(app: Flask, *paths: str) -> list[str]:
    """Of these addresses, without what stands behind `?`, those that take a form themselves."""
    adapter = app.url_map.bind("localhost")
    plain = [path.partition("?")[0] for path in paths]
    return [path for path in plain if adapter.test(path, method="POST")]


@pytest.mark.parametrize("text", [TEXT, "javascript:alert(1)"])
def test_nothing_that_was_typed_comes_alive(
    browser: Browser, database: Database, attack: Attack, text: str
) -> None:
    """Texts are kept wherever they are texts; then every page is looked at."""
    kept = []
    for target in targets(browser):
        short = [
            name
            for name in target.fields
            if re.search("^title|^name$|^alt$|_source$|actor_role|end_state", name)
        ]
        data = dict.fromkeys(short, text[:100]) | {
            "links-0-title": text[:100],
            "links-0-url": "https://example.com",
        }
        data |= dict.fromkeys(LONG_FIELDS & set(target.fields), text)
        data |= {"email": "new@example.com"} if target.page == "/people/new" else {}
        data |= {"path": "/incidents/2", "reason": text[:100]} if target.page == "/access/ask" else {}
        data |= NEEDED.get(target.page, {})
        needs_reason = target.page.endswith(("/promote", "/no-actions-needed", "/leavers"))
        data |= {"reason": text[:100]} if needs_reason else {}
        data |= {"subject": "tag", "value": text[:40]} if target.page == "/settings/restrictions" else {}
        data |= {"number": "ACT-2", "reason": text[:100]} if target.page.endswith("/destroy") else {}
        unchosen = ("outcome", "number", "image", "learnt", "blameless", "time", "actions")
        sent = {name: value for name, value in data.items() if name in target.data or name in unchosen}
        # A receiver's secret is shown on the page that answers, once.
        if attack(target, sent).status in (200, 303):
            kept.append(target.page)
    assert len(kept) == len(FORM_PAGES), set(FORM_PAGES) - set(kept)
    assert_clean(database)
    assert_nothing_lives(browser)


def assert_clean(database: Database) -> None:
    """No control character and no invisible one that makes text read differently is kept anywhere."""
    unwanted = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
    for table, rows in dump(database).items():
        for row in rows:
            for value in row:
                text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
                assert not (isinstance(text, str) and unwanted.search(text)), (table, value)


def assert_nothing_lives(browser: Browser) -> None:
    """No page runs anything of what was sent; the browser's own checks refuse inline script and handlers."""
    for visit in crawl(browser, queries=1, limit=150).pages:
        html = visit.page.html
        scripts = re.findall(r"<script\b[^>]*>", html)
        assert all(re.fullmatch(r'<script type="module" src="/static/[^"]+">', found) for found in scripts)
        assert not re.search(r"<(iframe|object|embed|base|meta http-equiv)\b", html), visit.path
        targets_ = re.findall(r'\s(?:href|src|action|formaction|data)="([^"]*)"', html)
        assert not [found for found in targets_ if re.match(r"\s*(javascript|data|vbscript):", found, re.I)]
        assert "49" not in re.findall(r"\{\{ 7\*7 \}\}|>49<", html), visit.path


def test_nonsense_in_each_field_alone(browser: Browser, attack: Attack) -> None:
    for target in targets(browser):
        for name in fields_of(target):
            attack(target, {name: "9" * 400})
            if NAMING.search(name):
                attack(target, {name: "no-such-thing@example.com"})
            doubled = attack(target, {name: [*target.data[name], "another", "third"]})
            assert doubled.status in (303, 409, 422), (target.page, name)


def test_texts_that_are_too_long(browser: Browser, attack: Attack) -> None:
    tried = 0
    for target in targets(browser):
        for name in fields_of(target):
            if re.search(
                "^(title|name|text|body|summary|email|timezone|tags|handle|withdrawn_reason)$", name
            ):
                assert attack(target, {name: LONG}).status == 422, (target.page, name)
                tried += 1
    assert tried > 25


def test_versions_that_are_none(browser: Browser, attack: Attack) -> None:
    tried = 0
    for target in targets(browser):
        if "version" in target.data:
            for version in ("-1", "9" * 400, "9" * 5000, "x", "1.5", str(2**63), "\N{SUPERSCRIPT TWO}"):
                assert attack(target, {"version": version}).status in (303, 409, 422)
                tried += 1
    assert tried > 50


def test_keys_that_are_none(browser: Browser, attack: Attack) -> None:
    for target in targets(browser):
        if "form_key" in target.data:
            for key in ("k" * 65, "\0", SCRIPT, "9" * 5000):
                attack(target, {"form_key": key})


UNKNOWN_FIELDS = (
    "participants-\N{SUPERSCRIPT TWO}-person",
    f"participants-{'9' * 5000}-person",
    "participants--person",
    "links-0-0-url",
    "relations-",
    "title-0",
    "impact_started_at-0",
    "\ufdd0",
    "__class__",
)


def test_fields_that_are_none(browser: Browser) -> None:
    """A title is enough; what the form does not know is left alone."""
    for name in UNKNOWN_FIELDS:
        page = browser.post("/incidents/new", {"title": "Playback stops", name: "mallory-admin@example.com"})
        assert page.status == 303, name
        shown = browser.get(page.location or "")
        assert "Playback stops" in shown.text
        assert "Participants" not in shown.text, name


def test_ten_thousand_rows(browser: Browser, database: Database) -> None:
    rows = {f"participants-{index}-person": "mallory-admin@example.com" for index in range(1000)}
    rows |= {f"participants-{index}-role": f"role {index}" for index in range(1000)}
    before = dump(database)
    page = browser.post("/incidents/new", {"title": "x", **rows})
    assert (page.status, dump(database)) == (422, before)
    assert "Name at most 50 participants" in page.text


def test_a_flood_of_fields_is_refused_before_it_is_taken_apart(anonymous: Browser, admin: Person) -> None:
    """Anybody can send it, without a token and signed out."""
    for flood in (b"a&" * 2_000_000, b"".join(b"k%d&" % number for number in range(20_000))):
        kind = "application/x-www-form-urlencoded"
        assert anonymous.client.post("/login", data=flood, content_type=kind).status_code == 413


def test_nonsense_where_nobody_is_signed_in(
    anonymous: Browser, session: Session, database: Database, admin: Person
) -> None:
    """Signing in, and setting a password by a link that is right, used or none."""
    for value in (TEXT, "9" * 400, LONG, "\N{SUPERSCRIPT TWO}", "' OR 1=1 --", "%", "*"):
        _nonsense_signed_out(anonymous, session, database, admin, value)
        # What was tried counts against a limit, which has tests of its own.
        session.execute(delete(SignInAttempt))


def but_tries(rows: Rows) -> Rows:
    """Everything but what is kept of who tried to sign in."""
    kept = ("sign_in_attempts", "history_entries", "history_head")
    return {table: found for table, found in rows.items() if table not in kept}


def _nonsense_signed_out(
    anonymous: Browser, session: Session, database: Database, admin: Person, value: str
) -> None:
    before = but_tries(dump(database))
    for data in (
        {"email": value, "password": value},
        {"email": admin.email, "password": value},
        {"email": value},
    ):
        assert anonymous.post("/login", data).status == 422
    assert anonymous.get(f"/password/{quote(value[:2000], safe='')}").status in (400, 404)
    assert anonymous.post(f"/password/{quote(value[:2000], safe='')}", {"password": value}).status in (
        400,
        404,
    )
    assert anonymous.post("/setup", {"code": value, "email": value}).status == 404
    assert but_tries(dump(database)) == before
    token = issue_password_link(session, admin, actor=CLI)
    session.commit()
    too_long = len(value) > 1000
    page = anonymous.post(f"/password/{token}", {"password": value})
    assert page.status == (422 if too_long or len(value) < 8 else 303)
    if page.status == 303:
        assert anonymous.get(f"/password/{token}").status == 404
        assert anonymous.post("/logout").status == 303


BODIES = (
    "{}",
    "[]",
    "[1]",
    '"x"',
    "5",
    "null",
    '{"title": 5, "name": {"a": 1}}',
    '{"title": "\\ud800"}',
    "{bad",
)


def test_json_is_no_form(app: Flask, browser: Browser, database: Database) -> None:
    """With a token in a header it gets past the first gate; the forms take text from forms alone."""
    token, before = browser.csrf_token(), dump(database)
    for path in posted_to(app, *FORM_PAGES, "/me/password"):
        for body in BODIES:
            for kind in (
                "application/json",
                "application/merge-patch+json",
                "text/plain",
                "application/xml",
                "",
            ):
                if kind != "application/json" and body != "{}":
                    continue
                answer = browser.client.post(
                    path, data=body, content_type=kind, headers={"X-CSRFToken": token}
                )
                page = browser._page(answer)
                assert page.status == 400, (path, kind, body)
                assert "not sent as a form" in page.text
    assert dump(database) == before


def test_files_are_no_texts(browser: Browser, database: Database) -> None:
    """A file in the place of a field counts as a field that was not sent."""
    for target in targets(browser):
        for name in (*fields_of(target), "version", "form_key"):
            data = {key: value for key, value in target.data.items() if key != name}
            data[name] = (io.BytesIO(b"\xff\xd8 a picture"), "../../etc/passwd.jpg")
            page = browser.post(target.action, data)
            assert page.status in (303, 409, 422), (target.page, name, page.status)
    assert "a picture" not in repr(dump(database))


def test_without_a_token_nothing_is_changed(app: Flask, browser: Browser, database: Database) -> None:
    before = dump(database)
    tried = 0
    for path in posted_to(app, *FORM_PAGES, *BUTTONS, "/me/password", "/login", "/logout"):
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(browser.client, method)(path, data={"title": "x", "name": "x", "text": "x"})
            assert answer.status_code == (400 if method == "post" else 405), (method, path)
            tried += 1
    assert tried > 120
    assert dump(database) == before


def test_methods_that_a_page_does_not_know(app: Flask, browser: Browser, database: Database) -> None:
    """HEAD answers as GET does, OPTIONS says what there is, everything else is refused; nothing changes."""
    before = dump(database)
    for path in (
        *FORM_PAGES,
        "/",
        "/incidents/",
        "/writeups/feed.atom",
        "/tags/dns",
        "/me",
        "/static/app.js",
    ):
        with browser.client.head(path) as head, browser.client.get(path) as get:
            assert (head.status_code, head.data) == (get.status_code, b""), path
        with browser.client.options(path) as options:
            assert options.status_code == 200, path
        for method in ("TRACE", "CONNECT", "PROPFIND", "BREW"):
            with browser.client.open(path, method=method) as answer:
                assert answer.status_code == 405, (method, path)
                assert "Cookie" not in answer.get_data(as_text=True)
    for path in BUTTONS:
        assert browser.client.get(path).status_code in (404, 405), path
        assert browser.client.head(path).status_code in (404, 405), path
    overridden = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "DELETE"}
    browser.client.get("/events/1/delete?_method=POST", headers=overridden)
    assert dump(database) == before


LISTS = ("/", "/incidents/", "/actions/", "/people/", "/teams/", "/services/", "/tags/dns", "/archive/2026")
OTHERS = (
    *("/writeups/the-first/history", "/writeups/feed.atom", "/incidents/new", "/writeups/new", "/tags/"),
    *("/incidents/1/events/new", "/services/new", "/login", "/me"),
)
ASKED = (
    *("q", "severity", "status", "kind", "service", "team", "tag", "detected_by", "period", "since", "until"),
    *(
        "is_drill",
        "sort",
        "owner",
        "priority",
        "overdue",
        "role",
        "show",
        "text",
        "incident",
        "timezone",
        "day",
    ),
    *("_external", "_scheme", "_anchor", "endpoint", "code", "next", "_method"),
)
CURSORS = (
    *("zzz", "~", "~~~~", "-1", "9" * 400, "a~b", "1~2~3", "%00~1", "%ED%A0%80~1", "\u202e~1", "NaN~1"),
    *("2026-03-09T00:00:00+00:00~1", "0001-01-01T00:00:00+23:59~1", "9999-12-31T23:59:59-23:59~1"),
    *("2026-03-09~1", "1e309~1", f"1~{2**31}", f"1~{2**63}", "1~-1", "Sound~1", "' OR 1=1 --~1"),
)
VALUES = (
    SCRIPT,
    "zzz",
    "-1",
    "9" * 400,
    str(2**63),
    "\u202e",
    "%",
    "_",
    "\\",
    "' OR 1=1 --",
    "INC-0",
    "1.5",
    " ",
)


def test_lists_asked_for_what_cannot_be(browser: Browser, database: Database) -> None:
    before = dump(database)
    for path in LISTS:
        _ask_for_what_cannot_be(browser, path)
    assert dump(database) == before


def _ask_for_what_cannot_be(browser: Browser, path: str) -> None:
    for cursor in CURSORS:
        _get(browser, path, f"after={quote(cursor)}")
    for cursor in ("~", "%00~1", "2026-03-09T00:00:00+00:00~1", "1~1"):
        _get(browser, path, f"before={quote(cursor)}&sort=oldest")
    if path in ("/incidents/", "/actions/", "/people/", "/services/"):
        for name in ASKED:
            _get(browser, path, f"{name}={quote(SCRIPT)}&{name}=again")
            _get(browser, path, f"{name}={'9' * 400}")


def test_addresses_with_questions_that_make_no_sense(browser: Browser) -> None:
    for path in (*LISTS, *OTHERS):
        _ask_nonsense(browser, path)


def _ask_nonsense(browser: Browser, path: str) -> None:
    for value in VALUES if path in LISTS else VALUES[:3]:
        _get(browser, path, "&".join(f"{name}={quote(value)}" for name in ASKED))
    for raw in (
        "\xff",
        "q=\xed\xa0\x80",
        "q=%ff%fe",
        "&&;;==",
        "q=%",
        "a" * 10_000,
        "q[]=1",
        "after=%2500~1",
    ):
        answer = browser.client.get(path, environ_overrides={"QUERY_STRING": raw})
        assert browser._page(answer).status in ANSWERS, (path, raw)


def _get(browser: Browser, path: str, query: str) -> None:
    page = browser.get(f"{path}?{query}")
    assert page.status in ANSWERS, (page.status, path, query)
    assert SCRIPT not in page.html, path
    if page.status == 422:
        assert re.search(r"class=\"(error-summary|notice|panel)|does not exist", page.html), (path, query)


@pytest.mark.parametrize(
    ("page", "field", "secret", "none"),
    [
        ("/incidents/1/edit", "relations-0-number", "INC-3", "INC-999999"),
        ("/incidents/new", "relations-0-number", "INC-3", "INC-999999"),
        ("/writeups/new", "incidents", "INC-3", "INC-999999"),
        ("/writeups/the-third/edit", "incidents", "INC-3", "INC-999999"),
        ("/incidents/1/factors/new", "events", "2", "999999"),
        ("/factors/1/edit", "events", "2", "999999"),
    ],
)
def test_naming_what_one_may_not_see_is_naming_what_is_not_there(
    site: tuple[Cast, Person],
    session: Session,
    database: Database,
    sign_in: Callable[[Person], Browser],
    page: str,
    field: str,
    secret: str,
    none: str,
) -> None:
    """The second id of a form is authorised like the first; the answer does not tell which of the two it was."""
    cast, _ = site
    restricted = make_incident(session, cast.filer, "Secret", restricted=True)
    event = make_event(session, restricted, "Secret too")
    assert (restricted.id, event.id) == (3, 2)
    browser = sign_in(cast.outsider)
    [target] = targets(browser, page)
    given = {"title": "x", "text": "x"}
    data = {name: value for name, value in target.data.items() if value != [""]} | given
    answers = []
    for value in (secret, none):
        before = dump(database)
        answer = browser.post(target.action, {**data, field: value})
        assert dump(database) == before
        answers.append((answer.status, answer.text.replace(f"“{value}”", "…").replace(f"{value}.", "….")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422
