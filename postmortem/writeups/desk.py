"""The pages of the desk: the text beside its rendering, what was not saved, and the choice between two texts."""

from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from postmortem.blameless.panel import language_panel
from postmortem.incidents.enums import Visibility
from postmortem.text.markdown import render
from postmortem.web.access import current_person
from postmortem.web.forms import Conflicting
from postmortem.web.request import db_session
from postmortem.writeups.blocks import expand
from postmortem.writeups.blocks_menu import menu_of
from postmortem.writeups.forms import EditWriteupForm
from postmortem.writeups.models import Writeup
from postmortem.writeups.models_around import Autosave
from postmortem.writeups.operations_desk import is_saved, token_of
from postmortem.writeups.overtaken import TEXTS, Overtaken, Started, label_of
from postmortem.writeups.queries_desk import autosave_of, with_links
from postmortem.writeups.queries_series import related_titles
from postmortem.writeups.queries_templates import sections_of

Answer = tuple[str, int]
# What a conflict's page sends along as it came: everything but the texts that are asked about stays what was typed.
_OURS = ("csrf_token", "version", "revision", "base", "against", "preview", "later")


def rendered(text: str, writeup: Writeup | None = None) -> str:
    """A text as HTML, with links to what whoever looks at it may see, and the blocks of its write-up filled in."""
    session, person = db_session(), current_person()
    filled = expand(session, writeup, text, person) if writeup else text
    return with_links(session, person, render(filled).html)


def show_desk(session: Session, writeup: Writeup) -> Answer:
    """The desk with the saved text and an offer of what was not saved; or, where that is asked for, with it."""
    kept = autosave_of(session, writeup.id, current_person())
    form = EditWriteupForm.of(writeup, formdata=None)
    form.offer(session, writeup)
    started = Started.now(session, writeup)
    if kept is None or is_saved(writeup, {name: getattr(kept, name) for name in TEXTS}):
        return desk_page(session, form, writeup, started, token=token_of(kept) if kept else "")
    if "unsaved" not in request.args:
        return desk_page(session, form, writeup, started, offer=kept)
    for name in TEXTS:
        form[name].data = getattr(kept, name)
    # Where somebody saved a text meanwhile, saving this one must find that out, whatever its version says.
    form.version.data = kept.base_version if kept.base_revision == started.revision else 0
    started = Started(kept.base_revision, started.fields)
    return desk_page(session, form, writeup, started, token=token_of(kept), goes_on=True)


def desk_page(
    session: Session,
    form: EditWriteupForm,
    writeup: Writeup,
    started: Started,
    *,
    preview: str | None = None,
    conflicts: Sequence[Conflicting] = (),
    offer: Autosave | None = None,
    token: str | None = None,
    goes_on: bool = False,
    status: int = 200,
) -> Answer:
    """The desk. `token` names the unsaved text that typing goes on from (default: what was sent)."""
    page = render_template(
        "writeups/edit.html",
        form=form,
        writeup=writeup,
        started=started,
        preview=preview,
        conflicts=conflicts,
        offer=offer,
        offer_token=token_of(offer) if offer else "",
        token=request.form.get("token", "") if token is None else token,
        goes_on=goes_on,
        # Script asks for hints by itself; without, they come with the preview.
        language=None if preview is None else language_panel(session, writeup, form.body.data or ""),
        sections=[each for each in sections_of(session, writeup.template) if each.fact != "in_short"],
        related=related_titles(session, current_person(), writeup),
        menu=menu_of(session, writeup, current_person()),
        is_restricted=any(each.visibility == Visibility.RESTRICTED for each in writeup.incidents),
    )
    return page, status


def choose_page(found: Overtaken, writeup: Writeup, started: Started, against: int, *, status: int) -> Answer:
    """Both texts of each clash side by side, with what was sent as hidden fields, so that nothing is lost."""
    asked = {f"{word}-{each.key}" for each in found.clashes for word in ("choice", "own")}
    along = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _OURS and not name.startswith(("choice-", "own-")) and name not in asked
    ]
    page = render_template(
        "writeups/choose.html",
        found=found,
        writeup=writeup,
        started=started,
        against=against,
        along=along,
        labels=_labels(found),
        chosen={name: value for name, value in request.form.items() if name.startswith(("choice-", "own-"))},
        is_missing=status == 422,
    )
    return page, status


def _labels(found: Overtaken) -> dict[str, Any]:
    """Audience and template in words, by their value."""
    return {
        value: label_of(found.form, name, value)
        for name, clash in found.ones.items()
        for value in (clash.mine, clash.theirs)
    }
