"""The form that makes a calendar link."""

from postmortem.web.forms import CreateForm, OneField


class CalendarLinkForm(CreateForm):
    """Whose due dates: one's own, or those of one of one's teams."""

    team = OneField("Whose due dates", blank="Mine: the actions that I own")
