"""Addresses that publishing left because they named somebody: they lead on for those who may see drafts, and nobody else."""

from flask import Blueprint, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from postmortem.errors import NotVisible
from postmortem.web.access import current_person
from postmortem.web.errors import error_page
from postmortem.web.request import SAFE_METHODS, db_session
from postmortem.writeups.models import Writeup
from postmortem.writeups.models_around import WriteupOldSlug
from postmortem.writeups.rules import draft_visible_to

blueprint = Blueprint("old_addresses", __name__)


@blueprint.app_errorhandler(NotVisible)
def lead_on(_error: NotVisible) -> Response:
    """Whatever is not visible under /writeups/<slug> may have been there under this address once."""
    return _new_address() or error_page(404)


def _new_address() -> Response | None:
    slug = (request.view_args or {}).get("slug")
    prefix = f"/writeups/{slug}"
    if not slug or request.method not in SAFE_METHODS or not request.path.startswith(prefix):
        return None
    person = current_person()
    if person is None:
        return None
    statement = (
        select(Writeup.slug)
        .join(WriteupOldSlug, WriteupOldSlug.writeup_id == Writeup.id)
        .where(WriteupOldSlug.slug == slug, draft_visible_to(person))
    )
    new = db_session().scalar(statement)
    return redirect(f"/writeups/{new}{request.path.removeprefix(prefix)}", 302) if new else None
