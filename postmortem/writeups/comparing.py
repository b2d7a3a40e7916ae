"""What changed from one text of a write-up to the next, word by word: between saves, and between publications. Pure.

Readers compare publications, in which people are roles; a save may name them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from postmortem.text.diff import Hunk, diff_texts, with_context, words_changed
from postmortem.text.marks import without_marks
from postmortem.text.paragraphs import one_a_line
from postmortem.writeups.enums import Audience
from postmortem.writeups.frozen import is_below
from postmortem.writeups.models import Publication, Revision

_TEXTS = (("title", "Title"), ("tldr", "In short"), ("body", "Text"))
_AUTHORS, _AUDIENCE = "By", "Who may read it"
_AUDIENCES = {Audience.INTERNAL: "Everybody here", Audience.PUBLIC: "Everybody"}


@dataclass(frozen=True)
class Change:
    """One part that differs, with how many words came and went."""

    label: str
    hunks: Sequence[Hunk]
    added: int
    removed: int


def between_saves(before: Revision | None, after: Revision) -> list[Change]:
    """The three texts of a save beside those of the one before it, line by line; unchanged ones are left out."""
    pairs = ((label, getattr(before, name) if before else "", getattr(after, name)) for name, label in _TEXTS)
    return list(_changes(pairs, context=3))


def between_publications(
    before: Publication | None, after: Publication, *, has_audience: bool
) -> list[Change]:
    """All that readers saw beside what they saw before, paragraph by paragraph; `has_audience`: whom it was for, too."""
    then = dict(_parts(before)) if before else {}
    left_out = {_AUDIENCE} if before and not has_audience else set() if before else {_AUDIENCE, _AUTHORS}
    pairs = ((label, then.get(label, ""), text) for label, text in _parts(after) if label not in left_out)
    return list(_changes(pairs, context=1))


def _parts(publication: Publication) -> Iterator[tuple[str, str]]:
    frozen = publication.frozen
    for name, label in _TEXTS:
        yield label, one_a_line(without_marks(getattr(publication, name)))
    yield _AUTHORS, publication.author_line
    # What a block shows in the text is compared there.
    below = {
        kind: [item for item in frozen[kind] if is_below(frozen, kind, item)]
        for kind in ("events", "factors", "actions")
    }
    yield "Timeline", _lines(map(_event, below["events"]))
    yield "Contributing factors", _lines(each["text"] for each in below["factors"])
    yield "Actions", _lines(map(_action, below["actions"]))
    yield _AUDIENCE, _AUDIENCES[publication.audience]


def _event(event: dict[str, Any]) -> str:
    at = event["at"]
    when = f"{datetime.fromisoformat(at).astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else event["text_when"]
    return ": ".join(filter(None, (" · ".join(filter(None, (when, event["role"]))), event["text"])))


def _action(action: dict[str, Any]) -> str:
    return f"{action['title']} ({action['team']})" if action["team"] else str(action["title"])


def _lines(texts: Any) -> str:
    return "\n".join(" ".join(one_a_line(without_marks(text)).split()) for text in texts)


def _changes(pairs: Any, *, context: int) -> Iterator[Change]:
    for label, old, new in pairs:
        if old != new:
            hunks = diff_texts(old, new)
            added, removed = words_changed(hunks)
            yield Change(label, with_context(hunks, context), added, removed)
