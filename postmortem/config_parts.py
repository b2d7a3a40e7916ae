"""Settings that come in groups, and how one setting is read: mail, single sign-on, the proxy in front.

Everything takes what was found by name and a list that gets one sentence for each thing that is wrong.
"""

import re
from dataclasses import dataclass, field
from datetime import time, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ROLES = ("reader", "contributor", "facilitator", "admin")


@dataclass(frozen=True)
class Setting:
    """One setting as it was found: its value as text and where that came from."""

    name: str
    value: str = field(repr=False)
    origin: str
    is_secret: bool = False


Found = dict[str, Setting]
Problems = list[str]


@dataclass(frozen=True)
class SessionLimits:
    """How long a sign-in lasts without use, and at most."""

    idle: timedelta = timedelta(hours=8)
    absolute: timedelta = timedelta(hours=12)


@dataclass(frozen=True)
class Smtp:
    """Where mail goes out. `tls` is none, starttls or tls."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    sender: str
    tls: str


@dataclass(frozen=True)
class Oidc:
    """An OpenID Connect provider and what its claims mean here. `roles` maps a claim's value to a role."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    creates_people: bool
    role_claim: str
    roles: tuple[tuple[str, str], ...]
    default_role: str
    teams_claim: str


@dataclass(frozen=True)
class Proxy:
    """A proxy that signs people in: which header names the e-mail address, and from where it is believed."""

    user_header: str
    networks: tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True)
class WebhookAllow:
    """Hosts and networks that receivers may be at although they are not on the open internet."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()


@dataclass(frozen=True)
class WeeklyTime:
    """A time of day on one day of the week; Monday is 0."""

    weekday: int
    at: time


# name, default, whether it is secret
KNOWN_PARTS: tuple[tuple[str, str, bool], ...] = (
    ("SESSION_IDLE_HOURS", "8", False),
    ("SESSION_HOURS", "12", False),
    ("TRUSTED_PROXIES", "0", False),
    ("SMTP_HOST", "", False),
    ("SMTP_PORT", "", False),
    ("SMTP_USER", "", False),
    ("SMTP_PASSWORD", "", True),
    ("SMTP_FROM", "", False),
    ("SMTP_TLS", "", False),
    ("OIDC_ISSUER", "", False),
    ("OIDC_CLIENT_ID", "", False),
    ("OIDC_CLIENT_SECRET", "", True),
    ("OIDC_NAME", "single sign-on", False),
    ("OIDC_CREATE_PEOPLE", "no", False),
    ("OIDC_ROLE_CLAIM", "", False),
    ("OIDC_ROLES", "", False),
    ("OIDC_DEFAULT_ROLE", "reader", False),
    ("OIDC_TEAMS_CLAIM", "", False),
    ("PROXY_USER_HEADER", "", False),
    ("PROXY_NETWORKS", "", False),
    ("WEBHOOK_ALLOW", "", False),
    ("NEWSLETTER", "friday 09:00", False),
)


def is_loopback(host: str) -> bool:
    """Whether only this machine is reached under this name or address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def boolean(setting: Setting, problems: Problems) -> bool:
    """yes or no, in any of the usual spellings."""
    value = setting.value.strip().lower()
    if value not in ("yes", "no", "true", "false", "1", "0", "on", "off"):
        problems.append(f"POSTMORTEM_{setting.name} must be yes or no, not “{setting.value}”.")
    return value in ("yes", "true", "1", "on")


def number(setting: Setting, problems: Problems, *, low: float, high: float) -> float:
    """A number between two bounds."""
    try:
        value = float(setting.value)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        problems.append(
            f"POSTMORTEM_{setting.name} must be a number from {low:g} to {high:g}, not “{setting.value}”."
        )
        return low
    return value


def session_limits(found: Found, problems: Problems) -> SessionLimits:
    """How long a sign-in lasts. Ten minutes at least, 31 days at most."""
    idle, absolute = (
        number(found[name], problems, low=1 / 6, high=744) for name in ("SESSION_IDLE_HOURS", "SESSION_HOURS")
    )
    return SessionLimits(timedelta(hours=idle), timedelta(hours=absolute))


def trusted_proxies(found: Found, problems: Problems) -> int:
    """How many proxies of ours stand in front; so many entries of X-Forwarded-For are theirs."""
    return int(number(found["TRUSTED_PROXIES"], problems, low=0, high=10))


def smtp(found: Found, problems: Problems, base_url: str) -> Smtp | None:
    """Where mail goes out, None where none does."""
    host = found["SMTP_HOST"].value.strip()
    if not host:
        return None
    tls = found["SMTP_TLS"].value.strip().lower() or ("none" if is_loopback(host) else "starttls")
    if tls not in ("none", "starttls", "tls"):
        problems.append(f"POSTMORTEM_SMTP_TLS must be none, starttls or tls, not “{tls}”.")
    if found["SMTP_PASSWORD"].value and tls == "none" and not is_loopback(host):
        problems.append("POSTMORTEM_SMTP_TLS is none: the password of the mail server would travel readable.")
    usual = {"none": "25", "starttls": "587", "tls": "465"}.get(tls, "25")
    port = Setting("SMTP_PORT", found["SMTP_PORT"].value or usual, "")
    sender = found["SMTP_FROM"].value or f"postmortem@{urlsplit(base_url).hostname or 'localhost'}"
    if not re.fullmatch(r"[^\s<>@,;]+@[^\s<>@,;]+", sender):
        problems.append("POSTMORTEM_SMTP_FROM must be an e-mail address like postmortem@example.com.")
    return Smtp(
        host=host,
        port=int(number(port, problems, low=1, high=65535)),
        user=found["SMTP_USER"].value,
        password=found["SMTP_PASSWORD"].value,
        sender=sender,
        tls=tls,
    )


def oidc(found: Found, problems: Problems) -> Oidc | None:
    """The provider for single sign-on, None where there is none."""
    issuer = found["OIDC_ISSUER"].value.strip()
    if not issuer:
        return None
    parts = urlsplit(issuer)
    if not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))):
        problems.append("POSTMORTEM_OIDC_ISSUER must be an https address.")
    for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        if not found[name].value:
            problems.append(f"POSTMORTEM_{name} is needed beside POSTMORTEM_OIDC_ISSUER.")
    roles = tuple(_pairs(found["OIDC_ROLES"], problems))
    default = found["OIDC_DEFAULT_ROLE"].value.strip()
    for role in (default, *(role for _, role in roles)):
        if role not in ROLES:
            problems.append(f"POSTMORTEM_OIDC_… names the role “{role}”; there are {', '.join(ROLES)}.")
    return Oidc(
        issuer=issuer,
        client_id=found["OIDC_CLIENT_ID"].value,
        client_secret=found["OIDC_CLIENT_SECRET"].value,
        name=found["OIDC_NAME"].value.strip(),
        creates_people=boolean(found["OIDC_CREATE_PEOPLE"], problems),
        role_claim=found["OIDC_ROLE_CLAIM"].value.strip(),
        roles=roles,
        default_role=default,
        teams_claim=found["OIDC_TEAMS_CLAIM"].value.strip(),
    )


def _pairs(setting: Setting, problems: Problems) -> list[tuple[str, str]]:
    """`group=role, other=role`, in the order they are tried."""
    pairs = []
    for part in filter(None, (part.strip() for part in setting.value.split(","))):
        value, equals, role = part.rpartition("=")
        if not equals or not value.strip():
            problems.append(f"POSTMORTEM_{setting.name} must look like sre=contributor, leads=admin.")
        pairs.append((value.strip(), role.strip()))
    return pairs


def proxy(found: Found, problems: Problems) -> Proxy | None:
    """The proxy that signs people in, None where none does."""
    header = found["PROXY_USER_HEADER"].value.strip()
    if not header:
        return None
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", header):
        problems.append("POSTMORTEM_PROXY_USER_HEADER must be a header's name like X-Remote-User.")
    networks = []
    for text in filter(None, (part.strip() for part in found["PROXY_NETWORKS"].value.split(","))):
        try:
            networks.append(ip_network(text))
        except ValueError:
            problems.append(f"POSTMORTEM_PROXY_NETWORKS: “{text}” is no address or network like 10.0.0.0/24.")
    if not found["PROXY_NETWORKS"].value.strip():
        problems.append(
            "POSTMORTEM_PROXY_NETWORKS is needed beside POSTMORTEM_PROXY_USER_HEADER: the addresses of the proxy."
        )
    return Proxy(header, tuple(networks))


def webhook_allow(found: Found, problems: Problems) -> WebhookAllow:
    """`hooks.intern.example, 10.2.0.0/16`: where calls may go beside the open internet."""
    hosts, networks = set(), []
    for text in filter(None, (part.strip() for part in found["WEBHOOK_ALLOW"].value.split(","))):
        try:
            networks.append(ip_network(text))
        except ValueError:
            if re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", text):
                hosts.add(text.lower())
            else:
                problems.append(
                    f"POSTMORTEM_WEBHOOK_ALLOW: “{text}” is no host, address or network like 10.0.0.0/24."
                )
    return WebhookAllow(frozenset(hosts), tuple(networks))


def newsletter(found: Found, problems: Problems) -> WeeklyTime | None:
    """When the newsletter of the week comes: `friday 09:00`; None where it is off."""
    text = found["NEWSLETTER"].value.strip().lower()
    if text in ("off", "no", "false", "0"):
        return None
    day, _, at = text.partition(" ")
    if day not in WEEKDAYS or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", at.strip()):
        problems.append(
            f"POSTMORTEM_NEWSLETTER must be a weekday and a time like friday 09:00, or off, not “{text}”."
        )
        return None
    return WeeklyTime(WEEKDAYS.index(day), time.fromisoformat(at.strip()))
