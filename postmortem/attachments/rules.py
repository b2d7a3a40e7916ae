"""Who may see an image: whoever may see what it belongs to. Those nouns lie higher up and registered who that is."""

from sqlalchemy import ColumnElement, and_, or_

from postmortem.accounts.models import Person
from postmortem.attachments.models import Attachment
from postmortem.web import visibility

OF_WRITEUPS = "image of a write-up"
OF_EVENTS = "image of an event"


def visible_to(person: Person | None) -> ColumnElement[bool]:
    """Images of write-ups and timeline events that this person may see; deleted ones are there for nobody."""
    of_these = or_(visibility.visible(OF_WRITEUPS, person), visibility.visible(OF_EVENTS, person))
    return and_(Attachment.deleted_at.is_(None), of_these)
