"""What is told of a write-up that was not published as planned."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.notifications.stories import News, Story
from postmortem.web import zones
from postmortem.writeups.models import Writeup
from postmortem.writeups.rules import draft_visible_to

_SHORT = "A write-up that you planned is not published"


def held_story(session: Session, news: News, reader: Person | None) -> Story | None:
    """To those who see the working copy: which one, and why. To whoever planned it and lost sight of it: that it is off."""
    if reader is None:
        return None
    at = str(news.facts.get("at") or "")
    when = zones.in_words(datetime.fromisoformat(at), zones.zone(reader.timezone)) if at else "now"
    seen = select(Writeup).where(Writeup.id == news.subject_id, draft_visible_to(reader))
    writeup = session.scalar(seen)
    if writeup is not None:
        return Story(
            headline=f"Not published as planned: “{writeup.title}”",
            sentence=f"“{writeup.title}” was to be published {when}, and was not. {news.facts.get('why', '')}",
            path=f"/writeups/{writeup.slug}/publish",
            team_ids=frozenset(team.id for team in writeup.teams),
        )
    if news.facts.get("by") != reader.id:
        return None
    return Story(
        headline=_SHORT,
        sentence=f"{_SHORT}: you planned it for {when}, and may not publish it any more.",
        path="/",
    )
