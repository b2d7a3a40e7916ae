"""A published write-up as Markdown, for whoever may read its page."""

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from postmortem.errors import NotVisible
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session
from postmortem.writeups.as_markdown import as_markdown
from postmortem.writeups.freshness import fresh
from postmortem.writeups.pages import published_page

blueprint = Blueprint("markdown", __name__)
MIMETYPE = "text/markdown"


@blueprint.get("/writeups/<slug>/markdown")
@access.reading
def show(slug: str) -> ResponseReturnValue:
    """What was published; a draft has none, also not for its writers, who have the desk."""
    session, person = db_session(), current_person()
    page = published_page(session, person, slug)
    if page is None:
        raise NotVisible

    def make() -> Response:
        text = as_markdown(session, page, current_app.config["BASE_URL"])
        # A lone half of a surrogate pair is no character, and no UTF-8 either.
        answer = Response(text.encode("utf-8", "replace"), content_type=f"{MIMETYPE}; charset=utf-8")
        answer.headers["Content-Disposition"] = f'inline; filename="{page.row.slug}.md"'
        return answer

    return fresh(person, ("markdown", page.content_key), make, mimetype=MIMETYPE)
