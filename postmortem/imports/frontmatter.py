"""Markdown files with YAML front matter: reading the file, finding the front matter, and what it holds. Pure.

YAML is read by `safe_load` alone, from at most 64 KB. A few hundred bytes of YAML can still stand for
gigabytes, by merging aliases of aliases; what could do that is refused before it is loaded.
"""

import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from postmortem.text.clean import clean_source

MAX_FILE_BYTES = 1024 * 1024
MAX_FRONT_MATTER = 64 * 1024
# The second line of dashes ends it; three dots may too.
_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_OPENING = re.compile(r"\A\s*---[ \t]*\n(?=\s*[\w\"'-]+[ \t]*:)")
_MERGING = re.compile(r"<<|!")
_ANCHOR, _ALIAS = re.compile(r"&\w"), re.compile(r"\*\w")


class Unusable(Exception):
    """The file cannot be used; the message is a sentence that says why."""


@dataclass(frozen=True)
class Document:
    """A file's front matter (None: it has none) and the text below it, cleaned of control characters."""

    front: dict[str, Any] | None
    body: str


def read_text(path: Path) -> str:
    """The file's text, without a byte-order mark. Raises Unusable for what is no file, too long or not UTF-8."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise Unusable("It is not a file.")
        if about.st_size > MAX_FILE_BYTES:
            size = about.st_size / MAX_FILE_BYTES
            raise Unusable(
                f"It is {size:.1f} MB long, and 1 MB is the most. Split it, or leave out listings and logs."
            )
        content = path.read_bytes()
    except OSError as error:
        raise Unusable(f"It cannot be read: {error.strerror or error}.") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unusable(
            f"It is not UTF-8 (line {line}). Save it in that encoding and import it again."
        ) from error


def parse(text: str) -> Document:
    """Split a file's text. Raises Unusable for front matter that is no YAML, or none of the kind we read."""
    text = clean_source(text)
    found = _FRONT_MATTER.match(text)
    if found is None:
        if _OPENING.match(text):
            raise Unusable("Its front matter begins with --- and never ends. Put --- below it.")
        return Document(front=None, body=_trimmed(text))
    source = found.group(1)
    # A text may begin with a rule across the page; front matter names things.
    if source.strip() and not re.search(r"^[\w\"'{-][^\n]*:", source, re.MULTILINE):
        return Document(front=None, body=_trimmed(text))
    return Document(front=_loaded(source), body=_trimmed(text[found.end() :]))


def _trimmed(text: str) -> str:
    # White space at the start of a line may be Markdown's code block.
    return text.strip("\n").rstrip()


def _loaded(source: str) -> dict[str, Any]:
    if len(source) > MAX_FRONT_MATTER:
        raise Unusable(f"Its front matter is longer than {MAX_FRONT_MATTER // 1024} KB.")
    if _MERGING.search(source) and _ANCHOR.search(source) and _ALIAS.search(source):
        raise Unusable("Its front matter merges YAML anchors, which is not read. Write the values out.")
    try:
        loaded = yaml.safe_load(source)
    except yaml.MarkedYAMLError as error:
        where = f" (line {error.problem_mark.line + 2})" if error.problem_mark else ""
        quotes = " Put a value that holds a colon in quotes." if "mapping values" in str(error) else ""
        raise Unusable(
            f"Its front matter is not valid YAML{where}: {error.problem or 'it cannot be read'}.{quotes}"
        ) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        first = str(error).partition("\n")[0][:150]
        raise Unusable(f"Its front matter is not valid YAML: {first}.") from error
    except RecursionError as error:
        raise Unusable("Its front matter is nested too deeply.") from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise Unusable("Its front matter is not a list of names and values.")
    return {key: value for key, value in loaded.items() if isinstance(key, str)}
