"""Typed settings from `POSTMORTEM_*` environment variables or a TOML file, and what is wrong with them.

An environment variable wins over the file. In the file the keys are the same names in lower case
without the prefix (`database_url = "…"`). Nothing here touches the database.
"""

import os
import re
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from postmortem import config_parts
from postmortem.config_parts import (
    KNOWN_PARTS,
    Oidc,
    Proxy,
    SessionLimits,
    Setting,
    Smtp,
    WebhookAllow,
    WeeklyTime,
    boolean,
    is_loopback,
)

SECRET_KEY_MIN_LENGTH = 32


class BadSettings(Exception):
    """Some setting is unusable. `problems` are sentences, one per problem."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Config:
    """All settings, checked. Build it with `load_config`."""

    data_dir: Path
    database_url: str = field(repr=False)
    base_url: str
    secret_key: str = field(repr=False)
    public_reading: bool
    development: bool
    settings: tuple[Setting, ...] = field(repr=False)
    session_limits: SessionLimits = field(default_factory=SessionLimits)
    trusted_proxies: int = 0
    smtp: Smtp | None = None
    oidc: Oidc | None = None
    proxy: Proxy | None = None
    webhook_allow: WebhookAllow = field(default_factory=WebhookAllow)
    newsletter: WeeklyTime | None = None

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Every Host header that is answered: on loopback all three spellings of this machine."""
        parts = urlsplit(self.base_url)
        suffix = f":{parts.port}" if parts.port else ""
        if is_loopback(parts.hostname or ""):
            return frozenset(f"{name}{suffix}" for name in ("localhost", "127.0.0.1", "[::1]"))
        return frozenset({parts.netloc})


# name, default, whether it is secret. Each is described in docs/settings.md; a test holds that true.
KNOWN: tuple[tuple[str, str, bool], ...] = (
    ("DATA_DIR", "./data", False),
    ("CONFIG", "", False),
    ("DATABASE_URL", "", True),
    ("BASE_URL", "", False),
    ("SECRET_KEY", "", True),
    ("PUBLIC_READING", "no", False),
    ("DEVELOPMENT", "no", False),
    *KNOWN_PARTS,
)


def load_config(
    environ: Mapping[str, str] | None = None, *, listen_host: str = "127.0.0.1", listen_port: int = 8000
) -> Config:
    """Read, check and return the settings; makes the data folder (0700) and, on loopback, the secret key.

    Raises BadSettings with one sentence per problem.
    """
    environ = os.environ if environ is None else environ
    found = _collect(environ)
    problems: list[str] = []
    data_dir = Path(found["DATA_DIR"].value).expanduser().resolve()
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings([f"The data folder {data_dir} cannot be made: {error.strerror}."]) from error

    _default(found, "DATABASE_URL", lambda: f"sqlite:///{data_dir / 'postmortem.db'}", "default")
    _default_base_url(found, listen_host, listen_port, problems)
    _default_secret_key(found, data_dir, listen_host, problems)
    _check_urls(found, problems)
    checked: dict[str, Any] = {
        "public_reading": boolean(found["PUBLIC_READING"], problems),
        "development": boolean(found["DEVELOPMENT"], problems),
        "session_limits": config_parts.session_limits(found, problems),
        "trusted_proxies": config_parts.trusted_proxies(found, problems),
        "smtp": config_parts.smtp(found, problems, found["BASE_URL"].value),
        "oidc": config_parts.oidc(found, problems),
        "proxy": config_parts.proxy(found, problems),
        "webhook_allow": config_parts.webhook_allow(found, problems),
        "newsletter": config_parts.newsletter(found, problems),
    }
    if problems:
        raise BadSettings(problems)
    return Config(
        data_dir=data_dir,
        database_url=found["DATABASE_URL"].value,
        base_url=_normal_base_url(found["BASE_URL"].value),
        secret_key=found["SECRET_KEY"].value,
        settings=tuple(found.values()),
        **checked,
    )


def _collect(environ: Mapping[str, str]) -> dict[str, Setting]:
    """Every known setting as text: from the environment, else the file, else its default."""
    data_dir = environ.get("POSTMORTEM_DATA_DIR") or "./data"
    named = environ.get("POSTMORTEM_CONFIG")
    file_path = Path(named or Path(data_dir) / "postmortem.toml").expanduser()
    from_file = _read_file(file_path, demanded=bool(named))
    unknown = sorted(set(from_file) - {name.lower() for name, _, _ in KNOWN})
    if unknown:
        raise BadSettings([f"{file_path} has a setting that does not exist: {', '.join(unknown)}."])
    found = {}
    for name, default, is_secret in KNOWN:
        if (value := environ.get(f"POSTMORTEM_{name}")) is not None and value != "":
            found[name] = Setting(name, value, "environment", is_secret)
        elif name.lower() in from_file:
            found[name] = Setting(name, _as_text(from_file[name.lower()]), str(file_path), is_secret)
        else:
            found[name] = Setting(name, default, "default", is_secret)
    if found["CONFIG"].origin == "default":
        found["CONFIG"] = Setting("CONFIG", str(file_path), "default")
    return found


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Environment variables that look like ours and are not: most likely misspelt."""
    known = {f"POSTMORTEM_{name}" for name, _, _ in KNOWN}
    ours = (name for name in environ if name.startswith("POSTMORTEM_"))
    return sorted(name for name in ours if name not in known and not name.startswith("POSTMORTEM_TEST"))


def _as_text(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _read_file(path: Path, *, demanded: bool) -> dict[str, object]:
    if not path.exists():
        if demanded:
            raise BadSettings([f"POSTMORTEM_CONFIG names {path}, and there is no such file."])
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSettings([f"{path} cannot be read as TOML: {error}."]) from error


def _default(found: dict[str, Setting], name: str, make: Callable[[], str], origin: str) -> None:
    if not found[name].value:
        found[name] = Setting(name, make(), origin, found[name].is_secret)


def _default_base_url(found: dict[str, Setting], host: str, port: int, problems: list[str]) -> None:
    if not found["BASE_URL"].value and not is_loopback(host):
        problems.append(
            f"POSTMORTEM_BASE_URL is needed when listening on {host}: the address people type, "
            "for example https://postmortem.example.com."
        )
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    _default(found, "BASE_URL", lambda: f"http://{shown}:{port}", "listening address")


def _default_secret_key(found: dict[str, Setting], data_dir: Path, host: str, problems: list[str]) -> None:
    if found["SECRET_KEY"].value:
        if len(found["SECRET_KEY"].value) < SECRET_KEY_MIN_LENGTH:
            problems.append(
                f"POSTMORTEM_SECRET_KEY is too short: it needs {SECRET_KEY_MIN_LENGTH} characters or more."
            )
        return
    if not is_loopback(host):
        problems.append(
            "POSTMORTEM_SECRET_KEY is needed when others can reach this machine: "
            "32 or more random characters, kept secret and kept the same."
        )
        return
    path = data_dir / "secret-key"
    try:
        key = _kept_secret(path)
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"The secret key cannot be kept in {path}: {error}.")
        return
    if len(key) < SECRET_KEY_MIN_LENGTH:
        problems.append(f"{path} is damaged. Remove it; everybody then has to sign in again.")
    _default(found, "SECRET_KEY", lambda: key, str(path))


def _kept_secret(path: Path) -> str:
    """The key kept in the data folder; made on first use, by whichever process comes first.

    It is written whole under another name and then linked: no process ever reads half a key.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _check_urls(found: dict[str, Setting], problems: list[str]) -> None:
    if not _is_base_url(found["BASE_URL"].value):
        problems.append("POSTMORTEM_BASE_URL must look like https://postmortem.example.com, without a path.")
    url = found["DATABASE_URL"].value
    if not url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")) or not _has_good_port(
        url
    ):
        problems.append(
            "POSTMORTEM_DATABASE_URL must look like sqlite:////path/to/file.db "
            "or postgresql://user:password@host/database."
        )
    if url.startswith("postgresql") and find_spec("psycopg") is None:
        problems.append("PostgreSQL needs one more package. Run: pip install 'postmortem[postgresql]'")
    if url.startswith("sqlite") and (url == "sqlite:///" or ":memory:" in url):
        problems.append("POSTMORTEM_DATABASE_URL must name a file: a database in memory is gone at the end.")


def _is_base_url(text: str) -> bool:
    """Whether this is scheme, host and perhaps a port, as they stand in a browser's address line."""
    if not re.fullmatch(r"https?://[A-Za-z0-9._\[\]:-]+/?", text) or not _has_good_port(text):
        return False
    return bool(urlsplit(text).hostname)


def _has_good_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _normal_base_url(text: str) -> str:
    """As browsers send it in Host: lower case, and without the port where it is the scheme's own."""
    parts = urlsplit(text.lower())
    is_own = (parts.scheme, parts.port) in (("http", 80), ("https", 443))
    netloc = parts.netloc.rpartition(":")[0] if is_own else parts.netloc
    return f"{parts.scheme}://{netloc}"
