"""Asking the provider over HTTP, carefully. Imported only when somebody signs in: Authlib and requests are heavy.

Every answer is read within one time limit and up to one size, redirects are not followed, certificates are
checked, and compressed answers are refused, because a small one can unfold to gigabytes.
"""

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.requests_client import OAuth2Session
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from postmortem.accounts.oidc_claims import SignInRefused
from postmortem.config_parts import Oidc, is_loopback

TIMEOUT_SECONDS = 5.0
MAX_ANSWER_BYTES = 512 * 1024
CHUNK_BYTES = 64 * 1024


class _Careful(HTTPAdapter):
    """Reads the whole answer before anybody looks at it, within the limits."""

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        until = time.monotonic() + TIMEOUT_SECONDS
        kwargs |= {"stream": True, "timeout": TIMEOUT_SECONDS}
        response = super().send(request, *args, **kwargs)
        try:
            response._content = _read(response, until)
        finally:
            response.close()
        setattr(response, "_content_consumed", True)  # noqa: B010
        return response


def _read(response: Response, until: float) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise SignInRefused("the provider's answer was compressed")
    read = bytearray()
    while chunk := response.raw.read1(CHUNK_BYTES, decode_content=False):
        read += chunk
        if len(read) > MAX_ANSWER_BYTES:
            raise SignInRefused("the provider's answer was too large")
        if time.monotonic() > until:
            raise SignInRefused("the provider's answer took too long")
    return bytes(read)


def no_credentials(request: PreparedRequest) -> PreparedRequest:
    """Sends a request as it is. Without this, requests would look for a password in the user's .netrc."""
    return request


def connect(settings: Oidc, metadata: Mapping[str, Any] | None = None, **kwargs: Any) -> OAuth2Session:
    """A client of the provider; `with` closes it. `metadata` says how the provider wants the secret."""
    offered = (metadata or {}).get("token_endpoint_auth_methods_supported")
    is_post = isinstance(offered, list) and "client_secret_basic" not in offered
    client = OAuth2Session(
        settings.client_id,
        settings.client_secret,
        scope="openid email profile",
        token_endpoint_auth_method="client_secret_post" if is_post else "client_secret_basic",
        code_challenge_method="S256",
        **kwargs,
    )
    for scheme in ("https://", "http://"):
        client.mount(scheme, _Careful())
    client.headers["Accept-Encoding"] = "identity"
    return client


def checked_address(settings: Oidc, address: object) -> str:
    """An address that the provider names, if it may be asked there: https; http only where the issuer is on
    this machine itself."""
    if not isinstance(address, str) or len(address) > 2000:
        raise SignInRefused("the provider's metadata lacks an address")
    parts = urlsplit(address)
    on_this_machine = urlsplit(settings.issuer).scheme == "http" and is_loopback(parts.hostname or "")
    if not parts.hostname or parts.fragment or parts.username is not None:
        raise SignInRefused("the provider's metadata names an address that is none")
    if parts.scheme != "https" and not (parts.scheme == "http" and on_this_machine):
        raise SignInRefused("the provider's metadata names an address without https")
    return address


def failure(error: Exception) -> str:
    """What went wrong, in our words."""
    if isinstance(error, RequestException | HTTPError | OSError):
        return "the provider could not be reached, or not in time"
    return "the provider's answer was not understood"


def json_object(response: Response) -> dict[str, Any]:
    """The answer's JSON object. Raises SignInRefused for any other answer, also a redirect."""
    if response.status_code != 200:
        raise SignInRefused(f"the provider answered with status {response.status_code}")
    try:
        found = json.loads(response.content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise SignInRefused("the provider's answer was no JSON object")
    return found


def get_json(client: OAuth2Session, address: str, *, bearer: str | None = None) -> dict[str, Any]:
    """What stands at an address, as a JSON object."""
    headers = {"Accept": "application/json"}
    if bearer is not None:
        headers["Authorization"] = f"Bearer {bearer}"
    return json_object(
        client.get(address, headers=headers, withhold_token=True, auth=no_credentials, allow_redirects=False)
    )
