"""Each way in which a provider, or whoever plays one, can break the standard: what it says then."""

import hmac
import json
import math
import warnings
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc.jwk import RSAKey

from postmortem import clock
from tests.support.oidc_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    EC,
    OTHER_RSA,
    RSA,
    Answer,
    FakeProvider,
    as_json,
    b64,
)

Fault = Callable[[FakeProvider], None]
HTML: Answer = (200, {"Content-Type": "text/html"}, b"<h1>zqs-maintenance</h1>")
LARGE: Answer = (200, {"Content-Type": "application/json"}, b'{"a": "' + b"x" * 50_000_000 + b'"}')
DEEP: Answer = (200, {"Content-Type": "application/json"}, b"[" * 200_000)
METADATA, KEYS, TOKEN = "/.well-known/openid-configuration", "/keys", "/token"


def now() -> int:
    return int(clock.now().timestamp())


def says(**claims: Any) -> Fault:
    """The ID token holds these claims."""
    return lambda provider: provider.claims.update(claims)


def leaves_out(*names: str) -> Fault:
    return lambda provider: provider.left_out.update(names)


def answers(path: str, answer: Answer) -> Fault:
    return lambda provider: provider.instead.update({path: answer})


def describes(**metadata: Any) -> Fault:
    return lambda provider: provider.metadata.update(metadata)


def publishes(*keys: Mapping[str, Any]) -> Fault:
    return lambda provider: setattr(provider, "keys", [dict(key) for key in keys])


def signs(make: Callable[[dict[str, Any], dict[str, Any]], Any]) -> Fault:
    return lambda provider: setattr(provider, "sign", make)


def signs_with(key: Any, **header: Any) -> Fault:
    def change(provider: FakeProvider) -> None:
        provider.key = key
        provider.header.update(header)

    return change


def gives(**tokens: Any) -> Fault:
    return lambda provider: provider.tokens.update(tokens)


def is_slow(path: str) -> Fault:
    return lambda provider: provider.slow.update({path: 0.6})


def at(seconds: int) -> int:
    return now() + seconds


def later(name: str, seconds: int) -> Fault:
    """A time of the token; computed when the test runs."""
    return lambda provider: provider.claims.update({name: at(seconds)})


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{b64(json.dumps({**header, 'alg': 'none'}).encode())}.{b64(json.dumps(claims).encode())}."


def signed_by_secret(secret: bytes) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    def make(header: dict[str, Any], claims: dict[str, Any]) -> str:
        signed = unsigned(header, claims)
        parts = [b64(json.dumps({**header, "alg": "HS256"}).encode()), signed.split(".")[1]]
        return ".".join([*parts, b64(hmac.new(secret, ".".join(parts).encode(), sha256).digest())])

    return make


def spoilt(provider: FakeProvider) -> None:
    provider.sign = lambda header, claims: provider.signed(header, claims)[:-8] + "AAAAAAAA"


def demanding(header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Signed as it should be, and with a header that says: whoever does not know `zqs` must refuse this."""
    demands = json.dumps({**header, "crit": ["zqs"], "zqs": 1}).encode()
    signed = f"{b64(demands)}.{b64(json.dumps(claims).encode())}"
    private: Any = RSA.get_op_key("sign")
    return f"{signed}.{b64(private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def changed_after_signing(provider: FakeProvider) -> None:
    def make(header: dict[str, Any], claims: dict[str, Any]) -> str:
        head, _, signature = provider.signed(header, claims | {"sub": "eve"}).split(".")
        return f"{head}.{b64(json.dumps(claims).encode())}.{signature}"

    provider.sign = make


def small_key(provider: FakeProvider) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        provider.key = RSAKey.generate_key(1024, {"kid": "one", "use": "sig"})
    provider.keys = [provider.key.as_dict(private=False)]


PUBLIC_PEM = RSA.as_pem(private=False)
JWK = RSA.as_dict(private=False)

# By the reason that history must give: a fault refused for another one would not be tested at all.
FAULTS: dict[str, dict[str, Fault]] = {
    "the ID token is from another issuer": {
        "another issuer in the token": says(iss="https://evil.example"),
        "the issuer with a slash more": lambda provider: provider.claims.update(iss=provider.issuer + "/"),
        "no issuer in the token": leaves_out("iss"),
    },
    "the provider's metadata names another issuer than POSTMORTEM_OIDC_ISSUER": {
        "another issuer in the metadata": describes(issuer="https://evil.example"),
        "no issuer in the metadata": describes(issuer=None),
    },
    "the ID token is for another site": {
        "another audience": says(aud="somebody-else"),
        "no audience": leaves_out("aud"),
        "an audience list without us": says(aud=["somebody-else", "another"]),
        "an audience that contains our name": says(aud=f"{CLIENT_ID}-not"),
        "an audience that is an object": says(aud={CLIENT_ID: True}),
    },
    "the ID token was issued to another site": {
        "an audience list with us and no azp": says(aud=[CLIENT_ID, "somebody-else"]),
        "an audience list with another azp": says(aud=[CLIENT_ID, "somebody-else"], azp="somebody-else"),
        "our audience with another azp": says(azp="somebody-else"),
    },
    "the ID token has expired": {
        "expired": later("exp", -120),
    },
    "the ID token's exp is no time": {
        "no expiry": leaves_out("exp"),
        "an expiry that is text": says(exp="9999999999"),
        "an expiry that is no number": says(exp=math.nan),
        "an endless expiry": says(exp=math.inf),
        "an expiry that is true": says(exp=True),
    },
    "the ID token's iat is no time": {
        "no time of issue": leaves_out("iat"),
    },
    "the ID token is not valid yet": {
        "issued in the future": later("iat", 600),
        "not valid before later": later("nbf", 600),
    },
    "the ID token is for another sign-in": {
        "no nonce": leaves_out("nonce"),
        "another nonce": says(nonce="of another sign-in"),
        "a nonce that is a list": says(nonce=["x"]),
    },
    "the ID token names nobody, or not as it should": {
        "no subject": leaves_out("sub"),
        "an empty subject": says(sub=""),
        "a subject that is a number": says(sub=17),
        "a subject that is a list": says(sub=["ada-1"]),
        "a subject that is too long": says(sub="a" * 256),
        "a subject that is not ASCII": says(sub="adä-1"),
        "a subject with a NUL": says(sub="ada\0"),
    },
    "the ID token was signed in a way that is not accepted": {
        "no signature": signs(unsigned),
        "signed with the client's secret": signs(signed_by_secret(CLIENT_SECRET.encode())),
        "signed with the public key as a secret": signs(signed_by_secret(PUBLIC_PEM)),
        "signed with nothing as a secret": signs(signed_by_secret(b"")),
    },
    "the ID token was signed with a key that the provider does not publish": {
        "an unknown key": signs_with(OTHER_RSA),
        "a key for encrypting": publishes({**JWK, "use": "enc"}),
        "a key for another algorithm": publishes({**JWK, "alg": "RS512"}),
        "a key for other operations": publishes({**JWK, "key_ops": ["encrypt"]}),
        "a key of another type": publishes({**EC.as_dict(private=False), "kid": "one", "alg": "RS256"}),
        "a key that is a secret": publishes({"kty": "oct", "k": b64(b"x" * 32), "kid": "one"}),
        "two keys of one name": publishes(JWK, {**OTHER_RSA.as_dict(private=False), "kid": "one"}),
        "no keys": publishes(),
    },
    "the ID token's signature does not hold": {
        "another key under a known name": signs_with(OTHER_RSA, kid="one"),
        "a key in the token itself": signs_with(OTHER_RSA, jwk=OTHER_RSA.as_dict(private=False), kid=None),
        "a broken key": publishes({"kty": "RSA", "kid": "one", "n": "x" * 400, "e": "!"}),
        "a bad signature": spoilt,
        "claims changed after signing": changed_after_signing,
    },
    "the provider's key is too short": {
        "a key that is too short": small_key,
    },
    "the provider's keys are no list": {
        "keys that are no list": answers(KEYS, as_json({"keys": {"one": "zqs-key"}})),
    },
    "the ID token demands what is not understood": {
        "an unknown demand in the header": signs(demanding),
    },
    "the ID token is no signed token": {
        "a token that is none": signs(lambda _header, _claims: "zqs.not.a-token"),
        "a token of two parts": signs(lambda _header, _claims: "e30.e30"),
    },
    "there was no ID token": {
        "a token that is an object": signs(lambda _header, claims: claims),
        "no ID token": gives(id_token=None),
    },
    "the ID token's claims do not hold": {
        "a hash of another access token": says(at_hash=b64(b"0" * 16)),
    },
    "the ID token and the access token do not go together": {
        "a hash that is a list": says(at_hash=["x"]),
        "a hash and no access token": gives(access_token=None),
    },
    "the provider answered with status 400": {
        "an error with status 400": answers(TOKEN, as_json({"error": "zqs-error"}, 400)),
    },
    "the provider answered with status 500": {
        "an error with status 500": answers(TOKEN, (500, {}, b"zqs-trace")),
    },
    "the provider answered with status 302": {
        "a redirect instead of the tokens": answers(TOKEN, (302, {"Location": "/keys"}, b"{}")),
    },
    "the provider answered with status 301": {
        "a redirect instead of the metadata": answers(METADATA, (301, {"Location": "/keys"}, b"{}")),
    },
    "the provider's answer was not understood": {
        "an error with status 200": answers(TOKEN, as_json({"error": "zqs-error"})),
    },
    "the provider's answer was no JSON object": {
        "an empty answer": answers(TOKEN, (200, {}, b"")),
        "a page instead of the tokens": answers(TOKEN, HTML),
        "a page instead of the metadata": answers(METADATA, HTML),
        "a page instead of the keys": answers(KEYS, HTML),
        "a list instead of the metadata": answers(METADATA, as_json(["zqs"])),
        "brackets without end": answers(TOKEN, DEEP),
    },
    "the provider's answer was too large": {
        "50 MB instead of the tokens": answers(TOKEN, LARGE),
        "50 MB instead of the metadata": answers(METADATA, LARGE),
        "50 MB instead of the keys": answers(KEYS, LARGE),
    },
    "the provider's answer was compressed": {
        "a compressed answer": answers(TOKEN, (200, {"Content-Encoding": "gzip"}, b"zqs")),
    },
    "the provider could not be reached, or not in time": {
        "a slow answer": is_slow(TOKEN),
        "slow metadata": is_slow(METADATA),
    },
    "the provider's metadata names an address without https": {
        "an address without https": describes(token_endpoint="http://evil.example/token"),
    },
    "the provider's metadata names an address that is none": {
        "an address with script": describes(authorization_endpoint="javascript:alert(1)"),
    },
    "the provider's metadata lacks an address": {
        "no address for the tokens": describes(token_endpoint=None),
    },
    "the provider has not checked the e-mail address": {
        "an address checked as text": says(email_verified="true"),
        "an address checked as a number": says(email_verified=1),
        "an unchecked address": says(email_verified=False),
        "an address without a word about it": leaves_out("email_verified"),
        "no address": leaves_out("email"),
        "an address that is a list": says(email=["ada@example.com"]),
    },
    "the provider named no valid e-mail address": {
        "an address that is none": says(email="ada"),
    },
    "nobody here has the address": {
        "somebody nobody knows": says(email="nobody@example.com"),
    },
    "a claim that decides rights was no list of words": {
        "roles that are an object": says(groups={"leads": True}),
        "roles that are a number": says(groups=1),
        "a list of roles that holds others": says(groups=["leads", {"admin": True}]),
        "teams that are an object": says(teams={"sound": True}),
    },
}
# What comes back with the browser.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "no state": {"state": None},
    "an empty state": {"state": ""},
    "an invented state": {"state": "x" * 43},
    "an endless state": {"state": "x" * 3000},
    "a state with a NUL-like mark": {"state": "\ufffd"},
    "two states": {"state": ["a", "b"]},
    "no code": {"code": None},
    "two codes": {"code": ["a", "b"]},
    "an endless code": {"code": "x" * 5000},
    "an invented code": {"code": "x"},
    "an error": {"code": None, "error": "access_denied", "error_description": "<b>zqs-said</b>"},
    "an error and a code": {"error": "server_error"},
    "another issuer's answer": {"iss": "https://evil.example"},
    "two issuers": {"iss": ["a", "b"]},
}
