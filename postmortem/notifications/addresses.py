"""Where calls may go: to public addresses, and to what the operator allows. Looked at when the connection is made.

A name is resolved once and the connection goes to the very address that was looked at, so it does not help anybody to
answer differently the second time. Python's own `is_private` and `is_global` differ between versions and miss some, so
the networks stand here.
"""

import re
import socket
from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from postmortem.config_parts import WebhookAllow
from postmortem.errors import Refused

MAX_LENGTH = 1000
LOWEST_PORT = 1024
USUAL_PORTS = {"http": 80, "https": 443}
_NOT_PUBLIC_4 = tuple(
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        # The one metadata service at an address that looks public.
        "168.63.129.16/32",
    )
)
_PUBLIC_6 = ip_network("2000::/3")
_NOT_PUBLIC_6 = tuple(ip_network(text) for text in ("2001::/23", "2001:db8::/32", "3fff::/20"))
# IPv6 networks whose addresses stand for an IPv4 address, and how far from the right end that begins.
_CARRIERS: tuple[tuple[IPv6Network, int], ...] = tuple(
    (IPv6Network(network), shift)
    for network, shift in (
        ("::ffff:0:0/96", 0),
        ("::ffff:0:0:0/96", 0),
        ("::/96", 0),
        ("64:ff9b::/96", 0),
        ("2002::/16", 80),
    )
)
# Interface names of ISATAP: the IPv4 address is in the last half.
_ISATAP = (0x00005EFE, 0x02005EFE)

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], list[str]]


class NotAllowed(Refused):
    """No call goes there."""


class NotOpen(NotAllowed):
    """The name is known, and leads nowhere on the open internet."""


def split_url(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and what follows. Raises NotAllowed with a sentence for whoever typed it."""
    if len(url) > MAX_LENGTH:
        raise NotAllowed(f"Shorten this to {MAX_LENGTH:,} characters.", field="url")
    if not re.fullmatch(r"https?://[!-~]+", url, re.IGNORECASE) or "\\" in url:
        raise NotAllowed("Enter a full address that starts with https:// or http://.", field="url")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise NotAllowed("This address cannot be read. Look at its host and port.", field="url") from error
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise NotAllowed("Leave out the name and password in front of the host.", field="url")
    if parts.fragment or "#" in url:
        raise NotAllowed("Leave out what stands behind the #; it is never sent.", field="url")
    if not host or not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", host):
        raise NotAllowed("The host in this address is none.", field="url")
    scheme = parts.scheme.lower()
    port = USUAL_PORTS[scheme] if port is None else port
    if port < LOWEST_PORT and port not in USUAL_PORTS.values():
        raise NotAllowed("Use port 80, 443 or one from 1024 on.", field="url")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return scheme, host, port, target


def check_url(url: str, allow: WebhookAllow) -> None:
    """Raise NotAllowed for an address that can be refused by looking at it; its name is looked up when it is called."""
    _, host, _, _ = split_url(url)
    found = literal(host)
    if host in allow.hosts or (found is not None and is_allowed(found, allow)):
        return
    if found is not None or host == "localhost" or host.endswith(".localhost"):
        raise NotAllowed(
            "This address is not on the open internet. The operator of this site can allow it "
            "(POSTMORTEM_WEBHOOK_ALLOW).",
            field="url",
        )


def literal(host: str) -> Address | None:
    """The address that this host is, in any spelling that computers take for one; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        # One number, octal and hexadecimal ones, fewer than four.
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def permitted(host: str, port: int, allow: WebhookAllow, resolve: Resolve) -> list[str]:
    """The addresses of this host that may be called, each as a plain number. Raises NotAllowed where there is none."""
    is_named = host in allow.hosts
    found = []
    for text in resolve(host, port):
        # A zone belongs to an address of this machine's own networks.
        if "%" in text:
            continue
        address = ip_address(text)
        if is_named or is_allowed(address, allow):
            found.append(str(address))
    if not found:
        raise NotOpen(f"{host} is not on the open internet, and POSTMORTEM_WEBHOOK_ALLOW does not name it.")
    return found


def is_allowed(address: Address, allow: WebhookAllow) -> bool:
    """Whether a call may go to this address: it and whatever it stands for is public, or allowed by the operator."""
    if _is_in(address, allow.networks):
        return True
    return all(is_public(each) or _is_in(each, allow.networks) for each in _meanings(address))


def is_public(address: Address) -> bool:
    """One machine on the open internet: global, not multicast, not kept for something else."""
    if isinstance(address, IPv4Address):
        return not _is_in(address, _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not _is_in(address, _NOT_PUBLIC_6)


def _is_in(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)


def _meanings(address: Address) -> Iterator[Address]:
    """The address where a packet ends: itself, or the IPv4 address that it carries; both where both are possible."""
    if isinstance(address, IPv4Address):
        yield address
        return
    number = int(address)
    carried = [
        IPv4Address(number >> shift & 0xFFFFFFFF) for network, shift in _CARRIERS if address in network
    ]
    if (number >> 32 & 0xFFFFFFFF) in _ISATAP:
        carried.append(IPv4Address(number & 0xFFFFFFFF))
        yield address
    # ::1 and :: are addresses of their own, beside standing for 0.0.0.1 and 0.0.0.0: those are not public either.
    yield from carried or (address,)
