"""A channel hears of incidents: an admin adds a webhook, it fails and is switched off, is mended, and catches up."""

from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network

from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.cli.worker import handlers
from postmortem.config import Config
from postmortem.config_parts import WebhookAllow
from postmortem.db import Database
from postmortem.outbox.worker import Worker
from postmortem.outbox.workplace import Workplace
from tests.support.client import Browser
from tests.support.far_end import far_end

HERE = WebhookAllow(networks=(ip_network("127.0.0.1"),))


def test_a_channel_hears_of_incidents_and_catches_up_after_it_was_mended(
    make_app: Callable[..., Flask], config: Config, session: Session, admin: Person
) -> None:
    browser = Browser(make_app(webhook_allow=HERE))
    browser.sign_in(admin)
    database = Database(config.database_url)
    place = Workplace(replace(config, webhook_allow=HERE), database)

    def send(path: str, **typed: object) -> str:
        form = max(browser.get(path).forms, key=lambda form: len(form.data))
        page = browser.post(form.action or path, {**form.data, **typed})
        return page.location or page.html

    def work() -> None:
        Worker(place, handlers()).drain()

    with far_end() as end:
        secret = send("/settings/receivers/new", name="Status board", url=end.url)
        assert "whsec_" in secret
        browser.post("/settings/receivers/1/test")
        work()
        assert [call.json["type"] for call in end.taken] == ["test"]

        send("/incidents/new", title="Search is slow", severity="sev2")
        work()
        assert end.taken[-1].json["data"]["sentence"].endswith("Search is slow.")

        end.fault = "410"
        send("/incidents/new", title="Search is down", severity="sev1")
        work()
        page = browser.get("/settings/receivers/1")
        assert "It was switched off" in page.text
        assert "s3cret" not in page.html
        missed = end.taken[-1].id
        send("/incidents/new", title="Search is still down", severity="sev1")
        work()
        assert end.taken[-1].id == missed, "who is switched off is not called"

        end.fault, heard = "", len(end.taken)
        browser.post("/settings/receivers/1/on")
        browser.post("/settings/receivers/1/replay")
        work()
        told = end.taken[heard:]
        assert [call.json["data"]["headline"].partition(" ")[2] for call in told] == [
            "Search is down",
            "Search is still down",
        ]
        assert told[0].id == missed
        assert "Everything arrived" in browser.get("/settings/receivers/1").text
    database.dispose()
