"""Atom feeds (RFC 4287), built with ElementTree. Pure.

Entry ids are random and stored (`Writeup.feed_id`), so a new title, address, host or database changes none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from postmortem.text.marks import with_states

ATOM = "http://www.w3.org/2005/Atom"
_EMPTY = datetime(1970, 1, 1, tzinfo=UTC)
# XML 1.0, section 2.2: what is no character there cannot be written at all, not even as a reference.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A tag of sanitised HTML: every attribute's value stands in double quotes, every < of a text is escaped.
_TAG = re.compile(r'<[a-z][^<>"]*(?:"[^"]*"[^<>"]*)*>')
_TAG_OR_END = re.compile(rf"{_TAG.pattern}|</a>")
_ALT = re.compile(r' alt="([^"]*)"')
_FOLD_BEGINS = re.compile(
    r'</code></pre></div>\s*<details class="code-fold"><summary>[^<]*</summary>\s*'
    r'<div class="highlight"><pre tabindex="0"><code>'
)
_FOLD_ENDS = re.compile(r"</code></pre></div>\s*</details>\s*</div>")
_ADDRESS = re.compile(r'( (?:href|src)=")(?=/(?!/)|#)')


@dataclass(frozen=True)
class FeedEntry:
    """One entry. `path` is its page's, `html` its full text, `categories` its tags."""

    feed_id: str
    path: str
    title: str
    summary: str
    html: str
    author: str
    published_at: datetime
    updated_at: datetime
    categories: Sequence[str]


@dataclass(frozen=True)
class Feed:
    """A feed. `path` is its own, `page_path` that of the page with the same entries.

    One that does not name itself lies at an address that is nobody else's: its document says nothing of it.
    """

    title: str
    subtitle: str
    path: str
    page_path: str
    entries: Sequence[FeedEntry]
    names_itself: bool = True


def atom(feed: Feed, base_url: str) -> bytes:
    """The feed as a document; every address in it is absolute."""
    root = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    _text(root, "id", base_url + feed.path)
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", moment(max((entry.updated_at for entry in feed.entries), default=_EMPTY)))
    if feed.names_itself:
        own = {"rel": "self", "type": "application/atom+xml", "href": base_url + feed.path}
        SubElement(root, "link", own)
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": base_url + feed.page_path})
    _text(SubElement(root, "author"), "name", feed.title)
    for entry in feed.entries:
        root.append(_entry(entry, base_url))
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def absolute(html: str, page_url: str, base_url: str) -> str:
    """Sanitised HTML with its relative addresses made absolute; text that looks like one stays as it is."""

    def in_tag(tag: re.Match[str]) -> str:
        return _ADDRESS.sub(lambda found: found[1] + _base_for(tag[0], found.end()), tag[0])

    def _base_for(tag: str, position: int) -> str:
        return page_url if tag[position] == "#" else base_url

    return _TAG.sub(in_tag, html)


def unfolded(html: str) -> str:
    """The same with its long code in one piece, and without states of today: a feed reader fills in and unfolds nothing."""
    html = with_states(html, {}, {})
    if 'class="code-fold"' not in html:
        return html
    return _FOLD_ENDS.sub("</code></pre></div></div>", _FOLD_BEGINS.sub("", html))


def without_images(html: str, page_path: str) -> str:
    """Sanitised HTML with the words of each picture in its place, as a link to the page that shows it.

    Who reads where nobody is signed in would be shown none of those that are kept here.
    """
    if "<img" not in html:
        return html
    pieces, end, is_in_link = [], 0, False
    for tag in _TAG_OR_END.finditer(html):
        if tag[0].startswith(("<a ", "</a>")):
            is_in_link = tag[0] != "</a>"
        if tag[0].startswith("<img "):
            alt = _ALT.search(tag[0])
            words = f"[Picture: {alt[1]}]" if alt and alt[1] else "[Picture]"
            link = words if is_in_link else f'<a href="{page_path}">{words}</a>'
            pieces += [html[end : tag.start()], link]
            end = tag.end()
    return "".join([*pieces, html[end:]])


def _entry(entry: FeedEntry, base_url: str) -> Element:
    url = base_url + entry.path
    element = Element("entry")
    _text(element, "id", entry.feed_id)
    _text(element, "title", entry.title)
    SubElement(element, "link", {"rel": "alternate", "type": "text/html", "href": url})
    _text(element, "published", moment(entry.published_at))
    _text(element, "updated", moment(entry.updated_at))
    if entry.author:
        _text(SubElement(element, "author"), "name", entry.author)
    for name in entry.categories:
        SubElement(element, "category", {"term": _clean(name)})
    if entry.summary:
        _text(element, "summary", entry.summary)
    _text(element, "content", absolute(unfolded(entry.html), url, base_url), type="html")
    return element


def _text(parent: Element, name: str, text: str, **attributes: Any) -> None:
    SubElement(parent, name, attributes).text = _clean(text)


def _clean(text: str) -> str:
    return _NO_XML.sub("", text)


def moment(value: datetime) -> str:
    """RFC 3339, with the four digits of a year that `strftime` may leave out."""
    return value.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat() + "Z"
