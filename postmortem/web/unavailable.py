"""The page for when the database cannot be written or read: 503 with Retry-After, and what was typed is kept.

The answer to a form shows its values to copy and a button that sends the very same form again, with its one-time key
and its version: so sending it twice makes nothing twice. A form in which something secret was typed is shown without
it and cannot be sent again from here.
"""

import re
from dataclasses import dataclass

from flask import Response, g, make_response, render_template, request
from flask_wtf.csrf import validate_csrf
from sqlalchemy.exc import SQLAlchemyError
from wtforms.validators import ValidationError

from postmortem.web.access import forget_person, load_person_again
from postmortem.web.request import SAFE_METHODS, cookie_as_it_came, start_over_reading
from postmortem.web.trouble import Trouble

RETRY_AFTER_SECONDS = 5
# Typed, and never repeated on a page.
SECRET = re.compile(r"(^|[_-])(password|passphrase|secret|token|code|otp|pin)($|[_-])", re.IGNORECASE)
# Sent along, and nothing that anybody typed.
PLUMBING = frozenset({"csrf_token", "form_key", "version", "next", "draft_id"})
# Choices that every form sends, chosen or not: sent again, and not shown among what was typed.
ALWAYS_SENT = re.compile(r"(_confidence|-kind)$")

ADVICE = {
    Trouble.FULL: "An admin has to make room on the disk. Pages can still be read.",
    Trouble.READ_ONLY: "Tell an admin. Pages can still be read.",
    Trouble.LOCKED: "Somebody else is writing at the moment. Pages can still be read.",
    Trouble.OVERLOADED: "Very many are using it at once.",
    Trouble.GONE: "If it stays so, tell an admin.",
}


@dataclass(frozen=True)
class Typed:
    """What somebody sent: every field as it came, what to show of it, and where to send it again."""

    fields: list[tuple[str, str]]
    shown: list[tuple[str, str]]
    action: str | None


def unavailable(trouble: Trouble) -> Response:
    """The page of this trouble. Whoever is signed in stays so where reading works."""
    cookie_as_it_came()
    if g.get("is_nobody") or not trouble.reading_works:
        forget_person()
    else:
        start_over_reading()
        load_person_again()
    is_reading = request.method in SAFE_METHODS
    values = {
        "heading": trouble.heading,
        "advice": f"{_what_happened(trouble, is_reading=is_reading)} {ADVICE[trouble]}",
        "typed": None if is_reading else what_was_typed(),
    }
    try:
        page = render_template("errors/unavailable.html", **values)
    except SQLAlchemyError:
        forget_person()
        page = render_template("errors/unavailable.html", **values)
    answer = make_response(page, 503)
    answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _what_happened(trouble: Trouble, *, is_reading: bool) -> str:
    if is_reading:
        return "Wait a few seconds, then reload the page."
    if trouble is Trouble.GONE:
        # A connection that broke during the commit leaves open whether it went through.
        return "Most likely nothing was saved. Wait a few seconds, then send the form again: nothing is made twice."
    return "Nothing was saved. Wait a few seconds, then send the form again."


def what_was_typed() -> Typed | None:
    """What this request's form holds, None where there is nothing in it."""
    fields = [(name, value) for name, values in request.form.lists() for value in values]
    kept = [(name, value) for name, value in fields if not SECRET.search(name)]
    shown = [
        (_words(name), value)
        for name, value in kept
        if value.strip() and name not in PLUMBING and not ALWAYS_SENT.search(name)
    ]
    if not shown and not kept:
        return None
    has_secret = any(SECRET.search(name) for name, _ in fields if name != "csrf_token")
    if has_secret or not _came_from_our_page():
        return Typed([], shown, None) if shown else None
    path = request.full_path if request.query_string else request.path
    return Typed(kept, shown, path)


def _came_from_our_page() -> bool:
    """Only what carried a good token is offered again with a new one: nobody else may fill in our forms."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return False
    return True


def _words(name: str) -> str:
    """A field's name as people read it: `links-0-label` is "Links 1 label"."""
    numbered = re.sub(r"-(\d+)(?=-|$)", lambda found: f" {int(found[1]) + 1}", name)
    words = re.sub(r"[_-]+", " ", numbered).strip()
    return words[:1].upper() + words[1:]
