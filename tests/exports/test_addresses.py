"""From the program's addresses to files: what leads somewhere, and what becomes plain text."""

import pytest

from postmortem.exports.site.addresses import Addresses, NotInTheSite
from postmortem.exports.site.queries import file_name

KEY = "A" * 32


@pytest.fixture
def addresses() -> Addresses:
    made = Addresses(
        lambda key, size: f"images/{size}.png" if key == KEY else None,
        frozenset({"postmortem.example.com"}),
    )
    for address, file in (
        ("/", "index.html"),
        ("/?page=2", "page-2.html"),
        ("/writeups/a", "writeups/a.html"),
        ("/writeups/b", "writeups/b.html"),
        ("/tags/%C3%A7a", "tags/ca-1234.html"),
        ("/tags/", "browse.html#tags"),
    ):
        made.add(address, file)
    return made


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('<a href="/">x</a>', '<a href="../index.html">x</a>'),
        ('<a class="t" href="/?page=2" rel="next">x</a>', '<a class="t" href="../page-2.html" rel="next">x</a>'),
        ('<a href="/?after=1">x</a>', '<a href="../index.html">x</a>'),
        ('<a href="/writeups/b">x</a>', '<a href="b.html">x</a>'),
        ('<a href="b">x</a>', '<a href="b.html">x</a>'),
        ('<a href="/writeups/b#part">x</a>', '<a href="b.html#part">x</a>'),
        ('<a href="https://postmortem.example.com/writeups/b">x</a>', '<a href="b.html">x</a>'),
        ('<a href="/tags/ça">x</a>', '<a href="../tags/ca-1234.html">x</a>'),
        ('<a href="/tags/">x</a>', '<a href="../browse.html#tags">x</a>'),
        ('<a href="https://example.com/a?b=1&amp;c=2">x</a>', '<a href="https://example.com/a?b=1&amp;c=2">x</a>'),
        ('<a href="mailto:a@b.example">x</a>', '<a href="mailto:a@b.example">x</a>'),
        ('<a href="/incidents/1">x</a>', "<span>x</span>"),
        ('<a class="flag" id="i" href="/incidents/1" rel="nofollow">x</a>', '<span class="flag" id="i">x</span>'),
        ('<a href="https://postmortem.example.com/incidents/1">x</a>', "<span>x</span>"),
        ('<a href="//[bad">x</a>', "<span>x</span>"),
        ('<a href="#there">x</a><i id="there"></i>', '<a href="#there">x</a><i id="there"></i>'),
        ('<a href="#not">x</a>', "<span>x</span>"),
        ('<a href="/incidents/1">a <b>x</b></a> <a href="/">y</a>', '<span>a <b>x</b></span> <a href="../index.html">y</a>'),
        (f'<a href="/attachments/{KEY}/480">x</a>', '<a href="../images/480.png">x</a>'),
        (
            f'<img alt="a &gt; b" src="/attachments/{KEY}/9x9" srcset="/attachments/{KEY}/480 480w, /attachments/{KEY}/9x9 9w">',
            '<img alt="a &gt; b" src="../images/9x9.png" srcset="../images/480.png 480w, ../images/9x9.png 9w">',
        ),
        (f'<img alt="a &gt; b" src="/attachments/{"B" * 32}/9x9">', "<em>a &gt; b</em>"),
        ('<code>&lt;a href="/incidents/1"&gt;</code>', '<code>&lt;a href="/incidents/1"&gt;</code>'),
        ('<link href="/static/base.css?v=1" rel="stylesheet">', '<link href="../static/base.css?v=1" rel="stylesheet">'),
        ('<details open><p title="a > b">', '<details open><p title="a > b">'),
    ],
)  # fmt: skip
def test_a_link_leads_to_a_file_or_is_plain_text(addresses: Addresses, link: str, expected: str) -> None:
    assert addresses.page(link, address="/writeups/a", file="writeups/a.html") == expected


def test_static_files_are_remembered_and_what_a_page_needs_must_be_there(addresses: Addresses) -> None:
    addresses.page('<script src="/static/copy.js?v=1"></script>', address="/", file="index.html")
    assert addresses.assets == {"copy.js"}
    with pytest.raises(NotInTheSite):
        addresses.page('<script src="/elsewhere.js"></script>', address="/", file="index.html")


def test_a_place_in_another_page_that_is_not_there_is_found_at_the_end(addresses: Addresses) -> None:
    html = '<a href="/writeups/b#there">x</a> <a href="/writeups/b#not">x</a>'
    addresses.page(html, address="/writeups/a", file="writeups/a.html")
    addresses.page('<h2 id="there">x</h2>', address="/writeups/b", file="writeups/b.html")
    assert addresses.corrections() == {"writeups/a.html": [('href="b.html#not"', 'href="b.html"')]}


def test_a_part_for_a_feed_leads_from_the_root(addresses: Addresses) -> None:
    html = '<a href="/writeups/b#x">b</a> <a href="/incidents/1">i</a> <a href="#x">x</a><i id="x"></i>'
    assert addresses.part(html, address="/writeups/a") == (
        '<a href="/writeups/b.html#x">b</a> <span>i</span> <a href="#x">x</a><i id="x"></i>'
    )


def test_markdown_links(addresses: Addresses) -> None:
    text = f"[b](/writeups/b) ![p](/attachments/{KEY}/480) [i](/incidents/1) [o](https://example.com/)"
    assert addresses.markdown(text, "https://x.example") == (
        "[b](https://x.example/writeups/b.html) ![p](https://x.example/images/480.png) i [o](https://example.com/)"
    )


def test_names_of_files() -> None:
    assert [file_name(key) for key in ("cache", "node.js", "2026")] == ["cache", "node.js", "2026"]
    odd = ["c++", "c", "a.html", "..", "ça", "日本", 'a"b', "a:b", "-", "A", "x" * 50 + "é"]
    names = [file_name(key) for key in odd]
    assert len(set(names)) == len(odd)
    assert all(name.isascii() and not set(name) & set('/\\:"*?<>| ') and name[0] != "." for name in names)
