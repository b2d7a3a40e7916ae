"""Whether a document is a valid Atom feed: the rules of RFC 4287 that concern what we write, each by section."""

import re
from datetime import datetime
from xml.etree.ElementTree import Element, fromstring

A = "{http://www.w3.org/2005/Atom}"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
_ONCE_IN_FEED = {"id", "title", "updated", "subtitle", "generator", "icon", "logo", "rights"}
_ONCE_IN_ENTRY = {"id", "title", "updated", "published", "summary", "content", "rights", "source"}
_MANY_IN_FEED = {"author", "category", "contributor", "link", "entry"}
_MANY_IN_ENTRY = {"author", "category", "contributor", "link"}


def checked(document: bytes, *, names_itself: bool = True) -> Element:
    """The feed's root. Fails with the section that is broken. One at a secret address does not name itself."""
    feed = fromstring(document)
    assert feed.tag == f"{A}feed", "2: the document element is atom:feed"
    _check_container(feed, once=_ONCE_IN_FEED, many=_MANY_IN_FEED)
    entries = feed.findall(f"{A}entry")
    assert feed.find(f"{A}author") is not None or all(
        entry.find(f"{A}author") is not None for entry in entries
    ), "4.1.1: an author for the feed or for each entry"
    own = [link for link in feed.findall(f"{A}link") if link.get("rel") == "self"]
    assert len(own) == int(names_itself), "4.1.1: one link to itself"
    ids = [entry.findtext(f"{A}id") for entry in entries]
    assert len(ids) == len(set(ids)), "4.2.6: ids are unique"
    for entry in entries:
        _check_entry(entry)
    return feed


def _check_entry(entry: Element) -> None:
    _check_container(entry, once=_ONCE_IN_ENTRY, many=_MANY_IN_ENTRY)
    content = entry.find(f"{A}content")
    alternates = [link for link in entry.findall(f"{A}link") if link.get("rel", "alternate") == "alternate"]
    assert content is not None or alternates, "4.1.2: an alternate link where there is no content"
    kinds = [(link.get("type"), link.get("hreflang")) for link in alternates]
    assert len(kinds) == len(set(kinds)), "4.1.2: one alternate of each type and language"
    if content is not None:
        assert content.get("type") in ("text", "html"), "4.1.3.1: types that we write"
        assert len(content) == 0, "4.1.3.3: html is escaped, not nested"


def _check_container(element: Element, *, once: set[str], many: set[str]) -> None:
    names = [child.tag.removeprefix(A) for child in element]
    assert set(names) <= once | many, f"unknown elements: {set(names) - once - many}"
    for name in once:
        assert names.count(name) <= 1, f"4.1: {name} stands once at most"
    for name in ("id", "title", "updated"):
        assert names.count(name) == 1, f"4.1: {name} is needed"
        assert (element.findtext(f"{A}{name}") or "").strip(), f"{name} is blank"
    identifier = element.findtext(f"{A}id") or ""
    assert re.match(r"[a-z][a-z0-9+.-]*:\S+$", identifier), f"4.2.6: {identifier} is no absolute IRI"
    for name in ("updated", "published"):
        if date := element.findtext(f"{A}{name}"):
            assert _DATE.fullmatch(date), f"3.3: {date} is no RFC 3339 date"
            assert datetime.fromisoformat(date)
    for person in (*element.findall(f"{A}author"), *element.findall(f"{A}contributor")):
        assert (person.findtext(f"{A}name") or "").strip(), "3.2.1: a person has a name"
    for link in element.findall(f"{A}link"):
        assert re.match(r"https?://", link.get("href", "")), "4.2.7: an absolute address"
    for category in element.findall(f"{A}category"):
        assert category.get("term"), "4.2.2.1: a category has a term"
