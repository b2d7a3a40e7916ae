"""One call: to the address that was looked at, within one time limit, no redirect followed."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from postmortem.config_parts import WebhookAllow
from postmortem.notifications.calling import NotTaken, asked_for, call
from tests.mail.conftest import certificate as certificate
from tests.support.far_end import far_end
from tests.support.smtp import mail_server

HERE = WebhookAllow(networks=(ip_network("127.0.0.1"),))


def test_what_is_sent_is_what_arrives() -> None:
    with far_end() as server:
        said = call(server.url, b'{"a":1}', {"webhook-id": "7"}, HERE)
        [taken] = server.taken
    assert said == b"ok"
    assert (taken.target, taken.body, taken.id) == ("/hook/s3cret-part?key=s3cret-key", b'{"a":1}', "7")
    assert taken.headers["host"] == f"127.0.0.1:{server.port}"


def test_nothing_of_the_environment_changes_the_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, and no password that lies about for this host."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password s3cret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with far_end() as server:
        call(server.url, b"{}", {}, HERE)
        [taken] = server.taken
    assert "authorization" not in taken.headers


def test_a_name_that_changes_its_address_does_not_get_through() -> None:
    """It stands for a public address first and for this machine from then on: it is asked once only."""
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    with far_end() as server:
        url = f"http://rebinds.example:{server.port}/"
        with pytest.raises(NotTaken):
            call(url, b"{}", {}, WebhookAllow(), seconds=1, look_up=rebinding)
        assert asked == ["rebinds.example"]
        with pytest.raises(NotTaken, match="not on the open internet"):
            call(url, b"{}", {}, WebhookAllow(), seconds=1, look_up=rebinding)
        assert server.taken == []


def test_the_name_goes_along_to_the_checked_address() -> None:
    with far_end() as server:
        call(f"http://named.example:{server.port}/x", b"{}", {}, HERE, look_up=lambda *_: ["127.0.0.1"])
        [taken] = server.taken
    assert taken.headers["host"] == f"named.example:{server.port}"


@pytest.mark.parametrize("fault", ["hangs", "drips", "endless headers"])
def test_nobody_holds_us_longer_than_the_limit(fault: str) -> None:
    with far_end(fault) as server:
        begun = time.monotonic()
        with pytest.raises(NotTaken, match=r"127\.0\.0\.1"):
            call(server.url, b"{}", {}, HERE, seconds=1)
        assert time.monotonic() - begun < 3


def test_a_look_up_that_hangs_is_not_waited_for() -> None:
    def slow(_host: str, _port: int) -> list[str]:
        time.sleep(5)
        return ["127.0.0.1"]

    begun = time.monotonic()
    with pytest.raises(NotTaken, match=r"within 0\.5 seconds"):
        call("http://slow.example/", b"{}", {}, HERE, seconds=0.5, look_up=slow)
    assert time.monotonic() - begun < 3


def test_who_has_said_yes_may_dawdle_over_the_rest() -> None:
    with far_end("hangs after status") as server:
        begun = time.monotonic()
        call(server.url, b"{}", {}, HERE)
        assert time.monotonic() - begun < 3


def test_a_redirect_is_a_failure_and_is_not_followed() -> None:
    with far_end() as inner, far_end("redirects", redirect_to=inner.url) as outer:
        with pytest.raises(NotTaken, match=r"redirect \(307\)"):
            call(outer.url, b"{}", {}, HERE)
        assert len(outer.taken) == 1
        assert inner.taken == []


@pytest.mark.parametrize("fault", ["500", "410", "refuses", "hangs"])
def test_an_error_names_the_host_and_nothing_secret(fault: str) -> None:
    with far_end(fault) as server, pytest.raises(NotTaken) as failure:
        call(server.url, b'{"said": "s3cret"}', {"x": "s3cret"}, HERE, seconds=1)
    assert "127.0.0.1" in str(failure.value)
    assert "s3cret" not in str(failure.value)
    assert failure.value.is_for_good == (fault == "410")


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("Mon, 02 Mar 2026 09:05:00 GMT", 300),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 0),
        ("-5", 0),
        ("soon", 0),
        ("", 0),
        ("٣", 0),
        ("9" * 400, 999_999_999),
    ],
)
def test_retry_after_is_seconds_or_a_date(
    said: str, seconds: int, frozen: Callable[[datetime], None]
) -> None:
    frozen(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    assert asked_for(said) == timedelta(seconds=seconds)


def test_a_certificate_must_hold(certificate: Path) -> None:
    """One that nobody vouches for: nothing is said to whoever shows it."""
    by_name = WebhookAllow(frozenset({"localhost"}))
    with mail_server(certificate=certificate, implicit_tls=True) as server:
        with pytest.raises(NotTaken, match="certificate"):
            call(f"https://localhost:{server.port}/", b"{}", {}, by_name, seconds=3)
        assert server.seen == []
