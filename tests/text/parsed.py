"""A strict reader of rendered HTML: fails on anything that is not on this list, whatever the renderer says.

It is written apart from the renderer's own allow-list on purpose, with another parser.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"br", "hr", "img", "input"}
TAGS = VOID | set(
    """
    a blockquote code dd details div dl dt em h2 h3 h4 h5 h6 li ol p pre section span strong summary sup table
    tbody td th thead time tr ul
    """.split()  # noqa: SIM905
)
ATTRIBUTES = {
    "href", "title", "rel", "class", "id", "src", "alt", "loading", "type", "checked", "disabled", "scope",
    "tabindex", "role", "aria-label", "start", "datetime", "data-action",
}  # fmt: skip
CLASSES = re.compile(
    r"(highlight|code-fold|code-long|when|when__utc|action-state|block-notice|table-scroll|footnotes|footnote-ref|footnote-backref|heading-anchor|task-list"
    r"|task-list-item|align-(left|center|right)|notice|plain-text|[a-z][a-z0-9]{0,3})"
)
LINK = re.compile(r"(https?://[^/?#\\]|mailto:.|/(?![/\\])|#)", re.IGNORECASE)
IMAGE = re.compile(r"/(?![/\\])")


class Page(HTMLParser):
    """Collects what a page is made of, and fails on what must never be there."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        assert len(values) == len(attrs), f"attribute twice on {tag}"
        self._check(tag, values)
        self.elements.append((tag, values))
        if tag not in VOID:
            self._open.append(tag)

    def _check(self, tag: str, values: dict[str, str]) -> None:
        assert tag in TAGS, tag
        assert values.keys() <= ATTRIBUTES, (tag, values)
        assert all(CLASSES.fullmatch(name) for name in values.get("class", "").split()), values
        for value in values.values():
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", value), values
        if "href" in values:
            assert tag == "a" and LINK.match(values["href"]), values
            external = re.match("https?:", values["href"], re.IGNORECASE)
            assert not external or values.get("rel") == "noopener noreferrer", values
        if "src" in values:
            assert tag == "img" and IMAGE.match(values["src"]), values
        if tag == "input":
            assert values["type"] == "checkbox" and "disabled" in values
        if "id" in values:
            assert re.fullmatch(r"h-[\w-]+", values["id"]), values

    def handle_endtag(self, tag: str) -> None:
        assert self._open and self._open.pop() == tag, f"unbalanced {tag}"

    def handle_data(self, data: str) -> None:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", data), data[:80]
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"declaration: {data}")

    @property
    def text(self) -> str:
        return "".join(self.words)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [values for name, values in self.elements if name == tag]
