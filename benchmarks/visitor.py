"""Somebody with a browser: signs in through the form and finds addresses that a benchmark asks for."""

import html
import http.client
import re
import urllib.parse


class Visitor:
    """Keeps the session cookie; knows nothing else."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookie = ""

    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie}

    def sign_in(self, email: str, password: str) -> None:
        page = self.get("/login")[1]
        fields = {"email": email, "password": password, "csrf_token": self.token(page)}
        status, _, _ = self.send("POST", "/login", fields)
        if status != 303:
            raise RuntimeError(f"signing in answered {status}")
        # The first page gives the session its token; from then on the cookie stays the same.
        self.get("/me")

    def token(self, page: str) -> str:
        """The CSRF token of a page's form."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        if not found:
            raise RuntimeError("no form on that page")
        return html.unescape(found.group(1))

    def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, str, dict[str, str]]:
        return self.send("GET", path, None, headers)

    def deepest_page(self, listing: str) -> str:
        """The address of a list's last full page, found by turning the order round."""
        page = self.get(f"{listing}?sort=oldest")[1]
        found = re.search(r'href="([^"]*[?&;]after=[^"]+)"', page)
        if not found:
            raise RuntimeError("the list has one page only")
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(html.unescape(found.group(1))).query)
        return f"{listing}?{urllib.parse.urlencode({'after': query['after'][0]})}"

    def etag(self, path: str, headers: dict[str, str]) -> str:
        status, _, answered = self.send("GET", path, None, headers)
        if "etag" not in answered:
            raise RuntimeError(f"{path} answered {status} without an ETag")
        return answered["etag"]

    def send(
        self, method: str, path: str, fields: dict[str, str] | None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, dict[str, str]]:
        """Status, body, and headers by their lower-case names."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        sent = dict(headers) if headers is not None else self.headers()
        body = urllib.parse.urlencode(fields) if fields else None
        if body:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if headers is None and (cookie := answer.getheader("Set-Cookie")):
            self.cookie = cookie.split(";")[0]
        return answer.status, text, {name.lower(): value for name, value in answer.getheaders()}
