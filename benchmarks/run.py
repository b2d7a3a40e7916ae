"""`make bench`: each page's throughput, latency and CPU per request, as ratios to the reference and to N = 1,000.

A share is the reference's CPU per request divided by the page's: 0.10 means that the page costs ten times
a bare hello. Figures of one run are comparable with each other and with nothing else: so the reference and
both databases are served side by side and asked in turn, and of several rounds the cheapest counts.
"""

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks import start_up
from benchmarks.bars import Bar, bars
from benchmarks.data import ORIGINALS, fill
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
FILING = "file an incident"


class Site:
    """The program on a database of some size, with somebody signed in."""

    def __init__(self, stack: ExitStack, folder: Path, incidents: int) -> None:
        self.data_dir, self.incidents = folder, incidents
        _make_database(folder, incidents)
        port = free_port()
        self.server: Server = stack.enter_context(postmortem(folder, port, POSTMORTEM_PUBLIC_READING="yes"))
        self.visitor = Visitor(port)
        self.visitor.sign_in(EMAIL, PASSWORD)
        self.bars: list[Bar] = [*bars(self.visitor)]
        self.best: dict[str, Measured] = {}
        for bar in self.bars:
            self.visitor.get(bar.request.paths[0], bar.request.headers)
        self.first_mb = self.largest_process_mb()

    def largest_process_mb(self) -> float:
        """Resident memory of the web process that holds most."""
        return max(resident_mb(pid) for pid in self.server.workers())

    def measure(self, name: str, request: Request, count: int) -> None:
        """Measure once more; the cheapest round so far is kept."""
        measured = measure(self.server, request, count=count)
        self.best[name] = min(self.best.get(name, measured), measured, key=lambda each: each.cpu_ms)


def main() -> int:
    """Measure and print; the exit code says nothing about the bars, which are for people to read."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--incidents", type=int, default=10_000, help=f"N, a multiple of {ORIGINALS}")
    parser.add_argument("--requests", type=int, default=400, help="of each kind and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="only what has this in its name")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        # An installed program starts from compiled files, whatever this shell thinks of writing them.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        bare = stack.enter_context(reference(folder))
        small = Site(stack, folder / "small", SMALL)
        large = Site(stack, folder / "large", arguments.incidents)
        rounds = [
            _round(bare, small, large, arguments.requests, arguments.only) for _ in range(arguments.rounds)
        ]
        hello = min(rounds, key=lambda each: each.cpu_ms)
        print(f"N = {large.incidents:,}; the cheapest of {len(rounds)} rounds of {arguments.requests}")
        print(f"  {'reference: bare Flask under gunicorn gthread':<46}{_row(hello)}")
        for bar in large.bars:
            if bar.name in large.best:
                _print(bar, large.best[bar.name], hello, small.best[bar.name])
        if FILING in large.best:
            base = baseline_cpu_ms(large.data_dir)
            filing = large.best[FILING]
            print(
                f"  {FILING:<46}{_row(filing)}  {filing.cpu_ms / base:.1f} inserts {_mark(6 * base / filing.cpu_ms, 1)}"
            )
        if not arguments.only:
            _memory(large)
            _start_up(folder)
    return 0


def _round(bare: Server, small: Site, large: Site, requests: int, only: str) -> Measured:
    """Everything once, the small database and the large one in turn; and the reference, cheapest of two."""
    first = measure(bare, Request(["/"]), count=requests * 3, warm_up=100)
    for bar, same in zip(large.bars, small.bars, strict=True):
        if only in bar.name:
            # A cheap answer needs more of them, because the system counts CPU in hundredths of a second.
            count = requests * 3 if bar.request.expect == 304 else requests
            small.measure(bar.name, same.request, count)
            large.measure(bar.name, bar.request, count)
    if only in FILING:
        large.measure(FILING, filing_form(large.visitor), requests)
    last = measure(bare, Request(["/"]), count=requests * 3, warm_up=100)
    return min(first, last, key=lambda each: each.cpu_ms)


def _make_database(data_dir: Path, incidents: int) -> None:
    data_dir.mkdir(mode=0o700)
    database = Database(f"sqlite:///{data_dir / 'postmortem.db'}")
    schema.upgrade(database)
    with database.session(writes=True) as session:
        # Not an admin: for everybody else a list also asks which restricted incidents they may see.
        add_person(session, email=EMAIL, name="Bench", role=Role.CONTRIBUTOR, password=PASSWORD, actor=CLI)
        session.commit()
    fill(database, incidents)
    database.dispose()


def _row(measured: Measured) -> str:
    return (
        f"{measured.rps:7.0f}/s  p50 {measured.p50_ms:6.1f} ms  p99 {measured.p99_ms:6.1f} ms"
        f"  CPU {measured.cpu_ms:6.2f} ms"
    )


def _print(bar: Bar, measured: Measured, hello: Measured, small: Measured) -> None:
    share, growth = hello.cpu_ms / measured.cpu_ms, measured.cpu_ms / small.cpu_ms
    line = f"  {bar.name:<46}{_row(measured)}  share {share:.3f}"
    if bar.share:
        line += f" {_mark(share, bar.share)}"
    line += f"  x{growth:.2f} of N = {SMALL:,}"
    if bar.grows_by:
        line += f" {_mark(bar.grows_by / growth, 1, f'{bar.grows_by:.2f}')}"
    print(line, flush=True)


def _mark(reached: float, wanted: float, text: str = "") -> str:
    return (
        f"({'holds' if reached >= wanted else 'MISSES'}{f' {text or wanted}' if text or wanted != 1 else ''})"
    )


def _memory(site: Site) -> None:
    bare = start_up.bare_memory_mb()
    worker = site.largest_process_mb()
    print(
        f"memory of a web process: {site.first_mb:.0f} MB once every page was asked for, {site.first_mb / bare:.2f} of "
        f"bare Flask with SQLAlchemy (aim: at most 1.5); {worker:.0f} MB, {worker / bare:.2f}, after all of the above"
    )


def _start_up(folder: Path) -> None:
    environ = {**os.environ, "POSTMORTEM_DATA_DIR": str(folder / "small")}
    ratios = start_up.start_up_ratios(environ)
    print(f"start-up CPU: {ratios['start']:.2f} of `import flask, sqlalchemy.orm` (aim: at most 1.6)")
    print(f"postmortem --help: {ratios['help']:.2f} of it (aim: at most 0.25)")


if __name__ == "__main__":
    sys.exit(main())
