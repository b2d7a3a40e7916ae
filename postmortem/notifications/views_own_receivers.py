"""A person's own receivers: where their news goes instead of e-mail."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from postmortem.notifications import queries_receivers as queries
from postmortem.notifications import views_receivers_both as both
from postmortem.notifications.pages_receivers import OWN, row
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session

blueprint = Blueprint("own_receivers", __name__, url_prefix="/me/notifications/receivers")


@blueprint.get("/")
@access.signed_in
def index() -> ResponseReturnValue:
    session = db_session()
    return render_template(
        "notifications/receivers/index.html",
        place=OWN,
        receivers=[row(each) for each in queries.receivers_of(session, current_person().id)],
        of_people=[],
    )


@blueprint.get("/<int:receiver_id>")
@access.signed_in
def show(receiver_id: int) -> ResponseReturnValue:
    return both.show(OWN, receiver_id)


@blueprint.route("/new", methods=["GET", "POST"])
@access.signed_in
def new() -> ResponseReturnValue:
    return both.new(OWN)


@blueprint.route("/<int:receiver_id>/edit", methods=["GET", "POST"])
@access.signed_in
def edit(receiver_id: int) -> ResponseReturnValue:
    return both.edit(OWN, receiver_id)


@blueprint.post("/<int:receiver_id>/rotate")
@access.signed_in
def rotate(receiver_id: int) -> ResponseReturnValue:
    return both.rotate(OWN, receiver_id)


@blueprint.post("/<int:receiver_id>/test")
@access.signed_in
def test_call(receiver_id: int) -> ResponseReturnValue:
    return both.act(OWN, receiver_id, both.do_test)


@blueprint.post("/<int:receiver_id>/on")
@access.signed_in
def switch_on(receiver_id: int) -> ResponseReturnValue:
    return both.act(OWN, receiver_id, both.do_switch_on)


@blueprint.post("/<int:receiver_id>/off")
@access.signed_in
def switch_off(receiver_id: int) -> ResponseReturnValue:
    return both.act(OWN, receiver_id, both.do_switch_off)


@blueprint.post("/<int:receiver_id>/replay")
@access.signed_in
def replay(receiver_id: int) -> ResponseReturnValue:
    return both.act(OWN, receiver_id, both.do_replay)


@blueprint.post("/<int:receiver_id>/delete")
@access.signed_in
def delete(receiver_id: int) -> ResponseReturnValue:
    return both.act(OWN, receiver_id, both.do_delete)
