"""The form that makes a feed link."""

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from postmortem.web.forms import CreateForm, LineField, required

KINDS = [SelectChoice("atom", "Atom, which every feed reader takes"), SelectChoice("json", "JSON Feed")]


class FeedLinkForm(CreateForm):
    """Which list, and in which form."""

    page = LineField(
        "Address of the list",
        max_length=300,
        validators=[required("Give the address of a list, such as /tags/dns.")],
        description="/ is everything. Tags, years, teams, services and authors have feeds too: /tags/dns, /archive/2026.",
    )
    kind = SelectField("As", choices=KINDS)
