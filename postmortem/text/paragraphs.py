"""A Markdown text with each paragraph on one line, so that comparing two texts by lines compares paragraphs. Pure.

An approximation that needs no parsing: lines that were broken for their writer's eyes are put together, blank lines
go. Code, tables, lists and headings keep their lines.
"""

import re

_FENCE = re.compile(r"^[ >]{0,12}(`{3,}|~{3,})")
# What begins a line of its own, whatever stands before it.
_OWN = re.compile(
    r"[ \t]{0,12}(?:[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|>|\||\[[^\[\]\n]{1,200}\]:|[=-]{3,}[ \t]*$)"
)
_ALONE = re.compile(r"[ \t]{0,12}(?:#{1,6}[ \t]|\||[=*_-]{3,}[ \t]*$)")
_BREAK = ("  ", "\\")


def one_a_line(source: str) -> str:
    """The same text, one paragraph a line."""
    lines: list[str] = []
    fence, goes_on = "", False
    for line in source.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        mark = _FENCE.match(line)
        if fence:
            lines.append(line)
            fence = "" if mark and mark[1].startswith(fence) else fence
        elif mark:
            lines.append(line)
            fence, goes_on = mark[1], False
        elif not line.strip():
            goes_on = False
        else:
            if goes_on and not _OWN.match(line):
                lines[-1] += f" {line.strip()}"
            else:
                lines.append(line.rstrip())
            goes_on = not _ALONE.match(line) and not line.endswith(_BREAK)
    return "\n".join(lines)
