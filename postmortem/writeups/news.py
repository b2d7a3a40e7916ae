"""What is told of write-ups: that one was published, to whoever follows its own tags, services and teams."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.notifications.digest_contents import Entry, Section, register_section
from postmortem.notifications.enums import Event
from postmortem.notifications.queries import followers
from postmortem.notifications.stories import News, Story, register
from postmortem.writeups.held import held_story
from postmortem.writeups.models import (
    Publication,
    Writeup,
    writeup_services,
    writeup_tags,
    writeup_teams,
)
from postmortem.writeups.rules import IS_PUBLISHED, draft_visible_to, published_to

MOST_LISTED = 10


class WriteupNews:
    """Tells of write-ups."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        """Followers of what it carries itself: its incidents may be restricted, and what they carry with them.

        Who is asked for a review is named in `news.to`, and nobody else is told.
        """
        if news.event is not Event.PUBLISHED:
            return set()
        linked = {
            name: session.scalars(select(column).where(writeup_id == news.subject_id)).all()
            for name, column, writeup_id in (
                ("tags", writeup_tags.c.tag_id, writeup_tags.c.writeup_id),
                ("services", writeup_services.c.service_id, writeup_services.c.writeup_id),
                ("teams", writeup_teams.c.team_id, writeup_teams.c.writeup_id),
            )
        }
        return followers(session, **linked)

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """That it was published, as readers see it; or that its working copy waits for a review."""
        if news.event in (Event.REVIEW_REQUESTED, Event.MENTIONED):
            return self._draft(session, news, reader)
        if news.event is Event.HELD:
            return held_story(session, news, reader)
        is_visible = IS_PUBLISHED if reader is None else published_to(reader)
        found = session.execute(
            select(Writeup, Publication)
            .join(
                Publication,
                (Publication.writeup_id == Writeup.id) & (Publication.number == Writeup.publication_number),
            )
            .where(Writeup.id == news.subject_id, is_visible)
        ).one_or_none()
        if found is None:
            return None
        writeup, publication = found
        # Whoever published it is no author, and need not be named.
        by = publication.author_line
        return Story(
            headline=publication.title,
            sentence=f"“{publication.title}” is published{f', by {by}' if by else ''}.",
            path=f"/writeups/{writeup.slug}",
            excerpt=publication.tldr,
            team_ids=frozenset(team.id for team in writeup.teams),
        )

    def _draft(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """What is told of a working copy, to those alone who may see it."""
        if reader is None:
            return None
        seen = select(Writeup).where(Writeup.id == news.subject_id, draft_visible_to(reader))
        writeup = session.scalar(seen)
        if writeup is None:
            return None
        who = news.actor_name or "Somebody"
        headline = f"Please review “{writeup.title}”"
        sentence = f"{who} asks you to review “{writeup.title}”."
        if news.event is Event.MENTIONED:
            headline = f"You are mentioned in the draft “{writeup.title}”"
            sentence = f"{who} mentions you in the draft “{writeup.title}”."
        return Story(
            headline=headline,
            sentence=sentence,
            path=f"/writeups/{writeup.slug}",
            excerpt=writeup.tldr,
            team_ids=frozenset(team.id for team in writeup.teams),
        )


def published_lately(
    session: Session, person: Person, since: datetime, shown: Collection[str]
) -> Section | None:
    """What was published since then, beside what is in the news already."""
    rows = session.execute(
        select(Writeup.slug, Publication.title, Publication.tldr)
        .join(
            Publication,
            (Publication.writeup_id == Writeup.id) & (Publication.number == Writeup.publication_number),
        )
        .where(published_to(person), Writeup.published_at >= since)
        .order_by(Writeup.published_at.desc(), Writeup.id.desc())
        .limit(MOST_LISTED)
    )
    entries = [
        Entry(row.title, f"/writeups/{row.slug}", (row.tldr,) if row.tldr else ())
        for row in rows
        if f"/writeups/{row.slug}" not in shown
    ]
    return Section("Published lately", tuple(entries)) if entries else None


register("writeups", WriteupNews())
register_section(published_lately)
