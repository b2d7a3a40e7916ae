"""The small forms on an action's page: saying something, and adding a link."""

from wtforms import HiddenField

from postmortem.actions.checks import MAX_LENGTHS
from postmortem.actions.operations_comments import MAX_COMMENT
from postmortem.web.forms import (
    BaseForm,
    CreateForm,
    EditForm,
    LineField,
    MarkdownField,
    required,
    web_address,
)


class _CommentFields(BaseForm):
    text = MarkdownField(
        "Comment",
        max_length=MAX_COMMENT,
        validators=[required("Write something first.")],
        description="With @handle you call somebody who may see this incident.",
    )


class CommentForm(_CommentFields, CreateForm):
    """Something to say about an action."""


class EditCommentForm(_CommentFields, EditForm):
    """The same, otherwise. `bring_back` is set when somebody deleted it while this form was open."""

    bring_back = HiddenField()


class LinkForm(BaseForm):
    """An address in a tracker, and what it is called."""

    url = LineField(
        "Address",
        max_length=MAX_LENGTHS["tracker_url"],
        validators=[required("Enter a full address that starts with https:// or http://."), web_address],
    )
    title = LineField("Title", max_length=MAX_LENGTHS["tracker_title"])

    def refuse(self, field: str | None, sentence: str) -> None:
        """An action's own link is refused under the action's names for it."""
        super().refuse((field or "").replace("tracker_", "") or None, sentence)
