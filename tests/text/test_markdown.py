"""What Markdown becomes: the features people use, and the parts a page relies on."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from postmortem.text.markdown import RENDERER_VERSION, Heading, Rendered, render, safe_html
from tests.text.parsed import Page
from tests.text.samples import ORDINARY, real_texts


def html(source: str) -> str:
    rendered = render(source)
    assert rendered.refused is None
    Page(rendered.html)
    return rendered.html


def test_headings_leave_room_for_the_title_of_the_page() -> None:
    rendered = render("# One\n\n## Two\n\n##### Five\n\n###### Six\n\nUnder\n===\n")
    assert [heading.level for heading in rendered.headings] == [2, 3, 6, 6, 2]
    assert "<h1" not in rendered.html


def test_headings_have_ids_that_are_prefixed_unique_and_stable() -> None:
    rendered = render(
        "# Was *it* `us`? [^1]\n\n# Was it us\n\n# Note 1\n\n# 日本語 Übung\n\n# !!!\n\n[^1]: No."
    )
    assert rendered.headings == [
        Heading(2, "h-was-it-us", "Was it us?"),
        Heading(2, "h-was-it-us-2", "Was it us"),
        Heading(2, "h-note-1-2", "Note 1"),
        Heading(2, "h-日本語-übung", "日本語 Übung"),
        Heading(2, "h-section", "!!!"),
    ]
    ids = [values["id"] for _, values in Page(rendered.html).elements if "id" in values]
    assert len(ids) == len(set(ids))
    assert render("# A\n\n# B\n").headings[1] == render("# B\n").headings[0]


def test_each_heading_links_to_itself_with_a_name() -> None:
    assert html("## Impact & *cost*") == (
        '<h2 id="h-impact-cost">Impact &amp; <em>cost</em>'
        '<a aria-label="Link to this section: Impact &amp; cost" class="heading-anchor" href="#h-impact-cost">#</a></h2>'
    )


@pytest.mark.parametrize("source", ["# A\n\n## B", "## A\n\n### B", "### A\n\n#### B"])
def test_the_highest_heading_of_a_text_stands_right_below_the_title(source: str) -> None:
    assert [(heading.level, heading.text) for heading in render(source).headings] == [(2, "A"), (3, "B")]


def test_the_prefix_keeps_several_texts_on_one_page_apart() -> None:
    source = "# A\n\nx[^1]\n\n[^1]: y"
    pages = [render(source, heading_prefix=prefix) for prefix in ("h-", "event-1-", "event-2-")]
    ids = [values["id"] for page in pages for _, values in _elements(page) if "id" in values]
    assert len(ids) == len(set(ids)) == 9
    assert pages[1].headings == [Heading(2, "event-1-a", "A")]
    assert 'href="#event-2-note-1"' in pages[2].html and 'href="#event-2-noteref-1"' in pages[2].html


def _elements(rendered: Rendered) -> list[tuple[str, dict[str, str]]]:
    page = Page.__new__(Page)
    page._check = lambda tag, values: None  # type: ignore[method-assign]  # the ids have prefixes of their own
    Page.__init__(page, rendered.html)
    return page.elements


@pytest.mark.parametrize("prefix", ["", "H-", "1-", 'a"', "a b", "a_b"])
def test_a_prefix_that_is_no_id_is_a_mistake_of_the_caller(prefix: str) -> None:
    with pytest.raises(ValueError, match="heading_prefix"):
        render("x", heading_prefix=prefix)


def test_tables_scroll_on_their_own_and_have_a_name() -> None:
    page = Page(html("| Time | Who |\n|:--|--:|\n| 10:01 | `a|b` |\n"))
    assert page.all("div") == [
        {"class": "table-scroll", "tabindex": "0", "role": "region", "aria-label": "Table 1: Time, Who"}
    ]
    assert page.all("th") == [
        {"class": "align-left", "scope": "col"},
        {"class": "align-right", "scope": "col"},
    ]
    assert page.all("td")[1] == {"class": "align-right"}
    assert "a|b" in page.text


def test_two_tables_have_two_names() -> None:
    source = "|a|b|\n|-|-|\n|1|2|\n\ntext\n\n|a|b|\n|-|-|\n|1|2|\n"
    assert [div["aria-label"] for div in Page(html(source)).all("div")] == ["Table 1: a, b", "Table 2: a, b"]


def test_footnotes_lead_there_and_back_in_the_order_of_the_text() -> None:
    page = Page(html("One[^b] two[^a] three[^b].\n\n[^a]: First.\n[^b]: Second.\n[^c]: Never used.\n"))
    anchors = page.all("a")
    assert [a["href"] for a in anchors if a["class"] == "footnote-ref"] == [
        "#h-note-1",
        "#h-note-2",
        "#h-note-1",
    ]
    assert [a["aria-label"] for a in anchors][:2] == ["Footnote 1", "Footnote 2"]
    ids = {values["id"] for _, values in page.elements if "id" in values}
    assert {a["href"][1:] for a in anchors} <= ids
    assert all(a["aria-label"] for a in anchors)
    assert page.text.index("Second.") < page.text.index("First.")
    assert page.all("section") == [{"class": "footnotes", "aria-label": "Footnotes"}]


def test_code_is_highlighted_by_classes() -> None:
    page = Page(html("```python\ndef f():\n    return '<b>'\n```"))
    assert {"class": "k"} in page.all("span")
    assert page.all("pre") == [{"tabindex": "0"}]
    assert page.text.strip() == "def f():\n    return '<b>'"
    assert "style" not in html("```python\nx = 1\n```")


@pytest.mark.parametrize(
    "info", ["brainfuck", "", "python3.99", "text", "mermaid", "x" * 300, "brainfuck {.y}", "a b c"]
)
def test_code_of_other_languages_is_plain(info: str) -> None:
    page = Page(html(f"```{info}\na < b\n```"))
    assert page.all("span") == []
    assert page.text.strip() == "a < b"


def test_fences_may_have_options_and_stand_in_lists_and_quotations() -> None:
    assert 'class="highlight"' in html('``` yaml title="a.yml" linenums="1"\na: b\n```')
    assert "<li>" in html("- one\n\n    ```\n    code\n    ```\n") and "<code>code" in html(
        "> ```\n> code\n> ```\n"
    )


def test_long_code_is_folded() -> None:
    thirty, more = "x\n" * 30, "x\n" * 31
    assert "<details" not in html(f"```\n{thirty}```")
    for source in (
        f"```\n{more}```",
        f"```python\n{more}```",
        "".join(f"    {line}\n" for line in more.split()),
    ):
        rendered = html(source)
        fold = '<details class="code-fold"><summary>21 more of 31 lines</summary><div class="highlight">'
        seen, _, folded = rendered.partition(fold)
        assert Page(f"{seen}</div>").text.count("x") == 10
        assert folded
        assert Page(rendered).text.count("x") == 31


def test_task_lists_have_boxes_with_names() -> None:
    page = Page(html("- [x] done\n- [ ] open\n- plain\n"))
    assert [box["aria-label"] for box in page.all("input")] == ["Done", "Not done"]
    assert all("disabled" in box for box in page.all("input"))
    assert page.all("ul") == [{"class": "task-list"}]
    assert page.all("li") == [{"class": "task-list-item"}, {"class": "task-list-item"}, {}]


def test_definition_lists_and_ordered_lists() -> None:
    assert html("Term\n: Definition") == "<dl>\n<dt>Term</dt>\n<dd>Definition</dd>\n</dl>"
    assert '<ol start="3">' in html("3. three\n4. four")


def test_a_list_may_follow_its_introduction() -> None:
    assert html("We saw:\n- a\n- b") == "<p>We saw:</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"
    assert html("We saw:\n1. a\n2. b").startswith("<p>We saw:</p>\n<ol>")
    # A wrapped line that happens to start with a number or a dash stays in its paragraph or its code.
    assert "<ol" not in html("The outage began in\n1628. Nobody was on call.")
    assert "<ul" not in html("```\nWe saw:\n- a\n```")
    assert html("- a\nmore\n- b").count("<li>") == 2


def test_links() -> None:
    assert html("[a](https://example.com/x 'T')") == (
        '<p><a href="https://example.com/x" rel="noopener noreferrer" title="T">a</a></p>'
    )
    assert html("[a](/incidents/1)") == '<p><a href="/incidents/1">a</a></p>'
    assert html("[a](#h-x)") == '<p><a href="#h-x">a</a></p>'
    assert (
        html("[a](//example.com)") == '<p><a href="https://example.com" rel="noopener noreferrer">a</a></p>'
    )
    assert html("<me@example.com>") == '<p><a href="mailto:me@example.com">me@example.com</a></p>'
    assert html("[a](notes.md) b") == "<p><span>a</span> b</p>"
    assert (
        html("[a](/x?b=1&amp;c=2&d=3&copy=4)") == '<p><a href="/x?b=1&amp;c=2&amp;d=3&amp;copy=4">a</a></p>'
    )


def test_a_remote_image_is_a_link_with_its_alternative_text() -> None:
    assert html("![the *graph*](https://example.com/g.png)") == (
        '<p><a href="https://example.com/g.png" rel="noopener noreferrer">the *graph*</a></p>'
    )
    assert ">image</a>" in html("![](https://example.com/g.png)")
    assert html("![a](data:image/png;base64,AAAA)") == "<p><span>a</span></p>"
    assert html("[![a](https://example.com/g.png)](https://example.com/)") == (
        '<p><a href="https://example.com/" rel="noopener noreferrer"><span>a</span></a></p>'
    )


def test_an_image_of_this_site_is_shown() -> None:
    assert html("![graph](/attachments/7 'Requests')") == (
        '<p><img alt="graph" loading="lazy" src="/attachments/7" title="Requests"></p>'
    )
    assert 'alt="image"' in html("![](/attachments/7)")


def test_control_characters_go_and_line_ends_are_one() -> None:
    assert html("a\x00b\x07c\x1bd\x7fe\x85f\u202eg\u2066h\ud800i\ufeff") == "<p>abcdefghi</p>"
    assert html("a\r\n\r\nb\rc") == "<p>a</p>\n<p>b\nc</p>"
    assert html("a&#1;b&#x202E;c&#0000007;d&#xD;e") == "<p>abcde</p>"
    assert html("```\n\tx\n```").endswith("<code>    x\n</code></pre></div>")


@pytest.mark.parametrize("source", ["", " ", "\n\n", "\x00", "\ufeff\n", "\u202e"])
def test_nothing_gives_nothing(source: str) -> None:
    assert render(source) == Rendered("", [], None)


@pytest.mark.parametrize("source", ORDINARY)
def test_ordinary_texts_are_never_refused(source: str) -> None:
    rendered = render(source)
    assert rendered.refused is None
    Page(rendered.html)
    # The same source gives the same page, so a stored one can be compared and cached.
    assert render(source) == rendered


def test_real_texts_are_rendered_and_none_is_refused() -> None:
    count = 0
    for name, text in real_texts():
        rendered = render(text)
        assert rendered.refused is None, name
        assert Page(rendered.html).text.strip(), name
        count += 1
    assert count >= 241


def test_stored_html_is_marked_safe_as_it_is() -> None:
    stored = render("*a* <b>").html
    assert safe_html(stored) == Markup("<p><em>a</em> &lt;b&gt;</p>")
    assert isinstance(safe_html(stored), Markup)


def test_the_version_is_a_number() -> None:
    assert RENDERER_VERSION >= 1
