"""Write-ups for tests, made by the operations; committed at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.writeups import operations
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.enums import Audience
from postmortem.writeups.models import Writeup

BODY = "## What happened\n\nThe cache kept yesterday's catalogue.\n\n## What we learnt\n\nClocks disagree.\n"


def make_writeup(
    session: Session,
    author: Person,
    title: str = "The cache that remembered",
    *,
    incidents: Sequence[Any] = (),
    **fields: Any,
) -> Writeup:
    """A draft by `author`, about `incidents`; other fields as in WriteupDraft."""
    values = {"tldr": "Two clocks disagreed.", "body": BODY, "authors": [author.email], **fields}
    draft = WriteupDraft(title=title, incidents=[incident.id for incident in incidents], **values)
    [writeup] = operations.start_writeups(session, [draft], actor=author)
    session.commit()
    return writeup


def publish_writeup(
    session: Session,
    author: Person,
    title: str = "The cache that remembered",
    *,
    published_at: datetime | None = None,
    is_public: bool = False,
    incidents: Sequence[Any] = (),
    **fields: Any,
) -> Writeup:
    """A published write-up by `author`."""
    if is_public:
        fields["audience"] = Audience.PUBLIC
    writeup = make_writeup(session, author, title, incidents=incidents, **fields)
    operations.publish(session, writeup, actor=author, published_at=published_at)
    session.commit()
    return writeup
