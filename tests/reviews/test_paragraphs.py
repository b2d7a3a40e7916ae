"""Where a paragraph stands after edits, and what takes its place."""

import pytest

from postmortem.reviews.paragraphs import Found, find, paragraphs_of, replaced

BODY = "# One\n\nThe first pump stopped at nine.\n\n```\na\n\nb\n```\n\nNobody heard the alarm.\n"


def place(quote: str, body: str) -> Found | None:
    return find([quote], paragraphs_of("", body))[quote]


def test_in_short_counts_and_fences_are_one() -> None:
    texts = [(each.number, each.field, each.text) for each in paragraphs_of("In short.\n", BODY)]
    assert texts[0] == (1, "tldr", "In short.")
    assert texts[3] == (4, "body", "```\na\n\nb\n```")
    assert len(texts) == 5


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (BODY, Found(2, True)),
        ("Moved.\n\n" + BODY, Found(3, True)),
        ("The first two pumps stopped at nine.\n\nNobody.", Found(1, False)),
        ("Nobody.\n\nThe FIRST pump stopped at nine", Found(2, False)),
        ("Something else was said about it.", None),
        ("", None),
    ],
)
def test_found_by_its_words(body: str, found: Found | None) -> None:
    assert place("The first pump stopped at nine.", body) == found


def test_the_most_similar_one_is_taken() -> None:
    body = "The second pump stopped at ten.\n\nThe first pump stopped at ten."
    assert place("The first pump stopped at nine.", body) == Found(2, False)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_replaced_where_it_stands_and_nothing_else(newline: str) -> None:
    body = "a b\n\n\na\n\n> a\n\na b c\n".replace("\n", newline)
    assert replaced("a b", body, "a", "X\n\nY") == {"body": "a b\n\n\nX\n\nY\n\n> a\n\na b c\n"}


def test_in_short_is_replaced_too() -> None:
    assert replaced("Short.", BODY, "Short.", "Shorter.") == {"tldr": "Shorter."}


@pytest.mark.parametrize("quote", ["gone", "twice"])
def test_what_is_gone_or_there_twice_is_not_replaced(quote: str) -> None:
    assert replaced("", "twice\n\nonce\n\ntwice", quote, "x") is None
