"""Telling a report from the empty outline of one, and from a file that is about its folder. Pure.

An outline has headings, tables with labels, hints in brackets, and nothing that somebody wrote about an
incident. What is counted is the words that are left when all that is taken away.
"""

import re

_FENCE = re.compile(r"^\s*(```|~~~)")
_SETEXT = re.compile(r"^\s{0,3}(=+|-+)\s*$")
_HEADING = re.compile(r"^\s{0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*#*[ \t]*$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# A label that waits for its value: "Date:", "By: (Names)", "- Lead: [name]", "**Status:** <status>".
_LABEL = re.compile(r"^[-*+\s]*[*_]*[\w()/ ]{1,40}:[*_]*\s*(\([^)]*\)|\[[^\]]*\](?!\()|<[^>]*>|[*_]*)\s*$")
_HINT_LINE = re.compile(r"^\s*([-*+]\s*)?(_[^_].*_|\*[^*].*[^*]\*|\[[^\]]*\]|\([^)]*\))\s*$")
_PLACEHOLDER = re.compile(
    r"\[[^\]]*\](?!\()|<[^>]*>|\{\{.*?\}\}|\{[^}]*\}|\b(DD|MM)[/.-](MM|DD)[/.-]YYYY\b|\bYYYY-MM-DD\b",
    re.IGNORECASE,
)
_SAYS_NOTHING = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "on",
        "for",
        "and",
        "incident",
        "incidents",
        "title",
        "name",
        "date",
        "number",
        "id",
        "report",
        "review",
        "post",
        "mortem",
        "postmortem",
        "template",
        "untitled",
        "example",
        "sample",
    ]
)
_IS_EMPTY_WORD = frozenset({"title", "template"})
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{2,}[\s:|-]*$")
_SAYS_SO = re.compile(
    r"\bthis is (a|the|our) template\b|\btemplate for (incident|post-?mortem)", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]{2,}", re.UNICODE)
ABOUT_THE_FOLDER = frozenset(
    [
        "readme",
        "source",
        "sources",
        "license",
        "licence",
        "copying",
        "contributing",
        "contributors",
        "changelog",
        "authors",
        "maintainers",
        "code_of_conduct",
        "code-of-conduct",
        "_index",
    ]
)
# Fewer words than this for each heading is an outline; a report of two sentences has one heading or none.
WORDS_PER_HEADING = 3


def about_the_folder(stem: str) -> bool:
    """Whether a file of this name (without its ending) tells of the folder, like README."""
    return stem.casefold() in ABOUT_THE_FOLDER


def outline_reason(stem: str, title: str, text: str) -> str | None:
    """Why this is an outline and no report, as a sentence; None when it is a report.

    `stem` is the file's name without its ending, `title` what it is called in front matter or heading.
    """
    if stem.casefold().strip("_-. ") == "template":
        return "It is called a template."
    if _waits_for_a_title(title):
        return f"Its title “{title[:60]}” waits to be filled in: this is an outline."
    headings, words = _counted(text)
    if not words and not headings:
        return "It is empty."
    if words < WORDS_PER_HEADING * headings:
        return "It has headings and nothing below them: this is an outline, not an incident."
    first = next((line for line in text.splitlines() if line.strip()), "")
    if _SAYS_SO.search(first):
        return "It says that it is a template."
    return None


def _waits_for_a_title(title: str) -> bool:
    """Whether nothing is left of a title without its placeholders and the words of every outline."""
    words = {word.casefold() for word in _WORD.findall(_PLACEHOLDER.sub(" ", title))}
    return not words - _SAYS_NOTHING and bool(_PLACEHOLDER.search(title) or words & _IS_EMPTY_WORD)


def _counted(text: str) -> tuple[int, int]:
    """How many headings, and how many words that somebody wrote."""
    headings = words = 0
    inside_code = False
    lines = _COMMENT.sub("", text).splitlines() or [""]
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if _FENCE.match(line):
            inside_code = not inside_code
        elif inside_code:
            words += len(_WORD.findall(line))
        elif _HEADING.match(line) or (line.strip() and _SETEXT.match(following) and "|" not in line):
            headings += 1
        elif not _is_waiting(line) and not ("|" in line and _TABLE_RULE.match(following)):
            words += len(_WORD.findall(line))
    return headings, words


def _is_waiting(line: str) -> bool:
    """Whether a line is a hint, a label without a value, or a table row that is mostly empty."""
    stripped = line.strip()
    if stripped.startswith("|"):
        cells = [cell.strip() for cell in stripped.strip("|").split("|")]
        filled = [cell for cell in cells if re.search(r"\w", cell)]
        return len(filled) * 2 <= len(cells)
    is_quotation = stripped.startswith(">")
    return is_quotation or bool(_LABEL.match(line) or _HINT_LINE.match(line))
