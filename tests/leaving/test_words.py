"""What counts as somebody's name, address and handle in a text, and what does not."""

import unicodedata

import pytest

from postmortem.leaving.words import EMAIL, HANDLE, NAME, Replacer, Term

REPLACE = Replacer(
    7,
    (
        Term(EMAIL, "zoë.quux+ops@larkspool.example"),
        Term(NAME, "Zoë van der Quux"),
        Term(HANDLE, "zquux_7"),
    ),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zoë van der Quux restarted it.", "Former colleague 7 restarted it."),
        ("**ZOË VAN DER QUUX**’s turn", "**Former colleague 7**’s turn"),
        ("by Zoë van\n  der Quux", "by Former colleague 7"),
        ("[Zoë van der Quux](mailto:zoë.quux+ops%40larkspool.example)",
         "[Former colleague 7](mailto:former-7@anonymised.invalid)"),
        ("<zoë.quux+ops@LARKSPOOL.example>.", "<former-7@anonymised.invalid>."),
        ("Thanks @zquux_7, and zquux\\_7!", "Thanks @former-7, and former-7!"),
    ],
)  # fmt: skip
def test_replaced(text: str, expected: str) -> None:
    assert REPLACE(text) == expected
    assert REPLACE(unicodedata.normalize("NFD", text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Zoë said so.",
        "Zoë van der Quuxington",
        "a.zoë.quux+ops@larkspool.example",
        "zoë.quux+ops@larkspool.example.org",
        "zquux_77 and zquux_7-replica and x@zquux_7.example and zquux_7@elsewhere.example",
        "",
    ],
)
def test_left(text: str) -> None:
    assert REPLACE(text) == text


def test_a_word_that_means_something_else_too_is_replaced_where_it_is_all_there_is() -> None:
    replace = Replacer(7, (Term(EMAIL, "max@example.com"),), (Term(HANDLE, "max"),))
    assert replace("max connections") == "max connections"
    assert replace("Max") == "former-7"


def test_addresses_of_pages_lose_the_words_of_the_name() -> None:
    assert REPLACE.slug("what-zoe-van-der-quux-taught-us") == "what-person-7-taught-us"
    assert REPLACE.slug("zoes-day") == "zoes-day"
