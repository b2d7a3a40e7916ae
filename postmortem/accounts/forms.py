"""Forms of accounts."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, Form, PasswordField, SearchField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import ListWidget, RadioInput

from postmortem.accounts.enums import ROLE_LABELS, Role
from postmortem.accounts.models import Person
from postmortem.accounts.operations import checked_email
from postmortem.accounts.queries_lists import ListFilter
from postmortem.errors import Refused
from postmortem.web.forms import (
    BaseForm,
    ChoiceField,
    CreateForm,
    EditForm,
    LineField,
    OneField,
    PickField,
    clean_line,
    required,
)
from postmortem.web.moments import TimezoneField

ZONE_HINT = "By its name, for example Europe/Stockholm. Times are shown in it."


def email_address(_form: Any, field: Any) -> None:
    """A validator: blank, or an e-mail address; so that all that is wrong with a form is said at once."""
    try:
        if field.data:
            checked_email(field.data)
    except Refused as refused:
        raise ValidationError(refused.sentence) from refused


class LoginForm(BaseForm):
    email = StringField(
        "E-mail address", filters=[clean_line], validators=[required("Enter your e-mail address.")]
    )
    password = PasswordField("Password", validators=[required("Enter your password.")])


class CodeForm(BaseForm):
    """A code from the app or, where one signs in, a recovery code."""

    code = StringField("Code", filters=[clean_line], validators=[required("Enter the code.")])


class RecoveryCodeForm(CodeForm):
    code = StringField("Recovery code", filters=[clean_line], validators=[required("Enter the code.")])


class ConfirmForm(BaseForm):
    """Either proves who one is. The names are apart from those of all forms that this one goes along with."""

    confirm_password = PasswordField("Your password")
    confirm_code = StringField("A code from your app", filters=[clean_line])


class ForgotForm(BaseForm):
    email = LineField(
        "E-mail address", max_length=254, validators=[required("Enter your e-mail address."), email_address]
    )


def new_password() -> Any:
    """The field for a password to come. A form lists its fields in the order of the page, and so its mistakes."""
    return PasswordField(
        "New password",
        description="8 characters or more; a few words are easier to remember than symbols.",
        validators=[required("Choose a password of 8 characters or more.")],
    )


class PasswordForm(BaseForm):
    password = new_password()


class ChangePasswordForm(BaseForm):
    current_password = PasswordField(
        "Current password", validators=[required("Enter the password you have now.")]
    )
    password = new_password()


class SetUpForm(BaseForm):
    code = StringField("Set-up code", filters=[clean_line])
    name = LineField("Your name", max_length=100, validators=[required("Enter your name.")])
    email = LineField(
        "Your e-mail address",
        max_length=254,
        validators=[required("Enter your e-mail address."), email_address],
    )
    password = new_password()
    timezone = TimezoneField("Time zone", default="UTC", description=ZONE_HINT)
    load_samples = BooleanField(
        "Load the sample incidents of an invented music company, to look around", default=False
    )


class _PersonFields(BaseForm):
    email = LineField(
        "E-mail address", max_length=254, validators=[required("Enter an e-mail address."), email_address]
    )
    name = LineField("Name", max_length=100, validators=[required("Enter a name.")])
    handle = LineField("Handle", max_length=40, description="What they are called in chat.")
    role = ChoiceField(
        "Role",
        Role,
        ROLE_LABELS,
        default=Role.CONTRIBUTOR,
        widget=ListWidget(prefix_label=False),
        option_widget=RadioInput(),
    )
    timezone = TimezoneField("Time zone", default="UTC", description=ZONE_HINT)


class AddPersonForm(CreateForm, _PersonFields):
    pass


class EditPersonForm(EditForm, _PersonFields):
    is_active = BooleanField(
        "May sign in. Without this the account is deactivated and signed out everywhere."
    )


class ProfileForm(EditForm):
    name = LineField("Name", max_length=100, validators=[required("Enter your name.")])
    handle = LineField("Handle", max_length=40, description="What you are called in chat.")
    timezone = TimezoneField("Time zone", default="UTC", description=ZONE_HINT)


class _TeamFields(BaseForm):
    name = LineField("Name", max_length=100, validators=[required("Enter the team's name.")])
    members = PickField("Members")

    def offer_people(self, people: Iterable[Person]) -> None:
        """Set who can be chosen."""
        self.members.choices = [SelectChoice(each.email, f"{each.name}, {each.email}") for each in people]


class AddTeamForm(CreateForm, _TeamFields):
    slug = LineField(
        "Short name",
        max_length=60,
        description="For the address, /teams/…; it stays. Left blank, it is made from the name.",
    )


class EditTeamForm(EditForm, _TeamFields):
    is_active = BooleanField("In use. Without this nothing new can be given to the team.")


class _ServiceFields(BaseForm):
    name = LineField("Name", max_length=100, validators=[required("Enter the service's name.")])
    team = OneField("Team", blank="No team yet", description="Who looks after it.")


class AddServiceForm(CreateForm, _ServiceFields):
    slug = LineField(
        "Short name",
        max_length=60,
        description="For the address, /services/…; it stays. Left blank, it is made from the name.",
    )


class EditServiceForm(EditForm, _ServiceFields):
    is_active = BooleanField("In use. Without this nothing new can be filed about the service.")


class ListFilterForm(Form):
    """The filters above the lists of people, teams and services; a value that is none filters nothing."""

    q = SearchField("Name", filters=[clean_line])
    show = SelectField(
        "Show",
        choices=[SelectChoice("", "Active"), SelectChoice("all", "All, deactivated ones too")],
        validate_choice=False,
    )

    def wanted(self) -> ListFilter:
        """What the list shall show."""
        return ListFilter(text=self.q.data or "", is_everything=self.show.data == "all")

    @property
    def is_active(self) -> bool:
        """Whether anything is filtered."""
        return self.wanted() != ListFilter()


class PeopleFilterForm(ListFilterForm):
    role = ChoiceField("Role", Role, {role: role.value.capitalize() for role in Role}, blank="Any")

    def wanted(self) -> ListFilter:
        return ListFilter(
            text=self.q.data or "", is_everything=self.show.data == "all", role=self.role.data or None
        )


class ServiceFilterForm(ListFilterForm):
    team = OneField("Team", blank="Any")

    def wanted(self) -> ListFilter:
        return ListFilter(
            text=self.q.data or "", is_everything=self.show.data == "all", team=self.team.data or ""
        )
