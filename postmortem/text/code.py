"""Fenced code to highlighted HTML with the standard CSS classes of Pygments. Runs in the child only."""

from __future__ import annotations

import html
import time
from typing import Any

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from postmortem.text.limits import OutOfTime, cpu_limit

# Languages that write-ups quote. Any other is shown as plain code: each lexer is a set of regular expressions
# that a text can be written against, and loading one costs time and memory.
LANGUAGES = frozenset(
    """
    bash c c++ clojure console cpp cs csharp css diff docker dockerfile elixir erlang go graphql groovy
    haskell hcl html http ini java javascript js json jsx kotlin lua make makefile nginx objective-c patch perl php
    postgres powershell promql properties protobuf ps1 py pycon pytb python r rb ruby rs rust scala sh
    shell-session sql sqlite3 swift terraform toml ts tsx typescript vim xml yaml yml zig zsh
    """.split()  # noqa: SIM905
)
_ALIASES = {"shell": "bash", "golang": "go"}

MAX_HIGHLIGHTED_CHARACTERS = 20_000
# A longer block shows its beginning, and the rest when asked.
FOLD_LINES = 30
SHOWN_LINES = 10

_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


class Highlighter:
    """Highlights the code blocks of one text within `seconds` of CPU; what comes after is shown plain."""

    def __init__(self, seconds: float = 0.2) -> None:
        self.seconds = seconds

    def block(self, source: str, language: str) -> str:
        """Return one code block as HTML; of more than 30 lines the first ten are seen, the others unfold."""
        return wrapped(self._highlighted(source, language) or html.escape(source.strip("\n")))

    def _highlighted(self, source: str, language: str) -> str:
        language = language.lower()
        language = _ALIASES.get(language, language)
        if language not in LANGUAGES or len(source) > MAX_HIGHLIGHTED_CHARACTERS or self.seconds <= 0:
            return ""
        started = time.process_time()
        try:
            # Some lexers need minutes for a few kilobytes written against them; only the colours are lost.
            with cpu_limit(self.seconds):
                return highlight(source, get_lexer_by_name(language), _FORMATTER).strip("\n")
        except OutOfTime:
            return ""
        finally:
            self.seconds -= time.process_time() - started


def wrapped(code: str) -> str:
    """Put escaped or highlighted code, whose elements end with their line, into its frame. Keys can scroll it."""
    lines = code.split("\n")
    if len(lines) <= FOLD_LINES:
        return _block(code)
    first, rest = "\n".join(lines[:SHOWN_LINES]), "\n".join(lines[SHOWN_LINES:])
    folded = f'<details class="code-fold"><summary>{summary_of(len(lines))}</summary>{_block(rest)}</details>'
    return f'<div class="code-long">{_block(first)}{folded}</div>'


def summary_of(lines: int) -> str:
    """What stands on a fold."""
    return f"{lines - SHOWN_LINES} more of {lines} lines"


def _block(code: str) -> str:
    return f'<div class="highlight"><pre tabindex="0"><code>{code}\n</code></pre></div>'


def accept_any_option(language: str, inputs: dict[str, Any], options: Any, attrs: Any, md: Any) -> bool:
    """A fence with options we do not know is a fence all the same."""
    return True
