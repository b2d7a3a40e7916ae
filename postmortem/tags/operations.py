"""Making tags as they are used."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

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
    if missing := [name for name in wanted if name not in known]:
        known |= {tag.name: tag for tag in session.scalars(_make(session, missing))}
    return [known[name] for name in wanted]


def _make(session: Session, names: list[str]) -> Any:
    """An INSERT that returns the tags, also one that somebody else makes at this moment: the second waits."""
    # Only the dialect in use is imported: PostgreSQL's is a twentieth of the program's start.
    dialect = import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")
    made: Any = dialect.insert(Tag).values([{"name": name} for name in names])
    same = made.on_conflict_do_update(index_elements=["name"], set_={"name": made.excluded.name})
    return same.returning(Tag)
