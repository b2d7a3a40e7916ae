"""What an operation may answer instead of working. Views and error pages turn these into 4xx pages."""

from collections.abc import Mapping


class Refused(Exception):
    """The change is not possible; the message is a sentence for the person (422).

    `field` names the form field it is about, where there is one.
    """

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class TooMany(Refused):
    """This was tried too often (429). `retry_after` is in whole seconds."""

    def __init__(self, sentence: str, *, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class Conflict(Exception):
    """Somebody else changed the record since the form was opened (409).

    `theirs` holds the stored values by field name, so that the page can show both texts.
    """

    def __init__(self, theirs: Mapping[str, object] | None = None) -> None:
        super().__init__("Somebody else saved a change while this form was open.")
        self.theirs = dict(theirs or {})


class NotVisible(Exception):
    """There is no such thing, or none that this person may see: the same answer for both (404)."""
