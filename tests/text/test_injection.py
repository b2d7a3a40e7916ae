"""Script injection: whatever road a text takes, only harmless elements, attributes and addresses come out."""

from __future__ import annotations

import re

import pytest

from postmortem.text.links import Address, classify
from postmortem.text.markdown import render
from tests.text.parsed import Page

# Spellings of addresses that some browser or library once took for a script or for another host's content.
ADDRESSES = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)",
    "java\nscript:alert(1)", "java\rscript:alert(1)", "java\x01script:alert(1)", "\x01javascript:alert(1)",
    "java\x00script:alert(1)", "javascript\x1b:alert(1)", "java\u202escript:alert(1)",
    "java\u200bscript:alert(1)", "java\u00adscript:alert(1)", "javascript&#58;alert(1)",
    "javascript&colon;alert(1)", "java&Tab;script:alert(1)", "java&NewLine;script:alert(1)",
    "java&#9;script:alert(1)", "java&#x0A;script:alert(1)", "java&#1;script:alert(1)", "&#1;javascript:alert(1)",
    "&#106;avascript:alert(1)", "&#x6A;avascript:alert(1)", "&#0000106avascript:alert(1)",
    "java&#115cript:alert(1)", "&amp;#106;avascript:alert(1)", "javascript%3Aalert(1)", "javascript:%61lert(1)",
    "jav&#x09;ascript:alert(1)", "javascript\\:alert(1)", "java\\script:alert(1)", "\\javascript:alert(1)",
    "javascript://example.com/%0aalert(1)", "javascript:/*--></title>*/alert(1)", "vbscript:msgbox(1)",
    "livescript:alert(1)", "data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml,<svg onload=alert(1)>", "DATA:,x", "file:///etc/passwd", "blob:https://x/1",
    "filesystem:https://x/1", "view-source:javascript:alert(1)", "feed:javascript:alert(1)", "ftp://x/y",
    "about:blank", "chrome://settings", "x-apple:1", "tel:1", "sms:1", "intent://x#Intent;end", "ws://x/",
    "//evil.example/x", "///evil.example/x", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "/&#47;evil.example", "/&sol;evil.example", "&#47;&#47;evil.example", "\\/evil.example",
    "http:evil.example", "https:/evil.example", "http:///evil.example", "http:\\\\evil.example", "https://",
    "mailto:", "notes.md", "../up", "?q=1", "", "\u3000javascript:alert(1)", "ｊavascript:alert(1)",
    "javascript：alert(1)", "http://a\" onmouseover=\"alert(1)", "http://a' onmouseover='alert(1)",
    "http://a`onmouseover=alert(1)", "http://a><script>alert(1)</script>", "#\"onclick=alert(1)",
]  # fmt: skip

# The roads an address can take into a page.
ROADS = {
    "link": "[click]({0})",
    "pointed link": "[click](<{0}>)",
    "link with title": '[click]({0} "title")',
    "image": "![alt]({0})",
    "image in link": "[![alt]({0})]({0})",
    "reference": "[click][r]\n\n[r]: {0}",
    "pointed reference": "[click][r]\n\n[r]: <{0}>",
    "short reference": "[r]\n\n[r]: {0} 'title'",
    "image reference": "![r]\n\n[r]: {0}",
    "autolink": "<{0}>",
    "title": '[click](/a "{0}")',
    "image title": "![alt](/a '{0}')",
    "table cell": "a|b\n-|-\n[c]({0})|{0}",
    "footnote": "x[^1]\n\n[^1]: [c]({0}) {0}",
    "heading": "# [c]({0}) {0}",
    "list": "- [ ] [c]({0})\n- {0}",
}

MARKUP = [
    "<script>alert(1)</script>", "<ScRiPt>alert(1)</sCrIpT>", "<script\n>alert(1)</script\n>",
    "<script src=//evil.example></script>", "</p><script>alert(1)</script>", "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>", "<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)//",
    "<img/src=x/onerror=alert(1)>", "<iframe src=javascript:alert(1)></iframe>", "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>", "<math><mi xlink:href=javascript:alert(1)>x</mi></math>",
    "<object data=javascript:alert(1)>", "<embed src=javascript:alert(1)>", "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>", "<link rel=stylesheet href=//evil.example>",
    "<style>@import '//evil.example'</style>", "<p style=background:url(//evil.example)>x</p>",
    "<form action=//evil.example><button>x</button></form>", "<input onfocus=alert(1) autofocus>",
    "<input type=image src=x onerror=alert(1)>", "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>", "<marquee onstart=alert(1)>x</marquee>", "<template><script>x</script>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", "<textarea></textarea><script>x</script>",
    "<a href=javascript:alert(1)>x</a>", "<a href='java&#1;script:alert(1)'>x</a>", "<!-- <script>x</script> -->",
    "<!--><script>alert(1)</script>-->", "<![CDATA[<script>alert(1)</script>]]>", "<?php alert(1) ?>",
    "<!DOCTYPE html [<!ENTITY x 'y'>]>", "<%= alert(1) %>", "{{ 7*7 }}", "{% import os %}", "${7*7}",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;script&amp;gt;alert(1)", "&#60;script&#62;alert(1)",
    "<<script>alert(1)//<</script>", "<scr<script>ipt>alert(1)</script>", "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "<x onclick=alert(1)>x</x>", "<h1 id=x class=notice>x</h1>", "<p class=notice>fake</p>",
    "<div class='table-scroll' role=alert>x</div>", "\"><script>alert(1)</script>", "'><svg/onload=alert(1)>",
    "--><script>alert(1)</script>", "]]><script>alert(1)</script>", "</code></pre><script>alert(1)</script>",
    "</title><script>alert(1)</script>", "</textarea><script>alert(1)</script>", "<xmp><script>x</script></xmp>",
    "<plaintext><script>alert(1)</script>", "<select><option><script>x</script></select>",
    "＜script＞alert(1)＜/script＞", "<script\u2028>alert(1)</script>", "\u202e<script>alert(1)</script>\u202c",
]  # fmt: skip

PLACES = {
    "paragraph": "{0}",
    "after text": "text {0} text",
    "code span": "`{0}`",
    "indented code": "    {0}",
    "fence": "```html\n{0}\n```",
    "fence without language": "~~~\n{0}\n~~~",
    "fence language": "```{0}\nx\n```",
    "fence option": '```python title="{0}" {0}\nx\n```',
    "fence attributes": "``` {{.python #{0} onclick=\"{0}\" class='{0}'}}\nx\n```",
    "heading": "# {0}",
    "underlined heading": "{0}\n===",
    "link text": "[{0}](/a)",
    "alternative text": "![{0}](/a)",
    "alternative text of a remote image": "![{0}](https://example.com/a.png)",
    "reference label": "[x][{0}]\n\n[{0}]: /a",
    "reference title": '[x][r]\n\n[r]: /a "{0}"',
    "footnote label": "x[^{0}]\n\n[^{0}]: note",
    "footnote": "x[^1]\n\n[^1]: {0}",
    "table head": "{0}|b\n-|-\nc|d",
    "table cell": "a|b\n-|-\n{0}|d",
    "term": "{0}\n: definition",
    "definition": "term\n: {0}",
    "list item": "- {0}",
    "task": "- [x] {0}",
    "quotation": "> {0}",
    "emphasis": "***{0}***",
}

# Roads of Markdown's own that need more than one string in one place.
WHOLE = [
    "[a](\n```\ncode\n```\n)", "![\n```\n\"onerror=alert(1) x=\"\n```\n](/a)", "[a](/b \"\n```\nx\n```\n\")",
    "[x]: <javascript:alert(1)> 'a' onclick='b'\n\n[x]", "[a](javascript:alert(1)//`)`", "[a](<java\nscript:x>)",
    "[`](javascript:alert(1))`](/a)", "[a]([b](javascript:alert(1)))", "[a](/b)(javascript:alert(1))",
    "![a](/b)![c](javascript:alert(1))", "*[a](javascript:*alert(1))", "[*a](javascript:alert(1)*)",
    "<javascript:alert(1)@x.y>", "<mailto:javascript:alert(1)>", "<a@b.c\"onclick=alert(1)>", "<http://a\"b>",
    "<https://x.y/'onclick='alert(1)>", "# x {#y onclick=alert(1)}", "para\n{: onclick=alert(1) }",
    "[x](/a){: onclick=alert(1)}", "[TOC]", "///Footnotes Go Here///\n\nx[^1]\n\n[^1]: y",
    "\x02wzxhzdk:0\x03", "\x02klzzwxh:0000\x03 `a`", "\x02zz1337820767766393qq\x03", "\x0e\x14script\x16",
    "\x02amp\x03lt;script&gt;", "[a](\x02klzzwxh:0000\x03) `javascript:alert(1)`", "wzxhzdk:0 klzzwxh:0000",
    "- [x] <b>\n- [ ] \"><script>", "- [ ] [a](javascript:alert(1))", "[^\"><img src=x onerror=alert(1)>]: y",
    "x[^a]\n\n[^a]: y\n[^a ]: z", "x[^__proto__]\n\n[^__proto__]: y", "# \"><script>\n# '><script>\n# `<script>`",
    "# ![\"><script>](/a)", "# ![x](https://e.x/\"y)", "a|b\n-|:-:\n`|`<script>|\"", "|\\|<script>|b|\n|-|-|",
    "```\n</code></pre></div><script>x</script>\n```", "> ```\n> <script>\n> ```", "- ```html\n  <script>\n  ```",
    "&copy;&nbsp;&zwnj;&#0;&#xFFFFFF;&#xD800;&bogus;&", "\ud800<script>\udfff", "\ufeff# <script>",
    "<details class=code-fold><summary>x</summary>", "![](javascript:alert(1))", "![a]( )", "[]()", "[](<>)",
    "[a](#\"><script>)", "[a](#javascript:alert(1))", "[a](/\"><script>alert(1)</script>)", "[a](/a?b=<script>)",
]  # fmt: skip


def test_there_are_many_strings() -> None:
    assert len(set(ADDRESSES + MARKUP + WHOLE)) >= 180


@pytest.mark.parametrize("road", ROADS.values(), ids=ROADS.keys())
def test_no_address_is_active_on_any_road(road: str) -> None:
    for address in ADDRESSES:
        Page(render(road.format(address)).html)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_no_markup_is_active_in_any_place(place: str) -> None:
    for markup in MARKUP:
        page = Page(render(place.format(markup)).html)
        # Some places drop the text (a label, an option), but wherever the element is shown, it is as text.
        assert not any("script" in tag for tag, _ in page.elements)


@pytest.mark.parametrize("source", WHOLE)
def test_no_text_is_active(source: str) -> None:
    Page(render(source).html)


@pytest.mark.parametrize("markup", MARKUP)
def test_refused_text_is_shown_as_text(markup: str) -> None:
    rendered = render(markup + "x" * 102_400)
    assert rendered.refused
    page = Page(rendered.html)
    assert [tag for tag, _ in page.elements] == ["p", "pre"]


def test_raw_html_is_shown_as_it_was_written() -> None:
    for markup in ("<script>alert(1)</script>", "<b>x</b>", "<!-- note -->", "<p class=notice>fake</p>"):
        assert Page(render(markup).html).text == markup


def test_the_reader_of_these_tests_does_find_faults() -> None:
    for fault in (
        "<script>x</script>", "<p onclick=x>y</p>", '<a href="javascript:x">y</a>', "<!-- x -->", "<p>x",
        '<img src="//evil.example/x">', '<a href="//evil.example/x">y</a>', '<a href="https://x.y/">y</a>',
        '<p class="modal-backdrop">x</p>', '<h2 id="csrf_token">x</h2>', "<p>\x01</p>",
    ):  # fmt: skip
        with pytest.raises(AssertionError):
            Page(fault)


@pytest.mark.parametrize(
    ("url", "kind", "written"),
    [
        ("https://example.com/a", Address.EXTERNAL, "https://example.com/a"),
        (" HTTP://example.com", Address.EXTERNAL, "HTTP://example.com"),
        ("//example.com/a", Address.EXTERNAL, "https://example.com/a"),
        ("/\\example.com/a", Address.EXTERNAL, "https://example.com/a"),
        ("\\\\example.com", Address.EXTERNAL, "https://example.com"),
        ("/incidents/12", Address.SITE, "/incidents/12"),
        ("/", Address.SITE, "/"),
        ("#h-impact", Address.FRAGMENT, "#h-impact"),
        ("mailto:a@example.com", Address.MAIL, "mailto:a@example.com"),
        ("java\nscript:alert(1)", Address.REFUSED, ""),
        ("/\n/example.com", Address.EXTERNAL, "https://example.com"),
        ("notes.md", Address.REFUSED, ""),
        ("//", Address.REFUSED, ""),
        ("https://", Address.REFUSED, ""),
        ("", Address.REFUSED, ""),
    ],
)
def test_addresses_are_classified(url: str, kind: Address, written: str) -> None:
    assert classify(url) == (kind, written)


def test_stripping_comes_before_sanitising() -> None:
    page = Page(render("[a](java\x01script:alert(1)) [b](java&#1;script:alert(1))").html)
    assert page.all("a") == []
    assert re.sub(r"\s+", " ", page.text).strip() == "a b"
