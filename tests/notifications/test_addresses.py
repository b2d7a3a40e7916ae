"""Where calls may go: nowhere private, in whatever spelling, and never to another address than the one looked at."""

from ipaddress import ip_network

import pytest

from postmortem.config_parts import WebhookAllow
from postmortem.errors import Refused
from postmortem.notifications.addresses import check_url, is_allowed, literal, permitted, split_url
from postmortem.notifications.calling import NotTaken, call

NOTHING = WebhookAllow()

# Every one leads to this machine, to a private network, to a metadata service or to nobody in particular.
PRIVATE = (
    "http://127.0.0.1/",
    "http://127.0.0.1:8000/",
    "http://127.1/",
    "http://127.255.255.254/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://anything.localhost/",
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/",
    "http://192.0.0.8/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://198.51.100.7/",
    "http://203.0.113.9/",
    "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://169.254.169.254/latest/meta-data/",
    "http://2852039166/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://168.63.129.16/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::10.0.0.1]/",
    "http://[64:ff9b:1::10.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a00:1::1]/",
    "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "http://[2001:db8::1]/",
    "http://[2001:10::1]/",
    "http://[3fff::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://[2a00:1450::5efe:10.0.0.1]/",
    "http://[5f00::1]/",
)
# Not an address that anybody calls.
MALFORMED = (
    "",
    "hooks.example.com/x",
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://hooks.example.com/",
    "javascript:alert(1)",
    "//hooks.example.com/",
    "https:/hooks.example.com/",
    "https://",
    "https:///path",
    "https://user:pass@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1/",
    "https://hooks.example.com\\@127.0.0.1/",
    "https://hooks.example.com/#fragment",
    "https://hooks.example.com:22/",
    "https://hooks.example.com:25/",
    "https://hooks.example.com:0/",
    "https://hooks.example.com:99999/",
    "https://hooks.example.com:x/",
    "https://hooks.example.com/a b",
    "https://hooks.example.com/\r\nHost: other",
    "https://[fe80::1%25eth0]/",
    "https://[::1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://exa mple.com/",
    "https://hooks.example.com/" + "x" * 1000,
)
PUBLIC = (
    "https://hooks.example.com/services/T0/B0/x",
    "http://hooks.example.com/",
    "https://hooks.example.com:8443/x?y=z",
    "https://93.184.216.34/",
    "https://[2606:2800:220:1:248:1893:25c8:1946]/",
    "https://[64:ff9b::5db8:d822]/",
    "https://[::ffff:93.184.216.34]/",
)


def test_the_table_is_as_long_as_it_ought_to_be() -> None:
    assert len(set(PRIVATE)) == len(PRIVATE) >= 40


@pytest.mark.parametrize("url", [*PRIVATE, *MALFORMED])
def test_an_address_that_leads_nowhere_public_is_refused_when_it_is_typed(url: str) -> None:
    with pytest.raises(Refused) as refused:
        check_url(url, NOTHING)
    assert refused.value.field == "url"


@pytest.mark.parametrize("url", PRIVATE)
def test_and_again_when_it_is_called(url: str) -> None:
    """As if it had come past the form; what the spelling means is asked of the system here."""
    with pytest.raises(NotTaken, match=r"open internet|not known"):
        call(url, b"{}", {}, NOTHING, seconds=2)


@pytest.mark.parametrize("url", PUBLIC)
def test_public_addresses_are_taken(url: str) -> None:
    check_url(url, NOTHING)
    _, host, _, _ = split_url(url)
    address = literal(host)
    assert address is None or is_allowed(address, NOTHING)


@pytest.mark.parametrize("url", [url for url in PRIVATE if "localhost" not in url.lower()])
def test_a_name_that_leads_there_is_refused_too(url: str) -> None:
    """Whatever a name stands for is looked at as if it had been typed."""
    _, host, _, _ = split_url(url)
    address = literal(host)
    assert address is not None
    with pytest.raises(Refused, match="open internet"):
        permitted("hooks.example.com", 443, NOTHING, lambda _host, _port: [str(address)])


def test_a_zone_makes_an_address_one_of_this_machine_alone() -> None:
    with pytest.raises(Refused):
        permitted(
            "hooks.example.com", 443, NOTHING, lambda _host, _port: ["fe80::1%eth0", "2606:2800::1%eth0"]
        )


def test_of_several_addresses_only_the_public_ones_are_called() -> None:
    found = permitted("hooks.example.com", 443, NOTHING, lambda _host, _port: ["10.0.0.1", "93.184.216.34"])
    assert found == ["93.184.216.34"]


def test_what_the_operator_allows_is_called_and_nothing_beside_it() -> None:
    allow = WebhookAllow(
        frozenset({"hooks.intern.example"}),
        tuple(map(ip_network, ("10.2.0.0/16", "127.0.0.1", "::1", "fd00::/8"))),
    )
    for url in (
        "http://10.2.3.4/x",
        "http://127.0.0.1:9000/",
        "http://[::1]/",
        "http://[fd00::7]/",
        "http://hooks.intern.example/",
        "http://[::ffff:10.2.3.4]/",
    ):
        check_url(url, allow)
    private = ["192.168.0.9"]
    assert permitted("hooks.intern.example", 80, allow, lambda *_: private) == private
    for url in ("http://10.3.0.1/", "http://127.0.0.2/", "http://[fc00::1]/"):
        with pytest.raises(Refused):
            check_url(url, allow)
    with pytest.raises(Refused):
        permitted("not.hooks.intern.example", 80, allow, lambda *_: private)
