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
_HEAD = re.compile(r"[ \t]{0,3}#{1,6}[ \t]+")
_STRONG = re.compile(r"(?<![\w*`\\])\*\*(?=\S)([^*`\n]+)(?<=\S)\*\*(?![\w*`])")


def one_a_line(source: str) -> str:
    """The same text, one paragraph a line, without the signs that make headings and bold words."""
    lines: list[str] = []
    parts: list[str] = []
    fence = ""

    def end() -> None:
        if parts:
            lines.append(_STRONG.sub(r"\1", " ".join(parts)))
            parts.clear()

    for line in source.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        mark = _FENCE.match(line)
        if fence or mark:
            end()
            lines.append(line)
            if not fence and mark:
                fence = mark[1]
            elif mark and mark[1].startswith(fence):
                fence = ""
        elif not line.strip():
            end()
        else:
            if _OWN.match(line):
                end()
            parts.append(line.strip() if parts else _without_head(line.rstrip()))
            if _ALONE.match(line) or line.endswith(_BREAK):
                end()
    end()
    return "\n".join(lines)


def _without_head(line: str) -> str:
    head = _HEAD.match(line)
    return line[head.end() :].rstrip("#").rstrip() if head else line
