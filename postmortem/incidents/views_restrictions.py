"""The rules by which incidents are restricted when they are filed: for admins to list, add and remove."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.queries import services_to_choose, teams_to_choose
from postmortem.accounts.rules import is_admin
from postmortem.errors import NotVisible, Refused
from postmortem.incidents.enums import KIND_LABELS, SEVERITY_LABELS, RuleSubject
from postmortem.incidents.models import RestrictionRule
from postmortem.incidents.operations_restrictions import add_rule, remove_rule, rule_about
from postmortem.incidents.restrictions import Fact, which
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import ChoiceField, CreateForm, LineField, required
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session

blueprint = Blueprint("restrictions", __name__, url_prefix="/settings/restrictions")

SUBJECT_LABELS = {
    RuleSubject.TAG: "Tag",
    RuleSubject.SERVICE: "Service",
    RuleSubject.TEAM: "Team",
    RuleSubject.KIND: "Kind",
    RuleSubject.SEVERITY: "Severity",
}


class RuleForm(CreateForm):
    """What restricts an incident."""

    subject = ChoiceField("Restrict by", RuleSubject, SUBJECT_LABELS, default=RuleSubject.TAG)
    value = LineField(
        "Which",
        max_length=100,
        validators=[required("Enter what it is, for example security.")],
        render_kw={"list": "rule-values", "autocomplete": "off"},
        description="A tag (it need not exist yet), or the short name of a service or team, or a kind or severity.",
    )


@blueprint.route("", methods=["GET", "POST"])
@access.requires(is_admin)
def index() -> ResponseReturnValue:
    session, form = db_session(), RuleForm()
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            rule = add_rule(session, subject=form.subject.data, value=form.value.data, actor=current_person())
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            flash(f"From now on, {which(_fact(rule))} are restricted.", "success")
            return commit_once(session, form.form_key.data, url_for("restrictions.index"))
    return _page(session, form), 422 if form.is_submitted() else 200


@blueprint.post("/<int:rule_id>/remove")
@access.requires(is_admin)
def remove(rule_id: int) -> ResponseReturnValue:
    """Take a rule away, with a way to have it back. One that is gone already is gone."""
    session = db_session()
    rule = session.get(RestrictionRule, rule_id)
    if rule is None:
        raise NotVisible
    fact = _fact(rule)
    remove_rule(session, rule, actor=current_person())
    session.commit()
    again = url_for("restrictions.restore", subject=fact.subject.value, value=fact.value)
    text = f"From now on, {which(fact)} are open unless somebody restricts them."
    flash({"text": text, "undo_url": again, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]
    return redirect(url_for("restrictions.index"), 303)


@blueprint.post("/restore")
@access.requires(is_admin)
def restore() -> ResponseReturnValue:
    """Undo of a removal: the rule is added again, unless somebody has done so meanwhile."""
    session = db_session()
    subject, value = request.args.get("subject", ""), request.args.get("value", "")
    if subject not in set(RuleSubject):
        raise NotVisible
    if rule_about(session, RuleSubject(subject), value) is None:
        add_rule(session, subject=RuleSubject(subject), value=value, actor=current_person())
        session.commit()
    flash(f"The rule about {which(Fact(RuleSubject(subject), value))} is back.", "success")
    return redirect(url_for("restrictions.index"), 303)


def _fact(rule: RestrictionRule) -> Fact:
    return Fact(rule.subject, rule.value)


def _page(session: Session, form: RuleForm) -> str:
    rows: Any = session.execute(
        select(RestrictionRule, Person.name)
        .outerjoin(Person, Person.id == RestrictionRule.created_by_id)
        .order_by(RestrictionRule.subject, RestrictionRule.value)
    ).all()
    services = {row.slug: f"Service {row.name}" for row in services_to_choose(session)}
    teams = {row.slug: f"Team {row.name}" for row in teams_to_choose(session)}
    members = {key.value: label for labels in (KIND_LABELS, SEVERITY_LABELS) for key, label in labels.items()}
    return render_template(
        "incidents/restrictions.html",
        form=form,
        rules=[
            {"id": rule.id, "which": which(_fact(rule)), "at": rule.created_at, "by": name or ""}
            for rule, name in rows
        ],
        values=[*services.items(), *teams.items(), *members.items()],
    )
