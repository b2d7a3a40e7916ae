"""Forms of where a write-up was used."""

from postmortem.readers.enums import CITATION_KIND_LABELS, CitationKind
from postmortem.readers.operations_citations import MAX_TITLE, MAX_URL, NO_ADDRESS
from postmortem.web.forms import BaseForm, ChoiceField, EditForm, LineField, required, web_address


class CitationForm(BaseForm):
    """An address, what it is called, and what it is. Sent twice it adds nothing twice: the address stands there already."""

    url = LineField(
        "Address",
        max_length=MAX_URL,
        validators=[required(NO_ADDRESS), web_address],
        description="Of the runbook, pull request or design in which you used it. Nobody opens it from here but you.",
        render_kw={"type": "url", "inputmode": "url", "autocomplete": "off"},
    )
    title = LineField("What it is called", max_length=MAX_TITLE)
    kind = ChoiceField("What it is", CitationKind, CITATION_KIND_LABELS, blank="Guess from the address")


class EditCitationForm(EditForm):
    """What it is called and what it is; another address is another citation."""

    title = LineField("What it is called", max_length=MAX_TITLE)
    kind = ChoiceField("What it is", CitationKind, CITATION_KIND_LABELS)
