"""Real reports, and texts put together at random: no known name is left, no other word is damaged, nothing breaks."""

import random
from itertools import cycle, islice

from hypothesis import given, settings
from hypothesis import strategies as st

from postmortem.blameless.roles import Book, Known, Renaming, Source
from tests.blameless.reports import NAMED, SHAPES, Tally, look_at, names_left, planted, renaming
from tests.text.samples import ORDINARY, real_texts

WORDS = [
    "the",
    "restart",
    "was",
    "slow",
    "and",
    "we",
    "marked",
    "it",
    "will",
    "may",
    "an",
    "Adapter",
    "Mayday",
    ".",
    ",",
    ":",
    "(",
    ")",
    "**",
    "_",
    "`",
    "\n",
    "-",
    "#",
    "|",
    ">",
    "[",
    "](",
    ")",
    "!",
    "@",
    "'",
    "’",
    "s",
]


def test_real_reports_lose_no_word_and_keep_no_name() -> None:
    tally = Tally()
    for name, text in real_texts():
        # The long form reads all of the outage summaries: python -m stress.roles_reports --long.
        if not name.startswith("icco") or name[-4] in "05af":
            look_at(name, text, tally)
    assert (tally.left, tally.damaged) == ([], [])
    assert tally.mentions > 60


def test_sentences_about_known_people_put_into_texts_lose_all_their_names() -> None:
    tally = Tally()
    for number, text in enumerate(ORDINARY):
        people = islice(cycle(NAMED[:6]), number, number + len(SHAPES))
        look_at(f"ordinary {number}", planted(text, people, SHAPES), tally)
    assert (tally.left, tally.damaged) == ([], [])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([*WORDS, *(each.name for each in NAMED[:6]), "@Mr0grog", "astonm@example.org"]))
)
def test_whatever_stands_around_it_a_full_name_never_stays(pieces: list[str]) -> None:
    after = renaming(" ".join(pieces)).texts["body"]
    whole = {each.name.casefold() for each in NAMED} | {"@mr0grog"}
    assert not whole & set(names_left(after)) and "@mr0grog" not in after.casefold()


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="aAdD e's’.-_@[]()`\n*#|<>\\é\u0301\u00ad&;:/", max_size=80))
def test_no_text_breaks_it_and_a_text_without_names_stays_as_it_is(text: str) -> None:
    people = [Known(1, "Ada Dade", "ada", "ada@example.org")]
    made = Renaming(Book(people), [Source("body", text)], roles=[(1, "engineer")])
    if not made.mentions:
        assert made.texts["body"] == made.sources["body"].text
    assert Renaming(Book(people), [Source("body", made.texts["body"])]).texts is not None


def test_the_same_text_always_becomes_the_same() -> None:
    shuffled = list(NAMED)
    random.Random(7).shuffle(shuffled)
    text = planted(ORDINARY[0], NAMED[: len(SHAPES)], SHAPES)
    other = Renaming(Book(shuffled), [Source("body", text)], roles=[(1, "on-call engineer")])
    again = Renaming(Book(NAMED), [Source("body", text)], roles=[(1, "on-call engineer")])
    assert other.texts == again.texts
