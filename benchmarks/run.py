"""`make bench`: each page's throughput, latency and CPU per request, as ratios to the reference and to N = 1,000.

A share is the reference's CPU per request divided by the page's: 0.10 means that the page costs ten times
a bare hello. Figures of one run are comparable with each other and with nothing else.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import start_up
from benchmarks.data import fill
from benchmarks.filing import baseline_cpu_ms, filing_form
from benchmarks.load import Measured, Request, measure
from benchmarks.servers import Server, free_port, postmortem, reference, resident_mb
from benchmarks.visitor import Visitor
from postmortem import schema
from postmortem.accounts.enums import Role
from postmortem.accounts.operations import add_person
from postmortem.db import Database
from postmortem.history.operations import CLI

SMALL = 1000
EMAIL, PASSWORD = "bench@example.com", "a good long password"


@dataclass(frozen=True)
class Bar:
    """One thing that is measured, and the share of the reference it should reach (None: only reported)."""

    name: str
    request: Request
    share: float | None = None
    grows_by: float | None = None


def main() -> int:
    """Measure and print; the exit code says nothing about the bars, which are for people to read."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=400)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with reference(folder) as server:
            hello = measure(server, Request(["/"]), count=arguments.requests * 5, warm_up=200)
        print(f"reference: bare Flask under gunicorn gthread: {_row(hello)}\n")
        small = _pages(folder / "small", SMALL, arguments.requests, None, None)
        print()
        _pages(folder / "large", arguments.incidents, arguments.requests, hello, small)
        print()
        _start_up(folder)
    return 0


def _pages(
    data_dir: Path, incidents: int, requests: int, hello: Measured | None, small: dict[str, Measured] | None
) -> dict[str, Measured]:
    """Fill a database, start the program on it, measure every page."""
    database = _database(data_dir, incidents)
    port = free_port()
    found: dict[str, Measured] = {}
    print(f"N = {incidents:,} incidents")
    with postmortem(data_dir, port, POSTMORTEM_PUBLIC_READING="yes") as server:
        visitor = Visitor(port)
        visitor.sign_in(EMAIL, PASSWORD)
        for bar in _bars(visitor, incidents):
            count = requests * 3 if bar.request.expect == 304 else requests
            measured = measure(server, bar.request, count=count)
            found[bar.name] = measured
            _print(bar, measured, hello, (small or {}).get(bar.name))
        filing = measure(server, filing_form(visitor), count=requests)
        base = baseline_cpu_ms(data_dir)
        print(
            f"  {'file an incident':<44}{_row(filing)}  {filing.cpu_ms / base:5.1f} inserts (aim: at most 6)"
        )
        if hello:
            _memory(server)
    database.dispose()
    return found


def _database(data_dir: Path, incidents: int) -> Database:
    data_dir.mkdir(mode=0o700)
    database = Database(f"sqlite:///{data_dir / 'postmortem.db'}")
    schema.upgrade(database)
    with database.session(writes=True) as session:
        add_person(session, email=EMAIL, name="Bench", role=Role.ADMIN, password=PASSWORD, actor=CLI)
        session.commit()
    fill(database, incidents)
    return database


def _bars(visitor: Visitor, incidents: int) -> Iterator[Bar]:
    signed_in = visitor.headers()
    listing = "/incidents/"

    def page(path: str) -> Request:
        return Request([path], signed_in)

    yield Bar("incident list", page(listing), 0.10, 1.15)
    yield Bar("incident list, deepest page", page(visitor.deepest_page(listing)), 0.10, 1.15)
    for query in (
        "severity=sev1", "status=open", "kind=near_miss", "service=service-2", "team=team-2", "tag=tag-3", "tag=tag-150",
        "detected_by=customer", "since=2016-03-01&until=2016-03-31", "sort=oldest", "sort=filed",
    ):  # fmt: skip
        yield Bar(f"incident list, {query}", page(f"{listing}?{query}"), 0.10, 1.15)
    yield Bar("incident list, text", page(f"{listing}?q=certificate"))
    yield Bar("incident page", Request([f"/incidents/{n}" for n in range(1, 21)], signed_in))
    yield Bar("front page", page("/"))
    yield Bar("action list", page("/actions/"))
    entries = [f"/writeups/entry-{n}" for n in range(1, 41, 2)]
    yield Bar("write-up, signed in", Request(entries, signed_in), 0.20)
    yield Bar("write-up, signed in, 304", _unchanged(visitor, entries[0], signed_in), 0.30)
    yield Bar("write-up, public", Request(entries), 0.50)
    yield Bar("write-up, public, 304", _unchanged(visitor, entries[0], {}), 0.60)
    yield Bar("feed", page("/writeups/feed.atom"))


def _unchanged(visitor: Visitor, path: str, headers: dict[str, str]) -> Request:
    return Request([path], {**headers, "If-None-Match": visitor.etag(path, headers)}, expect=304)


def _row(measured: Measured) -> str:
    return (
        f"{measured.rps:7.0f}/s  p50 {measured.p50_ms:6.1f} ms  p99 {measured.p99_ms:6.1f} ms"
        f"  CPU {measured.cpu_ms:6.2f} ms"
    )


def _print(bar: Bar, measured: Measured, hello: Measured | None, small: Measured | None) -> None:
    line = f"  {bar.name:<44}{_row(measured)}"
    if hello:
        share = hello.cpu_ms / measured.cpu_ms
        line += f"  share {share:.3f}"
        if bar.share:
            line += f" ({'holds' if share >= bar.share else 'MISSES'} {bar.share:.2f})"
    if small:
        growth = measured.cpu_ms / small.cpu_ms
        line += f"  x{growth:.2f} of N = {SMALL:,}"
        if bar.grows_by:
            line += f" ({'holds' if growth <= bar.grows_by else 'MISSES'} {bar.grows_by:.2f})"
    print(line, flush=True)


def _memory(server: Server) -> None:
    bare = start_up.bare_memory_mb()
    worker = max(resident_mb(pid) for pid in server.workers())
    print(
        f"\nmemory of a web process: {worker:.0f} MB, {worker / bare:.2f} of bare Flask with SQLAlchemy (aim: at most 1.5)"
    )


def _start_up(folder: Path) -> None:
    environ = {**os.environ, "POSTMORTEM_DATA_DIR": str(folder / "small")}
    ratios = start_up.start_up_ratios(environ)
    print(f"start-up CPU: {ratios['start']:.2f} of `import flask, sqlalchemy.orm` (aim: at most 1.6)")
    print(f"postmortem --help: {ratios['help']:.2f} of it (aim: at most 0.25)")


if __name__ == "__main__":
    sys.exit(main())
