"""Tags in use and the page of each: here, because what carries a tag is known to the nouns above `tags`."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session
from postmortem.writeups import queries
from postmortem.writeups.entries import Listing, Scope
from postmortem.writeups.views_blog import entry_page

blueprint = Blueprint("tags", __name__)


@blueprint.get("/tags/")
@access.reading
def index() -> ResponseReturnValue:
    return render_template("tags/list.html", tags=queries.tags_in_use(db_session(), current_person()))


@blueprint.get("/tags/<tag>")
@access.reading
def show(tag: str) -> ResponseReturnValue:
    """What carries a tag. A tag that only unseen things carry is not there; another spelling leads to it."""
    session, person = db_session(), current_person()
    tag_id, found = queries.tag_in_use(session, person, tag)
    if found.name != tag:
        return redirect(found.url, 303)
    page = entry_page(session, person, Listing(Scope.TAG, tag_id))
    return render_template("tags/show.html", tag=found, page=page)
