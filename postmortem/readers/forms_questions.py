"""Forms of readers' questions, their answers, what was found out, and the filters of the list."""

from collections.abc import Iterable
from typing import Any

from wtforms import HiddenField

from postmortem.readers.operations_open import MAX_OUTCOME
from postmortem.readers.operations_questions import MAX_TEXT
from postmortem.readers.queries_open import MAX_WORDS, OPEN, READERS, SETTLED, WRITEUPS, Wanted
from postmortem.text.slugs import tag_name
from postmortem.web.forms import (
    BaseForm,
    CreateForm,
    EditForm,
    LineField,
    MarkdownField,
    OneField,
    TextField,
    required,
)

_SOMETHING = "Write something first."
ALL = "all"


class AskForm(CreateForm):
    """Asks about a write-up."""

    text = MarkdownField(
        "Your question",
        id="question-text",
        max_length=MAX_TEXT,
        validators=[required(_SOMETHING)],
        description="Its authors are told. Everybody who signs in can read it, with your name, and answer.",
    )


class AnswerForm(CreateForm):
    """Answers a question."""

    text = MarkdownField(
        "Your answer",
        id="answer-text",
        max_length=MAX_TEXT,
        validators=[required(_SOMETHING)],
        description="Whoever asked is told.",
    )


class EditSaidForm(EditForm):
    """Words a question or an answer otherwise; one deleted meanwhile comes back only when its author says so."""

    text = MarkdownField("Text", id="said-text", max_length=MAX_TEXT, validators=[required(_SOMETHING)])
    bring_back = HiddenField()


class SettleForm(EditForm):
    """Says what was found out."""

    outcome = TextField(
        "What we found out",
        max_length=MAX_OUTCOME,
        validators=[required("Say what you found out, in a sentence.")],
        description="A sentence, perhaps with the address of the write-up or page that tells more.",
    )


class FilterForm(BaseForm):
    """What the list is narrowed to; everything stands in the address. Call `offer` before it is validated or shown."""

    class Meta:
        csrf = False

    q = LineField("Find in questions", max_length=200)
    state = OneField("State", blank="Open")
    kind = OneField("Asked by", blank="Anybody")
    tag = LineField("Tag", max_length=100)
    team = OneField("Team", blank="Any team")
    service = OneField("Service", blank="Any service")

    def offer(self, services: Iterable[tuple[str, str]], teams: Iterable[tuple[str, str]]) -> None:
        """Fill the choices; a team or service that is not active any more is no mistake."""
        self.state.offer([(SETTLED, "Settled"), (ALL, "All")])
        self.kind.offer([(WRITEUPS, "Write-ups"), (READERS, "Readers")])
        for field, pairs in ((self.service, list(services)), (self.team, list(teams))):
            known = {slug for slug, _ in pairs}
            gone = [(field.data, field.data)] if field.data and field.data not in known else []
            field.offer([*pairs, *gone])

    def wanted(self, *, is_signed_in: bool) -> Wanted:
        """The question to the list. Only of a valid form. Teams, services and readers are for those who sign in."""
        data: dict[str, Any] = {name: value or "" for name, value in self.data.items()}
        inside = data if is_signed_in else {}
        state = data["state"]
        return Wanted(
            words=tuple(data["q"].split()[:MAX_WORDS]),
            state=OPEN if not state else "" if state == ALL else state,
            tag=(tag_name(data["tag"]) or data["tag"]) if data["tag"] else "",
            kind=inside.get("kind", ""),
            team=inside.get("team", ""),
            service=inside.get("service", ""),
        )
