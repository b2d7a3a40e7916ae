from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortem.text.slugs import slugify, tag_name


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The day the cache came back", "the-day-the-cache-came-back"),
        ("We don't know (yet): 50% of it!", "we-dont-know-yet-50-of-it"),
        ("Größe, Ærø, Łódź, İstanbul, straße", "grosse-aero-lodz-istanbul-strasse"),
        ("  --a__b--  ", "a-b"),
        ("Ⅷ ﬁles ①", "viii-files-1"),
        ("日本語", "untitled"),
        ("Кэш", "untitled"),
        ("", "untitled"),
        ("!!!", "untitled"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\x00b\u202ec", "a-bc"),
        ("<script>", "script"),
    ],
)
def test_slugs(title: str, slug: str) -> None:
    assert slugify(title) == slug


def test_long_slugs_are_cut_between_words() -> None:
    assert slugify("one two three four", max_length=10) == "one-two"
    assert slugify("one two three four", max_length=13) == "one-two-three"
    assert slugify("x" * 200) == "x" * 80


@given(st.text(max_size=200), st.integers(1, 100))
def test_every_title_gives_a_slug(title: str, limit: int) -> None:
    slug = slugify(title, max_length=limit)
    assert slug and len(slug) <= limit
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-") and not slug.endswith("-") and "--" not in slug
    assert slugify(slug, max_length=limit) == slug


@pytest.mark.parametrize(
    ("raw", "tag"),
    [
        ("Config Change", "config-change"),
        ("CONFIG change", "config-change"),
        ("  config   change  ", "config-change"),
        ("a/b, c#d?e", "a-b-c-d-e"),
        ("a,,b//c", "a-b-c"),
        ("Straße", "strasse"),
        ("ＣＤＮ", "cdn"),
        ("日本語", "日本語"),
        ("Кэш", "кэш"),
        ("C++", "c++"),
        ("node.js", "node.js"),
        ("..", ""),
        ("#", ""),
        ("", ""),
        (" \t\n", ""),
        ("a\u200bb", "a-b"),
        ("secu\u00adrity", "security"),
        ("\ufeffsecu\u2060ri\ufe0fty", "security"),
        ("e\u034f\u0301", "é"),
        ("x" * 60, "x" * 50),
        ("x" * 49 + " y", "x" * 49),
        ("under_score", "under_score"),
    ],
)
def test_tags(raw: str, tag: str) -> None:
    assert tag_name(raw) == tag


@given(st.text(max_size=120))
def test_tags_are_normal_once_and_for_all(raw: str) -> None:
    tag = tag_name(raw)
    assert len(tag) <= 50
    assert tag_name(tag) == tag
    assert not any(character.isspace() or character in "/#?," for character in tag)
