"""The filters of the pictures."""

from postmortem.web.forms import BaseForm, OneField


class PicturesForm(BaseForm):
    """What the pictures are narrowed to; everything stands in the address. There is no field for people."""

    class Meta:
        csrf = False

    team = OneField("Team", blank="All teams")
    kind = OneField("Kind", blank="All kinds")
    months = OneField("Period", blank="12 months")
