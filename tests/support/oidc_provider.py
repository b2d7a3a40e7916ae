"""An OpenID Connect provider in the test process: real sockets, real signatures, and it misbehaves on demand."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from postmortem import clock

CLIENT_ID = "postmortem-here"
CLIENT_SECRET = "zqs-client-secret"
CODE = "zqs-code"
RSA = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER_RSA = RSAKey.generate_key(2048, {"kid": "other", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "curve", "use": "sig", "alg": "ES256"})
Answer = tuple[int, dict[str, str], bytes]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def half_hash(text: str) -> str:
    return b64(hashlib.sha256(text.encode()).digest()[:16])


def as_json(value: Any, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


class FakeProvider:
    """Behaves until told otherwise. Tests set attributes; each is what the provider says next."""

    def __init__(self, address: str) -> None:
        self.issuer = address
        self.claims: dict[str, Any] = {"sub": "ada-1", "email": "ada@example.com", "email_verified": True}
        self.left_out: set[str] = set()
        self.header: dict[str, Any] = {}
        self.key: Any = RSA
        self.keys: list[dict[str, Any]] = [RSA.as_dict(private=False)]
        self.metadata: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.tokens: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any], dict[str, Any]], Any] = self.signed
        # What an address answers instead of what it should.
        self.instead: dict[str, Answer] = {}
        self.slow: dict[str, float] = {}
        self.requests: list[str] = []
        self.verifiers: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._numbers = count(1)

    def authorize(self, address: str) -> dict[str, str]:
        """What the person does at the provider: sign in there, and be sent back with these arguments."""
        assert address.startswith(f"{self.issuer}/authorize?"), address
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert set(asked["scope"].split()) == {"openid", "email", "profile"}
        code = f"{CODE}-{next(self._numbers)}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def answer(self, path: str, body: str, headers: Any) -> Answer:
        self.requests.append(path)
        time.sleep(self.slow.get(path, 0))
        if path in self.instead:
            return self.instead[path]
        if path == "/.well-known/openid-configuration":
            return as_json(self._metadata())
        if path == "/keys":
            return as_json({"keys": self.keys})
        if path == "/token":
            return self._token(body, headers)
        if path == "/userinfo" and headers["Authorization"] == "Bearer zqs-access":
            return as_json({"sub": self.claims.get("sub"), **self.userinfo})
        return 404, {}, b""

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            **self.metadata,
        }

    def _token(self, body: str, headers: Any) -> Answer:
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        secret = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = self._codes.pop(sent.get("code", ""), None)
        self.verifiers.append(sent.get("code_verifier", ""))
        challenge = b64(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if headers["Authorization"] != f"Basic {secret}" or asked is None:
            return as_json({"error": "invalid_grant", "error_description": "zqs-said"}, 400)
        if challenge != asked["code_challenge"] or sent["redirect_uri"] != asked["redirect_uri"]:
            return as_json({"error": "invalid_grant"}, 400)
        now = int(clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "at_hash": half_hash("zqs-access"),
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if name not in self.left_out}
        header = {"alg": "RS256", "kid": self.key.kid, **self.header}
        token = self.sign({k: v for k, v in header.items() if v is not None}, claims)
        return as_json(
            {"access_token": "zqs-access", "token_type": "Bearer", "id_token": token, **self.tokens}
        )

    def signed(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        return jws.serialize_compact(header, json.dumps(claims), self.key, registry=registry)


@contextmanager
def fake_provider() -> Iterator[FakeProvider]:
    """A provider that listens on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
            status, headers, content = provider.answer(urlsplit(self.path).path, body, self.headers)
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                # Who asked did not want to hear the end.
                self.close_connection = True

        do_GET = do_POST = _do

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider = FakeProvider(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def query(arguments: Any) -> str:
    return urlencode(arguments, doseq=True)
