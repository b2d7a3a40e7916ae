"""What is told of citations: that a write-up was used, to its authors."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.notifications.stories import News, Story, register
from postmortem.readers.addresses import short
from postmortem.readers.enums import CITATION_KIND_LABELS
from postmortem.readers.models import Citation
from postmortem.readers.rules_citations import visible_to
from postmortem.writeups.entries import current_publication
from postmortem.writeups.models import Publication, Writeup


class CitationNews:
    """Tells of citations."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        """Nobody beside the authors."""
        return ()

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """Where it was used and who says so; none where it was taken away, or the write-up was withdrawn."""
        if reader is None:
            return None
        row = session.execute(
            select(Citation, Writeup.slug, Publication.title)
            .join(Writeup, Writeup.id == Citation.writeup_id)
            .join(Publication, current_publication())
            .where(Citation.id == news.subject_id, visible_to(reader))
        ).one_or_none()
        if row is None:
            return None
        citation, slug, title = row
        return Story(
            headline=f"“{title}” was used",
            sentence=f"{news.actor_name or 'Somebody'} says where “{title}” was used.",
            path=f"/writeups/{slug}/used",
            details=(
                (CITATION_KIND_LABELS[citation.kind], citation.title or short(citation.url)),
                ("Address", citation.url),
            ),
        )


register("citations", CitationNews())
