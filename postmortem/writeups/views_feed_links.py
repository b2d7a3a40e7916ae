"""Feeds for readers outside the browser: my secret links, and the feed that is shown to whoever has such a link."""

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError, TimeoutError

from postmortem.errors import NotVisible, Refused
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import database, db_session
from postmortem.writeups import operations_feed_links
from postmortem.writeups.feed_making import rows_of
from postmortem.writeups.feed_sources import encoded, source_at, split_path
from postmortem.writeups.forms_feed_links import FeedLinkForm
from postmortem.writeups.models_around import FeedLink
from postmortem.writeups.queries_feed_links import feed_link_with_token, feed_links_of

blueprint = Blueprint("feed_links", __name__)
# What a new link is, until the page that comes next has shown it.
_NEW = "feed_link"


@blueprint.route("/me/feeds", methods=["GET", "POST"])
@access.signed_in
def index() -> ResponseReturnValue:
    """My links, and the form that makes one. A new one is shown on the page that comes next, and never again."""
    db, person = db_session(), current_person()
    form = FeedLinkForm(data={"page": operations_feed_links.page_of(request.args.get("of", ""))})
    if form.validate_on_submit():
        if done := already_done(db, form.form_key.data):
            return done
        kind = form.kind.data
        try:
            token = operations_feed_links.make_feed_link(db, person, form.page.data or "", kind)
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        else:
            session[_NEW] = [token, kind]
            return commit_once(db, form.form_key.data, url_for("feed_links.index"))
    page = render_template(
        "writeups/feed_links.html",
        form=form,
        links=[(link, *_shown(link)) for link in feed_links_of(db, person)],
        new_url=_new_url() if request.method == "GET" else None,
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.post("/me/feeds/<int:link_id>/revoke")
@access.signed_in
def revoke(link_id: int) -> ResponseReturnValue:
    db = db_session()
    operations_feed_links.revoke_feed_link(db, current_person(), link_id)
    db.commit()
    flash("That link is revoked. Feed readers that use it get nothing any more.", "success")
    return redirect(url_for("feed_links.index"), 303)


@blueprint.get("/feeds/<token>.atom")
@blueprint.get("/feeds/<token>.json")
@access.public
def feed(token: str) -> ResponseReturnValue:
    """The feed behind a secret address, as its person may read it now.

    Whoever asks is signed in nowhere: the address alone says whose it is, and it only reads.
    """
    db = db_session()
    found = feed_link_with_token(db, token)
    if found is None:
        raise NotVisible
    link, person = found
    folder, kind = split_path(link.path)
    if not request.path.endswith(f".{kind}"):
        raise NotVisible
    rows = rows_of(db, person, source_at(db, person, folder))
    response = rows.document(kind, str(current_app.config["BASE_URL"]), is_secret=True)
    if operations_feed_links.is_use_to_note(link):
        _note_use(link.id)
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    return response.make_conditional(request)


def _shown(link: FeedLink) -> tuple[str, str]:
    """The page whose entries a link shows, as one reads it and as one gets there."""
    page = operations_feed_links.page_of(link.path)
    return page, encoded(page)


def _new_url() -> str | None:
    new = session.pop(_NEW, None)
    if not new:
        return None
    token, kind = new
    return f"{current_app.config['BASE_URL']}/feeds/{token}.{kind}"


def _note_use(link_id: int) -> None:
    """All that this GET writes, in a session of its own and once in an hour; not worth waiting or an error."""
    try:
        with database().session(writes=True, hurried=True) as writing:
            operations_feed_links.note_use(writing, link_id)
            writing.commit()
    except (OperationalError, TimeoutError) as error:
        current_app.logger.info("a feed link's last use was not noted: %s", error)
