"""Making tags as they are used."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.tags.models import Tag
from postmortem.text.slugs import tag_name


def tags_named(session: Session, names: Iterable[str]) -> list[Tag]:
    """The tags with these names (normalised, blanks left out, each once), made where they do not exist."""
    wanted = sorted({name for raw in names if (name := tag_name(raw))})
    if not wanted:
        return []
    known = {tag.name: tag for tag in session.scalars(select(Tag).where(Tag.name.in_(wanted)))}
    for name in wanted:
        if name not in known:
            known[name] = Tag(name=name)
            session.add(known[name])
    return [known[name] for name in wanted]
