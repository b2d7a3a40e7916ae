"""What stands in a newsletter, for one reader, as of now: what was withdrawn since then is not in it any more.

Titles, summaries and authors are those of what was published: roles stand in the place of names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.web import zones
from postmortem.writeups.anniversaries import Anniversary, anniversaries
from postmortem.writeups.entries import Entry, current_publication, entries_of
from postmortem.writeups.models import Publication, Writeup
from postmortem.writeups.models_around import Newsletter
from postmortem.writeups.queries_months import Chosen, entry_of_month
from postmortem.writeups.rules import published_to

MOST_NEW, MOST_UPDATED = 12, 8
SHOWN_ISSUES = 26
# The first number looks back so far; one after a long pause no further than the second.
USUALLY, AT_MOST = timedelta(days=7), timedelta(days=15)


@dataclass(frozen=True)
class Updated:
    """A write-up that was published before and changed, and why."""

    title: str
    slug: str
    reason: str

    @property
    def url(self) -> str:
        return f"/writeups/{self.slug}"


@dataclass(frozen=True)
class Issue:
    """One number of the newsletter for one reader."""

    since: datetime
    until: datetime
    entries: Sequence[Entry]
    is_more: bool
    updated: Sequence[Updated]
    month: Chosen | None
    anniversary: Anniversary | None

    @property
    def is_worth_sending(self) -> bool:
        """The entry of the month alone is no news."""
        return bool(self.entries or self.updated or self.anniversary)


def issue_of(session: Session, person: Person, since: datetime, until: datetime) -> Issue:
    """What this person may read of what was published in between. About seven statements."""
    rows = session.scalars(
        select(Writeup.id)
        .where(published_to(person), Writeup.published_at >= since, Writeup.published_at < until)
        .order_by(Writeup.published_at.desc(), Writeup.id.desc())
        .limit(MOST_NEW + 1)
    ).all()
    found = entries_of(session, person, rows[:MOST_NEW])
    zone = zones.zone(person.timezone)
    # What it brings as new is not brought a second time.
    old = (
        each
        for each in anniversaries(session, person, until.astimezone(zone).date(), zone)
        if each.id not in found
    )
    return Issue(
        since=since,
        until=until,
        entries=[found[id_] for id_ in rows if id_ in found],
        is_more=len(rows) > MOST_NEW,
        updated=_updated(session, person, since, until),
        month=entry_of_month(session, person, f"{until.astimezone(UTC):%Y-%m}"),
        anniversary=next(old, None),
    )


def _updated(session: Session, person: Person, since: datetime, until: datetime) -> list[Updated]:
    """Changes of texts that were there before and say why they were changed; a silent one is none to tell of."""
    rows = session.execute(
        select(Publication.title, Writeup.slug, Publication.reason)
        .join(Publication, current_publication())
        .where(
            published_to(person),
            Writeup.published_at < since,
            Publication.published_at >= since,
            Publication.published_at < until,
            Publication.reason != "",
        )
        .order_by(Publication.published_at.desc(), Writeup.id.desc())
        .limit(MOST_UPDATED)
    )
    return [Updated(*row) for row in rows]


def issue_after(session: Session, person: Person, now: datetime) -> Issue:
    """The number that is being gathered: what is new since the last one."""
    last = session.scalar(select(Newsletter.made_at).order_by(Newsletter.made_at.desc()).limit(1))
    # What was published at this very moment is there already.
    return issue_of(session, person, _since(last, now), now + timedelta.resolution)


def issue_in(session: Session, person: Person, newsletter: Newsletter) -> Issue:
    """A number that was put together: what is new since the one before it."""
    before = session.scalar(
        select(Newsletter.made_at)
        .where(Newsletter.made_at < newsletter.made_at)
        .order_by(Newsletter.made_at.desc())
        .limit(1)
    )
    return issue_of(session, person, _since(before, newsletter.made_at), newsletter.made_at)


def newsletter_of(session: Session, week: str) -> Newsletter | None:
    return session.scalar(select(Newsletter).where(Newsletter.week == week))


def newsletters(session: Session) -> Sequence[Newsletter]:
    """The numbers of half a year, the newest first."""
    return session.scalars(select(Newsletter).order_by(Newsletter.made_at.desc()).limit(SHOWN_ISSUES)).all()


def _since(before: datetime | None, until: datetime) -> datetime:
    return until - USUALLY if before is None else max(before, until - AT_MOST)
