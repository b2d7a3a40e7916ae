"""What is measured, and what it should reach."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.load import Request
from benchmarks.visitor import Visitor

LISTING = "/incidents/"
# Each fills a page in the small database too; else its page would grow with N because its rows do.
FILTERS = (
    "severity=sev1", "status=open", "kind=near_miss", "service=service-5", "team=team-3", "tag=tag-12",
    "detected_by=customer", "since=2016-02-01&until=2016-03-31", "sort=oldest", "sort=filed",
)  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """One thing that is measured, and the share of the reference it should reach (None: only reported)."""

    name: str
    request: Request
    share: float | None = None
    grows_by: float | None = None


def bars(visitor: Visitor) -> Iterator[Bar]:
    """Every page, as this signed-in visitor asks for it."""
    mine = visitor.headers()
    yield Bar("incident list", Request([LISTING], mine), 0.10, 1.15)
    yield Bar("incident list, deepest page", Request([visitor.deepest_page(LISTING)], mine), 0.10, 1.15)
    for query in FILTERS:
        yield Bar(f"incident list, {query}", Request([f"{LISTING}?{query}"], mine), 0.10, 1.15)
    yield Bar("incident list, a rare tag", Request([f"{LISTING}?tag=tag-149"], mine), 0.10)
    yield Bar("incident list, text", Request([f"{LISTING}?q=certificate"], mine))
    yield Bar("incident page", Request([f"/incidents/{n}" for n in range(1, 5)], mine))
    yield Bar("front page", Request(["/"], mine))
    yield Bar("action list", Request(["/actions/"], mine))
    entries = [f"/writeups/entry-{n}" for n in range(1, 9, 2)]
    yield Bar("write-up", Request(entries, mine), 0.20)
    yield Bar("write-up, 304", _unchanged(visitor, entries[0], mine), 0.30)
    yield Bar("write-up, public", Request(entries), 0.50)
    yield Bar("write-up, public, 304", _unchanged(visitor, entries[0], {}), 0.60)
    yield Bar("feed", Request(["/writeups/feed.atom"], mine))


def _unchanged(visitor: Visitor, path: str, headers: dict[str, str]) -> Request:
    return Request([path], {**headers, "If-None-Match": visitor.etag(path, headers)}, expect=304)
