"""Putting strings into every kind of field through the site's own forms, as an admin's browser would send them."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from stress.injection_around import AroundPlanter
from tests.support.client import Browser

PER_LIST = 20


@dataclass
class Planted:
    """Where a batch of strings went, and how often each kind of field kept or refused one."""

    incident: str
    writeup: str = ""
    published: str = ""
    deleted: str = ""
    tags: list[str] = field(default_factory=list)
    around: dict[str, str] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)


def text_of(batch: list[str]) -> str:
    """Many strings in one Markdown text; a code fence that one leaves open ends with the next heading's fence."""
    return "\n\n".join(batch)


class Planter:
    """Fills a site."""

    def __init__(self, browser: Browser, *, is_short: bool = False) -> None:
        self.browser, self.is_short = browser, is_short
        self.number = 0
        self.action = ""
        self.forms: dict[str, tuple[str, dict[str, Any]]] = {}

    def plant(self, batch: list[str]) -> Planted:
        """Every string once through every kind of field; the last incident holds many of each."""
        done = Planted(
            self._send("/incidents/new", {"title": "All of them", "summary": text_of(batch)}) or ""
        )
        for text in batch:
            self._one(done, text)
        for start in range(0, len(batch), PER_LIST):
            self._several(done, batch[start : start + PER_LIST])
        done.writeup = self._writeup(batch, publish=False)
        done.published = self._writeup(batch, publish=True)
        around = AroundPlanter(self.browser, done.incident, self.number).plant(batch, text_of(batch))
        done.around = around.pages
        for ours, theirs in ((done.kept, around.kept), (done.refused, around.refused)):
            for kind, count in theirs.items():
                ours[kind] = ours.get(kind, 0) + count
        done.deleted = self._send("/incidents/new", {"title": batch[0][:200]}) or ""
        self._send(f"{done.deleted}/delete", {})
        return done

    def _one(self, done: Planted, text: str) -> None:
        self.number += 1
        about = done.incident
        forms: dict[str, tuple[str, dict[str, Any]]] = {
            "title": ("/incidents/new", {"title": text, "impact": text}),
            "event": (f"{about}/events/new", {"text": text, "occurred_text": text, "actor_role": text}),
            "tag": (f"{about}/factors/new", {"text": text, "tags": text}),
            "action": (f"{about}/actions/new", {"title": text, "description": text, "end_state": text}),
            "address": (f"{about}/actions/new", {"title": "Look", "tracker_url": _as_address(text)}),
            "raw address": (f"{about}/actions/new", {"title": "Look", "tracker_url": text}),
            "name": ("/teams/new", {"name": text, "slug": f"team-{self.number}"}),
            "service": ("/services/new", {"name": text, "slug": f"service-{self.number}"}),
            "person": (
                "/people/new",
                {"name": text, "handle": text[:40], "email": f"p{self.number}@example.com"},
            ),
            "setting": ("/settings/restrictions", {"value": text, "tag": text, "word": text}),
            "reason": (self.action, {"status": "not_doing", "status_reason": text}),
        }
        kinds = list(forms)
        if self.is_short:
            kinds = ["title", kinds[self.number % len(kinds)]]
        for kind in dict.fromkeys(kinds):
            path, data = forms[kind]
            location = self._send(path, data, again="/edit" not in path)
            counted = done.kept if location else done.refused
            counted[kind] = counted.get(kind, 0) + 1

    def _several(self, done: Planted, batch: list[str]) -> None:
        """Lists of rows: links, participants' roles, sources of moments, tags."""
        data: dict[str, Any] = {"title": "Several", "tags": ", ".join(text[:50] for text in batch)}
        for index, text in enumerate(batch):
            data[f"links-{index}-title"] = text
            data[f"links-{index}-url"] = _as_address(text)
        for name, text in zip(("impact_started_at", "detected_at", "mitigated_at"), batch, strict=False):
            data |= {name: "2026-03-09T14:05", f"{name}_source": text}
        if path := self._send("/incidents/new", data):
            done.tags.append(path)

    def _writeup(self, batch: list[str], *, publish: bool) -> str:
        title = batch[self.number % len(batch)][:150]
        data = {"title": f"{title} {self.number}", "tldr": batch[0], "body": text_of(batch)}
        edit = self._send("/writeups/new", {**data, "tags": ", ".join(text[:50] for text in batch[:20])})
        path = re.sub(r"(/edit|\?.*)$", "", edit or "")
        if path:
            changed = "\n\n".join(reversed(batch))
            self._send(f"{path}/edit", {"body": changed, "tldr": batch[-1]})
        if path and publish:
            self._send(f"{path}/publish", {})
        return path

    def _send(self, path: str, changes: dict[str, Any], *, again: bool = False) -> str | None:
        """Fill in the largest form of a page and send it; where it led, None where it was refused.

        `again`: the form makes something, so the one that was opened before is sent with a key of its own.
        """
        if path not in self.forms or not again:
            found = self.browser.get(path).forms
            if not found:
                return None
            form = max(found, key=lambda one: len(one.data))
            self.forms[path] = (form.action or path, form.data)
        action, data = self.forms[path]
        data = data | ({"form_key": secrets.token_urlsafe(16)} if "form_key" in data else {})
        answer = self.browser.client.post(action, data={**data, **changes})
        return answer.headers.get("Location") if answer.status_code == 303 else None


def _as_address(text: str) -> str:
    return "https://example.com/" + re.sub(r"\s", "", text)
