"""One error page for everything: what happened, what to do next, nothing about the program's insides."""

from flask import Flask, Response, current_app, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError,
)
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadRequest, HTTPException

from postmortem.errors import Conflict, NotVisible, Refused, TooMany
from postmortem.web.access import forget_person, load_person_again
from postmortem.web.refusals import log_refusal, note_refusal
from postmortem.web.request import SAFE_METHODS, cookie_as_it_came, start_over_reading
from postmortem.web.trouble import trouble_of, trouble_of_system
from postmortem.web.unavailable import unavailable, what_was_typed

# status: (heading, what happened and what to do next)
TEXTS = {
    400: ("That request could not be read", "Go back, reload the page and try again."),
    403: ("Your role does not include this", "An admin can change your role."),
    404: (
        "Nothing here",
        "There is no such page, or none that you may see. Check the address, or start over.",
    ),
    405: ("This address does not do that", "Go back and use the form on the page."),
    409: (
        "Somebody else was faster",
        "The record changed while your form was open. Reload it and try again.",
    ),
    413: (
        "That is too large",
        "A form can carry 4 MB. Shorten the text, or link to the long part instead of pasting it.",
    ),
    422: ("That did not work", "Go back, correct what the form says and send it again."),
    429: ("That was tried too often", "Wait a few minutes, then try again."),
    500: (
        "Something went wrong on our side",
        "Nothing was saved. Try again; if it happens again, tell an admin.",
    ),
}

LOST = (
    "There is no such page, or none that you may see. If you had it open, somebody deleted it or closed it to you "
    "while you were writing. Nothing was saved; what you typed stands below."
)

EXPIRED = "The form was open too long, or you signed in or out meanwhile. Go back, reload the page and send it again."


def error_page(status: int, sentence: str | None = None) -> Response:
    """The error page of a status; `sentence` replaces the standard advice.

    It must come out whatever broke: what failed is rolled back first; where even that does not help the
    page is the one that a signed-out reader gets, and in the end (no address of ours was asked for) bare.
    """
    if status == 409 or status >= 500:
        cookie_as_it_came()
    if status >= 409:
        start_over_reading()
        load_person_again()
    heading, advice = TEXTS.get(status, TEXTS[400])
    # What was open in a form may be deleted meanwhile: then its text is handed back.
    is_lost = request.method not in SAFE_METHODS and status in (404, 409) and not request.routing_exception
    typed = what_was_typed() if is_lost else None
    if status == 404 and typed and typed.shown:
        advice = LOST
    values = {"status": status, "heading": heading, "advice": sentence or advice, "typed": typed}
    if isinstance(request.routing_exception, BadRequest):
        return make_response(render_template("errors/bare.html", **values), status)
    try:
        page = render_template("errors/error.html", **values)
    except SQLAlchemyError:
        forget_person()
        page = render_template("errors/error.html", **values)
    return make_response(page, status)


def init_app(app: Flask) -> None:
    """Turn every exception that a view may raise into its page."""
    _answer_for_the_database(app)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        # Only our own sentences are shown; werkzeug's defaults speak of servers and URLs.
        own = error.description if error.description != type(error).description else None
        if status == 403:
            note_refusal(own or "")
        page = error_page(status, own if status in (400, 403, 409, 422) else None)
        if allowed := getattr(error, "valid_methods", None):
            page.headers["Allow"] = ", ".join(sorted(allowed))
        return page

    @app.errorhandler(CSRFError)
    def csrf_error(error: CSRFError) -> Response:
        log_refusal(error.description or "")
        return error_page(400, EXPIRED)

    @app.errorhandler(NotVisible)
    def not_visible(_error: NotVisible) -> Response:
        return error_page(404)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return error_page(422, error.sentence)

    @app.errorhandler(TooMany)
    def too_many(error: TooMany) -> Response:
        page = error_page(429, error.sentence)
        page.headers["Retry-After"] = str(error.retry_after)
        return page

    @app.errorhandler(Conflict)
    @app.errorhandler(StaleDataError)
    def conflict(_error: Exception) -> Response:
        return error_page(409)

    @app.errorhandler(OSError)
    def system_error(error: OSError) -> Response:
        if trouble := trouble_of_system(error):
            current_app.logger.error("disk: %s", error.strerror)
            return unavailable(trouble)
        return _unexpected(error)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    if current_app.testing:
        raise error
    current_app.logger.error("unexpected error", exc_info=error)
    return error_page(500)


def _answer_for_the_database(app: Flask) -> None:
    """The pages of what the database refuses; what it says goes to the log, never to the page."""

    @app.errorhandler(IntegrityError)
    def taken(error: IntegrityError) -> Response:
        # Two wrote the same unique value at the same moment; the operation's own check passed for both.
        current_app.logger.warning("database: %s", error.orig)
        return error_page(409)

    @app.errorhandler(DataError)
    def unfit(error: DataError) -> Response:
        current_app.logger.warning("database: %s", error.orig)
        return error_page(400)

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    @app.errorhandler(InternalError)
    @app.errorhandler(TimeoutError)
    def database_error(error: SQLAlchemyError) -> Response:
        current_app.logger.error("database: %s", getattr(error, "orig", error))
        return unavailable(trouble_of(error))

    @app.errorhandler(DatabaseError)
    def damaged(error: DatabaseError) -> Response:
        # A file that is damaged, or no database at all, has no class of its own; its subclasses are our mistakes.
        return database_error(error) if type(error) is DatabaseError else _unexpected(error)
