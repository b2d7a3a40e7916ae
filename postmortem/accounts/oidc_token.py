"""Whether an ID token is what it must be. Imported only when somebody signs in: joserfc is heavy.

OpenID Connect Core 1.0, section 3.1.3.7, and each value is checked for its type before anything compares it:
a comparison with `NaN` is false whichever way it is asked.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry
from joserfc.jws import JWSRegistry, extract_compact

from postmortem import clock
from postmortem.accounts.oidc_claims import SignInRefused
from postmortem.config_parts import Oidc

# What signs with a private key, and the type of its key. Neither `none` nor the HS family is here: their
# secret would be empty, or known to both sides.
ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}
CLOCKS_DIFFER_SECONDS = 60
SUBJECT_MAX = 255
# 2048 bits are 342 characters of base64url.
RSA_MODULUS_MIN = 342


class _Registry(JWSRegistry):
    """joserfc's algorithms, and of those only ours. It would warn about EdDSA's name; providers still use it."""

    max_header_length = 8192

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


_REGISTRY = _Registry(strict_check_header=False)


def header_of(token: object) -> dict[str, Any]:
    """The header of a signed token, not yet trusted. Raises SignInRefused where it is none or not for us."""
    if not isinstance(token, str):
        raise SignInRefused("there was no ID token")
    try:
        header = extract_compact(token.encode("ascii"), None, _REGISTRY).headers()
    except (JoseError, ValueError):
        raise SignInRefused("the ID token is no signed token") from None
    if not isinstance(header.get("alg"), str) or header["alg"] not in ALGORITHMS:
        raise SignInRefused("the ID token was signed in a way that is not accepted")
    if "crit" in header or "b64" in header:
        raise SignInRefused("the ID token demands what is not understood")
    return dict(header)


def key_for(header: Mapping[str, Any], keys: Iterable[object]) -> Mapping[str, Any] | None:
    """The provider's key that a token's header means; None where there is none, or where it is not clear."""
    kid, kind = header.get("kid"), ALGORITHMS[header["alg"]]
    fitting = [
        key
        for key in keys
        if isinstance(key, dict)
        and key.get("kty") == kind
        and key.get("use", "sig") == "sig"
        and key.get("alg", header["alg"]) == header["alg"]
        and "verify" in key.get("key_ops", ["verify"])
        and (kid is None or key.get("kid") == kid)
    ]
    return fitting[0] if len(fitting) == 1 else None


def signed_claims(token: str, key: Mapping[str, Any]) -> dict[str, Any]:
    """The claims of a token. Raises SignInRefused where its signature is not by this key."""
    if key["kty"] == "RSA" and len(str(key.get("n", "")).rstrip("=")) < RSA_MODULUS_MIN:
        raise SignInRefused("the provider's key is too short")
    public = {name: value for name, value in key.items() if name not in ("key_ops", "use", "alg")}
    try:
        return jwt.decode(token, JWKRegistry.import_key(public), registry=_REGISTRY).claims
    except (JoseError, ValueError):
        raise SignInRefused("the ID token's signature does not hold") from None


def check_claims(
    claims: Mapping[str, Any],
    settings: Oidc,
    *,
    header: Mapping[str, Any],
    nonce: str,
    access_token: object,
) -> None:
    """Raise SignInRefused unless the token is from this provider, for this site, for this sign-in, and of now."""
    if claims.get("iss") != settings.issuer:
        raise SignInRefused("the ID token is from another issuer")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX:
        raise SignInRefused("the ID token names nobody, or not as it should")
    if not subject.isascii() or not subject.isprintable():
        raise SignInRefused("the ID token names nobody, or not as it should")
    _check_audience(claims, settings.client_id)
    _check_times(claims)
    if not isinstance(claims.get("nonce"), str) or claims["nonce"] != nonce:
        raise SignInRefused("the ID token is for another sign-in")
    if "at_hash" in claims and not (isinstance(claims["at_hash"], str) and isinstance(access_token, str)):
        raise SignInRefused("the ID token and the access token do not go together")
    # And once more by the library, which knows rules that came after this was written.
    params = {"client_id": settings.client_id, "nonce": nonce, "access_token": access_token}
    checked = CodeIDToken(dict(claims), dict(header), params=params)
    try:
        checked.validate(now=int(clock.now().timestamp()), leeway=CLOCKS_DIFFER_SECONDS)
    except JoseError as error:
        raise SignInRefused("the ID token's claims do not hold") from error


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    listed = [audience] if isinstance(audience, str) else audience
    if not isinstance(listed, list) or client_id not in listed:
        raise SignInRefused("the ID token is for another site")
    if (len(listed) > 1 or party is not None) and party != client_id:
        raise SignInRefused("the ID token was issued to another site")


def _check_times(claims: Mapping[str, Any]) -> None:
    now = clock.now().timestamp()
    for name in ("exp", "iat", "nbf"):
        value = claims.get(name)
        if value is None and name == "nbf":
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise SignInRefused(f"the ID token's {name} is no time")
    if claims["exp"] <= now - CLOCKS_DIFFER_SECONDS:
        raise SignInRefused("the ID token has expired")
    if max(claims["iat"], claims.get("nbf", 0)) > now + CLOCKS_DIFFER_SECONDS:
        raise SignInRefused("the ID token is not valid yet")
