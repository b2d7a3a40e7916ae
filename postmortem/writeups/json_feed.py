"""JSON Feed 1.1 (jsonfeed.org): the same entries as the Atom feed beside it, with the same texts and ids. Pure."""

import json
from typing import Any

from postmortem.writeups.feeds import Feed, FeedEntry, absolute, moment, unfolded

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed, base_url: str) -> bytes:
    """The feed as a document; every address in it is absolute."""
    document = {
        "version": VERSION,
        "title": feed.title,
        "description": feed.subtitle,
        "home_page_url": base_url + feed.page_path,
        **({"feed_url": base_url + feed.path} if feed.names_itself else {}),
        "language": "en",
        "authors": [{"name": feed.title}],
        "items": [_item(entry, base_url) for entry in feed.entries],
    }
    # A lone half of a surrogate pair is no character, and no UTF-8 either.
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")


def _item(entry: FeedEntry, base_url: str) -> dict[str, Any]:
    url = base_url + entry.path
    item: dict[str, Any] = {
        "id": entry.feed_id,
        "url": url,
        "title": entry.title,
        "content_html": absolute(unfolded(entry.html), url, base_url),
        "date_published": moment(entry.published_at),
        "date_modified": moment(entry.updated_at),
    }
    if entry.summary:
        item["summary"] = entry.summary
    if entry.author:
        item["authors"] = [{"name": entry.author}]
    if entry.categories:
        item["tags"] = list(entry.categories)
    return item
