"""Reading feed links."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.tokens import token_hash
from postmortem.writeups.models_around import FeedLink


def feed_links_of(session: Session, person: Person) -> Sequence[FeedLink]:
    """Those of this person that work, the newest first."""
    mine = (FeedLink.person_id == person.id, FeedLink.revoked_at.is_(None))
    return session.scalars(select(FeedLink).where(*mine).order_by(FeedLink.id.desc())).all()


def feed_link_with_token(session: Session, token: str) -> tuple[FeedLink, Person] | None:
    """The link of this secret and whose it is; None for one that is unknown or revoked, or whose person left."""
    found = session.execute(
        select(FeedLink, Person)
        .join(Person, Person.id == FeedLink.person_id)
        .where(
            FeedLink.token_hash == token_hash(token),
            FeedLink.revoked_at.is_(None),
            Person.is_active.is_(True),
        )
    ).first()
    return (found[0], found[1]) if found else None
