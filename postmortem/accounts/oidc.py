"""The OpenID Connect provider: what it says about itself, its keys, and whom it vouches for.

Imported only when somebody signs in this way, because Authlib is heavy. Nothing here touches the database. What
a newcomer gets wrong: everything that comes from the provider is input, its metadata, its keys and even the
shape of its errors; so whatever goes wrong ends in one exception and a friendly page.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import current_app

from postmortem.accounts import oidc_token
from postmortem.accounts.oidc_claims import SignInRefused, follows_roles
from postmortem.accounts.oidc_http import checked_address, connect, failure, get_json, json_object
from postmortem.config_parts import Oidc

NEVER = float("-inf")
KEPT_SECONDS = 3600.0
KEYS_AGAIN_AFTER_SECONDS = 60.0
FAILED_SECONDS = 10.0
ANSWER_SENTENCE = (
    "Nobody was signed in, because the answer from {name} could not be used. "
    "Try again in a minute; if it happens again, tell an admin."
)


class Provider:
    """One per process; keeps the provider's metadata and keys for an hour."""

    def __init__(self, settings: Oidc) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}
        self._failed_at = NEVER

    def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser."""
        with self._careful():
            metadata = self._metadata()
            address = checked_address(self.settings, metadata.get("authorization_endpoint"))
            with connect(self.settings, redirect_uri=redirect_uri) as client:
                url, _ = client.create_authorization_url(
                    address, state=state, code_verifier=verifier, nonce=nonce
                )
        return str(url)

    def check_issuer(self, issuer: str | None) -> None:
        """The `iss` of an answer (RFC 9207) must be this provider's, and there where the provider promises it."""
        with self._careful():
            promised = self._metadata().get("authorization_response_iss_parameter_supported") is True
            if (issuer is not None or promised) and issuer != self.settings.issuer:
                raise SignInRefused("the answer came from another provider")

    def claims(self, code: str, *, redirect_uri: str, nonce: str, verifier: str) -> dict[str, Any]:
        """Exchange the code; the claims of the checked ID token, and of the userinfo where it lacks some."""
        with self._careful():
            metadata = self._metadata()
            tokens = self._exchange(metadata, code, redirect_uri=redirect_uri, verifier=verifier)
            header = oidc_token.header_of(tokens.get("id_token"))
            key = self._key(metadata, header)
            claims = oidc_token.signed_claims(tokens["id_token"], key)
            access_token = tokens.get("access_token")
            oidc_token.check_claims(
                claims, self.settings, header=header, nonce=nonce, access_token=access_token
            )
            return self._completed(metadata, claims, access_token)

    def _exchange(
        self, metadata: Mapping[str, Any], code: str, *, redirect_uri: str, verifier: str
    ) -> dict[str, Any]:
        address = checked_address(self.settings, metadata.get("token_endpoint"))
        with connect(self.settings, metadata, redirect_uri=redirect_uri) as client:
            answers: list[dict[str, Any]] = []

            def keep(response: Any) -> Any:
                # Authlib would take an answer of any status below 500 that has the right keys.
                answers.append(json_object(response))
                return response

            client.register_compliance_hook("access_token_response", keep)
            client.fetch_token(
                address,
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                allow_redirects=False,
            )
        return answers[0]

    def _completed(
        self, metadata: Mapping[str, Any], claims: dict[str, Any], access_token: object
    ) -> dict[str, Any]:
        """Many providers put little into the ID token. An address and whether it was checked come from one place."""
        wanted = {"email"} | ({self.settings.role_claim} if follows_roles(self.settings) else set())
        wanted |= {self.settings.teams_claim} - {""}
        if wanted <= set(claims) or "userinfo_endpoint" not in metadata or not isinstance(access_token, str):
            return claims
        address = checked_address(self.settings, metadata["userinfo_endpoint"])
        with connect(self.settings) as client:
            more = get_json(client, address, bearer=access_token)
        if not isinstance(more.get("sub"), str) or more["sub"] != claims["sub"]:
            raise SignInRefused("the userinfo is about somebody else")
        if "email" in claims:
            more.pop("email_verified", None)
        else:
            claims.pop("email_verified", None)
        return {**more, **claims}

    def _metadata(self) -> dict[str, Any]:
        found = self._keep("metadata", self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.settings.issuer:
            self._kept.clear()
            raise SignInRefused("the provider's metadata names another issuer than POSTMORTEM_OIDC_ISSUER")
        return found

    def _key(self, metadata: Mapping[str, Any], header: Mapping[str, Any]) -> Mapping[str, Any]:
        """The key of a token; the keys are asked for again when it is new, but not all the time."""
        address = checked_address(self.settings, metadata.get("jwks_uri"))
        for at_most in (KEPT_SECONDS, KEYS_AGAIN_AFTER_SECONDS):
            keys = self._keep("keys", address, at_most=at_most).get("keys")
            if not isinstance(keys, list):
                raise SignInRefused("the provider's keys are no list")
            if key := oidc_token.key_for(header, keys):
                return key
        raise SignInRefused("the ID token was signed with a key that the provider does not publish")

    def _keep(self, name: str, address: str, *, at_most: float | None = None) -> dict[str, Any]:
        """The JSON at an address: as it was kept, or asked for anew; by one thread, for all."""
        with self._lock:
            asked_at, found = self._kept.get(name, (NEVER, {}))
            if time.monotonic() - asked_at < (KEPT_SECONDS if at_most is None else at_most):
                return found
            # While a provider does not answer, nobody waits for what somebody else just waited for in vain.
            if time.monotonic() - self._failed_at < FAILED_SECONDS:
                raise SignInRefused("the provider did not answer a moment ago")
            self._failed_at = time.monotonic()
            with connect(self.settings) as client:
                found = get_json(client, checked_address(self.settings, address))
            self._failed_at = NEVER
            self._kept[name] = (time.monotonic(), found)
            return found

    @contextmanager
    def _careful(self) -> Iterator[None]:
        """Whatever the provider did wrong becomes a refusal; the log gets our words, never what was sent."""
        sentence = ANSWER_SENTENCE.format(name=self.settings.name)
        try:
            yield
        except SignInRefused as refused:
            raise SignInRefused(refused.reason, refused.sentence or sentence) from None
        except Exception as error:
            # A hostile or broken answer may raise nearly anything on its way through four libraries.
            current_app.logger.warning("single sign-on: %s", type(error).__name__)
            raise SignInRefused(failure(error), sentence) from None
