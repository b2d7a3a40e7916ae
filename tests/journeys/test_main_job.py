"""The main job from end to end: an empty site, an incident, its write-up, and a colleague who reads it."""

from collections.abc import Callable
from xml.etree import ElementTree

from flask import Flask
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations_sign_in import issue_setup_code
from tests.support.client import PASSWORD, Browser

ATOM = "{http://www.w3.org/2005/Atom}"


def test_from_an_empty_site_to_a_colleague_who_reads(
    app: Flask, session: Session, sign_in: Callable[[Person], Browser]
) -> None:
    # The first visitor of an empty site is led to the set-up, and needs the code that the program printed.
    browser = Browser(app)
    assert browser.get("/incidents/").location == "/setup"
    code = issue_setup_code(session)
    session.commit()
    page = browser.submit(
        f"/setup?code={code}",
        {
            "email": "ada@example.com",
            "name": "Ada O'Hara",
            "password": PASSWORD,
            "timezone": "Europe/Stockholm",
        },
        follow=True,
    )
    assert "Failing Forward" in page.text
    assert browser.get("/setup").status == 404

    # File an incident: a title is enough; the rest is given the day after.
    page = browser.submit("/incidents/new", {"title": "Playback stops for listeners in one region"})
    assert (page.status, page.location) == (303, "/incidents/1")
    page = browser.submit(
        "/incidents/1/edit",
        {
            "severity": "sev2",
            "status": "resolved",
            "summary": "The edge cache served **empty manifests**.",
            "impact": "About 12 000 listeners, 40 minutes.",
            "timezone": "Europe/Stockholm",
            "impact_started_at": "2026-03-09T14:05",
            "detected_at": "2026-03-09T14:12",
            "resolved_at": "2026-03-09T14:45",
            "resolved_at_confidence": "minutes",
        },
    )
    assert page.status == 303, page.text

    # Its timeline and an action.
    page = browser.submit(
        "/incidents/1/events/new",
        {
            "occurred_at": "2026-03-09T14:12",
            "timezone": "Europe/Stockholm",
            "kind": "detection",
            "text": "The alarm for start failures rang.",
        },
    )
    assert page.status == 303, page.text
    page = browser.submit(
        "/incidents/1/factors/new",
        {"text": "The cache treats an empty answer like any other.", "was_present_before": "yes"},
    )
    assert page.status == 303, page.text
    page = browser.submit(
        "/incidents/1/actions/new",
        {"title": "Refuse to cache empty manifests", "owner": "ada@example.com", "due_on": "2026-04-01"},
    )
    assert page.status == 303, page.text

    # Everything is seen at once, in the reader's zone with UTC beside it.
    page = browser.get("/incidents/1")
    for said in (
        "Playback stops for listeners in one region", "empty manifests", "The alarm for start failures rang.",
        "The cache treats an empty answer", "Refuse to cache empty manifests", "40 min", "14:12", "13:12",
    ):  # fmt: skip
        assert said in page.text, said
    assert "<strong>empty manifests</strong>" in page.html

    # Write it up and publish it.
    page = browser.submit(
        "/writeups/new?incident=1", {"title": "The night of the empty manifests", "template": "free"}
    )
    assert page.status == 303, page.text
    slug = "the-night-of-the-empty-manifests"
    page = browser.submit(
        f"/writeups/{slug}/edit",
        {
            "tldr": "An empty answer was cached for 40 minutes.",
            "body": "## What happened\n\nThe edge cache kept an *empty* manifest.\n\n- [x] done\n",
            "tags": "cache, playback",
        },
    )
    assert page.status == 303, page.text
    page = browser.submit(f"/writeups/{slug}/publish")
    assert page.status == 303, page.text

    # A colleague finds it on the front page, reads it, follows its tag, and has it in the feed reader.
    colleague = Person(
        email="rita@example.com", name="Rita Reader", role="reader", timezone="America/New_York",
        is_active=True, created_at=clock.now(),
    )  # fmt: skip
    session.add(colleague)
    session.commit()
    reading = sign_in(colleague)
    front = reading.get("/")
    assert "The night of the empty manifests" in front.text
    assert "An empty answer was cached for 40 minutes." in front.text
    entry = reading.get(f"/writeups/{slug}")
    assert "<em>empty</em>" in entry.html
    for said in (
        "The alarm for start failures rang.",
        "The cache treats an empty answer",
        "Refuse to cache empty manifests",
    ):
        assert said in entry.text, said
    assert "The night of the empty manifests" in reading.get("/tags/cache").text
    feed = ElementTree.fromstring(reading.client.get("/writeups/feed.atom").data)
    assert [title.text for title in feed.iter(f"{ATOM}title")][1:] == ["The night of the empty manifests"]

    # A reader changes nothing.
    assert reading.get(f"/writeups/{slug}/edit").status == 403
    assert reading.get("/incidents/new").status == 403

    # Withdrawn, it is gone at once for the reader, who is told that it was there.
    assert browser.submit(f"/writeups/{slug}/withdraw", {"reason": "Numbers were wrong."}).status == 303
    withdrawn = reading.get(f"/writeups/{slug}")
    assert withdrawn.status == 410
    assert "empty manifests" not in withdrawn.text
    assert "empty manifests" not in reading.get("/").text
