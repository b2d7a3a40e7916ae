"""Templates of write-ups: their sections, the prompts that stand beside the text, and the first draft. Pure.

Prompts are help and never part of the text: what nobody deletes must not be published. Sections that nothing
is known about are bare headings.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from postmortem.writeups.enums import Template

_HEADING = re.compile(r"(#{1,6})\s+(.*)")


@dataclass(frozen=True)
class Section:
    """One heading with what to think about below it. `fact` names what is filled in from the incident."""

    heading: str
    prompt: str
    fact: str = ""


_HAPPENED = Section(
    "What happened",
    "Tell it in the order in which people lived it, for somebody who was not there.",
    "summary",
)
_IMPACT = Section(
    "Impact", "Who felt it, how many, for how long? Say what you measured and what you guess.", "impact"
)
_LEARNT = Section("What we learnt", "What do we understand now that surprised us? What will others run into?")
SECTIONS: Mapping[str, tuple[Section, ...]] = {
    Template.FULL_REVIEW: (
        _HAPPENED,
        _IMPACT,
        Section("How we noticed", "What told us, and what could have told us earlier? What looked normal?"),
        Section(
            "How we met it",
            "What did people see, believe and try at each turn? Why did it make sense to them then?",
        ),
        Section(
            "What contributed",
            "There is never a single cause. What had been there for months? What came together that day?",
        ),
        Section("What went well", "What helped, by design or by luck? What should we keep?"),
        Section("What was hard", "Where did tools, words or habits stand in the way?"),
        _LEARNT,
    ),
    Template.LIGHTWEIGHT: (
        _HAPPENED,
        _IMPACT,
        _LEARNT,
        Section(
            "What comes next", "One or two things that will be different. Actions stand below by themselves."
        ),
    ),
    Template.NEAR_MISS: (
        Section("What nearly happened", "Who would have felt it, and how badly?", "summary"),
        Section("What stopped it", "A person, a check, or luck? Could we count on it again?", "impact"),
        Section("What made it possible", "What was in place long before? What was different this time?"),
        _LEARNT,
    ),
    Template.FREE: (),
}


def draft_body(template: str, facts: Mapping[str, str]) -> str:
    """The first text: the template's headings, with `facts` (Markdown by name) below those that want them.

    Facts that no heading asks for come first, so that a free page starts with what is known.
    """
    sections = SECTIONS[template]
    wanted = {section.fact for section in sections}
    parts = [text for name, text in facts.items() if name not in wanted and text.strip()]
    for section in sections:
        parts.append(f"## {section.heading}")
        if text := facts.get(section.fact, "").strip():
            parts.append(text)
    return "\n\n".join(part.strip() for part in parts) + "\n" if parts else ""


def empty_sections(body: str) -> list[str]:
    """The headings of a text with nothing below them, for the reminder before publishing."""
    found: list[str] = []
    open_heading: tuple[int, str] | None = None
    fence = ""
    for line in [*body.splitlines(), "# end"]:
        stripped = line.strip()
        if stripped.startswith(("```", "~~~")):
            fence = "" if fence and stripped.startswith(fence) else fence or stripped[:3]
        heading = None if fence else _HEADING.match(stripped)
        if heading:
            level = len(heading[1])
            if open_heading and level <= open_heading[0]:
                found.append(open_heading[1])
            open_heading = (level, heading[2].strip())
        elif stripped:
            open_heading = None
    return found
