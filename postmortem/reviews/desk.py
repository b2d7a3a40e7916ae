"""The page of a review as an answer: with the forms fresh, or with the one that came back."""

from dataclasses import dataclass, replace

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.blameless.panel import LanguagePanel, language_panel
from postmortem.errors import NotVisible
from postmortem.reviews import queries, rules
from postmortem.reviews.checklist import checklist_of
from postmortem.reviews.forms import AnswerForm, AskForm, CommentForm, LeadForm, VerdictForm
from postmortem.reviews.pages import Talk, talk_of
from postmortem.reviews.paragraphs import WHOLE
from postmortem.reviews.queries_asking import to_ask_anew
from postmortem.reviews.queries_meeting import Meetings, meetings_of
from postmortem.reviews.survey import Survey, survey_of
from postmortem.web.access import current_person
from postmortem.writeups.desk import rendered
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Writeup


@dataclass
class Came:
    """The forms that came back with something to mend, and at what; None where it is fresh."""

    ask: AskForm | None = None
    lead: LeadForm | None = None
    verdict: VerdictForm | None = None
    comment: CommentForm | None = None
    answer: AnswerForm | None = None
    # Which comment is answered, and about which paragraph something is said.
    to: int | None = None
    on: int | None = None


def review_page(
    session: Session, writeup: Writeup, came: Came | None = None, status: int = 200
) -> ResponseReturnValue:
    """The review. `?on=3` opens the form of the third paragraph, `?on=0` that about all of it."""
    person, came = current_person(), came or Came()
    text = queries.newest_text(session, writeup)
    if text is None:
        raise NotVisible
    talk = talk_of(session, writeup, text, lambda source: rendered(source, writeup))
    on = came.on if came.on is not None else request.args.get("on", type=int)
    if came.comment and on not in {each.paragraph.number for each in talk.shown}:
        # What was said about a paragraph that is not there is kept where all of it is talked about.
        on = WHOLE
    policy = queries.policy_or_as_shipped(queries.stored_policy(session))
    verdicts = queries.verdicts_of(session, writeup)
    can_run = rules.can_run(person, writeup)
    meetings = meetings_of(session, writeup)
    ask_form, lead_form = _forms_of_who_runs_it(session, writeup, came, can_run)
    page = render_template(
        "reviews/show.html",
        writeup=writeup,
        text=text,
        talk=talk,
        requests=queries.requests_of(session, writeup),
        to_ask_anew=to_ask_anew(session, writeup.id),
        verdicts=verdicts,
        review=queries.review_state(session, writeup, policy, (verdicts, text.number)),
        checklist=checklist_of(session, writeup, policy),
        language=_language(session, writeup, person),
        meetings=meetings,
        survey=_survey(session, writeup, meetings),
        can_run=can_run,
        can_delete_any=rules.can_delete_comment,
        ask_form=ask_form,
        lead_form=lead_form,
        verdict_form=came.verdict or VerdictForm(data={"revision": text.number}, formdata=None),
        comment_form=came.comment or _comment(talk, text.number, on),
        answer_form=came.answer or AnswerForm(formdata=None),
        answering=came.to if came.to is not None else request.args.get("answer", type=int),
        on=on,
    )
    return page, status


def _survey(session: Session, writeup: Writeup, meetings: Meetings) -> Survey | None:
    """What the survey says; None while there is nothing to look back at."""
    is_open = writeup.state == WriteupState.PUBLISHED or (meetings.planned is None and meetings.past)
    return survey_of(session, writeup.id) if is_open else None


def _language(session: Session, writeup: Writeup, person: Person) -> LanguagePanel:
    """The hints about the text; whoever may not change it sees them and keeps nothing."""
    panel = language_panel(session, writeup, writeup.body, has_forms=True)
    if not rules.can_run(person, writeup):
        return replace(panel, slug=None)
    return replace(panel, back="review")


def _forms_of_who_runs_it(
    session: Session, writeup: Writeup, came: Came, can_run: bool
) -> tuple[AskForm, LeadForm]:
    """Whom to ask and who leads it; who cannot decide that is not shown them, and nobody is read for them."""
    leads = writeup.facilitator.email if writeup.facilitator else ""
    asking = came.ask or AskForm(formdata=None)
    leading = came.lead or LeadForm(data={"facilitator": leads}, formdata=None)
    if can_run:
        people = asking.offer(session)
        leading.offer_these(people)
    return asking, leading


def _comment(talk: Talk, revision: int, on: int | None) -> CommentForm:
    """The form about a paragraph, its words there to be changed."""
    words = next((each.paragraph.text for each in talk.shown if each.paragraph.number == on), "")
    data = {"revision": revision, "paragraph": on or WHOLE, "suggestion": words}
    return CommentForm(data=data, formdata=None)
