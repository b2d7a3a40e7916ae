"""Settings that come in groups: mail, single sign-on, the proxy in front, how long a sign-in lasts."""

from datetime import time, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from postmortem.config import BadSettings, Config, load_config
from postmortem.config_parts import WeeklyTime

OIDC = {"OIDC_ISSUER": "https://id.example.com", "OIDC_CLIENT_ID": "pm", "OIDC_CLIENT_SECRET": "s3cret"}


def load(tmp_path: Path, **settings: str) -> Config:
    environ = {f"POSTMORTEM_{name}": value for name, value in settings.items()}
    return load_config({"POSTMORTEM_DATA_DIR": str(tmp_path), **environ})


def test_nothing_is_switched_on_by_itself(tmp_path: Path) -> None:
    config = load(tmp_path)
    assert (config.smtp, config.oidc, config.proxy, config.trusted_proxies) == (None, None, None, 0)
    assert (config.session_limits.idle, config.session_limits.absolute) == (
        timedelta(hours=8),
        timedelta(hours=12),
    )


@pytest.mark.parametrize(
    ("host", "tls", "expected"),
    [
        ("127.0.0.1", "", ("none", 25)),
        ("mail.example.com", "", ("starttls", 587)),
        ("mail.example.com", "tls", ("tls", 465)),
    ],
)
def test_mail_is_encrypted_unless_it_stays_on_the_machine(
    tmp_path: Path, host: str, tls: str, expected: tuple[str, int]
) -> None:
    smtp = load(tmp_path, SMTP_HOST=host, SMTP_TLS=tls).smtp
    assert smtp is not None
    assert (smtp.tls, smtp.port) == expected
    assert smtp.sender == "postmortem@127.0.0.1"


def test_claims_become_roles_in_their_order(tmp_path: Path) -> None:
    oidc = load(tmp_path, **OIDC, OIDC_ROLES="sre=contributor, team=leads=admin").oidc
    assert oidc is not None
    assert oidc.roles == (("sre", "contributor"), ("team=leads", "admin"))
    assert oidc.default_role == "reader"
    assert not oidc.creates_people


def test_the_proxy_is_believed_from_its_networks(tmp_path: Path) -> None:
    proxy = load(tmp_path, PROXY_USER_HEADER="X-Remote-User", PROXY_NETWORKS="10.0.0.0/24, ::1").proxy
    assert proxy is not None
    assert proxy.networks == (ip_network("10.0.0.0/24"), ip_network("::1"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"SESSION_HOURS": "0"}, "SESSION_HOURS must be a number"),
        ({"SESSION_IDLE_HOURS": "nan"}, "SESSION_IDLE_HOURS must be a number"),
        ({"TRUSTED_PROXIES": "all"}, "TRUSTED_PROXIES must be a number"),
        ({"SMTP_HOST": "m.example.com", "SMTP_TLS": "ssl"}, "none, starttls or tls"),
        ({"SMTP_HOST": "m.example.com", "SMTP_TLS": "none", "SMTP_PASSWORD": "x"}, "would travel readable"),
        ({"SMTP_HOST": "localhost", "SMTP_FROM": "a@b.example\nBcc: c@d.example"}, "SMTP_FROM must be"),
        ({**OIDC, "OIDC_ISSUER": "http://id.example.com"}, "must be an https address"),
        ({"OIDC_ISSUER": "https://id.example.com"}, "OIDC_CLIENT_ID is needed"),
        ({**OIDC, "OIDC_ROLES": "sre=root"}, "the role “root”"),
        ({**OIDC, "OIDC_ROLES": "sre"}, "must look like"),
        ({"PROXY_USER_HEADER": "X-Remote-User"}, "PROXY_NETWORKS is needed"),
        ({"PROXY_USER_HEADER": "X User", "PROXY_NETWORKS": "::1"}, "must be a header's name"),
        ({"PROXY_USER_HEADER": "X-User", "PROXY_NETWORKS": "everywhere"}, "no address or network"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(BadSettings) as error:
        load(tmp_path, **settings)
    assert said in str(error.value)
    assert "s3cret" not in str(error.value)


def test_secrets_are_not_in_what_is_printed(tmp_path: Path) -> None:
    config = load(tmp_path, **OIDC, SMTP_HOST="localhost", SMTP_PASSWORD="hunter22")
    assert "s3cret" not in repr(config)
    assert "hunter22" not in repr(config)


def test_receivers_may_be_at_hosts_addresses_and_networks_that_are_named(tmp_path: Path) -> None:
    allow = load(
        tmp_path, WEBHOOK_ALLOW="Hooks.intern.example, 10.2.0.0/16,127.0.0.1 , ::1, localhost"
    ).webhook_allow
    assert allow.hosts == {"hooks.intern.example", "localhost"}
    assert allow.networks == tuple(map(ip_network, ("10.2.0.0/16", "127.0.0.1", "::1")))
    nothing = load(tmp_path).webhook_allow
    assert (nothing.hosts, nothing.networks) == (frozenset(), ())


@pytest.mark.parametrize(
    "text", ["10.0.0.1/8", "*.example.com", "https://hooks.example", "host:80", "2130706433"]
)
def test_what_is_neither_is_refused_at_the_start(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSettings, match="WEBHOOK_ALLOW"):
        load(tmp_path, WEBHOOK_ALLOW=text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", WeeklyTime(4, time(9))),
        ("Monday 07:30", WeeklyTime(0, time(7, 30))),
        ("sunday  23:59", WeeklyTime(6, time(23, 59))),
        ("off", None),
        ("No", None),
    ],
)
def test_the_newsletter_has_its_hour(tmp_path: Path, text: str, expected: WeeklyTime | None) -> None:
    assert load(tmp_path, NEWSLETTER=text).newsletter == expected


@pytest.mark.parametrize(
    "text", ["friday", "09:00", "friday 9", "friday 24:00", "fri 09:00", "friday 09:00 UTC"]
)
def test_an_hour_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadSettings, match="POSTMORTEM_NEWSLETTER"):
        load(tmp_path, NEWSLETTER=text)
