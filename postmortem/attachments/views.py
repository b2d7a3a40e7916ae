"""Images: shown, and kept with the write-up or event that they belong to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.attachments import files, operations, queries
from postmortem.attachments.forms import NewImageForm, WordImageForm
from postmortem.attachments.models import Attachment
from postmortem.errors import NotVisible, Refused
from postmortem.timeline import queries as timeline
from postmortem.timeline import rules as timeline_rules
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session
from postmortem.writeups import queries as writeups
from postmortem.writeups import rules as writeup_rules

if TYPE_CHECKING:
    from postmortem.timeline.models import TimelineEvent
    from postmortem.writeups.models import Writeup

blueprint = Blueprint("images", __name__)
# A picture and the form around it.
LARGER_BODIES = {"images.of_writeup": 11_000_000, "images.of_event": 11_000_000}


@dataclass(frozen=True)
class Place:
    """What images belong to, ready for the page: its address, how it is called, and the page of its images."""

    title: str
    back: str
    url: str
    is_text: bool
    writeup_id: int | None = None
    event_id: int | None = None
    incident_id: int | None = None


@blueprint.get("/attachments/<key>/<size>")
@access.reading
def show(key: str, size: str) -> ResponseReturnValue:
    """The image as `1200x800`, whole, or at least `480` wide where it is; asked for again each time, and sent once."""
    image = queries.visible_image(db_session(), current_person(), key)
    path = files.file_of(current_app.extensions["config"].data_dir, image, _width(image, size))
    try:
        # Read at once: a connection that breaks off must not leave a file open.
        answer = Response(path.read_bytes(), mimetype=image.content_type)
    except FileNotFoundError as error:
        raise NotVisible from error
    answer.set_etag(f"{image.sha256[:32]}-{path.stem}")
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


@blueprint.route("/writeups/<slug>/images", methods=["GET", "POST"])
@access.requires(writeup_rules.can_start)
def of_writeup(slug: str) -> ResponseReturnValue:
    """The images of a write-up, and the form that adds one. A script that asks for JSON gets the words for the text."""
    return _images(lambda session: _place_of_writeup(_editable(session, slug)))


@blueprint.route("/events/<int:event_id>/images", methods=["GET", "POST"])
@access.signed_in
def of_event(event_id: int) -> ResponseReturnValue:
    """The images that are evidence of a timeline event, and the form that adds one."""
    return _images(lambda session: _place_of_event(_editable_event(session, event_id)))


@blueprint.post("/images/<key>/edit")
@access.signed_in
def edit(key: str) -> ResponseReturnValue:
    """Change what the picture shows in words."""
    session = db_session()
    image, place = _changeable(session, key)
    form = WordImageForm()
    if form.validate_on_submit():
        try:
            operations.word_image(
                session, image, form.alt.data or "", incident_id=place.incident_id, actor=current_person()
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            flash("Saved. Texts that show it keep the words that they have.", "success")
            return redirect(place.url, 303)
    return _page(session, place, NewImageForm(formdata=None), wording=(key, form)), 422


@blueprint.post("/images/<key>/delete")
@access.signed_in
def delete(key: str) -> ResponseReturnValue:
    """Take it away, from readers too; with undo."""
    session = db_session()
    image, place = _changeable(session, key)
    operations.delete_image(session, image, incident_id=place.incident_id, actor=current_person())
    session.commit()
    undo_url = url_for("images.restore", key=key)
    flash({"text": "The picture was removed.", "undo_url": undo_url, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]
    return redirect(place.url, 303)


@blueprint.post("/images/<key>/restore")
@access.signed_in
def restore(key: str) -> ResponseReturnValue:
    session = db_session()
    image, place = _changeable(session, key)
    operations.restore_image(session, image, incident_id=place.incident_id, actor=current_person())
    session.commit()
    flash("The picture is back.", "success")
    return redirect(place.url, 303)


def _images(find: Callable[[Session], Place]) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    place, form = find(session), NewImageForm()
    if not form.validate_on_submit():
        return _answer(session, place, form)
    try:
        # Looking at a picture takes its time: let the next writer have the lock meanwhile.
        operations.checked_alt(form.alt.data or "")
        session.rollback()
        kept = files.keep(current_app.extensions["config"].data_dir, form.image.data or b"")
        place = find(session)
        if done := already_done(session, form.form_key.data):
            return done
        image = operations.add_image(
            session,
            kept,
            form.alt.data or "",
            writeup_id=place.writeup_id,
            event_id=place.event_id,
            incident_id=place.incident_id,
            actor=person,
        )
    except Refused as refused:
        session.rollback()
        form.refuse(refused.field, refused.sentence)
        return _answer(session, find(session), form)
    if _wants_json():
        markdown, address = image.markdown, image.address
        commit_once(session, form.form_key.data, place.url)
        return jsonify(markdown=markdown, address=address)
    flash(
        "The picture is here. Copy its words into the text to show it." if place.is_text else "Added.",
        "success",
    )
    return commit_once(session, form.form_key.data, place.url)


def _answer(session: Session, place: Place, form: NewImageForm) -> ResponseReturnValue:
    status = 422 if form.is_submitted() else 200
    if status == 422 and _wants_json():
        said = [error for field in (form.image, form.alt) for error in field.errors]
        return jsonify(errors=[*form.form_errors, *said]), status
    return _page(session, place, form), status


def _page(
    session: Session,
    place: Place,
    form: NewImageForm,
    wording: tuple[str, WordImageForm] | None = None,
) -> str:
    if place.writeup_id is not None:
        images = queries.images_of_writeup(session, place.writeup_id)
    else:
        images = queries.images_of_event(session, place.event_id or 0)
    return render_template(
        "attachments/index.html",
        place=place,
        form=form,
        images=[(image, _word_form(image, wording)) for image in images],
    )


def _word_form(image: Attachment, wording: tuple[str, WordImageForm] | None) -> WordImageForm:
    is_sent = wording is not None and wording[0] == image.key
    form = wording[1] if wording and is_sent else WordImageForm(formdata=None, data={"alt": image.alt})
    # One such form for each image of the page.
    form.alt.id = f"alt-{image.id}"
    return form


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def _width(image: Attachment, size: str) -> int | None:
    """The wanted width, None for the whole picture. Raises NotVisible for an address that nobody made."""
    if size == f"{image.width}x{image.height}":
        return None
    if not (size.isascii() and size.isdigit() and len(size) < 6):
        raise NotVisible
    return int(size)


def _changeable(session: Session, key: str) -> tuple[Attachment, Place]:
    """The image, deleted ones too, and its place, where this person may change what it belongs to."""
    image = session.scalar(select(Attachment).where(Attachment.key == key))
    if image is None:
        raise NotVisible
    if image.event_id is not None:
        return image, _place_of_event(_editable_event(session, image.event_id))
    return image, _place_of_writeup(_editable(session, writeups.slug_of(session, image.writeup_id or 0)))


def _editable(session: Session, slug: str) -> "Writeup":
    writeup = writeups.visible_writeup(session, current_person(), slug)
    authorize(writeup_rules.can_edit, writeup)
    return writeup


def _editable_event(session: Session, event_id: int) -> "TimelineEvent":
    event = timeline.visible_event(session, current_person(), event_id)
    authorize(timeline_rules.can_edit, event)
    return event


def _place_of_writeup(writeup: "Writeup") -> Place:
    back, url = f"/writeups/{writeup.slug}/edit", f"/writeups/{writeup.slug}/images"
    return Place(writeup.title, back, url, is_text=True, writeup_id=writeup.id)


def _place_of_event(event: "TimelineEvent") -> Place:
    back, url = f"/incidents/{event.incident_id}#event-{event.id}", f"/events/{event.id}/images"
    title = f"{event.incident.reference}: {event.history_label}"
    return Place(title, back, url, is_text=False, event_id=event.id, incident_id=event.incident_id)
