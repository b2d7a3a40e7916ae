"""Three-way merge by paragraph: what only one side changed is kept, what both changed is a clash, nothing is lost."""

import random

import pytest

from postmortem.writeups.merging import Choice, Clash, merge, paragraphs

BASE = "## One\n\nFirst.\n\nSecond.\n\nThird."


@pytest.mark.parametrize(
    ("mine", "theirs", "merged", "count"),
    [
        (BASE, BASE, BASE, 0),
        (BASE.replace("First", "1st"), BASE, BASE.replace("First", "1st"), 0),
        (BASE, BASE.replace("First", "1st"), BASE.replace("First", "1st"), 1),
        # Neighbours: no paragraph was changed on both sides.
        (
            BASE.replace("First", "1st"),
            BASE.replace("Second", "2nd"),
            BASE.replace("First", "1st").replace("Second", "2nd"),
            1,
        ),
        # One takes a paragraph away, the other changes the next and appends one.
        (
            BASE.replace("First.\n\n", ""),
            BASE.replace("Second", "2nd") + "\n\nFourth.",
            "## One\n\n2nd.\n\nThird.\n\nFourth.",
            2,
        ),
        # Both append: each paragraph stands, theirs first.
        (BASE + "\n\nMine.", BASE + "\n\nTheirs.", BASE + "\n\nTheirs.\n\nMine.", 1),
        # Both made the very same change.
        (BASE.replace("First", "1st"), BASE.replace("First", "1st"), BASE.replace("First", "1st"), 0),
        ("", "", "", 0),
        ("", BASE, "", 0),
    ],
)
def test_what_only_one_changed_is_kept(mine: str, theirs: str, merged: str, count: int) -> None:
    base = "" if not mine and not theirs else BASE
    found = merge(base, mine, theirs)
    assert not found.clashes
    assert (found.text(), found.theirs) == (merged, count)


def test_a_paragraph_that_both_changed_is_a_clash() -> None:
    found = merge(
        BASE, BASE.replace("Second", "Mine"), BASE.replace("Second", "Theirs").replace("Third", "3rd")
    )
    assert found.clashes == [Clash("Second.", "Mine.", "Theirs.")]
    [clash] = found.clashes
    texts = {choice: found.text({0: clash.answered(choice, "Ours.")}) for choice in Choice}
    assert texts == {
        Choice.MINE: "## One\n\nFirst.\n\nMine.\n\n3rd.",
        Choice.THEIRS: "## One\n\nFirst.\n\nTheirs.\n\n3rd.",
        Choice.BOTH: "## One\n\nFirst.\n\nTheirs.\n\nMine.\n\n3rd.",
        Choice.OWN: "## One\n\nFirst.\n\nOurs.\n\n3rd.",
    }
    with pytest.raises(KeyError):
        found.text()


def test_taken_away_here_and_changed_there_is_a_clash() -> None:
    found = merge(BASE, BASE.replace("Second.\n\n", ""), BASE.replace("Second", "Theirs"))
    assert found.clashes == [Clash("Second.", "", "Theirs.")]
    assert found.text({0: ""}) == "## One\n\nFirst.\n\nThird."


def test_a_fence_is_one_paragraph_and_keeps_its_blank_lines() -> None:
    fence = "```\none\n\n\ntwo\n```"
    assert paragraphs(f"Before\n\n{fence}\n\nAfter") == ["Before", fence, "After"]
    assert paragraphs("~~~~\na\n\n~~~\n\nb\n~~~~\n\nc") == ["~~~~\na\n\n~~~\n\nb\n~~~~", "c"]
    assert paragraphs("```never closed\n\nend") == ["```never closed\n\nend"]
    assert paragraphs("```in a line``` and\n\nend") == ["```in a line``` and", "end"]
    base = f"Before\n\n{fence}\n\nAfter"
    found = merge(base, base.replace("one", "mine"), base.replace("two", "theirs"))
    assert [clash.base for clash in found.clashes] == [fence]
    merged = merge(base, base.replace("Before", "Mine"), base.replace("After", "Theirs"))
    assert merged.text() == f"Mine\n\n{fence}\n\nTheirs"


def test_a_text_too_long_to_compare_is_one_clash_and_loses_nothing() -> None:
    base, mine, theirs = ("\n\n".join(f"{who} {n}" for n in range(1500)) for who in "bmt")
    [clash] = merge(base, mine, theirs).clashes
    assert (clash.mine, clash.theirs) == (mine, theirs)


@pytest.mark.parametrize("seed", range(150))
def test_no_paragraph_that_somebody_wrote_is_lost(seed: int) -> None:
    """Whatever both do: with every clash answered by both, each new paragraph is there, and an untouched side gives the other."""
    chance = random.Random(seed)
    base = [f"p{number}" for number in range(chance.randint(0, 9))]

    def edited(who: str) -> list[str]:
        found = list[str]()
        for number, block in enumerate([*base, ""]):
            if chance.random() < 0.2:
                found.append(f"{who} new {number}")
            if block and (act := chance.random()) > 0.15:
                found.append(f"{who} {block}" if act > 0.8 else block)
        return found

    mine, theirs = edited("mine"), edited("theirs")
    texts = ["\n\n".join(each) for each in (base, mine, theirs)]
    found = merge(*texts)
    both = found.text({n: clash.answered(Choice.BOTH) for n, clash in enumerate(found.clashes)})
    for block in (*mine, *theirs):
        assert block in base or block in paragraphs(both), (texts, both)
    # Nobody's deletion comes back but inside a clash.
    shown = " ".join(clash.mine + clash.theirs for clash in found.clashes)
    for block in base:
        if block not in mine or block not in theirs:
            assert block not in paragraphs(both) or block in shown, (texts, both)
    assert merge(texts[0], texts[1], texts[0]).text() == texts[1]
    assert merge(texts[0], texts[0], texts[2]).text() == texts[2]
