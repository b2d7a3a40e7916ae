"""The last step on the tree, before it becomes a string: headings, links, images, tables, footnotes, code.

Runs in the child only. It decides; the sanitiser enforces.
"""

from __future__ import annotations

import html
import re
import unicodedata
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AMP_SUBSTITUTE, ETX, STX, AtomicString

from postmortem.text.clean import clean_source
from postmortem.text.code import FOLD_LINES, SHOWN_LINES, summary_of
from postmortem.text.guard import restore_text
from postmortem.text.images import room_for
from postmortem.text.links import Address, classify

HeadingRow = tuple[int, str, str]

_PLACEHOLDER = re.compile(f"{STX}[^{STX}{ETX}]*{ETX}")
_NOT_WORD = re.compile(r"[\W_]+")
_HEADING = re.compile(r"h[1-6]$")
# With its semicolon, as the serialiser sees it: `?a=1&copy=2` is an address, not a copyright sign.
_ENTITY = re.compile(r"&(?:#[0-9]{1,9}|#[xX][0-9a-fA-F]{1,9}|[0-9a-zA-Z]{1,40});")
_SPACE = re.compile(r"\s+")


def _plain(text: str) -> str:
    """The characters a reader will see for a piece of tree text: its entities are still written out."""
    text = restore_text(_PLACEHOLDER.sub("", text.replace(AMP_SUBSTITUTE, "&")))
    return clean_source(_ENTITY.sub(lambda entity: html.unescape(entity[0]), text))


def _written(text: str) -> str:
    """The other way round, for the serialiser, which leaves entities alone."""
    return text.replace("&", "&amp;")


class Finisher:
    """Finishes the tree of one text. `headings` is filled in the order of the text."""

    def __init__(self, prefix: str) -> None:
        self.headings: list[HeadingRow] = []
        self._prefix = prefix
        self._ids: set[str] = set()
        self._suffixes: dict[str, int] = {}
        self._tables = 0
        self._top = 1

    def run(self, root: Element) -> None:
        """Change the tree in place. No step recurses: the tree can be deep."""
        parents = {child: parent for parent in root.iter() for child in parent}
        elements = list(root.iter())
        self._footnotes(elements)
        self._top = min((int(e.tag[1]) for e in elements if _HEADING.match(e.tag)), default=1)
        for element in elements:
            if element.tag == "a":
                self._link(element)
            elif element.tag == "img":
                self._image(element, parents)
            elif element.tag == "table":
                self._table(element, parents[element])
            elif element.tag == "pre" and len(element) == 1:
                _frame_code(element, parents[element])
            elif _HEADING.match(element.tag):
                self._heading(element)

    def _footnotes(self, elements: list[Element]) -> None:
        """Number the ids: those of the library hold what the author typed as the label."""
        ids: dict[str, str] = {}
        counts = {"li": 0, "sup": 0}
        for element in elements:
            if old := element.get("id"):
                counts[element.tag] += 1
                kind = "note" if element.tag == "li" else "noteref"
                ids[old] = f"{self._prefix}{kind}-{counts[element.tag]}"
                element.set("id", ids[old])
        self._ids.update(ids.values())
        for element in elements:
            if element.tag == "div" and element.get("class") == "footnote":
                element.tag = "section"
                element.attrib = {"class": "footnotes", "aria-label": "Footnotes"}
                for rule in element.findall("hr"):
                    element.remove(rule)
            elif element.get("class") in ("footnote-ref", "footnote-backref"):
                self._footnote_link(element, ids)

    def _footnote_link(self, link: Element, ids: dict[str, str]) -> None:
        target = ids.get(link.get("href", "")[1:])
        if target is None:
            # A footnote nothing refers to has nowhere to go back to.
            link.tag, link.text, link.attrib = "span", "", {}
            return
        number = target.rpartition("-")[2]
        back = link.get("class") == "footnote-backref"
        if back:
            link.text = AtomicString("↩")
        link.attrib = {
            "class": link.get("class", ""),
            "href": f"#{target}",
            "aria-label": f"Back to reference {number} in the text" if back else f"Footnote {link.text}",
        }

    def _link(self, link: Element) -> None:
        if link.get("class"):
            return
        kind, address = classify(_plain(link.get("href", "")))
        title = _plain(link.get("title", ""))
        link.attrib = {}
        if kind is Address.REFUSED:
            link.tag = "span"
            return
        link.set("href", _written(address))
        if title:
            link.set("title", _written(title))
        if kind is Address.EXTERNAL:
            link.set("rel", "noopener noreferrer")

    def _image(self, image: Element, parents: dict[Element, Element]) -> None:
        """Show an image of this site; make any other a link: the page may load nothing from elsewhere."""
        kind, address = classify(_plain(image.get("src", "")))
        label = _plain(image.get("alt", "")).strip() or "image"
        title = _plain(image.get("title", ""))
        image.attrib = {}
        if kind is Address.SITE:
            image.set("src", _written(address))
            image.set("alt", _written(label))
            image.set("loading", "lazy")
            for name, value in room_for(address).items():
                image.set(name, value)
        else:
            image.text = AtomicString(_written(label))
            image.tag = "span"
            if kind is Address.EXTERNAL and not _inside_link(image, parents):
                image.tag = "a"
                image.set("href", _written(address))
                image.set("rel", "noopener noreferrer")
        if title and image.tag != "span":
            image.set("title", _written(title))

    def _table(self, table: Element, parent: Element) -> None:
        """Let a wide table scroll on its own, also by keys, and say which table it is."""
        self._tables += 1
        heads = list(table.iter("th"))
        names = ", ".join(filter(None, (_text_of(head) for head in heads)))
        for cell in table.iter():
            if cell.tag == "th":
                cell.set("scope", "col")
            if align := cell.attrib.pop("align", None):
                cell.set("class", f"align-{align}")
        region = Element("div", {"class": "table-scroll", "tabindex": "0", "role": "region"})
        label = f"Table {self._tables}: {names}" if names else f"Table {self._tables}"
        region.set("aria-label", _written(label[:200]))
        _wrap(table, region, parent)

    def _heading(self, heading: Element) -> None:
        """Give the heading its id and a link to itself. The text's highest level becomes h2, below the page's h1."""
        level = min(int(heading.tag[1]) - self._top + 2, 6)
        heading.tag = f"h{level}"
        text = _text_of(heading)
        id_ = self._free_id(text)
        heading.set("id", id_)
        self.headings.append((level, id_, text))
        link = SubElement(heading, "a", {"class": "heading-anchor", "href": f"#{id_}"})
        name = f"Link to this section: {text[:200]}" if text else "Link to this section"
        link.set("aria-label", _written(name))
        link.text = "#"

    def _free_id(self, text: str) -> str:
        words = _NOT_WORD.sub("-", unicodedata.normalize("NFKC", text).lower())[:60].strip("-")
        base = self._prefix + (words or "section")
        id_ = base
        while id_ in self._ids:
            self._suffixes[base] = self._suffixes.get(base, 1) + 1
            id_ = f"{base}-{self._suffixes[base]}"
        self._ids.add(id_)
        return id_


def _inside_link(element: Element, parents: dict[Element, Element]) -> bool:
    parent: Element | None = element
    while parent is not None:
        if parent.tag == "a":
            return True
        parent = parents.get(parent)
    return False


def _text_of(element: Element) -> str:
    """The words of an element on one line, without the numbers of its footnotes."""
    words: list[str] = [element.text or ""]
    for child in element:
        if child.tag == "img":
            words.append(child.get("alt", ""))
        elif child.tag != "sup":
            words.extend(child.itertext())
        words.append(child.tail or "")
    return _SPACE.sub(" ", _plain("".join(words))).strip()


def _wrap(element: Element, frame: Element, parent: Element) -> None:
    position = list(parent).index(element)
    frame.tail, element.tail = element.tail, None
    parent[position] = frame
    frame.append(element)


def _frame_code(pre: Element, parent: Element) -> None:
    """Give an indented code block the frame that a fenced one has."""
    lines = (pre[0].text or "").strip("\n").split("\n")
    pre.set("tabindex", "0")
    frame = Element("div", {"class": "highlight"})
    if len(lines) <= FOLD_LINES:
        _wrap(pre, frame, parent)
        return
    outer = Element("div", {"class": "code-long"})
    _wrap(pre, outer, parent)
    outer.remove(pre)
    outer.append(frame)
    frame.append(pre)
    pre[0].text = AtomicString("\n".join(lines[:SHOWN_LINES]) + "\n")
    details = SubElement(outer, "details", {"class": "code-fold"})
    SubElement(details, "summary").text = summary_of(len(lines))
    rest = SubElement(SubElement(details, "div", {"class": "highlight"}), "pre", {"tabindex": "0"})
    SubElement(rest, "code").text = AtomicString("\n".join(lines[SHOWN_LINES:]) + "\n")
