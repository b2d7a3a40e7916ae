"""For admins: the site's receivers, and whose own ones were switched off."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from postmortem.accounts import rules
from postmortem.notifications import queries_receivers as queries
from postmortem.notifications import views_receivers_both as both
from postmortem.notifications.pages_receivers import SITE, row
from postmortem.web import access
from postmortem.web.request import db_session

blueprint = Blueprint("receivers", __name__, url_prefix="/settings/receivers")


@blueprint.get("/")
@access.requires(rules.is_admin)
def index() -> ResponseReturnValue:
    session = db_session()
    return render_template(
        "notifications/receivers/index.html",
        place=SITE,
        receivers=[row(each) for each in queries.receivers_of(session, None)],
        of_people=[{**row(each), "person": each.person} for each in queries.switched_off_of_people(session)],
    )


@blueprint.get("/<int:receiver_id>")
@access.requires(rules.is_admin)
def show(receiver_id: int) -> ResponseReturnValue:
    return both.show(SITE, receiver_id)


@blueprint.route("/new", methods=["GET", "POST"])
@access.requires(rules.is_admin)
def new() -> ResponseReturnValue:
    return both.new(SITE)


@blueprint.route("/<int:receiver_id>/edit", methods=["GET", "POST"])
@access.requires(rules.is_admin)
def edit(receiver_id: int) -> ResponseReturnValue:
    return both.edit(SITE, receiver_id)


@blueprint.post("/<int:receiver_id>/rotate")
@access.requires(rules.is_admin)
def rotate(receiver_id: int) -> ResponseReturnValue:
    return both.rotate(SITE, receiver_id)


@blueprint.post("/<int:receiver_id>/test")
@access.requires(rules.is_admin)
def test_call(receiver_id: int) -> ResponseReturnValue:
    return both.act(SITE, receiver_id, both.do_test)


@blueprint.post("/<int:receiver_id>/on")
@access.requires(rules.is_admin)
def switch_on(receiver_id: int) -> ResponseReturnValue:
    return both.act(SITE, receiver_id, both.do_switch_on)


@blueprint.post("/<int:receiver_id>/off")
@access.requires(rules.is_admin)
def switch_off(receiver_id: int) -> ResponseReturnValue:
    return both.act(SITE, receiver_id, both.do_switch_off)


@blueprint.post("/<int:receiver_id>/replay")
@access.requires(rules.is_admin)
def replay(receiver_id: int) -> ResponseReturnValue:
    return both.act(SITE, receiver_id, both.do_replay)


@blueprint.post("/<int:receiver_id>/delete")
@access.requires(rules.is_admin)
def delete(receiver_id: int) -> ResponseReturnValue:
    return both.act(SITE, receiver_id, both.do_delete)
