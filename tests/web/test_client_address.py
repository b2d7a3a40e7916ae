"""The client's address: only what our own proxies appended is believed."""

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from postmortem.web.client_address import address_of, client_address, limited_address, network_of

addresses = st.ip_addresses().map(str)
anything = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=60)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "", "10.0.0.9"),
        (0, "198.51.100.7", "10.0.0.9"),
        (1, "", "10.0.0.9"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        (2, "198.51.100.7, 10.0.0.8", "198.51.100.7"),
        (2, "6.6.6.6,198.51.100.7 , 10.0.0.8", "198.51.100.7"),
        # Fewer entries than proxies: whoever asked came past the outer one.
        (3, "198.51.100.7", "198.51.100.7"),
        (1, "nonsense", "10.0.0.9"),
        (2, "nonsense, 10.0.0.8", "10.0.0.8"),
        (2, "198.51.100.7, nonsense", "10.0.0.9"),
        (1, "198.51.100.7:54321", "198.51.100.7"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "2001:DB8:0::1", "2001:db8::1"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
        (1, "198.51.100.7,", "10.0.0.9"),
        (1, "0x7f.1", "10.0.0.9"),
    ],
)
def test_as_many_entries_count_as_there_are_proxies(proxies: int, forwarded: str, expected: str) -> None:
    assert address_of("10.0.0.9", forwarded, proxies) == expected


@given(prefix=anything, connected=addresses, appended=st.lists(addresses, max_size=4))
def test_what_the_client_sends_never_changes_the_answer(
    prefix: str, connected: str, appended: list[str]
) -> None:
    """With N proxies N entries are appended; whatever stood before them, the answer stays."""
    proxies = len(appended)
    plain = address_of(connected, ",".join(appended), proxies)
    assert plain == (str_of(appended[0]) if appended else str_of(connected))
    for sent in (prefix, f"{prefix},", f"{prefix}, ::1"):
        assert address_of(connected, ",".join([sent, *appended]), proxies) == plain


def str_of(address: str) -> str:
    return address_of(address, "", 0)


@given(connected=anything, forwarded=anything, proxies=st.integers(0, 10))
def test_nothing_makes_it_fail(connected: str, forwarded: str, proxies: int) -> None:
    found = address_of(connected, forwarded, proxies)
    assert found == "unknown" or address_of(found, "", 0) == found
    assert len(network_of(found)) <= 64


def test_one_home_is_one_address() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of("198.51.100.7") == "198.51.100.7"
    assert network_of("unknown") == "unknown"


@pytest.mark.parametrize(
    ("proxies", "address", "limited"),
    [(0, "127.0.0.1", "127.0.0.1"), (1, "2001:db8::5", "2001:db8::/64")],
)
def test_the_setting_says_how_many(
    make_app: Callable[..., Flask], proxies: int, address: str, limited: str
) -> None:
    lines = [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "7.7.7.7, 2001:db8::5")]
    with make_app(trusted_proxies=proxies).test_request_context(
        headers=lines, environ_base={"REMOTE_ADDR": "127.0.0.1"}
    ):
        assert client_address() == address
        assert limited_address() == limited
