"""Addresses for operators: is the process alive, is it ready."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from postmortem.web import access
from postmortem.web.request import db_session

blueprint = Blueprint("site", __name__)


@blueprint.get("/healthz")
@access.public
def health() -> ResponseReturnValue:
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@access.public
def ready() -> ResponseReturnValue:
    """Whether the database answers."""
    db_session().execute(text("SELECT 1"))
    return Response("ready\n", mimetype="text/plain")
