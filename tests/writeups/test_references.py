"""Numbers and handles in a rendered text become links, and nothing else about it changes."""

import pytest

from postmortem.text.markdown import render
from postmortem.writeups.references import Linked, link, named_in

KNOWN = Linked(frozenset({12}), frozenset({7}), {"grace": 3, "ada.l": 4})


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("See INC-12.", '<p>See <a href="/incidents/12">INC-12</a>.</p>'),
        ("(ACT-7)", '<p>(<a href="/actions/7">ACT-7</a>)</p>'),
        ("**INC-12**", '<p><strong><a href="/incidents/12">INC-12</a></strong></p>'),
        ("Ask @Grace.", '<p>Ask <a href="/people/3">@Grace</a>.</p>'),
        ("@ada.l, please", '<p><a href="/people/4">@ada.l</a>, please</p>'),
        # What is not known, not there or part of something else stays.
        *(
            (text, f"<p>{text}</p>")
            for text in (
                "INC-13 ACT-12 @nobody",
                "XINC-12 INC-12a INC-012 INC-12-3 inc-12",
                "mail@grace.example",
                "9INC-12 INC-99999999999999999999",
            )
        ),
        ("`INC-12 @grace`", "<p><code>INC-12 @grace</code></p>"),
        ("[INC-12](/x)", '<p><a href="/x">INC-12</a></p>'),
        ('[x](/y "a > INC-12")', '<p><a href="/y" title="a &gt; INC-12">x</a></p>'),
        ('![INC-12 "@grace](/a.png)', '<p><img alt="INC-12 &quot;@grace" loading="lazy" src="/a.png"></p>'),
    ],
)
def test_links(source: str, html: str) -> None:
    assert link(render(source).html.strip(), KNOWN) == html


def test_a_fence_stays_as_it_is() -> None:
    html = render("```\nINC-12\n```\n\nINC-12").html
    assert link(html, KNOWN).count("<a ") == 1


def test_what_is_named_is_found_where_it_would_be_linked() -> None:
    html = render("INC-12, ACT-7, @Grace. `INC-1` [ACT-2](/x) INC-99999999999").html
    found = named_in(html)
    assert (found.incidents, found.actions, found.handles) == ({12}, {7}, {"grace.", "grace"})


def test_without_anything_known_the_text_is_the_same() -> None:
    html = render("INC-12 @grace <script>").html
    assert link(html, Linked()) is html
