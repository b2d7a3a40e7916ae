"""My own pages: where I start, my profile and password, the browsers I am signed in with."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts import limits, operations, operations_sign_in, queries
from postmortem.accounts.browsers import browser_name
from postmortem.accounts.enums import ROLE_LABELS, SIGN_IN_METHOD_LABELS, AttemptKind
from postmortem.accounts.forms import ChangePasswordForm, ProfileForm
from postmortem.accounts.sign_in import limited, session_limits, spend_attempt
from postmortem.accounts.tokens import token_hash
from postmortem.actions import queries as actions_queries
from postmortem.actions.queries_questions import asked_again
from postmortem.errors import Conflict, Refused
from postmortem.incidents import queries as incidents_queries
from postmortem.permissions import queries as permissions_queries
from postmortem.reviews import queries as reviews_queries
from postmortem.web import access, zones
from postmortem.web.access import current_person
from postmortem.web.forms import conflicting_fields
from postmortem.web.request import db_session
from postmortem.writeups import queries as writeups_queries
from postmortem.writeups import rules as writeups_rules

blueprint = Blueprint("me", __name__, url_prefix="/me")


@blueprint.get("")
@access.signed_in
def start() -> ResponseReturnValue:
    """What waits for me: my open actions by due date, my teams' without owner, those to verify, reviews, my drafts, the incidents I filed lately."""
    session, person = db_session(), current_person()
    to_verify = actions_queries.mine_to_verify(session, person)
    return render_template(
        "accounts/me/start.html",
        actions=actions_queries.my_open_actions(session, person),
        unowned=actions_queries.unowned_of_my_teams(session, person),
        to_verify=to_verify,
        questions=asked_again(session, person, to_verify),
        reviews=reviews_queries.waiting_for(session, person),
        drafts=writeups_queries.my_drafts(session, person),
        can_start=writeups_rules.can_start(person),
        incidents=incidents_queries.recently_filed(session, person),
        requests=permissions_queries.requests_of(session, person),
        role_label=ROLE_LABELS[person.role],
        teams=[team for team in queries.teams_of(session, person) if team.is_active],
    )


@blueprint.route("/profile", methods=["GET", "POST"])
@access.signed_in
def profile() -> ResponseReturnValue:
    session, person = db_session(), current_person()
    form = ProfileForm(obj=person)
    if form.validate_on_submit():
        try:
            values = {name: form[name].data for name in ("name", "handle", "timezone")}
            operations.edit_person(session, person, values, version=form.version.data, actor=person)
            session.commit()
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        except (Conflict, StaleDataError):
            session.rollback()
            conflicts = conflicting_fields(form, ProfileForm(obj=person, formdata=None))
            if conflicts:
                return _profile_page(form=form, conflicts=conflicts), 409
            # Sent twice, or somebody wrote the very same: there is nothing to decide.
            return redirect(url_for("me.profile"), 303)
        else:
            flash("Your profile is saved.", "success")
            return redirect(url_for("me.profile"), 303)
    return _profile_page(form=form), 422 if form.is_submitted() else 200


@blueprint.route("/password", methods=["GET", "POST"])
@access.signed_in
def password() -> ResponseReturnValue:
    """Change the password. Its form stands on the profile page, which is where a GET leads."""
    if request.method != "POST":
        return redirect(url_for("me.profile"), 303)
    form, refused = ChangePasswordForm(), None
    if form.validate_on_submit():
        try:
            attempt = spend_attempt(AttemptKind.SIGN_IN, current_person().email)
            session, person = db_session(), current_person()
            operations_sign_in.change_password(
                session,
                person,
                current=form.current_password.data,
                password=form.password.data,
                token=current_user.token,
            )
            limits.succeeded(session, attempt, AttemptKind.SIGN_IN, person.email)
        except Refused as error:
            form.refuse(error.field, error.sentence)
            refused = error
        else:
            session.commit()
            flash("Your password is changed, and every other browser is signed out.", "success")
            return redirect(url_for("me.profile"), 303)
    page = make_response(_profile_page(password_form=form), 422)
    return limited(page, refused) if refused else page


def _profile_page(*, form: Any = None, password_form: Any = None, conflicts: Any = ()) -> str:
    return render_template(
        "accounts/me/profile.html",
        form=form or ProfileForm(obj=current_person(), formdata=None),
        password_form=password_form or ChangePasswordForm(formdata=None),
        conflicts=conflicts,
        zones=zones.zone_names(),
    )


@blueprint.get("/sessions")
@access.signed_in
def sessions() -> ResponseReturnValue:
    here = token_hash(current_user.token)
    found = queries.sign_ins_of(db_session(), current_person(), session_limits())
    return render_template(
        "accounts/me/sessions.html",
        sessions=[
            {
                "id": each.id,
                "browser": browser_name(each.user_agent),
                "address": each.address,
                "method": SIGN_IN_METHOD_LABELS[each.method],
                "created_at": each.created_at,
                "last_seen_at": each.last_seen_at,
                "is_here": each.token_hash == here,
            }
            for each in sorted(found, key=lambda each: each.token_hash != here)
        ],
    )


@blueprint.post("/sessions/<int:sign_in_id>/end")
@access.signed_in
def end_session(sign_in_id: int) -> ResponseReturnValue:
    """End one of my sign-ins; ending the one in use is signing out."""
    session = db_session()
    operations_sign_in.end_own_session(session, current_person(), sign_in_id)
    session.commit()
    flash("That browser is signed out.", "success")
    return redirect(url_for("me.sessions"), 303)


@blueprint.post("/sessions/end-others")
@access.signed_in
def end_other_sessions() -> ResponseReturnValue:
    session = db_session()
    ended = operations_sign_in.end_other_sessions(session, current_person(), current_user.token)
    session.commit()
    others = "one other browser" if ended == 1 else f"{ended} other browsers"
    flash(f"You are signed out of {others}." if ended else "You were signed in nowhere else.", "success")
    return redirect(url_for("me.sessions"), 303)
