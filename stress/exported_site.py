"""The exported site at full size: every link followed from a disk and through a file server, and searched in Chromium.

It holds the sample company, the real write-ups that lie beside the checkout, and so many more entries made of their texts.
"""

import resource
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import schema
from postmortem.app import create_app
from postmortem.config import load_config
from postmortem.history.operations import CLI, IMPORT
from postmortem.imports.demo import load_samples
from postmortem.imports.formats.markdown import plan_import
from postmortem.imports.operations import import_plan
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.models import Publication
from postmortem.writeups.operations import publish_writeups, start_writeups
from stress import arguments
from stress.script_injection import ARGUMENTS
from tests.exports.conftest import exporting
from tests.support.static_site import files_of, served, walk
from tests.text.samples import DATA

REAL = ("icco-postmortems/data", "posthog-postmortems")
BATCH = 200
# From the last key to the results; a word of few letters finds thousands.
MOST_MS = 300
SEARCHES = ("cache", "database failover", "certificate", "s", "the", "replica lag")


def fill(session: Session, more: int) -> None:
    """Everything there is, and `more` entries with the same texts under other titles and days."""
    load_samples(session, actor=CLI)
    for name in REAL:
        if (DATA / name).is_dir():
            plan = plan_import(DATA / name, source=name.partition("-")[0])
            import_plan(session, plan, actor=IMPORT)
    session.commit()
    texts = session.execute(select(Publication.title, Publication.tldr, Publication.body)).all()
    for start in range(0, more, BATCH):
        drafts, days = [], []
        for number in range(start, min(start + BATCH, more)):
            title, tldr, body = texts[number % len(texts)]
            tags = [f"tag-{number % 97}", f"kind-{number % 7}"]
            drafts.append(
                WriteupDraft(title=f"{title[:150]}, again {number}", tldr=tldr, body=body, tags=tags)
            )
            days.append(datetime(2010, 1, 1, tzinfo=UTC) + timedelta(days=number, seconds=number))
        made = start_writeups(session, drafts, actor=CLI)
        publish_writeups(session, list(zip(made, days, strict=True)), actor=CLI)
        session.commit()


def problems_of(folder: Path) -> list[str]:
    """What is wrong with the links of a site, from a disk and through a server below an address."""
    found = walk((folder / "index.html").as_uri(), folder.as_uri())
    print(
        f"   from a disk: {len(found.pages):,} pages, {len(found.files):,} files, {len(found.broken)} broken links"
    )
    with served(folder.parent) as address:
        root = f"{address}/{folder.name}/"
        through = walk(root, root)
    print(f"   through a server: {len(through.files):,} files, {len(through.broken)} broken links")
    return [*found.broken, *found.foreign, *through.broken, *through.foreign]


def in_the_browser(folder: Path) -> list[str]:
    """Requests to elsewhere, complaints, what axe found, and searches that took too long or found nothing."""
    path = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
    if path is None:
        return ["this needs Chromium"]
    wrong: list[str] = []
    with served(folder.parent) as address, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=path, args=ARGUMENTS).new_page()
        page.on("request", lambda one: one.url.startswith(address) or wrong.append(f"request to {one.url}"))
        page.on("console", lambda one: wrong.append(f"{page.url}: {one.text}"))
        page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
        entries = sorted(path.name for path in (folder / "writeups").glob("*.html"))
        some = [f"writeups/{name}" for name in entries[:: max(1, len(entries) // 20)]]
        for each in ("index.html", "browse.html", "search.html", *some):
            page.goto(f"{address}/{folder.name}/{each}")
        for each in ("index.html", some[0], some[-1], "search.html#q=cache"):
            page.goto(f"{address}/{folder.name}/{each}")
            wrong += [f"{each}: {item['id']}" for item in Axe().run(page).response["violations"]]
        wrong += _searched(page)
    return wrong


def _searched(page: Page) -> list[str]:
    slow = []
    for words in SEARCHES:
        took, found = page.evaluate(
            """async (words) => {
              const box = document.querySelector("#words");
              box.value = "";
              box.dispatchEvent(new Event("input"));
              await new Promise((done) => setTimeout(done, 200));
              box.value = words;
              const began = performance.now();
              const said = document.querySelector("#found");
              const changed = new Promise((done) => new MutationObserver(done).observe(said, { childList: true }));
              box.dispatchEvent(new Event("input"));
              await changed;
              return [performance.now() - began, said.textContent];
            }""",
            words,
        )
        print(f"   {words!r}: {took:.0f} ms, {found}")
        if took > MOST_MS or not found or found.startswith("Nothing"):
            slow.append(f"{words!r} took {took:.0f} ms: {found}")
    return slow


def _exported(app: Flask, folder: Path) -> None:
    began, at = time.monotonic(), time.process_time()
    told = exporting(app)(folder, include_internal=True)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"   {told.writeups:,} write-ups as {told.pages:,} pages, {size // 1_000_000} MB, "
        f"index {(folder / 'search-index.js').stat().st_size // 1000} KB: "
        f"{time.monotonic() - began:.0f} s, {time.process_time() - at:.0f} s of computing, {memory} MB of memory at most"
    )


def main(arguments_given: list[str] | None = None) -> int:
    """Export twice, follow every link, search; the exit code is 0 only when nothing is wrong."""
    given = arguments.parser(__doc__, short=0, long=3000, unit="entries more").parse_args(arguments_given)
    with TemporaryDirectory() as work:
        config = load_config(
            {"POSTMORTEM_DATA_DIR": f"{work}/data", "POSTMORTEM_BASE_URL": "http://localhost"}
        )
        app = create_app(config)
        database = app.extensions["database"]
        schema.upgrade(database)
        with database.session(writes=True) as session:
            fill(session, arguments.rounds(given))
        one, other = Path(work) / "one", Path(work) / "other"
        _exported(app, one)
        _exported(app, other)
        database.dispose()
        same = files_of(one) == files_of(other)
        wrong = [*problems_of(one), *in_the_browser(one), *(() if same else ("two exports differ",))]
    for each in wrong[:20]:
        print("  ", each)
    print("   everything held" if not wrong else f"   {len(wrong)} problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
