"""People who edit the same texts, each in a thread, and somebody who deletes them meanwhile; through the real forms."""

import html
import http.client
import random
import re
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

from benchmarks.visitor import Visitor
from stress.writers import PASSWORD
from tests.support.pages import Form, forms_of

GIVE_UP_SECONDS = 120
# Each conflict's field, and what is saved there now.
# A paragraph that both changed, at the desk of a write-up, and what is saved there now.
_CLASH = re.compile(r'aria-label="[^"]*, saved now">(.*?)</div>.*?name="choice-([\w-]+)"', re.DOTALL)
_CONFLICT = re.compile(r'<h3><a href="#([\w-]+)">.*?, saved now"( data-blank)?[^>]*>(.*?)</div>', re.DOTALL)


@dataclass(frozen=True)
class Text:
    """A text that everybody edits."""

    model: Any
    record: int
    path: str
    name: str
    # Where the record is deleted and brought back meanwhile.
    delete: str = ""


@dataclass(frozen=True)
class Answer:
    status: int
    body: str
    location: str = ""


@dataclass
class Editor:
    """One person in a thread."""

    port: int
    email: str
    texts: list[Text]
    wanted: int
    seed: int
    saved: list[tuple[Text, str]] = field(default_factory=list)
    conflicts: int = 0
    brought_back: int = 0
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._visitor = Visitor(self.port)
        self._chance = random.Random(self.seed)
        self.thread = threading.Thread(target=self._run, name=self.email, daemon=True)

    def sign_in(self) -> None:
        self._visitor.sign_in(self.email, PASSWORD)

    def _run(self) -> None:
        try:
            while len(self.saved) < self.wanted:
                text = self._chance.choice(self.texts)
                self._edit(text, f"mark-{self.seed}-{len(self.saved)}.")
        except Exception as error:
            self.problems.append(f"{self.email}: {type(error).__name__}: {error}")

    def _edit(self, text: Text, mark: str) -> None:
        opened = self._ask("GET", text.path)
        if opened.status == 404 and text.delete:
            # Deleted for the moment: somebody else's text, then.
            return
        form = self._form(opened, text)
        form.data[text.name] = [f"{form.data[text.name][0]}\n{mark}".strip()]
        time.sleep(self._chance.uniform(0, 0.03))
        until = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < until:
            answer = self._ask("POST", text.path, form.data)
            if answer.status == 303:
                self.saved.append((text, mark))
                return
            if answer.status != 409:
                raise RuntimeError(
                    f"saving {text.path} was answered with {answer.status}: {answer.body[:300]}"
                )
            self.conflicts += 1
            form = self._merged(answer, text, form, mark)
        raise RuntimeError(f"{text.path} could not be saved for long")

    def _form(self, answer: Answer, text: Text) -> Form:
        found = [form for form in forms_of(answer.body) if form.action == text.path]
        if answer.status not in (200, 409) or len(found) != 1:
            raise RuntimeError(f"{text.path} was answered with {answer.status} and {len(found)} forms")
        return found[0]

    def _merged(self, answer: Answer, text: Text, sent: Form, mark: str) -> Form:
        """The form as it came back, with the saved text and the mark under it, after looking at what the page shows."""
        form = self._form(answer, text)
        if "against" in form.data:
            return self._chosen(answer, form, mark)
        theirs = {
            name: "" if blank else html.unescape(value).strip()
            for name, blank, value in _CONFLICT.findall(answer.body)
        }
        if form.data[text.name] != sent.data[text.name]:
            self.problems.append(f"{text.path}: what was typed is not in the form any more")
        if text.name not in theirs:
            self.problems.append(f"{text.path}: a conflict that does not show the saved {text.name}")
            return form
        if mark in theirs[text.name]:
            self.problems.append(f"{text.path}: {mark} was saved, and the answer was a conflict")
        for name, saved in theirs.items():
            form.data[name] = [saved]
        form.data[text.name] = [f"{theirs[text.name]}\n{mark}".strip()]
        return form

    def _chosen(self, answer: Answer, form: Form, mark: str) -> Form:
        """The choice as it is asked for: each paragraph as it is saved, and the mark under the last of them."""
        asked = {key: html.unescape(saved).strip() for saved, key in _CLASH.findall(answer.body)}
        if not asked:
            self.problems.append("a choice that shows nothing to choose between")
        for number, (key, saved) in enumerate(asked.items()):
            form.data[f"choice-{key}"] = ["own"]
            last = number == len(asked) - 1
            form.data[f"own-{key}"] = [f"{saved}\n{mark}".strip() if last else saved]
        return form

    def _ask(self, method: str, path: str, data: dict[str, list[str]] | None = None) -> Answer:
        """Ask until there is an answer other than that nothing can be saved now."""
        headers, until = self._visitor.headers(), time.monotonic() + GIVE_UP_SECONDS
        body = urllib.parse.urlencode(data, doseq=True) if data else None
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        while time.monotonic() < until:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.request(method, path, body, headers)
                got = connection.getresponse()
                answer = Answer(got.status, got.read().decode(), got.getheader("Location") or "")
            finally:
                connection.close()
            if answer.status >= 500 and answer.status != 503:
                self.problems.append(f"{method} {path}: {answer.status}")
            if answer.location.startswith("/login"):
                raise RuntimeError("was signed out")
            if answer.status != 503:
                return answer
            time.sleep(0.2)
        raise RuntimeError(f"{path} is not available for long")


class Deleter(Editor):
    """Deletes and brings back what the others are editing."""

    over = False

    def _run(self) -> None:
        try:
            there = sorted({text.delete for text in self.texts if text.delete})
            while not self.over:
                path, token = self._chance.choice(there), self._token()
                for act in ("delete", "restore"):
                    answer = self._ask("POST", f"{path}/{act}", {"csrf_token": [token]})
                    if answer.status not in (303, 404, 409, 422):
                        self.problems.append(f"{path}/{act} was answered with {answer.status}")
                    self.brought_back += act == "restore" and answer.status == 303
                    time.sleep(self._chance.uniform(0.02, 0.15))
        except Exception as error:
            self.problems.append(f"{self.email}: {type(error).__name__}: {error}")

    def _token(self) -> str:
        return self._visitor.token(self._ask("GET", "/me/profile").body)
