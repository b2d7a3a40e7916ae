"""Which passwords do: the requirements 6.2.x of ASVS 5, one row each."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.accounts.operations import add_person
from postmortem.accounts.operations_sign_in import change_password
from postmortem.accounts.passwords import MAX_LENGTH, hash_password, is_password
from postmortem.accounts.weak_passwords import is_common, is_own_word
from postmortem.errors import Refused
from postmortem.history.operations import CLI
from tests.support.client import PASSWORD

COMMON = [
    "password",
    "password1",
    "Password1!",
    "P@ssw0rd",
    "p@ssw0rd123",
    "passw0rd1",
    "12345678",
    "123456789",
    "1234567890",
    "87654321",
    "11111111",
    "00000000",
    "qwertyuiop",
    "qwerty123",
    "1q2w3e4r",
    "1qaz2wsx",
    "qwer1234",
    "asdfghjkl",
    "zxcvbnm1",
    "iloveyou",
    "ILoveYou2",
    "sunshine",
    "princess",
    "football1",
    "baseball",
    "welcome1",
    "Welcome2024!",
    "letmein123",
    "monkey123",
    "dragon12",
    "superman",
    "trustno1",
    "starwars",
    "master12",
    "michael1",
    "shadow123",
    "abc12345",
    "abcd1234",
    "aaaaaaaa",
    "a1b2c3d4",
    "computer",
    "changeme",
    "Changeme1!",
    "secret123",
    "admin123",
    "administrator",
    "Summer2025!",
    "Winter23!",
    "!@#$%^&*",
    "20242025",
    "qwertyqwerty",
    "passwordpassword",
    "asdfasdf",
    "zaq12wsx",
    "q1w2e3r4",
    "147258369",
    "987654321",
    "internet",
    "whatever",
    "liverpool1",
    "charlie1",
    "hello123",
    "hellohello",
    "test1234",
    "testtest",
    "google123",
    "12341234",
    "121212121212",
]
FINE = [
    PASSWORD,
    "correct horse battery staple",
    "seven77 trees fall",
    "пароль из букв",
    "パスワードはここです",
    "🔑🌲🎸🚲🐟🧭🎲🫖",
    "        spaces        ",
    "kV7#tq9Lw2",
    "dragon of the lake",
    "x" * 64,
    "é" * 1000,
    "tab\there\nline\u200bjoin end",
]


@pytest.mark.parametrize("password", COMMON)
def test_6_2_4_what_everybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(Refused, match=r"among the first that are tried|8 characters or more"):
        hash_password(password)


@pytest.mark.parametrize("password", FINE)
def test_6_2_5_and_6_2_9_any_characters_and_long_ones_do_exactly_as_typed(password: str) -> None:
    stored = hash_password(password, own=("ada@example.com", "Ada Admin"))
    assert is_password(stored, password)
    for other in (password.upper(), password + " ", password[:-1], password.swapcase() + "x"):
        assert other == password or not is_password(stored, other)


@pytest.mark.parametrize(("length", "does"), [(7, False), (8, True), (64, True), (1000, True), (1001, False)])
def test_6_2_1_and_6_2_9_lengths(length: int, does: bool) -> None:
    password = ("vkqzjwxp" * 200)[:length]
    if does:
        assert is_password(hash_password(password), password)
    else:
        with pytest.raises(Refused, match=f"8 characters or more|at most {MAX_LENGTH} characters"):
            hash_password(password)


@pytest.mark.parametrize(
    "password",
    [
        "aino author",
        "Aino-Author",
        "author2024!",
        "AUTHOR@Author",
        "postmortem",
        "Postmortem1!",
        "aino.author@larkspool",
    ],
)
def test_6_2_11_ones_own_words_are_refused(password: str) -> None:
    own = ("aino.author@larkspool.example", "Aino Author")
    assert is_own_word(password, own)
    with pytest.raises(Refused, match="your name, your address or this site's"):
        hash_password(password, own=own)


@pytest.mark.parametrize("password", ["author of nine lives", "kV7#tq9Lw2", "postmortem before breakfast"])
def test_own_words_among_others_do(password: str) -> None:
    assert not is_own_word(password, ("aino.author@larkspool.example", "Aino Author"))


def test_every_way_to_set_a_password_asks_the_same(author: Person, session: Session) -> None:
    values: dict[str, Any] = {
        "email": "bo@example.com",
        "name": "Bodil Berg",
        "role": Role.READER,
        "actor": CLI,
    }
    for password in ("bodilberg", "sunshine1"):
        with pytest.raises(Refused):
            add_person(session, password=password, **values)
    for password in ("aino-author", "sunshine1"):
        with pytest.raises(Refused) as refused:
            change_password(session, author, current=PASSWORD, password=password, token="")
        assert refused.value.field == "password"


@given(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=3))
def test_nothing_makes_it_fail(password: str, own: list[str]) -> None:
    assert is_common(password) in (True, False)
    assert is_own_word(password, own) in (True, False)


@given(st.lists(st.sampled_from("bqxvkwzjgh"), min_size=10, max_size=24, unique=False).map("".join))
def test_random_letters_are_hardly_ever_common(password: str) -> None:
    assert not is_common(password) or len(set(password)) <= 4
