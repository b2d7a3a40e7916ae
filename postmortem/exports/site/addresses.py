"""From the addresses of the program to the files of the site. Pure.

Pages are made by the templates of the blog, with the blog's addresses. Here each becomes the way from one file to
another, so that the site works below any address and from a folder on a disk; what leads to a page that is not in the
site becomes plain text.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

_ORIGIN = "https://here.invalid"
# A tag of our pages: every attribute's value stands in double quotes, every < and > of a text is escaped.
_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:[^<>"]|"[^"]*")*)>')
_ADDRESS = re.compile(r'(\s(?:href|src)=")([^"]*)(")')
_OFFERED = re.compile(r'(\ssrcset=")([^"]*)(")')
_ID = re.compile(r'<[a-z][^<>]*?\sid="([^"]*)"')
_KEPT = re.compile(r'\s(?:id|class)="[^"]*"')
_ALT = re.compile(r'\salt="([^"]*)"')
_PICTURE = re.compile(r"/attachments/([A-Za-z0-9_-]{20,43})/([0-9]{1,5}(?:x[0-9]{1,5})?)")
_LINK = re.compile(r"(!?)\[([^\[\]\n]*)\]\((/(?!/)[^()\s]*)(?:[ \t]+\"[^\"\n]*\")?\)")

# The file of a picture at a size (`480` or `1200x800`), None where the site has none.
PictureFile = Callable[[str, str], str | None]
_Write = Callable[[str], str | None]


class NotInTheSite(Exception):
    """A page loads something that is not in the site: a mistake of ours."""


@dataclass
class Addresses:
    """Which file stands for which address of the program.

    `own_hosts` are the hosts under which the program itself is reached: such an address in a text is one of ours.
    `assets` fills with the static files that pages load.
    """

    picture: PictureFile
    own_hosts: frozenset[str] = frozenset()
    assets: set[str] = field(default_factory=set)
    _files: dict[str, str] = field(default_factory=dict)
    _ids: dict[str, frozenset[str]] = field(default_factory=dict)
    _far: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, address: str, file: str) -> None:
        """An address of the program and the file (perhaps with a place in it) that stands for it."""
        self._files[_key(address)] = file

    def page(self, html: str, *, address: str, file: str, root: str | None = None) -> str:
        """A whole page for this file. With `root` its links are from there, and not from the file: `/blog/`."""
        ids = frozenset(map(unescape, _ID.findall(html)))
        self._ids[file] = ids

        def write(target: str) -> str | None:
            if target.startswith("#"):
                return target if unquote(target[1:]) in {*ids, ""} else None
            found = self._found(target, address)
            if found is None or not found[0]:
                return found and found[1]
            to, query, fragment = found
            way = f"{root}{to}" if root else posixpath.relpath(to, posixpath.dirname(file) or ".")
            written = way + query + (f"#{fragment}" if fragment else "")
            if fragment and to != file:
                self._far.append((file, written, to, fragment))
            return written

        return _rewritten(html, write)

    def part(self, html: str, *, address: str) -> str:
        """A part of a page for a feed: links from the root of the site, which the feed makes absolute."""
        ids = frozenset(map(unescape, _ID.findall(html)))

        def write(target: str) -> str | None:
            if target.startswith("#"):
                return target if unquote(target[1:]) in ids else None
            return self._from_root(target, address)

        return _rewritten(html, write)

    def markdown(self, text: str, base_url: str) -> str:
        """Markdown with absolute addresses; a link to what is not in the site is its words alone."""

        def replace(found: re.Match[str]) -> str:
            to = self._from_root(found[3], "/")
            return f"{found[1]}[{found[2]}]({base_url}{to})" if to else found[2]

        return _LINK.sub(replace, text)

    def corrections(self) -> dict[str, list[tuple[str, str]]]:
        """By file, links to a place in another page that has no such place: as written, and as it should be."""
        wrong: dict[str, list[tuple[str, str]]] = {}
        for file, written, to, fragment in self._far:
            if unquote(fragment) not in self._ids.get(to, frozenset()):
                pair = tuple(f'href="{escape(each)}"' for each in (written, written.partition("#")[0]))
                wrong.setdefault(file, []).append((pair[0], pair[1]))
        return wrong

    def _from_root(self, target: str, address: str) -> str | None:
        found = self._found(target, address)
        if found is None or not found[0]:
            return found and found[1]
        to, query, fragment = found
        return f"/{to}{query}" + (f"#{fragment}" if fragment else "")

    def _found(self, target: str, address: str) -> tuple[str, str, str] | None:
        """File, query and fragment; a blank file and the address itself where it leads out of here; None for nothing."""
        try:
            parts = urlsplit(urljoin(_ORIGIN + address, target))
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or not self._is_own(parts):
            return "", target, ""
        if parts.path.startswith("/static/"):
            self.assets.add(parts.path.removeprefix("/static/"))
            return parts.path[1:], f"?{parts.query}" if parts.query else "", ""
        if shown := _PICTURE.fullmatch(parts.path):
            file = self.picture(shown[1], shown[2])
            return (file, "", "") if file else None
        whole = f"{parts.path}?{parts.query}" if parts.query else parts.path
        file = self._files.get(_key(whole)) or self._files.get(_key(parts.path))
        if file is None:
            return None
        file, _, place = file.partition("#")
        return file, "", parts.fragment or place

    def _is_own(self, parts: SplitResult) -> bool:
        return parts.netloc == urlsplit(_ORIGIN).netloc or parts.netloc.lower() in self.own_hosts


def _key(address: str) -> str:
    return unquote(address)


def _rewritten(html: str, write: _Write) -> str:
    """The same HTML with its addresses as `write` gives them; where it gives None, a link is its text alone."""
    # For each open link, whether it became plain text.
    plain: list[bool] = []

    def offered(found: re.Match[str]) -> str:
        ways = []
        for each in unescape(found[2]).split(", "):
            address, _, width = each.partition(" ")
            if (way := write(address)) is not None:
                ways.append(f"{way} {width}".strip())
        return found[1] + escape(", ".join(ways)) + found[3]

    def tag(found: re.Match[str]) -> str:
        closing, name, attributes = found.groups()
        if closing:
            return "</span>" if name == "a" and plain and plain.pop() else found[0]
        address = _ADDRESS.search(attributes)
        way = write(unescape(address[2])) if address else None
        if name == "a":
            plain.append(address is not None and way is None)
        if address is None:
            return found[0]
        if way is None:
            return _without(name, attributes)
        attributes = _ADDRESS.sub(lambda one: one[1] + escape(way) + one[3], attributes)
        return f"<{name}{_OFFERED.sub(offered, attributes)}>"

    return _TAG.sub(tag, html)


def _without(name: str, attributes: str) -> str:
    """What stands for a tag that leads nowhere."""
    if name == "a":
        return f"<span{''.join(_KEPT.findall(attributes))}>"
    if name == "img":
        alt = _ALT.search(attributes)
        return f"<em>{alt[1]}</em>" if alt and alt[1] else ""
    raise NotInTheSite(f"<{name}{attributes}>")
