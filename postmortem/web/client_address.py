"""Which address a request comes from, for limits and for lists that people read.

Each proxy appends to `X-Forwarded-For` the address that connected to it, so only the last entries are worth
anything: as many as there are proxies of ours (POSTMORTEM_TRUSTED_PROXIES). What stands before them was
written by the client, and is not looked at.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import current_app, request

UNKNOWN = "unknown"


def client_address() -> str:
    """The address of this request's client, as text; `unknown` where the server does not say (a Unix socket)."""
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    proxies: int = current_app.extensions["config"].trusted_proxies
    return address_of(request.remote_addr or "", forwarded, proxies)


def limited_address() -> str:
    """What counts as one address for a limit: of IPv6 the first 64 bits, because a home has all the rest."""
    return network_of(client_address())


def address_of(connected: str, forwarded: str, proxies: int) -> str:
    """The entry that the outermost of `proxies` proxies appended to `forwarded`; `connected` where there is none.

    An entry that is no address ends the way back: what lies before it is not to be believed either.
    """
    found = parsed(connected)
    entries = forwarded.split(",") if forwarded else []
    for entry in reversed(entries[-proxies:] if proxies else []):
        address = parsed(entry)
        if address is None:
            break
        found = address
    return UNKNOWN if found is None else str(found)


def network_of(address: str) -> str:
    """An IPv4 address as it is; of an IPv6 address its /64."""
    found = parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return address


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An address, perhaps with a port or in brackets; IPv4 inside IPv6 comes out as IPv4. None for anything else."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
