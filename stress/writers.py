"""People who write all the time, through the real forms; each remembers what was acknowledged.

Whatever goes wrong on the way, a writer sends the very same form again, with its one-time key or its version,
until it is acknowledged: as a browser's reload, or the button of the page that says that nothing was saved.
"""

import http.client
import random
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.visitor import Visitor
from tests.support.pages import forms_of

# Status, body, headers by their lower-case names.
Answer = tuple[int, str, dict[str, str]]
PASSWORD = "a good long password"
GIVE_UP_SECONDS = 120


@dataclass(frozen=True)
class Write:
    """One acknowledged write: what kind, the words that only it has, and when the answer came."""

    kind: str
    marker: str
    at: float


@dataclass
class Writer:
    """One person in a thread. `trouble` says why it stopped too early."""

    port: int
    email: str
    name: str
    pause: float = 0.02
    acknowledged: list[Write] = field(default_factory=list)
    retried: int = 0
    trouble: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._visitor = Visitor(self.port)
        self._chance = random.Random(self.name)
        self._incidents: list[str] = []
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        self._visitor.sign_in(self.email, PASSWORD)
        self._thread.start()

    def finish(self) -> None:
        """Stop after the form that is under way, which is sent until it is acknowledged."""
        self.over.set()
        self._thread.join(GIVE_UP_SECONDS + 30)
        if self._thread.is_alive():
            self.trouble = self.trouble or "does not end"

    def _run(self) -> None:
        number = 0
        try:
            while not self.over.wait(self.pause):
                number += 1
                self._write(number)
        except Exception as error:
            self.trouble = f"{type(error).__name__}: {error}"

    def _write(self, number: int) -> None:
        marker = f"{self.name} writes {number}."
        kind = self._chance.choice(["incident", "action", "edit"]) if self._incidents else "incident"
        if kind == "incident":
            self._incidents.append(self._send(kind, "/incidents/new", "title", marker))
        elif kind == "action":
            self._send(kind, f"{self._chance.choice(self._incidents)}/actions/new", "title", marker)
        else:
            self._send(kind, f"{self._chance.choice(self._incidents)}/edit", "summary", marker)

    def _send(self, kind: str, path: str, name: str, marker: str) -> str:
        """Open a form, fill it in, send it until it is taken; returns where that led."""
        page = self._until(lambda: self._visitor.get(path), {200})[1]
        (form,) = [form for form in forms_of(page) if form.action == path]
        fields = {**form.data, name: [marker]}
        body = [(key, value) for key, values in fields.items() for value in values]
        # An edit that was saved before its answer was lost: the version is not the one it started from any more.
        taken = {303, 409} if kind == "edit" else {303}
        status, _, headers = self._until(lambda: self._post(path, body), {303}, taken)
        location = headers.get("location", "")
        if location.startswith("/login"):
            raise RuntimeError("was signed out")
        self.acknowledged.append(Write(kind, marker, time.time()))
        return location if status == 303 else path

    def _post(self, path: str, body: list[tuple[str, str]]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {**self._visitor.headers(), "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request("POST", path, urllib.parse.urlencode(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, text, {key.lower(): value for key, value in answer.getheaders()}
        finally:
            connection.close()

    def _until(self, ask: Callable[[], Answer], first: set[int], then: set[int] | None = None) -> Answer:
        """Ask until the answer is one of these; nobody there, or 503, is asked again."""
        wanted, began = first, time.monotonic()
        while time.monotonic() - began < GIVE_UP_SECONDS:
            try:
                answer = ask()
            except (OSError, http.client.HTTPException):
                answer = (0, "", {})
            if answer[0] in wanted:
                return answer
            if answer[0] not in (0, 502, 503):
                raise RuntimeError(f"an answer of {answer[0]}: {answer[1][:300]!r}")
            self.retried += 1
            wanted = then or first
            time.sleep(0.1)
        raise RuntimeError("nobody answered for long")
