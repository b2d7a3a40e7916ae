"""Forms of accounts."""

from wtforms import BooleanField, PasswordField, StringField

from postmortem.web.forms import BaseForm, LineField, clean_line, required
from postmortem.web.moments import TimezoneField


class LoginForm(BaseForm):
    email = StringField(
        "E-mail address", filters=[clean_line], validators=[required("Enter your e-mail address.")]
    )
    password = PasswordField("Password", validators=[required("Enter your password.")])


class PasswordForm(BaseForm):
    password = PasswordField(
        "New password",
        description="8 characters or more; a few words are easier to remember than symbols.",
        validators=[required("Choose a password of 8 characters or more.")],
    )


class SetUpForm(PasswordForm):
    email = LineField(
        "Your e-mail address", max_length=254, validators=[required("Enter your e-mail address.")]
    )
    name = LineField("Your name", max_length=100, validators=[required("Enter your name.")])
    timezone = TimezoneField(
        "Time zone", default="UTC", description="Times are shown in it. For example Europe/Stockholm."
    )
    load_samples = BooleanField(
        "Load the sample incidents of an invented music company, to look around", default=False
    )
    code = StringField("Set-up code", filters=[clean_line])
