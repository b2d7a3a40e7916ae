"""Adding pictures, showing them to those who see what they belong to, taking them away and back."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.attachments import files, sweeping
from postmortem.attachments.checks import missing_files
from postmortem.attachments.models import Attachment
from postmortem.incidents.models import Incident
from postmortem.writeups import operations as writeups
from postmortem.writeups.models import Writeup
from tests.attachments.test_pictures import drawn
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.factories.writeups import make_writeup
from tests.support.client import Browser
from tests.support.pages import Page

SignInAs = Callable[[Person], Browser]
WIDE = drawn("PNG", (1000, 10))


@pytest.fixture
def draft(session: Session, author: Person) -> Writeup:
    return make_writeup(session, author, "The cache fell over")


def upload(browser: Browser, path: str, sent: dict[str, Any]) -> Page:
    """Open the page and send its form with this filled in."""
    (form,) = [form for form in browser.get(path).forms if form.action == path]
    return browser.post(path, {**form.data, **sent})


def add(browser: Browser, path: str, alt: str = "CPU at 100 %", data: bytes = WIDE) -> None:
    page = upload(browser, path, {"image": data, "alt": alt})
    assert page.location == path, page.text


def only_image(session: Session) -> Attachment:
    session.expire_all()
    return session.scalars(select(Attachment).where(Attachment.deleted_at.is_(None))).one()


def test_a_picture_is_added_and_shown_in_the_text(
    session: Session, author: Person, draft: Writeup, sign_in: SignInAs
) -> None:
    browser = sign_in(author)
    add(browser, "/writeups/the-cache-fell-over/images", alt="CPU [all cores] at 100 %")
    image = only_image(session)
    shown = browser.get("/writeups/the-cache-fell-over/images")
    assert image.markdown == rf"![CPU \[all cores\] at 100 %](/attachments/{image.key}/1000x10)"
    assert image.markdown in shown.text
    sent = {"csrf_token": browser.csrf_token(), "text": image.markdown}
    html = browser.client.post("/writeups/preview", data=sent).text
    assert f'src="/attachments/{image.key}/1000x10"' in html
    assert f"/attachments/{image.key}/480 480w" in html
    assert 'alt="CPU [all cores] at 100 %"' in html


def test_an_image_is_a_file_and_nothing_else(
    session: Session, author: Person, draft: Writeup, sign_in: SignInAs
) -> None:
    browser = sign_in(author)
    add(browser, "/writeups/the-cache-fell-over/images")
    image = only_image(session)
    whole = browser.get(image.address)
    assert (whole.status, whole.headers["Content-Type"]) == (200, "image/png")
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    assert whole.headers["Cache-Control"] == "private, no-cache"
    assert "Content-Disposition" not in whole.headers
    again = browser.client.get(image.address, headers={"If-None-Match": whole.headers["ETag"]})
    assert again.status_code == 304
    narrow = browser.client.get(f"/attachments/{image.key}/480")
    assert len(narrow.data) < len(browser.client.get(image.address).data)
    for size in ("1000x11", "x", "-1", "480.png", "..", "99999999", "4\N{SUPERSCRIPT TWO}"):
        assert browser.get(f"/attachments/{image.key}/{size}").status == 404, size
    assert browser.get(f"/attachments/{'x' * 32}/480").status == 404


def test_readers_see_what_the_published_text_shows(
    session: Session, author: Person, reader: Person, draft: Writeup, sign_in: SignInAs, anonymous: Browser
) -> None:
    browser, theirs = sign_in(author), sign_in(reader)
    add(browser, "/writeups/the-cache-fell-over/images")
    image = only_image(session)
    add(browser, "/writeups/the-cache-fell-over/images", alt="Not shown")
    other = session.scalars(select(Attachment).where(Attachment.alt == "Not shown")).one()
    assert theirs.get(image.address).status == 404
    draft.body = f"Look:\n\n{image.markdown}"
    writeups.publish(session, draft, actor=author)
    session.commit()
    assert theirs.get(image.address).status == 200
    assert theirs.get(other.address).status == 404
    # Open to everybody who signs in, and to nobody else.
    assert anonymous.get(image.address).status == 303
    browser.post(f"/images/{image.key}/delete")
    assert theirs.get(image.address).status == 404
    browser.post(f"/images/{image.key}/restore")
    assert theirs.get(image.address).status == 200
    writeups.withdraw(session, draft, reason="Too early", actor=author)
    session.commit()
    assert theirs.get(image.address).status == 404
    assert browser.get(image.address).status == 200


def test_a_picture_of_another_writeup_is_not_published_along(
    session: Session, author: Person, facilitator: Person, reader: Person, draft: Writeup, sign_in: SignInAs
) -> None:
    add(sign_in(author), "/writeups/the-cache-fell-over/images")
    image = only_image(session)
    mine = make_writeup(session, facilitator, "Mine", body=f"I take yours: {image.markdown}")
    writeups.publish(session, mine, actor=facilitator)
    session.commit()
    assert sign_in(reader).get(image.address).status == 404


def test_without_words_or_picture_it_is_asked_for(
    session: Session, author: Person, draft: Writeup, sign_in: SignInAs
) -> None:
    browser, path = sign_in(author), "/writeups/the-cache-fell-over/images"
    for sent, said in (
        ({"image": WIDE, "alt": " "}, "Say what the picture shows"),
        ({"alt": "A graph"}, "Choose a picture first."),
        ({"image": b"<svg/>", "alt": "A <graph>"}, "This is not a picture that can be shown here."),
    ):
        page = upload(browser, path, sent)
        assert page.status == 422
        assert said in page.text
    assert 'value="A &lt;graph&gt;"' in page.html
    assert session.scalar(select(func.count()).select_from(Attachment)) == 0


def test_a_double_click_adds_one(session: Session, author: Person, draft: Writeup, sign_in: SignInAs) -> None:
    browser, path = sign_in(author), "/writeups/the-cache-fell-over/images"
    (form,) = [form for form in browser.get(path).forms if form.action == path]
    data = {**form.data, "image": WIDE, "alt": "A graph"}
    assert [browser.post(path, data).location for _ in range(2)] == [path, path]
    assert session.scalar(select(func.count()).select_from(Attachment)) == 1


def test_a_script_gets_the_words_for_the_text(
    session: Session, author: Person, draft: Writeup, sign_in: SignInAs
) -> None:
    browser, path = sign_in(author), "/writeups/the-cache-fell-over/images"
    asks = {"headers": {"Accept": "application/json"}}

    def send(alt: str, key: str) -> Any:
        sent = {
            "csrf_token": browser.csrf_token(),
            "alt": alt,
            "form_key": key,
            "image": (BytesIO(WIDE), "x"),
        }
        return browser.client.post(path, data=sent, **asks)

    answer = send("A graph", "a-key")
    assert answer.json["markdown"] == only_image(session).markdown
    answer = send("", "b-key")
    assert answer.status_code == 422
    assert "Say what the picture shows" in answer.json["errors"][0]


def test_evidence_of_an_event_is_seen_by_who_sees_the_incident(
    session: Session, author: Person, outsider: Person, reader: Person, sign_in: SignInAs
) -> None:
    incident = make_incident(session, author, "Restricted", restricted=True)
    event = make_event(session, incident)
    browser, path = sign_in(author), f"/events/{event.id}/images"
    add(browser, path, alt="The pager")
    image = only_image(session)
    page = browser.get(f"/incidents/{incident.id}")
    assert f"/attachments/{image.key}/480" in page.html
    assert 'alt="The pager"' in page.html
    for stranger in (outsider, reader):
        assert sign_in(stranger).get(image.address).status == 404
        assert sign_in(stranger).get(path).status == 404
    session.execute(Incident.__table__.update().values(visibility="open"))
    assert sign_in(reader).get(image.address).status == 200
    assert sign_in(reader).get(path).status == 403
    browser.post(f"/events/{event.id}/delete")
    assert browser.get(image.address).status == 404


def test_words_are_changed(session: Session, author: Person, draft: Writeup, sign_in: SignInAs) -> None:
    browser, path = sign_in(author), "/writeups/the-cache-fell-over/images"
    add(browser, path)
    image = only_image(session)
    assert browser.post(f"/images/{image.key}/edit", {"alt": "Memory"}).location == path
    assert only_image(session).alt == "Memory"
    page = browser.post(f"/images/{image.key}/edit", {"alt": ""})
    assert page.status == 422
    assert "Say what the picture shows" in page.text


def multipart(size: int, token: str) -> dict[str, Any]:
    """A form with a file of this many bytes, as a browser sends it."""
    part = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = b"\r\n".join(
        [
            b"--x",
            part.format("csrf_token", "").encode() + token.encode(),
            b"--x",
            part.format("alt", "").encode() + b"A graph",
            b"--x",
            part.format("image", '; filename="a.png"').encode() + b"x" * size,
            b"--x--",
            b"",
        ]
    )
    return {"data": body, "content_type": "multipart/form-data; boundary=x"}


def test_larger_bodies_are_taken_here_only(author: Person, draft: Writeup, sign_in: SignInAs) -> None:
    browser, path = sign_in(author), "/writeups/the-cache-fell-over"
    token = browser.csrf_token()
    assert browser.client.post(f"{path}/images", **multipart(6_000_000, token)).status_code == 422
    assert browser.client.post(f"{path}/edit", **multipart(6_000_000, token)).status_code == 413
    assert browser.client.post(f"{path}/images", **multipart(11_500_000, token)).status_code == 413


def test_the_worker_sweeps_once_an_hour(
    app: Flask,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    author: Person,
    draft: Writeup,
    sign_in: SignInAs,
) -> None:
    from postmortem.outbox.workplace import Workplace

    swept: list[tuple[Path, set[str]]] = []
    monkeypatch.setattr(sweeping, "sweep", lambda folder, known: swept.append((folder, known)))
    monkeypatch.setattr(sweeping, "_last", {})
    add(sign_in(author), "/writeups/the-cache-fell-over/images")
    config = app.extensions["config"]
    place = Workplace(config, app.extensions["database"])
    sweeping.sweep_files(place)
    sweeping.sweep_files(place)
    assert swept == [(config.data_dir, {only_image(session).key})]
    assert files.root_of(config.data_dir).is_dir()


def test_the_doctor_misses_a_file(
    app: Flask, session: Session, author: Person, draft: Writeup, sign_in: SignInAs
) -> None:
    add(sign_in(author), "/writeups/the-cache-fell-over/images")
    image, data_dir = only_image(session), app.extensions["config"].data_dir
    assert list(missing_files(session, data_dir)) == []
    path = files.file_of(data_dir, image)
    path.write_bytes(b"something else")
    assert list(missing_files(session, data_dir)) == [
        f"The picture {path} is not what it was. Take it out of a backup."
    ]
    path.unlink()
    assert list(missing_files(session, data_dir)) == [
        f"The picture {path} is missing. Take it out of a backup."
    ]
