"""What is noted of a request that was refused: in the history where somebody signed in wanted to change something.

Everything else goes to the log: looking changes nothing, so it leaves no entry; and a form without its token or from
another site says nothing about the person in whose browser it was sent.
"""

from urllib.parse import quote

from flask import current_app, request
from sqlalchemy.exc import SQLAlchemyError

from postmortem.web.access import current_person, load_person_again
from postmortem.web.request import SAFE_METHODS, database, start_over_reading


def note_refusal(rule: str) -> None:
    """Note a 403. What the request had begun to change is rolled back; the page comes out whether or not this works."""
    person = current_person()
    log_refusal(rule, person.id if person else None)
    if person is None or request.method in SAFE_METHODS:
        return
    # There is one connection that writes; the request gives its own back first.
    start_over_reading()
    try:
        current_app.config["NOTE_REFUSAL"](database(), person, request=_request(), rule=rule)
    except SQLAlchemyError as error:
        current_app.logger.error("a refusal could not be recorded: %s", getattr(error, "orig", error))
    load_person_again()


def log_refusal(rule: str, person_id: int | None = None) -> None:
    """One line in the log: what was asked for, who asked, and why not."""
    who = f"person {person_id}" if person_id else "somebody signed out"
    current_app.logger.warning("refused: %s by %s: %s", _request(), who, rule)


def _request() -> str:
    """Method and path; an address with a secret in it is given as its pattern."""
    has_secret = "token" in (request.view_args or {})
    # Quoted, so that no line of the log can be forged.
    path = request.url_rule.rule if has_secret and request.url_rule else quote(request.path, safe="/")
    return f"{request.method} {path}"
