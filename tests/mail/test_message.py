"""What stands in a mail: safe headers, both texts, nothing from outside."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import UndefinedError

from postmortem.mail.message import BadAddress, Letter, deliverable, put_together, write_letter
from postmortem.notifications.digest_contents import Contents, Entry, Section
from postmortem.schema import shipped
from postmortem.writeups.anniversaries import Anniversary
from postmortem.writeups.entries import Entry as Writeup
from postmortem.writeups.newsletter_issue import Issue, Updated
from postmortem.writeups.queries_months import Chosen

_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_WRITEUP = Writeup(1, "cache", "The <b>cache</b>", "It forgot <b>us</b>.", "an engineer", _NOW, 3, "", None)
CONTEXT = {
    "blog_name": "Failing Forward",
    "is_cancelled": False,
    "is_change": False,
    "when": "1 Mar 2026, 12:00 UTC",
    "invitation": SimpleNamespace(
        title="The <b>cache</b>",
        minutes=60,
        place="Room <b>4</b>",
        to_read="Read it before: https://site.example/writeups/cache",
        url="https://site.example/writeups/cache",
        is_cancelled=False,
    ),
    "week": "2026-W09",
    "issue": Issue(
        since=_NOW,
        until=_NOW,
        entries=[_WRITEUP, _WRITEUP],
        is_more=True,
        updated=[Updated("The <b>mail</b>", "mail", "A <b>number</b> was wrong.")],
        month=Chosen("2026-03", "Still <b>true</b>.", _WRITEUP),
        anniversary=Anniversary(2, True, 3, "old", "The <b>old</b>", _NOW),
    ),
    "name": "Nils <b>Ny</b>",
    "base_url": "https://site.example",
    "link": "https://site.example/password/token",
    "valid_until": "1 Mar 2026, 12:30 UTC",
    "asked_at": "1 Mar 2026, 12:00 UTC",
    "asked_from": ", in Firefox on Linux",
    "invited_by": "Ada & Co",
    "address_shown": "nils@example.com",
    "is_new": True,
    "headline": "Your password was changed",
    "sentence": "the password of your account was changed.",
    "if_not_you": "tell an admin:",
    "where": "https://site.example/login",
    "at": "1 Mar 2026, 12:00 UTC",
    "details": (("Severity", "SEV 2"),),
    "excerpt": "One line.\nAnother.",
    "body": "# Minutes",
    "pace": "weekly",
    "day": "1 March 2026",
    "contents": Contents(
        1, [Section("What is new", (Entry("ACT-1 Alarm", "/actions/1", ("Done.",), "Due"),))]
    ),
    "receiver": "Chat",
    "kind": "Slack",
    "host": "hooks.example.com",
    "whose": "",
    "reason": "Ten calls in a row failed.",
    "why": "Somebody mentions you",
    "unsubscribe_url": "https://site.example/unsubscribe/token",
}
LETTERS = sorted(path.name for path in (shipped("templates") / "emails").iterdir() if path.is_dir())
HEADERS = ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"]
HEADERS.append("X-Auto-Response-Suppress")
INJECTIONS = [
    "\r\nBcc: thief@example.com",
    "\nBcc: thief@example.com",
    "\rBcc: thief@example.com",
    "\r\n\r\n<script>",
    "\u2028Bcc: thief@example.com",
    "\x85Bcc: thief@example.com",
    "\x0bBcc: thief@example.com",
    "\0\x07",
    '"\\"<thief@example.com>, ',
    ", thief@example.com",
    "=?utf-8?q?=0D=0ABcc:_thief@example.com?=",
    "🙂" * 100,
    "x" * 5000,
]


def put(letter: Letter, **replaced: str):
    values = {
        "to_name": "Nils Ny",
        "to_address": "nils@example.com",
        "sender": "postmortem@example.com",
        "delivery_id": "5f2b",
    }
    return message_from_bytes(put_together(letter, **{**values, **replaced}).as_bytes(), policy=default)


@pytest.mark.parametrize("injection", INJECTIONS)
@pytest.mark.parametrize("where", ["to_name", "subject"])
def test_no_name_and_no_subject_makes_a_header(injection: str, where: str) -> None:
    value = f"Nils{injection}Ny"
    letter = Letter(value if where == "subject" else "Subject", "text", "<p>html</p>")
    message = put(letter, **({"to_name": value} if where == "to_name" else {}))
    assert sorted(message.keys()) == HEADERS
    assert [address.addr_spec for address in message["To"].addresses] == ["nils@example.com"]
    assert not re.search(r"[\r\n\0]", message["Subject"] + message["To"].addresses[0].display_name)
    assert message.get_body(("plain",)).get_content().strip() == "text"


@pytest.mark.parametrize("injection", INJECTIONS[:9])
@pytest.mark.parametrize("where", ["to_address", "sender"])
def test_an_address_that_is_none_is_refused(injection: str, where: str) -> None:
    with pytest.raises(BadAddress):
        put(Letter("s", "t", "h"), **{where: f"nils{injection}@example.com"})


def test_a_domain_with_letters_of_its_own_is_written_as_mail_servers_know_it() -> None:
    """By today's rules, in which ß is a letter: by the older ones the mail would go to somebody else's domain."""
    assert deliverable("nils@bücher.example.com") == "nils@xn--bcher-kva.example.com"
    assert deliverable("nils@straße.example.com") == "nils@xn--strae-oqa.example.com"
    assert deliverable("Nils+post@example.com") == "Nils+post@example.com"
    for address in (
        "nils",
        "nils@",
        "nils@example.com, thief@example.com",
        "nils@example.com\r\nRCPT TO:<x@y>",
    ):
        with pytest.raises(BadAddress):
            deliverable(address)


def test_the_same_delivery_has_the_same_message_id() -> None:
    first, second = (put(Letter("s", text, "h")) for text in ("one", "two"))
    assert first["Message-ID"] == second["Message-ID"] == "<5f2b@example.com>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert str(first["From"]) == "Postmortem <postmortem@example.com>"


class Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "background")]


@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_says_the_same_in_text_and_html_and_loads_nothing(name: str) -> None:
    letter = write_letter(name, CONTEXT)
    assert letter.subject.strip()
    assert "\n" not in letter.subject
    assert letter.text.startswith("Hello Nils <b>Ny</b>,\n")
    assert "Hello Nils &lt;b&gt;Ny&lt;/b&gt;" in letter.html
    assert max(map(len, letter.text.splitlines())) < 120
    assert "\n\n\n" not in letter.text
    found = Html()
    found.feed(letter.html)
    assert not {"b", "img", "script", "link", "iframe", "form"} & set(found.tags)
    assert all(address.startswith("https://site.example") for address in found.addresses)
    assert not re.search(r"url\(|@import", letter.html)
    for address in set(found.addresses):
        assert address in letter.text


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_that_lacks_something_is_not_sent_with_a_gap(name: str) -> None:
    with pytest.raises(UndefinedError):
        write_letter(name, {"base_url": "https://site.example"})


def test_every_letter_has_its_three_parts() -> None:
    for name in LETTERS:
        folder = Path(shipped("templates")) / "emails" / name
        assert {path.name for path in folder.iterdir()} == {"subject.txt", "body.txt", "body.html"}
