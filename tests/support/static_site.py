"""An exported site, walked file by file and through a server that shows nothing but files."""

import functools
import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import urlopen

# Elements whose address the browser loads by itself.
_LOADING = {"img", "script", "source", "iframe", "video", "audio", "object", "embed"}
_CSS_ADDRESS = re.compile(r"url\(\s*[\"']?([^\"')]+)")


@dataclass
class Outline(HTMLParser):
    """What a page links to and loads, and the places in it that can be linked to."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    forms: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            assert found["id"] not in self.ids, f"two elements with the id {found['id']}"
            self.ids.add(found["id"])
        if tag in ("a", "area") and "href" in found:
            self.links.append(found["href"])
        if tag == "link":
            is_loaded = found.get("rel") in ("stylesheet", "icon", "preload", "modulepreload")
            (self.loads if is_loaded else self.links).append(found["href"])
        if tag in _LOADING and "src" in found:
            self.loads.append(found["src"])
        self.loads += [each.split()[0] for each in found.get("srcset", "").split(",") if each.strip()]
        self.forms += tag == "form" and found.get("role") != "search"
        assert not [name for name in found if name.startswith("on")], (tag, found)
        assert "style" not in found, (tag, found)


def outline(html: str) -> Outline:
    found = Outline()
    found.feed(html)
    return found


@dataclass
class Walk:
    """What a walk met: pages by their address, and what was wrong."""

    pages: dict[str, Outline] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    outside: set[str] = field(default_factory=set)


def walk(start: str, root: str) -> Walk:
    """Follow every link below `root` from `start`, an `http:` or `file:` address, to the end."""
    done, queue = Walk(), [(start, "the start")]
    wanted: list[tuple[str, str, str]] = []
    while queue:
        address, found_on = queue.pop()
        if address in done.files:
            continue
        done.files.add(address)
        try:
            # A browser leaves the query of a file's address out of the file's name.
            asked = address.partition("?")[0] if address.startswith("file:") else address
            with urlopen(asked, timeout=10) as answer:
                content = answer.read()
        except OSError as error:
            done.broken.append(f"{address} (on {found_on}): {error}")
            continue
        path = urlsplit(address).path
        if path.endswith(".css"):
            loads = [urljoin(address, each) for each in _CSS_ADDRESS.findall(content.decode())]
            _loaded(loads, address, root, done, queue)
        if not path.endswith((".html", "/")):
            continue
        page = done.pages[address] = outline(content.decode())
        _loaded([urljoin(address, each) for each in page.loads], address, root, done, queue)
        for link in page.links:
            target, _, fragment = urljoin(address, link).partition("#")
            if not target.startswith(root):
                done.outside.add(target)
                continue
            queue.append((target, address))
            if fragment:
                wanted.append((target, unquote(fragment), address))
    for target, fragment, found_on in wanted:
        if target in done.pages and fragment not in done.pages[target].ids:
            done.broken.append(f"{target}#{fragment} (on {found_on}): no such place")
    return done


def _loaded(addresses: list[str], page: str, root: str, done: Walk, queue: list[tuple[str, str]]) -> None:
    for address in addresses:
        if address.startswith(root):
            queue.append((address, page))
        else:
            done.foreign.append(f"{address} (on {page})")


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file with what is in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def texts_of(folder: Path) -> dict[str, str]:
    """Every page, feed, text and script of ours as a reader would have it."""
    kinds = (".html", ".atom", ".json", ".md", ".js")
    return {
        name: unescape(content.decode())
        for name, content in files_of(folder).items()
        if name.endswith(kinds) and not name.startswith("static/")
    }


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A server that shows the files of a folder; yields its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
