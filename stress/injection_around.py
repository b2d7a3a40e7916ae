"""Putting strings into what stands around an action: comments, links, ideas, saved views, receivers, a meeting and its minutes."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from postmortem.actions.operations_comments import MAX_COMMENT
from tests.support.client import Browser
from tests.support.pages import Form

# Of what a page lists whole: so many of a batch.
LISTED = 20
LINKED = 25


@dataclass
class Around:
    """The pages that show it, and how often each kind of field kept or refused a string."""

    pages: dict[str, str] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)


def parts(batch: list[str]) -> list[str]:
    """All strings in texts as long as a comment may be."""
    found = [""]
    for one in batch:
        if len(found[-1]) + len(one) > MAX_COMMENT - 10:
            found.append("")
        found[-1] += f"{one}\n\n"
    return found


class AroundPlanter:
    """Surrounds one action of an incident with a batch of strings."""

    def __init__(self, browser: Browser, incident: str, number: int) -> None:
        self.browser, self.incident, self.number = browser, incident, number
        self.done = Around()
        self._forms: dict[tuple[str, str], Form] = {}

    def plant(self, batch: list[str], text: str) -> Around:
        """`text` are all of them in one Markdown text."""
        title = f"Look at number {self.number}"
        self._send("action", f"{self.incident}/actions/new", title=title, end_state="It rings.")
        action = re.findall(r"/actions/\d+", self.browser.get(f"/actions/?q={title.replace(' ', '+')}").html)[
            0
        ]
        self.done.pages |= {"action": action, "action, edit": f"{action}/edit", "ideas": self.incident}
        self._around(action, batch, text)
        self._listed(batch)
        self._meeting(title, batch, text)
        return self.done

    def _around(self, action: str, batch: list[str], text: str) -> None:
        for part in parts(batch):
            self._send("comment", f"{action}/comments", page=action, text=part)
        # An action may have thirty links: what is over is refused.
        for index, one in enumerate(batch[:LINKED]):
            self._send("link", f"{action}/links", page=action, url=f"https://example.com/{index}", title=one)
            self._send("raw link", f"{action}/links", page=action, url=one, title="Look")
        for one in batch:
            self._send("idea", f"{self.incident}/ideas", text=one)
        if comments := re.findall(r"/action-comments/\d+/edit", self.browser.get(action).html):
            self.done.pages["comment, edit"] = comments[-1]

    def _listed(self, batch: list[str]) -> None:
        for view in re.findall(r"/actions/views/\d+/edit", self.browser.get("/actions/").html):
            # Nobody may have more than fifty.
            self.browser.post(view.replace("/edit", "/delete"))
        for index, one in enumerate(batch[:LISTED]):
            where = "/settings/receivers/" if index % 2 else "/me/notifications/receivers/"
            url = f"https://example.com/{self.number}/{index}"
            self._send("receiver", f"{where}new", name=one, kind="webhook", url=url)
            self._send("saved view", "/actions/views/new?status=open", name=one, is_shared="y")
        listed = "/settings/receivers/"
        found = re.findall(rf"{listed}\d+", self.browser.get(listed).html)
        self.done.pages |= {"receivers": listed, "notifications": "/me/notifications"}
        self.done.pages |= {"receiver": found[-1], "receiver, edit": f"{found[-1]}/edit"} if found else {}

    def _meeting(self, title: str, batch: list[str], text: str) -> None:
        asked = f"/actions/review?q={title.replace(' ', '+')}"
        for one in batch[:3]:
            meeting = self._send("meeting", asked, title=one[:150], planned_minutes="30") or ""
            path = urlsplit(meeting).path
            if not path:
                continue
            self._send("notes", f"{path}/notes", notes=text)
            self.done.pages |= {"meeting": path, "meetings": "/actions/review", "minutes": f"{path}/minutes"}
            self.done.pages["meeting, notes"] = f"{path}/notes"
            self._send("in a meeting", f"{path}/comment", page=path, text=one)
            if one != batch[2]:
                continue
            self._send(
                "decision", f"{path}/decide", page=path, having=("decision", "not_doing"), reason=one[:200]
            )
            self.browser.post(f"{path}/end")

    def _send(
        self, what: str, action: str, *, page: str = "", having: tuple[str, str] | None = None, **changes: Any
    ) -> str | None:
        """Fill in the form of a page that is sent to `action`; where it led, None where it was refused."""
        page = page or action
        form = self._forms.get((page, action)) if having is None else None
        if form is None:
            forms = self.browser.get(page).forms
            form = next((one for one in forms if _is_it(one, page, action, having)), None)
        counted, there = self.done.refused, None
        if form is not None:
            # The form that was opened before is sent with a key of its own.
            self._forms[page, action] = form
            keyed = {"form_key": secrets.token_urlsafe(16)} if "form_key" in form.data else {}
            answer = self.browser.client.post(form.action or page, data={**form.data, **keyed, **changes})
            # A new receiver answers with its secret, everything else by leading on; what is refused is a 422.
            if answer.status_code in (200, 303):
                counted, there = self.done.kept, answer.headers.get("Location")
        counted[what] = counted.get(what, 0) + 1
        return there


def _is_it(form: Form, page: str, action: str, having: tuple[str, str] | None) -> bool:
    sent_to = urlsplit(form.action or page).path
    if sent_to != urlsplit(action).path or "csrf_token" not in form.data:
        return False
    return having is None or form.data.get(having[0]) == [having[1]]
