"""Thousands of script-injection strings through every kind of field and every view, in a real Chromium: none may run.

Each batch is filed through the forms, then every view that shows it is opened with the content security policy and
with it bypassed. What counts as run: a call of what was planted, a dialog, a request to another site, an element or
attribute that would act in the page, and with the policy on anything that the policy had to stop.
"""

import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from postmortem.accounts.models import Person
from stress import arguments
from stress.injection_planting import Planted, Planter, text_of
from stress.injection_strings import strings
from tests.support.client import Browser

BATCH = 110
OF_ERRORS = ("not there", "asked for", "next")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
PLANTED = """
window.__ran = [];
window.hit = (...what) => window.__ran.push("hit " + what);
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = (...what) => window.__ran.push(name + " " + what);
"""
# Everything that reacts is provoked, and what would act in a page without being provoked is looked for.
PROVOKE = """() => {
  const found = [...window.__ran];
  const live = "script:not([src^='/static/']), iframe, object, embed, base, meta[http-equiv], frame, applet, style, "
    + "link:not([href^='/']), animate, set, foreignObject, form:not([action^='/'])";
  for (const element of document.querySelectorAll(live)) found.push("element " + element.outerHTML.slice(0, 120));
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      // A browser shows a feed as text, in elements and with a style of its own.
      const isOurs = document.contentType === "text/html";
      if (isOurs && (name.startsWith("on") || name === "style" || name === "srcdoc")) found.push("attribute " + name + "=" + value);
      const isAddress = ["href", "src", "action", "formaction", "data", "poster", "xlink:href", "background"].includes(name);
      if (isAddress && !["http:", "https:", "mailto:"].includes(new URL(value, location.href).protocol)) {
        found.push("address " + value);
      }
      const isLoaded = ["src", "srcset", "poster", "data"].includes(name) || (name === "href" && element.tagName !== "A");
      if (isLoaded && isAddress && new URL(value, location.href).origin !== location.origin) found.push("load " + value);
    }
    for (const event of ["error", "load", "mouseover", "mouseenter", "pointerenter", "focus", "toggle", "wheel", "animationstart"]) {
      element.dispatchEvent(new Event(event));
    }
  }
  found.push(...window.__ran.slice(found.filter((what) => /^(hit|alert)/.test(what)).length));
  return [...new Set(found)];
}"""


# Every line gets a string, which most of them refuse: the form comes back with all that was typed.
FILL = """([batch, text]) => {
  const lines = document.querySelectorAll("main form input[type=text]");
  lines.forEach((line, index) => { line.value = batch[index % batch.length]; });
  for (const area of document.querySelectorAll("main form textarea")) area.value = text;
}"""


@dataclass
class Report:
    """What ran, and where the strings were."""

    ran: list[str] = field(default_factory=list)
    views: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)

    def add(self, planted: Planted) -> None:
        for ours, theirs in ((self.kept, planted.kept), (self.refused, planted.refused)):
            for kind, count in theirs.items():
                ours[kind] = ours.get(kind, 0) + count


class Watched:
    """A page of a browser in which nothing planted may run."""

    def __init__(self, context: BrowserContext, address: str, report: Report, *, has_policy: bool) -> None:
        self.address, self.report, self.has_policy = address, report, has_policy
        context.add_init_script(PLANTED)
        self.page = context.new_page()
        self.page.set_default_timeout(90_000)
        self.page.on("request", self._requested)
        self.page.on("dialog", self._dialog)
        self.page.on("console", self._console)

    def _ran(self, what: str) -> None:
        self.report.ran.append(
            f"{'with' if self.has_policy else 'without'} policy, {self.page.url[:120]}: {what}"
        )

    def _requested(self, request: Any) -> None:
        # Only watched: stepping in between would turn the browser's cache off.
        if not request.url.startswith((self.address, "data:", "blob:")):
            self._ran(f"request to {request.url[:120]}")

    def _dialog(self, dialog: Any) -> None:
        self._ran(f"dialog {dialog.message}")
        dialog.dismiss()

    def _console(self, message: Any) -> None:
        if self.has_policy and "Content Security Policy" in message.text:
            self._ran(message.text[:200])

    def look(self, view: str, count: int) -> None:
        """Provoke what is on the page now. `count` strings are on it."""
        for what in self.page.evaluate(PROVOKE):
            self._ran(what)
        self.report.views[view] = self.report.views.get(view, 0) + count

    def open(self, view: str, path: str, count: int) -> None:
        answer = self.page.goto(f"{self.address}{path}", wait_until="load")
        if view not in OF_ERRORS and (answer is None or not answer.ok):
            self._ran(f"the view is not there: {answer.status if answer else 'nothing'}")
        self.look(view, count)


def control(context: BrowserContext, address: str, *, has_policy: bool) -> bool:
    """Whether a page on which script does come alive is noticed."""
    report = Report()
    watched = Watched(context, address, report, has_policy=has_policy)
    watched.page.goto(f"{address}/login")
    watched.page.evaluate(
        """() => { document.body.innerHTML = "<img src=x onerror=hit(1)><p onmouseover=hit(2)>x<a href='javascript:hit(3)'>y"
            + "<img src=https://evil.example/x.png>"; }"""
    )
    watched.page.wait_for_timeout(300)
    watched.look("control", 4)
    watched.page.close()
    told = " ".join(report.ran)
    wanted = ["attribute onerror", "address javascript", "load https://evil"]
    wanted += ["Content Security Policy"] if has_policy else ["hit 1", "hit 2", "request to https://evil"]
    return all(word in told for word in wanted)


def look_everywhere(watched: Watched, planted: Planted, batch: list[str], most: int) -> None:
    """Every view that shows this batch."""
    count, page = len(batch), watched.page
    for view, path in (
        ("incident", planted.incident), ("incident, edit", f"{planted.incident}/edit"),
        ("incident, delete", f"{planted.incident}/delete"), ("write-up, draft", planted.writeup),
        ("write-up, edit", f"{planted.writeup}/edit"), ("write-up, history", f"{planted.writeup}/history"),
        ("write-up, publish", f"{planted.writeup}/publish"), ("write-up, delete", f"{planted.writeup}/delete"),
        ("write-up, published", planted.published), ("published, history", f"{planted.published}/history"),
        ("write-up, withdraw", f"{planted.published}/withdraw"), ("front page", "/"), ("feed", "/writeups/feed.atom"),
        ("tags", "/tags/"), ("trash", "/settings/trash"), ("restrictions", "/settings/restrictions"),
        ("requests", "/settings/access-requests"), ("audit", "/settings/history"), ("mine", "/me"),
    ):  # fmt: skip
        watched.open(view, path, count)
    for view, path in planted.around.items():
        watched.open(view, path, count)
    for path in planted.tags:
        watched.open("links and tags", path, min(count, 20))
    for view in ("incidents", "actions", "people", "teams", "services"):
        watched.open(view, f"/{view}/", 25)
        while watched.report.views[view] < most and page.locator("a[rel=next]").count():
            page.locator("a[rel=next]").click()
            page.wait_for_load_state()
            watched.look(view, 25)
    for text in batch[:most]:
        if watched.report.views.get("not there", 0) < 2 * most:
            watched.open("not there", f"/nowhere/{quote(text, safe='')}", 1)
            watched.open("asked for", f"/incidents/?q={quote(text)}", 1)
            watched.open("next", f"/login?next={quote(text)}", 1)
    _forms(watched, planted, batch)


def _forms(watched: Watched, planted: Planted, batch: list[str]) -> None:
    """What was typed comes back: preview, refusal, conflict."""
    page, text, count = watched.page, text_of(batch), len(batch)
    page.goto(f"{watched.address}{planted.writeup}/edit")
    # In front, because what follows may leave something open; what was there before stays until the answer has come.
    page.fill("#body", f"In the preview.\n\n{text}")
    page.locator("[data-preview-view]").get_by_text("In the preview.", exact=True).wait_for()
    watched.look("preview", count)
    page.evaluate("document.querySelector('main form input[name=version]').value = '1'")
    page.locator("main form button[type=submit]").first.click()
    page.locator(".conflict").wait_for()
    watched.look("conflict", count)
    page.goto(f"{watched.address}/incidents/new")
    page.evaluate(FILL, [batch, text])
    page.locator("main form button[type=submit]").first.click()
    page.locator(".error-summary").wait_for()
    watched.look("refused", count)
    page.goto(f"{watched.address}/incidents/new")
    page.get_by_role("button", name=re.compile("^Bring back")).click()
    watched.look("brought back", count)


def attack(
    app: Flask, address: str, chromium: Chromium, admin: Person, texts: list[str], *, most: int = 100, is_short: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Report:  # fmt: skip
    """Plant all the strings and look at them in both ways; every view gets at least `most` where there are so many."""
    app.config["SERVER_NAME"] = address.removeprefix("http://")
    report, browser = Report(), Browser(app)
    browser.sign_in(admin)
    planter = Planter(browser, is_short=is_short)
    contexts = [(chromium.new_context(bypass_csp=not policy), policy) for policy in (True, False)]
    for context, policy in contexts:
        if not control(context, address, has_policy=policy):
            report.ran.append("the control did not notice a page that runs script")
        context.clear_cookies()
        cookie = browser.client.get_cookie("postmortem", domain="localhost")
        assert cookie is not None
        context.add_cookies([{"name": "postmortem", "value": cookie.value, "url": address}])
    watching = [Watched(context, address, report, has_policy=policy) for context, policy in contexts]
    size = len(texts) if is_short else BATCH
    for start in range(0, len(texts), size):
        batch = texts[start : start + size]
        planted = planter.plant(batch)
        report.add(planted)
        for watched in watching:
            look_everywhere(watched, planted, batch, most)
        say(f"{min(start + size, len(texts)):,} of {len(texts):,} strings, {len(report.ran)} ran")
    for context, _ in contexts:
        context.close()
    return report


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing: thousands of requests are no news."""


@contextmanager
def served(make: Callable[[str], Flask]) -> Iterator[tuple[Flask, str]]:
    """The application that `make(address)` makes, and the address at which it is served."""
    holder: dict[str, Flask] = {}
    server = make_server(
        "127.0.0.1",
        0,
        lambda environ, start: holder["app"](environ, start),
        threaded=True,
        request_handler=_Quiet,
    )
    address = f"http://localhost:{server.server_port}"
    holder["app"] = make(address)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield holder["app"], address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def a_site() -> Iterator[tuple[Flask, str, Person]]:
    """An empty site with an admin, served from a folder of its own."""
    from postmortem import schema
    from postmortem.accounts.enums import Role
    from postmortem.accounts.operations import add_person
    from postmortem.app import create_app
    from postmortem.config import load_config
    from postmortem.history.operations import CLI

    with TemporaryDirectory() as folder:

        def make(address: str) -> Flask:
            config = load_config(
                {"POSTMORTEM_DATA_DIR": str(Path(folder) / "data"), "POSTMORTEM_BASE_URL": address}
            )
            app = create_app(config)
            schema.upgrade(app.extensions["database"])
            return app

        with served(make) as (app, address):
            with app.extensions["database"].session(writes=True) as session:
                admin = add_person(
                    session, email="admin@example.com", name="Mallory Admin", role=Role.ADMIN,
                    password="a good long password", actor=CLI,
                )  # fmt: skip
                session.commit()
                session.refresh(admin)
                session.expunge_all()
            yield app, address, admin
            app.extensions["database"].dispose()


def main(arguments_given: list[str] | None = None) -> int:
    """Run it; the exit code is 0 only when nothing ran."""
    texts = strings()
    asked = arguments.parser(__doc__, short=100, long=len(texts), unit="strings").parse_args(arguments_given)
    wanted = arguments.rounds(asked)
    path = next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)
    if path is None:
        print("This needs Chromium.")
        return 1
    started = time.monotonic()
    with a_site() as (app, address, admin), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        chosen = texts if wanted >= len(texts) else strings(wanted)
        report = attack(
            app, address, chromium, admin, chosen, say=lambda text: print(f"   {text}", flush=True)
        )
        chromium.close()
    for title, counts in (("views", report.views), ("kept", report.kept), ("refused", report.refused)):
        print(f"   {title}: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    for what in list(dict.fromkeys(report.ran))[:40]:
        print(f"   RAN: {what}")
    print(f"   {len(chosen):,} strings, {len(report.ran)} ran, {time.monotonic() - started:.0f} s")
    return 1 if report.ran else 0


if __name__ == "__main__":
    sys.exit(main())
