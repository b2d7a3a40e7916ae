"""Tags in use and the page of each: here, because what carries a tag is known to the nouns above `tags`."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from postmortem.notifications import queries as notifications_queries
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session
from postmortem.writeups import queries
from postmortem.writeups.entries import Listing, Scope
from postmortem.writeups.views_blog import entry_page

blueprint = Blueprint("tags", __name__)
# Up to so many fit on a page that one can look over.
FEW, MOST_USED = 80, 30


@blueprint.get("/tags/")
@access.reading
def index() -> ResponseReturnValue:
    """Every tag in use; many of them by their initials, below those used most."""
    tags = queries.tags_in_use(db_session(), current_person())
    is_long = len(tags) > FEW
    by_use = sorted(tags, key=lambda tag: (-tag.writeups - tag.incidents, tag.name))
    return render_template(
        "tags/list.html",
        tags=tags,
        most_used=by_use[:MOST_USED] if is_long else [],
        groups=_by_initial(tags) if is_long else [("", tags)],
    )


def _by_initial(tags: list[queries.TagUse]) -> list[tuple[str, list[queries.TagUse]]]:
    """The tags under their first letters; digits and signs together."""
    groups: dict[str, list[queries.TagUse]] = {}
    for tag in tags:
        initial = tag.name[0].upper()
        groups.setdefault(initial if initial.isalpha() else "0–9", []).append(tag)
    return list(groups.items())


@blueprint.get("/tags/<tag>")
@access.reading
def show(tag: str) -> ResponseReturnValue:
    """What carries a tag. A tag that only unseen things carry is not there; another spelling leads to it."""
    session, person = db_session(), current_person()
    tag_id, found = queries.tag_in_use(session, person, tag)
    if found.name != tag:
        return redirect(found.url, 303)
    page = entry_page(session, person, Listing(Scope.TAG, tag_id))
    is_followed = notifications_queries.does_follow(session, person, "tag", tag_id)
    return render_template(
        "tags/show.html", tag=found, page=page, is_followed=is_followed, can_follow=person is not None
    )
