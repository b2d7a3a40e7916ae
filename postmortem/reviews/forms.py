"""Forms of reviews: whom to ask, a verdict, a comment, an answer, who leads it, why it is skipped."""

from typing import Any

from sqlalchemy.orm import Session
from wtforms import IntegerField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from postmortem.accounts.models import Person, Team
from postmortem.accounts.queries import (
    people_to_choose,
    people_with_emails,
    teams_to_choose,
    teams_with_slugs,
)
from postmortem.reviews.enums import VERDICT_LABELS, Verdict
from postmortem.reviews.operations import MAX_LINE, MAX_TEXT
from postmortem.web.forms import (
    BaseForm,
    ChoiceField,
    CreateForm,
    LineField,
    MarkdownField,
    TextField,
    required,
)
from postmortem.web.person_field import PersonField
from postmortem.writeups.forms import LARGEST_NUMBER

RELOAD = "Reload the page, then say it again."


class PageNumber(IntegerField):
    """A number that the page has put there itself, such as a database holds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=HiddenInput(), validators=[InputRequired(RELOAD)], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and not 0 <= self.data <= LARGEST_NUMBER:
            raise ValueError(RELOAD)


class AskForm(CreateForm):
    """Asks a person, by address or name, or a team, by its name."""

    whom = PersonField(
        "Who",
        blank="",
        validators=[required("Name a person or a team.")],
        description="A person or a team. They see this draft from then on, and are told.",
    )
    note = LineField("What to look at", max_length=MAX_LINE)

    def offer(self, session: Session) -> dict[str, str]:
        """Who can be named: people by address, teams by `team:` and their slug. Returns the people."""
        people = {each.email: each.name for each in people_to_choose(session)}
        teams = {f"team:{each.slug}": f"{each.name} (team)" for each in teams_to_choose(session)}
        self.whom.offer((people | teams).items())
        return people

    def asked(self, session: Session) -> Person | Team:
        """Who was named. Only of a valid form."""
        named = self.whom.data or ""
        if named.startswith("team:"):
            return teams_with_slugs(session, [named.removeprefix("team:")])[0]
        return people_with_emails(session, [named])[0]


class LeadForm(BaseForm):
    """Names who leads the review, or nobody."""

    facilitator = PersonField(
        "Who leads it", blank="", description="Best somebody who did not respond. Blank for nobody."
    )

    def offer(self, session: Session) -> None:
        self.facilitator.offer((each.email, each.name) for each in people_to_choose(session))

    def offer_these(self, people: dict[str, str]) -> None:
        """Those that another form of the page has read already."""
        self.facilitator.offer(people.items())


class VerdictForm(CreateForm):
    """What somebody thinks of the text that they read."""

    revision = PageNumber()
    verdict = ChoiceField("Verdict", Verdict, VERDICT_LABELS)
    text = MarkdownField(
        "In words", id="verdict-text", max_length=MAX_TEXT, description="Needed where you ask for changes."
    )


class CommentForm(CreateForm):
    """Something said about a paragraph of the text that somebody read; 0 is all of it."""

    revision = PageNumber()
    paragraph = PageNumber()
    text = MarkdownField("Your comment", id="comment-text", max_length=MAX_TEXT)
    suggestion = TextField(
        "Suggest other words",
        max_length=MAX_TEXT * 10,
        description="Change the paragraph as you would have it. Its authors apply that with one click. Leave it as it is to comment alone.",
    )


class AnswerForm(CreateForm):
    """Something said to a comment."""

    text = MarkdownField(
        "Your answer", id="answer-text", max_length=MAX_TEXT, validators=[required("Write something first.")]
    )


class SkipForm(BaseForm):
    """Why it is published without a review."""

    reason = LineField(
        "Why it is published without a review",
        max_length=MAX_LINE,
        validators=[required("Say why, in a sentence. It is kept.")],
        description="It is kept in the history, and shown to everybody who sees the review.",
    )
