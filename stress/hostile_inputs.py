"""What no browser sends: values, forms, queries and headers, made by chance from a seed."""

import io
import random
from typing import Any
from urllib.parse import quote

Request = dict[str, Any]

VALUES: tuple[str, ...] = (
    *(
        "",
        " ",
        "\0",
        "\x00\x01\x1b[31m",
        "-1",
        "0",
        "9" * 400,
        "-" + "9" * 400,
        str(2**31),
        str(2**63),
        "1e309",
        "NaN",
    ),
    *(
        "Infinity",
        "1.5",
        "0x10",
        "\N{SUPERSCRIPT TWO}",
        "\N{ARABIC-INDIC DIGIT THREE}",
        "true",
        "null",
        "None",
        "[]",
    ),
    *(
        "{}",
        "[1]",
        '{"a": 1}',
        "a,b,c",
        ",,,",
        "%",
        "_",
        "\\",
        "%00",
        "%ff",
        "%s%n",
        "{0}",
        "{{7*7}}",
        "${7*7}",
    ),
    *(
        "' OR 1=1 --",
        '"; DROP TABLE people; --',
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "//evil.example",
    ),
    *(
        "../../../etc/passwd",
        "a\r\nSet-Cookie: a=b",
        "\ud800",
        "\udfff\ud800",
        "\ufffe\uffff",
        "\u202egnp.exe",
        "\u2028",
    ),
    *(
        "e\u0301" * 300,
        "\U0001f469\u200d\U0001f52c" * 90,
        "ﷺ" * 500,
        "x" * 201,
        "x" * 5_000,
        "x" * 120_000,
        "\n" * 3_000,
    ),
    *(
        "[" * 9_000,
        "![" * 5_000,
        "* " * 5_000,
        "<![CDATA[" * 2_000,
        "a|" * 9_000,
        "`" * 9_000,
        "> " * 3_000,
        "a@b." * 2_000,
    ),
    *(
        "2026-03-09",
        "2026-03-09T14:05",
        "2026-02-30",
        "0001-01-01T00:00",
        "9999-12-31T23:59",
        "10000-01-01",
        "-1-01-01",
    ),
    *(
        "2026-03-29T02:30",
        "2026-10-25T02:30",
        "24:00",
        "2026-03-09T14:05:60",
        "2026-W10",
        "Europe/Nowhere",
        "UTC+99",
    ),
    *(
        "nobody@example.com",
        "a" * 300 + "@example.com",
        "a@b",
        "@",
        "INC-1",
        "INC-0",
        "INC-" + "9" * 30,
        "incident",
        "admin",
    ),
)
NAMES: tuple[str, ...] = (
    *(
        "title[]",
        "title[0]",
        "title[a][b]",
        "title-0",
        "links-0-0-url",
        "links--url",
        "__class__",
        "csrf_token",
        "form_key",
    ),
    *(
        "version",
        "id",
        "role",
        "is_active",
        "actor",
        "visibility",
        "deleted_at",
        "links-9999999999-url",
        "\N{SUPERSCRIPT TWO}",
    ),
    *("participants-" + "9" * 500 + "-person", "_method", "draft_id", "\ud800", "a" * 5_000, ""),
)
KINDS: tuple[str, ...] = (
    *(
        "application/json",
        "text/plain",
        "application/xml",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "",
    ),
    *(
        "application/x-www-form-urlencoded; charset=utf-7",
        "application/x-www-form-urlencoded; charset=nonsense",
        "x" * 500,
    ),
    "multipart/form-data; boundary=" + "b" * 300,
)
BODIES: tuple[bytes, ...] = (
    *(
        b"",
        b"{}",
        b"[1]",
        b"\xff\xfe\x00",
        b"a=%ff&%ff=b&=&&",
        b"title=%ED%A0%80",
        b"a" * 200_000,
        b"&" * 9_000,
        b"&" * 20_000,
    ),
    *(
        b'--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nx',
        b'{"title": {"a": [1, null, true]}}',
        b"=" * 9_000,
    ),
)
COOKIES: tuple[str, ...] = (
    *(
        "postmortem=",
        "postmortem=x.y.z",
        "postmortem=" + "e" * 3_000,
        "postmortem=eyJfdXNlcl9pZCI6IjEifQ.x.x",
        "=;;=,",
        "a\xff=b",
    ),
    *("postmortem=a; postmortem=b", "postmortem-saved=<script>", "remember_token=1|x"),
)
HEADERS: tuple[dict[str, str], ...] = (
    {"Accept-Language": "x" * 3_000}, {"If-None-Match": '"' * 500}, {"If-Modified-Since": "yesterday"}, {"Range": "bytes=9-1"},
    {"User-Agent": "\xff" * 400}, {"X-Forwarded-For": "1.2.3.4, " * 200}, {"Content-Encoding": "gzip"}, {"Referer": "\xff"},
    {"If-Range": "x"}, {"Accept": "*/*;q=9e999"}, {"Authorization": "Basic \xff"}, {"Authorization": "Bearer " + "x" * 900},
    {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {"X-HTTP-Method-Override": "DELETE"}, {"Expect": "100-continue"},
)  # fmt: skip
QUERIES: tuple[str, ...] = (
    *(
        "q",
        "severity",
        "status",
        "kind",
        "service",
        "team",
        "tag",
        "period",
        "since",
        "until",
        "sort",
        "owner",
        "priority",
    ),
    *(
        "overdue",
        "role",
        "show",
        "after",
        "before",
        "incident",
        "timezone",
        "day",
        "next",
        "code",
        "state",
        "error",
        "person",
    ),
)


class Chance:
    """Requests by chance; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)

    def value(self) -> Any:
        """One value, or several, or a file."""
        roll = self.pick.random()
        if roll < 0.08:
            return [self.pick.choice(VALUES) for _ in range(self.pick.choice((2, 3, 60)))]
        if roll < 0.12:
            return (
                io.BytesIO(b"\xff\xd8" + b"x" * self.pick.choice((0, 10, 90_000))),
                self.pick.choice(("", "../x", "a.html")),
            )
        return "".join(self.pick.choices(VALUES, k=2)) if roll < 0.25 else self.pick.choice(VALUES)

    def changed(self, data: dict[str, list[str]]) -> dict[str, Any]:
        """A form as it stands in the page, with some fields changed, missing, doubled or never heard of."""
        sent: dict[str, Any] = dict(data)
        names = [name for name in data if name != "csrf_token"]
        how_many = len(names) if self.pick.random() < 0.15 else self.pick.randint(1, 4)
        for name in self.pick.sample(names, min(how_many, len(names))):
            if self.pick.random() < 0.15:
                del sent[name]
            else:
                sent[name] = self.value()
        if self.pick.random() < 0.2:
            sent[self.pick.choice(NAMES)] = self.value()
        return sent

    def form(self, path: str, data: dict[str, list[str]]) -> Request:
        """A form sent to its address; now and then something that is no form at all."""
        request: Request = {"path": path, "method": "POST", "data": self.changed(data)}
        roll = self.pick.random()
        if roll < 0.06:
            request |= {"data": self.pick.choice(BODIES), "content_type": self.pick.choice(KINDS)}
            request["headers"] = {"X-CSRFToken": (data.get("csrf_token") or [""])[0]}
        elif roll < 0.12:
            request["headers"] = self.pick.choice(HEADERS)
        elif roll < 0.15:
            request["method"] = self.pick.choice(
                ("PUT", "PATCH", "DELETE", "TRACE", "BREW", "HEAD", "OPTIONS")
            )
        elif roll < 0.18:
            request["headers"] = {"Cookie": self.pick.choice(COOKIES)}
        return request

    def query(self, path: str) -> Request:
        """A list, or any other page, asked for with what cannot be."""
        names = self.pick.choices((*QUERIES, *NAMES), k=self.pick.randint(1, 4))
        parts = [f"{_quoted(name)}={_quoted(self.pick.choice(VALUES)[:3_000])}" for name in names]
        request: Request = {"path": f"{path}?{'&'.join(parts)}", "method": "GET"}
        if self.pick.random() < 0.15:
            request["headers"] = self.pick.choice(HEADERS)
        if self.pick.random() < 0.05:
            request["headers"] = {"Cookie": self.pick.choice(COOKIES)}
        return request


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")
