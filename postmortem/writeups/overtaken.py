"""A form of a write-up that somebody overtook: what only one of the two changed is put together, the rest is shown.

Texts are merged by paragraph (`merging.py`), from the revision that the form started from. Lists (authors, tags, teams,
services, incidents) keep what either added and lose what either took out. Audience and template are either's, or a
clash. Nothing here writes.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from postmortem.text.diff import Hunk, diff_texts
from postmortem.writeups.forms import EditWriteupForm
from postmortem.writeups.merging import Choice, Clash, Merge, merge
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations_desk import whole_number
from postmortem.writeups.queries_desk import revision, revision_of, savers_since

TEXTS = {"title": "Title", "tldr": "In short", "body": "Text"}
LISTS = ("authors", "tags", "teams", "services", "incidents")
ONES = ("audience", "template")


@dataclass(frozen=True)
class Started:
    """What a form started from: the number of the saved text, and the fields beside it as `EditWriteupForm` has them."""

    revision: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def now(cls, session: Session, writeup: Writeup) -> "Started":
        return cls(revision_of(session, writeup), _fields(EditWriteupForm.of(writeup, formdata=None)))

    @classmethod
    def sent(cls, form: Mapping[str, str]) -> "Started":
        """As the page had it; without the fields where they came back as something else, or with another version."""
        try:
            found = json.loads(form.get("base", ""))
        except (ValueError, RecursionError):
            found = None
        is_whole = (
            isinstance(found, dict)
            and str(found.get("version")) == form.get("version")
            and all(isinstance(found.get(name), list if name in LISTS else str) for name in (*LISTS, *ONES))
        )
        fields = (
            {name: found[name] for name in (*LISTS, *ONES)} if isinstance(found, dict) and is_whole else {}
        )
        return cls(whole_number(form.get("revision")), fields)

    def base(self, version: int | None) -> str:
        """The fields for a hidden input, with the version that they belong to."""
        return json.dumps({**self.fields, "version": version}, sort_keys=True)


@dataclass(frozen=True)
class Shown:
    """A clash as the page shows it. `key` is what its answer is called in the form."""

    key: str
    label: str
    clash: Clash
    may_both: bool = True

    @property
    def changes(self) -> list[Hunk]:
        """Word by word what differs, where both say something."""
        return diff_texts(self.clash.theirs, self.clash.mine) if self.clash.mine and self.clash.theirs else []


@dataclass
class Overtaken:
    """A form, the write-up as it is saved now (or as it was when the clashes were shown), and what they started from."""

    form: EditWriteupForm
    merges: dict[str, Merge]
    ones: dict[str, Clash]
    names: list[str]

    @property
    def clashes(self) -> list[Shown]:
        found = [
            Shown(
                f"{name}-{place}",
                label if name != "body" else f"Paragraph {place + 1}",
                clash,
                name != "title",
            )
            for name, label in TEXTS.items()
            for place, clash in enumerate(self.merges[name].clashes)
        ]
        return found + [
            Shown(name, str(self.form[name].label.text), clash, may_both=False)
            for name, clash in self.ones.items()
        ]

    @property
    def who(self) -> str:
        """Who saved meanwhile."""
        return " and ".join(filter(None, (", ".join(self.names[:-1]), *self.names[-1:]))) or "Somebody"

    @property
    def kept(self) -> int:
        """How many paragraphs only they changed."""
        return sum(merge.theirs for merge in self.merges.values())

    def answer(self, sent: Mapping[str, str]) -> bool:
        """Put the answers into the form's texts; False where one is missing or is none of those offered."""
        answers = {each.key: _answer(each, sent) for each in self.clashes}
        if any(answer is None for answer in answers.values()):
            return False
        for name, merged in self.merges.items():
            places = {place: answers[f"{name}-{place}"] or "" for place in range(len(merged.clashes))}
            self.form[name].data = merged.text(places)
        for name in self.ones:
            if sent.get(f"choice-{name}") == Choice.THEIRS:
                _put(self.form, name, self.ones[name].theirs)
        return True


def overtaken(
    session: Session, writeup: Writeup, form: EditWriteupForm, started: Started
) -> Overtaken | None:
    """Hold a form against the write-up as it is saved now, and put what can be put together into the form.

    None where it is not known what the form started from: then only both can be shown.
    """
    base = revision(session, writeup.id, started.revision)
    if base is None or not started.fields:
        return None
    found = Overtaken(form, _merges(base, form, writeup), {}, savers_since(session, writeup.id, base.number))
    theirs = _fields(EditWriteupForm.of(writeup, formdata=None))
    for name in LISTS:
        _put(form, name, _together(started.fields[name], _fields(form)[name], theirs[name]))
    for name in ONES:
        mine = _fields(form)[name]
        if mine == started.fields[name]:
            _put(form, name, theirs[name])
        elif theirs[name] not in (mine, started.fields[name]):
            found.ones[name] = Clash(started.fields[name], mine, theirs[name])
    if not found.clashes:
        for name, merged in found.merges.items():
            form[name].data = merged.text()
    form.version.data, form.version.raw_data = writeup.version, None
    return found


def as_shown(
    session: Session, writeup: Writeup, form: EditWriteupForm, started: Started, against: int
) -> Overtaken | None:
    """The clashes as they were shown, against the text with this number; None where that never was."""
    base, theirs = (revision(session, writeup.id, which) for which in (started.revision, against))
    if base is None or theirs is None or not started.fields:
        return None
    found = Overtaken(form, _merges(base, form, theirs), {}, savers_since(session, writeup.id, base.number))
    saved, mine = _fields(EditWriteupForm.of(writeup, formdata=None)), _fields(form)
    for name in ONES:
        if len({mine[name], saved[name], started.fields[name]}) == 3:
            found.ones[name] = Clash(started.fields[name], mine[name], saved[name])
    return found


def label_of(form: EditWriteupForm, name: str, value: str) -> str:
    """A choice of one of a list in the words of its field."""
    chosen = next((each for each in form[name].choices or [] if str(each.value) == value), None)
    return str(chosen.label) if chosen else value


def _merges(base: Any, form: EditWriteupForm, theirs: Any) -> dict[str, Merge]:
    return {name: merge(getattr(base, name), form[name].data or "", getattr(theirs, name)) for name in TEXTS}


def _answer(each: Shown, sent: Mapping[str, str]) -> str | None:
    own = sent.get(f"own-{each.key}", "")
    try:
        choice = Choice(sent.get(f"choice-{each.key}", ""))
    except ValueError:
        return None
    if (choice is Choice.BOTH and not each.may_both) or (choice is Choice.OWN and each.key in ONES):
        return None
    # Both is what stands there before anybody chooses: own words then mean themselves.
    if choice is Choice.BOTH and own.strip():
        choice = Choice.OWN
    return each.clash.answered(choice, own)


def _together(base: Iterable[Any], mine: Iterable[Any], theirs: Iterable[Any]) -> list[Any]:
    base, mine, theirs = list(base), list(mine), list(theirs)
    kept = [each for each in theirs if each in mine or each not in base]
    return kept + [each for each in mine if each not in base and each not in kept]


def _fields(form: EditWriteupForm) -> dict[str, Any]:
    lists = {name: list(form[name].data or []) for name in LISTS}
    return lists | {name: str(getattr(form[name].data, "value", form[name].data) or "") for name in ONES}


def _put(form: EditWriteupForm, name: str, value: Any) -> None:
    form[name].data = form[name].coerce(value) if name in ONES and hasattr(form[name], "coerce") else value
