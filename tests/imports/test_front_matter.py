"""Reading files and their front matter: what is found, what is refused and how that is said."""

import os
from pathlib import Path

import pytest

from postmortem.imports.frontmatter import MAX_FRONT_MATTER, Unusable, parse, read_text


def refusal(text: str) -> str:
    with pytest.raises(Unusable) as unusable:
        parse(text)
    return str(unusable.value)


def test_front_matter_and_text_are_told_apart() -> None:
    document = parse("---\ntitle: Cache\ntags: [a, b]\n---\n\n    code first\n\nThen prose.\n\n")
    assert document.front == {"title": "Cache", "tags": ["a", "b"]}
    assert document.body == "    code first\n\nThen prose."


@pytest.mark.parametrize(
    "text", ["Prose.\n", "# Heading\n\nProse.\n", "---\n\nA rule, then prose.\n\n---\n\nMore.\n"]
)
def test_a_text_without_front_matter_is_all_text(text: str) -> None:
    document = parse(text)
    assert document.front is None
    assert document.body == text.strip()


@pytest.mark.parametrize(
    "text", ["---\r\ntitle: A\r\n---\r\nText", "---\ntitle: A\n...\nText", "\n\n---\ntitle: A\n---\nText"]
)
def test_other_spellings_of_front_matter(text: str) -> None:
    document = parse(text)
    assert document.front == {"title": "A"}
    assert document.body == "Text"


def test_empty_front_matter_is_no_error() -> None:
    assert parse("---\n\n---\nText").front == {}


def test_broken_yaml_says_where_and_what_to_do() -> None:
    sentence = refusal("---\nid: 1\ntitle: Outage: the sequel\n---\nText")
    assert "line 3" in sentence
    assert "in quotes" in sentence


@pytest.mark.parametrize(
    ("front", "words"),
    [
        ("when: 2021-02-30", "not valid YAML"),
        ("x: !!python/object/apply:os.system ['true']", "not valid YAML"),
        ("- a: 1\n- b: 2", "not a list of names and values"),
        ("a: " + "[" * 5000, "nested too deeply"),
        ("a: [1\nb: 2", "not valid YAML"),
        ("{a: b}: c: d", "not valid YAML"),
    ],
)
def test_front_matter_that_cannot_be_used(front: str, words: str) -> None:
    assert words in refusal(f"---\n{front}\n---\nText")


def test_front_matter_that_never_ends() -> None:
    assert "never ends" in refusal("---\ntitle: A\n\nText without an end of the front matter.")


def test_front_matter_has_a_limit() -> None:
    assert "64 KB" in refusal(f"---\ntitle: {'x' * MAX_FRONT_MATTER}\n---\nText")


def test_a_few_lines_that_stand_for_gigabytes_are_refused_at_once() -> None:
    lines = ["a0: &a0 {k0: v}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}], k{n}: v}}" for n in range(1, 10)]
    assert "anchors" in refusal("---\n" + "\n".join(lines) + "\n---\nText")


def test_shared_lists_are_harmless() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    front = parse("---\ntitle: A\n" + "\n".join(lines) + "\n---\nText").front
    assert front is not None
    assert front["title"] == "A"


def test_control_characters_go_before_anything_else() -> None:
    assert parse("---\ntitle: A\x00B\n---\nT\x0bext\x00").front == {"title": "AB"}


def test_names_that_are_no_words_are_left_out() -> None:
    assert parse("---\n1: a\ntrue: b\ntitle: c\n---\nText").front == {"title": "c"}


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "bom.md"
    file.write_bytes(b"\xef\xbb\xbf---\ntitle: A\n---\nText")
    assert parse(read_text(file)).front == {"title": "A"}


def test_a_file_that_is_not_utf8_says_which_line(tmp_path: Path) -> None:
    file = tmp_path / "latin.md"
    file.write_bytes("# One\n\nStörung\n".encode("latin-1"))
    with pytest.raises(Unusable, match=r"not UTF-8 \(line 3\)"):
        read_text(file)


def test_a_file_that_is_too_long_is_not_even_read(tmp_path: Path) -> None:
    file = tmp_path / "long.md"
    with file.open("wb") as opened:
        opened.truncate(10 * 1024 * 1024)
    with pytest.raises(Unusable, match=r"10\.0 MB"):
        read_text(file)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(Unusable, match="not a file"):
        read_text(tmp_path / "pipe.md")
