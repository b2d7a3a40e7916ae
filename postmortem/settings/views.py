"""The start page of administration."""

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from postmortem.accounts import rules
from postmortem.web import access

blueprint = Blueprint("settings", __name__, url_prefix="/settings")


@blueprint.get("/")
@access.requires(rules.is_admin)
def index() -> ResponseReturnValue:
    pages = [
        {"label": label, "url": url_for(endpoint), "sentence": sentence}
        for label, endpoint, sentence in current_app.config["SETTINGS_PAGES"]
    ]
    return render_template("settings/index.html", pages=pages)
