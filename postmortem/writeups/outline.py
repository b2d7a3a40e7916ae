"""The sections of a text: the first draft from a template, and which ones are still without a word. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from postmortem.writeups.templates import Section

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
# What stands below the text by itself, whether a heading asks for it or not.
_BELOW = ("timeline", "factors", "actions")


def draft_body(sections: Iterable[Section], facts: Mapping[str, str]) -> str:
    """The first text: the template's headings, with `facts` (Markdown by name) below those that want them.

    Facts that no heading asks for come first, so that a free page starts with what is known.
    """
    sections = [section for section in sections if section.fact != "in_short"]
    asked = {section.fact for section in sections}
    parts = [
        text for name, text in facts.items() if name not in asked and name not in _BELOW and text.strip()
    ]
    for section in sections:
        parts.append(f"## {section.heading}")
        if text := facts.get(section.fact, "").strip():
            parts.append(text)
    return "\n\n".join(part.strip() for part in parts) + "\n" if parts else ""


@dataclass(frozen=True)
class _Part:
    """A heading with the lines up to the next one. Text before the first heading has level 0."""

    level: int
    heading: str
    lines: list[str]

    @property
    def has_words(self) -> bool:
        return any(line.strip() for line in (self.lines[1:] if self.level else self.lines))


def empty_sections(body: str) -> list[str]:
    """The headings of a text with nothing below them, for the reminder before publishing."""
    parts = _parts(body)
    return [part.heading for at, part in enumerate(parts) if _is_empty(parts, at)]


def without_empty(body: str, optional: Collection[str]) -> tuple[str, list[str]]:
    """The text without the empty sections of these headings (in small letters), and which they were."""
    kept, taken_out = [], []
    parts = _parts(body)
    for at, part in enumerate(parts):
        if part.heading.casefold() in optional and _is_empty(parts, at):
            taken_out.append(part.heading)
        else:
            kept += part.lines
    return ("".join(kept), taken_out) if taken_out else (body, [])


def _is_empty(parts: list[_Part], at: int) -> bool:
    """Whether a heading has nothing below it, nor below the smaller headings under it."""
    part = parts[at]
    if not part.level or part.has_words:
        return False
    for under in parts[at + 1 :]:
        if under.level <= part.level:
            return True
        if under.has_words:
            return False
    return True


def _parts(body: str) -> list[_Part]:
    parts = [_Part(0, "", [])]
    fence = ""
    for line in body.splitlines(keepends=True):
        stripped = line.strip()
        if stripped.startswith(("```", "~~~")):
            fence = "" if fence and stripped.startswith(fence) else fence or stripped[:3]
        heading = None if fence else _HEADING.match(line.rstrip())
        if heading:
            parts.append(_Part(len(heading[1]), heading[2].strip(" \t#"), [line]))
        else:
            parts[-1].lines.append(line)
    return parts
