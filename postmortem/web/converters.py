"""Numbers in addresses: only what a database integer holds, in one spelling; all else is no address (404)."""

from werkzeug.routing import IntegerConverter, ValidationError

LARGEST_ID = 2**31 - 1


class IdConverter(IntegerConverter):
    """Takes the place of `<int:…>`. `/incidents/007`, other scripts' digits and 10**400 lead nowhere."""

    regex = "(?:0|[1-9][0-9]{0,9})"

    def to_python(self, value: str) -> int:
        number = int(value)
        if number > LARGEST_ID:
            raise ValidationError
        return number
