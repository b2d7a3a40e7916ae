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
FOLD_LINES = 40

_FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


class Highlighter:
    """Highlights the code blocks of one text within `seconds` of CPU; what comes after is shown plain."""

    def __init__(self, seconds: float = 0.2) -> None:
        self.seconds = seconds

    def block(self, source: str, language: str) -> str:
        """Return one code block as HTML; more than 40 lines are folded under a line that can be opened."""
        code = self._highlighted(source, language) or html.escape(source.strip("\n"))
        return wrapped(code, source.strip("\n").count("\n") + 1)

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


def wrapped(code: str, lines: int) -> str:
    """Put escaped or highlighted code into its frame. It can be focused, so that keys can scroll it."""
    block = f'<div class="highlight"><pre tabindex="0"><code>{code}\n</code></pre></div>'
    if lines <= FOLD_LINES:
        return block
    return f'<details class="code-fold"><summary>Code, {lines} lines</summary>{block}</details>'


def accept_any_option(language: str, inputs: dict[str, Any], options: Any, attrs: Any, md: Any) -> bool:
    """A fence with options we do not know is a fence all the same."""
    return True
