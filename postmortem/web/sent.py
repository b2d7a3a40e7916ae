"""What was sent as a form: text under names that our forms have, each value once."""

from collections.abc import Container, Iterator
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest
from wtforms import Field, FieldList, FormField

from postmortem.errors import Refused
from postmortem.web.request import SAFE_METHODS

TWICE = "This was sent more than once. Send it once."
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def sent_form() -> Any:
    """This request's fields, None where it sent none. Flask-WTF would take JSON and files for fields too."""
    if request.method in SAFE_METHODS:
        return None
    if request.mimetype not in FORM_TYPES and request.get_data(cache=True):
        raise BadRequest("This was not sent as a form. Use the form on the page.")
    if any("[" in name for name in request.form):
        # No field of ours is called so; elsewhere it means a list where one value is expected.
        raise BadRequest("This form has a field that is not on the page. Use the form on the page.")
    return request.form or None


def sent_once(form: Any, takes_several: tuple[type[Field], ...]) -> bool:
    """Whether every field that takes one value was sent one; beside those that were not it says so."""
    several = [field for field in single_fields(form, takes_several) if len(field.raw_data or ()) > 1]
    for field in several:
        field.errors = [*field.errors, TWICE]
    for rows in (field for field in form if several and isinstance(field, FieldList)):
        # It looked at its rows' errors once, before these were found.
        of_rows = [row.errors for row in rows if row.errors]
        rows.errors = [*(error for error in rows.errors if isinstance(error, str)), *of_rows]
    return not several


def single_fields(fields: Any, takes_several: tuple[type[Field], ...]) -> Iterator[Field]:
    """Every field that takes one value, those in rows too."""
    for field in fields:
        if isinstance(field, FieldList):
            yield from single_fields(field.entries, takes_several)
        elif isinstance(field, FormField):
            yield from single_fields(field.form, takes_several)
        elif not isinstance(field, takes_several):
            yield field


def sent_doubles(sent: Any, several: Container[str]) -> bool:
    """For what is read without fields: whether a name that is not among `several` was sent more than once."""
    return any(len(sent.getlist(name)) > 1 for name in sent if name not in several)


def refuse_doubles(sent: Any, several: Container[str] = ()) -> None:
    """Raises Refused where `sent_doubles`."""
    if sent_doubles(sent, several):
        raise Refused(TWICE)
