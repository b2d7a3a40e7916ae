"""The templates that hold now: what admins decided, or as shipped."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.writeups.models_around import WriteupTemplate
from postmortem.writeups.templates import SHIPPED, Section, TemplateSet


def stored_templates(session: Session) -> Sequence[WriteupTemplate]:
    """The rows that admins change, in order; none where everything is as shipped."""
    return session.scalars(
        select(WriteupTemplate).order_by(WriteupTemplate.position, WriteupTemplate.id)
    ).all()


def templates_of(session: Session) -> list[TemplateSet]:
    """Every set in order, also those that are switched off. One statement."""
    rows = stored_templates(session)
    return [set_of(row) for row in rows] if rows else list(SHIPPED)


def active_templates(session: Session) -> list[TemplateSet]:
    """Those that a new write-up can start from."""
    return [each for each in templates_of(session) if each.is_active]


def template_of(session: Session, key: str) -> TemplateSet | None:
    """The set of this key, switched off or not; one that was removed as it was shipped, if it was."""
    named = {each.key: each for each in (*SHIPPED, *templates_of(session))}
    return named.get(key)


def sections_of(session: Session, key: str) -> tuple[Section, ...]:
    """The sections of a template; none where it is not there any more."""
    found = template_of(session, key)
    return found.sections if found else ()


def optional_headings(session: Session, key: str) -> frozenset[str]:
    """The headings that are not printed while nothing stands below them, in small letters."""
    return frozenset(each.heading.casefold() for each in sections_of(session, key) if each.is_optional)


def set_of(row: WriteupTemplate) -> TemplateSet:
    """A stored row as a value."""
    return TemplateSet(
        key=row.key,
        name=row.name,
        description=row.description,
        sections=tuple(
            Section(each["heading"], each["prompt"], each["fact"], each["is_optional"])
            for each in row.sections
        ),
        severities=tuple(row.severities),
        kinds=tuple(row.kinds),
        is_active=row.is_active,
    )
