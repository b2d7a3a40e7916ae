"""Authors as their entries name them, by role or by name, and the page of each."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session
from postmortem.writeups.authors import AuthorUse, author_in_use, authors_of
from postmortem.writeups.entries import Listing, Scope
from postmortem.writeups.views_blog import entry_page

blueprint = Blueprint("authors", __name__)


@blueprint.get("/authors/")
@access.reading
def index() -> ResponseReturnValue:
    """Every role and name above an entry that this reader may read, those with most entries first."""
    found = sorted(authors_of(db_session(), current_person()).values(), key=_most_first)
    return render_template(
        "authors/list.html",
        roles=[each for each in found if each.is_role],
        names=[each for each in found if not each.is_role],
    )


@blueprint.get("/authors/<author>")
@access.reading
def show(author: str) -> ResponseReturnValue:
    """The entries of an author. One whom no entry names is not there; another spelling leads to it."""
    session, person = db_session(), current_person()
    found = author_in_use(session, person, author)
    if found.key != author:
        return redirect(found.url, 303)
    page = entry_page(session, person, Listing(Scope.AUTHOR, lines=found.lines))
    return render_template("authors/show.html", author=found, page=page)


def _most_first(author: AuthorUse) -> tuple[int, str]:
    return -author.writeups, author.key
