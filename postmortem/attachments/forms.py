"""Forms of images."""

from typing import Any

from flask import request
from wtforms import FileField

from postmortem.attachments.operations import ALT_MAX, WANTS_ALT
from postmortem.web.forms import BaseForm, CreateForm, LineField, required


class ImageField(FileField):
    """One file. Data: its content, None where none was sent; what it was called stays outside."""

    def process_formdata(self, _valuelist: list[Any]) -> None:
        sent = request.files.getlist(self.name)
        self.data = sent[0].stream.read() if len(sent) == 1 else None


class _Worded(BaseForm):
    alt = LineField(
        "What it shows",
        max_length=ALT_MAX,
        description="For those who do not see it, and for all where it cannot be loaded.",
        validators=[required(WANTS_ALT)],
    )


class NewImageForm(_Worded, CreateForm):
    """Adds an image."""

    image = ImageField(
        "Picture",
        description="PNG, JPEG, WebP or GIF of at most 10 MB. What the camera wrote into it is left out.",
        render_kw={"accept": "image/png,image/jpeg,image/webp,image/gif"},
    )


class WordImageForm(_Worded):
    """Changes the words of an image."""
