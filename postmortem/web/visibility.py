"""Where each noun registers who may see its rows, so that lower nouns can ask without importing it.

`visible_to(person)` returns a WHERE clause over the noun's own table; person is None when signed out.
Every read of something that can be private goes through it: pages, lists, counts, feeds, exports.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

VisibleTo = Callable[[Any], ColumnElement[bool]]
_registered: dict[str, VisibleTo] = {}


def register(noun: str, visible_to: VisibleTo) -> None:
    """Called once by the noun's `rules.py` when it is imported."""
    _registered[noun] = visible_to


def visible(noun: str, person: Any) -> ColumnElement[bool]:
    """The WHERE clause of a noun. Raises KeyError for a noun that registered none: fail closed."""
    return _registered[noun](person)
