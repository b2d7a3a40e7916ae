"""Which parts of a Markdown text nobody here wrote as a claim: code, quotations, addresses. They are left alone."""

import re

QUIET = "\x00"

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
_STARTS_BLOCK = re.compile(r"\s*(?:[-*+]\s|\d{1,9}[.)]\s|#{1,6}\s|\||>|`{3,}|~{3,}|$)")
_REFERENCE = re.compile(r" {0,3}\[[^\]\n]{1,200}\]:")
_INLINE = re.compile(
    r"(?P<ticks>`{1,3})(?!`)[^\n]{1,2000}?(?<!`)(?P=ticks)(?!`)"
    r"|(?<=\])\([^()\n]{0,1000}(?:\([^()\n]{0,200}\)[^()\n]{0,200})?\)"
    r"|(?<=\])\[[^\]\n]{0,200}\]"
    r"|<!--.{0,5000}?-->|</?[A-Za-z][^<>\n]{0,1000}>"
    r"|\bhttps?://[^\s<>\"]{1,1000}"
    r"|\{\{[^{}\n]{0,200}\}\}"
    r"|\"[^\"\n]{1,600}\"|“[^”\n]{1,600}”|„[^“”\n]{1,600}[“”]|«[^»\n]{1,600}»"
)


def spoken(text: str) -> str:
    """The text with its quiet parts blanked and wrapped lines joined: of the same length, so that places hold."""
    joined = _join([_blank(line) if quiet else line for line, quiet in _lines(text)])
    return _INLINE.sub(lambda found: QUIET * len(found.group()), joined)


def _blank(line: str) -> str:
    return QUIET * (len(line) - 1) + "\n" if line.endswith("\n") else QUIET * len(line)


def _lines(text: str) -> list[tuple[str, bool]]:
    """Each line, and whether it is code, a block quote or the target of a reference."""
    found: list[tuple[str, bool]] = []
    fence = ""
    after_blank, in_list, in_code = True, False, False
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if fence:
            found.append((line, True))
            if bare.startswith(fence) and not bare.strip(fence[0]):
                fence = ""
            continue
        if opening := _FENCE.match(line):
            fence = opening.group(1)
            found.append((line, True))
            continue
        indented = line.startswith(("    ", "\t")) and bool(bare)
        in_code = indented and not in_list and (after_blank or in_code)
        found.append((line, in_code or bare.startswith(">") or bool(_REFERENCE.match(line))))
        if bare:
            in_list = bool(_LIST_ITEM.match(line)) or (in_list and (indented or line[0] == " "))
        after_blank = not bare
    return found


def _join(lines: list[str]) -> str:
    """A sentence may go on in the next line of its paragraph; between paragraphs, list items and rows it ends."""
    found = list(lines)
    for place in range(len(found) - 1):
        line, following = found[place], found[place + 1]
        is_prose = line.strip() and not line.lstrip().startswith(("#", "|", QUIET))
        if is_prose and not _STARTS_BLOCK.match(following) and not following.startswith(QUIET):
            ending = "\r\n" if line.endswith("\r\n") else line[-1:]
            found[place] = line[: -len(ending)] + " " * len(ending)
    return "".join(found)
