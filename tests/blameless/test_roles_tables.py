"""How names become roles, sentence by sentence: what is found, what is left alone, and that the grammar holds."""

import pytest

from postmortem.blameless.roles import Book, Choice, Kind, Known, Place, Renaming, Source

PEOPLE = (
    Known(1, "Ada Lovelace", "ada", "ada@example.org"),
    Known(2, "Grace Hopper", "ghopper", "grace.hopper@example.org"),
    Known(3, "Alan Turing", None, "alan@example.org"),
    Known(4, "Will Smith", "will", "will@example.org"),
    Known(5, "José O'Brien", "jose", "jose@example.org"),
    Known(6, "Anne-Marie Dupont", "amd", "amd@example.org"),
    Known(7, "James Watts", "jwatts", "jw@example.org"),
    Known(8, "An Nguyen", "annguyen", "an@example.org"),
    Known(9, "May Chen", "maychen", "may@example.org"),
    Known(10, "Mark Stone", "mstone", "mark@example.org"),
    Known(11, "Nguyễn Thị Mai", None, "mai@example.org"),
    Known(12, "Ludwig van Beethoven", None, "lvb@example.org"),
    Known(13, "田中 太郎", None, "tanaka@example.org"),
    Known(14, "Art Case", None, "artcase@example.org"),
)
ROLES = (
    (1, "On-call engineer"),
    (2, "on-call engineer"),
    (3, "Incident Commander"),
    (4, "the database specialist"),
    (5, "SRE lead"),
    (6, "scribe"),
    (7, "head of operations"),
    (9, "editor"),
    (11, "tester"),
    (12, "composer"),
    (13, "on-duty person"),
)
BOOK = Book(PEOPLE)


def renaming(text: str, **values: object) -> Renaming:
    values = {"roles": ROLES, **values}
    return Renaming(BOOK, [Source("body", text)], **values)  # type: ignore[arg-type]


def changed(text: str, **values: object) -> str:
    return renaming(text, **values).texts["body"]


SENTENCES = (
    # Full, first and last names; handles, addresses, initials.
    ("Then Ada Lovelace restarted it.", "Then the on-call engineer restarted it."),
    ("Then ada lovelace and ADA LOVELACE did.", "Then the on-call engineer and the on-call engineer did."),
    ("We asked Lovelace, Ada.", "We asked the on-call engineer."),
    ("We asked A. Lovelace and A Lovelace.", "We asked the on-call engineer and the on-call engineer."),
    ("It was @ada; ask ada@example.org.", "It was the on-call engineer; ask the on-call engineer."),
    ("Write to <ada@example.org>.", "Write to the on-call engineer."),
    ("ADA@EXAMPLE.ORG knows.", "The on-call engineer knows."),
    ("then AL paged GH", "then the on-call engineer paged the second on-call engineer"),
    ("Only ghopper could, and jwatts.", "Only the second on-call engineer could, and the head of operations."),
    ("Ada (@ada) and Ada Lovelace <ada@example.org> slept.", "The on-call engineer and the on-call engineer slept."),
    ("We asked Dr. Lovelace and Mr Turing.", "We asked the on-call engineer and the incident commander."),
    # Spellings.
    ("josé and Jose\u0301 and Jose O’Brien", "The SRE lead and the SRE lead and the SRE lead"),
    ("We asked O'Brien and Obrien.", "We asked the SRE lead and the SRE lead."),
    ("We asked Anne-Marie, Anne Marie, AnneMarie.", "We asked the scribe, the scribe, the scribe."),
    ("We asked A\u00adda\u200b.", "We asked the on-call engineer."),
    ("We asked Nguyen Thi Mai, and van Beethoven.", "We asked the tester, and the composer."),
    ("**Ada** Lovelace and *Ada Lovelace* ran.", "**The on-call engineer** and *the on-call engineer* ran."),
    ("We asked Ada\nLovelace.", "We asked the on-call engineer."),
    ("当時、田中太郎が再起動した。田中さん", "当時、the on-duty personが再起動した。the on-duty personさん"),
    ("branch ada/fix, in /home/ada/x", "branch on-call-engineer/fix, in /home/on-call-engineer/x"),
    ('[x](/y "by Ada")', '[x](/y "by the on-call engineer")'),
    ("# Ada Strikes Again", "# The on-call engineer Strikes Again"),
    # Grammar.
    ("Ada's deploy, and Ada’s too.", "The on-call engineer's deploy, and the on-call engineer’s too."),
    ("James' laptop, 'James' and James's.", "The head of operations' laptop, 'the head of operations' and the head of operations'."),
    ("The Ada fix, an Ada fix, our Ada.", "The on-call engineer fix, an on-call engineer fix, our on-call engineer."),
    ("A Will moment.", "A database specialist moment."),
    ("I said that Ada slept.", "I said that the on-call engineer slept."),
    ("The on-call engineer, Ada, slept.", "The on-call engineer slept."),
    ("The on-call engineer Ada slept.", "The on-call engineer slept."),
    ("Ada (on-call engineer) slept.", "The on-call engineer slept."),
    ("Ada, the on-call engineer, slept.", "The on-call engineer slept."),
    ("Ada (SRE) slept.", "The on-call engineer (SRE) slept."),
    ("It broke. Ada saw it. “Ada, look!”", "It broke. The on-call engineer saw it. “The on-call engineer, look!”"),
    ("## Ada’s view", "## The on-call engineer’s view"),
    ("- 10:05 UTC Ada paged", "- 10:05 UTC The on-call engineer paged"),
    ("| Ada | paged |", "| The on-call engineer | paged |"),
    ("ADA RESTARTED THE DATABASE", "THE ON-CALL ENGINEER RESTARTED THE DATABASE"),
    ("ex-Ada and Ada/Grace", "ex-on-call engineer and the on-call engineer/the second on-call engineer"),
    # Links, images, code.
    ("[Ada's change](https://code.example/ada/1)", "The on-call engineer's change"),
    ("See [it](https://code.example/%40ada).", "See it."),
    ("See https://chat.example/@ada now.", "See (link left out) now."),
    ("[mail](mailto:ada@example.org)", "mail"),
    ("![Ada at it](/attachments/0a)", "![The on-call engineer at it](/attachments/0a)"),
    ("[the page](https://x.example/a)", "[the page](https://x.example/a)"),
    ("`ssh ada@host`", "`ssh on-call-engineer@host`"),
    ("```\nuser=ada # Ada Lovelace\n```", "```\nuser=on-call-engineer # on-call-engineer\n```"),
    ("in ada_config it", "in on-call-engineer_config it"),
    ("[Ada][1] [x]\n\n[1]: https://x.example/@ada\n[x]: /x\n", "The on-call engineer [x]\n\n[x]: /x\n"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SENTENCES)
def test_a_name_becomes_a_role_in_a_whole_sentence(text: str, expected: str) -> None:
    assert changed(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The adapter, Mayday, Adapter, Adams and cicada.",
        "An apple and an hour. We will mark it in May. May I? Will we? Mark it as done.",
        "In May 2020 and on 3 May, from May to June. Mark as read.",
        "## What We Will Mark As Done In May",
        "Will this work? Will it? A grace period; the stone; long may it last.",
        "An attempted fix. An error occurred. Note: An error, and: Will it do?",
        "Ada Byron and Anne Marie-Louise and Mary Lovelace were others.",
        "`will_restart(mark)` and `max(an, may)`",
        "A case was opened; mark stone as sold; a stone, mark it.",
        "adalove@elsewhere.example and https://x.example/adapter",
    ],
)
def test_what_only_looks_like_a_name_is_left_alone(text: str) -> None:
    people = (*PEOPLE, Known(20, "Marie Curie"))
    made = Renaming(Book(people), [Source("body", text)], roles=ROLES)
    assert made.texts["body"] == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We asked Will about it.", "We asked the database specialist about it."),
        ("Will restarted it.", "The database specialist restarted it."),
        ("Then Will's pager rang.", "Then the database specialist's pager rang."),
        ("Will: it is slow.", "The database specialist: it is slow."),
        (
            "**Will**: slow. Will, who slept, left.",
            "**The database specialist**: slow. The database specialist, who slept, left.",
        ),
        ("Will was asleep.", "The database specialist was asleep."),
        ("It was May who said so.", "It was the editor who said so."),
        ("May Chen and Will Smith left.", "The editor and the database specialist left."),
        ("We asked @will and @maychen.", "We asked the database specialist and the editor."),
    ],
)
def test_a_word_is_a_name_where_what_stands_around_it_says_so(text: str, expected: str) -> None:
    assert changed(text) == expected


def test_a_word_that_looks_like_a_name_can_be_ticked_and_a_name_can_be_left() -> None:
    text = "Will we? Ada saw it, and Ada slept."
    made = renaming(text)
    [will] = [each for each in made.found if each.mention.surface == "Will"]
    first, second = (each for each in made.found if each.mention.surface == "Ada")
    assert (will.mention.kind, will.phrase, will.mention.is_sure) == (Kind.FIRST_NAME, None, False)
    choices = [Choice(4, will.mention.key), Choice(1, first.mention.key, is_left=True)]
    assert (
        changed(text, choices=choices)
        == "The database specialist we? Ada saw it, and the on-call engineer slept."
    )
    assert second.phrase == "the on-call engineer"


def test_a_name_that_systems_have_too_is_one_only_of_somebody_the_text_is_about() -> None:
    people = (Known(1, "Niall Murphy"), Known(2, "Luna Vega"))
    text = "Murphy's law hit luna, and Vega was slow."
    assert Renaming(Book(people), [Source("body", text)]).texts["body"] == text
    took_part = Renaming(Book(people), [Source("body", text)], roles=[(1, "editor")])
    assert took_part.texts["body"] == "The editor's law hit luna, and Vega was slow."


def test_a_person_can_be_left_and_called_otherwise_everywhere() -> None:
    text = "Ada and Grace and @ada."
    assert (
        changed(text, choices=[Choice(1, "", is_left=True)])
        == "Ada and the second on-call engineer and @ada."
    )
    assert changed(text, choices=[Choice(1, "", "the captain")]).startswith("The captain and the second")
    assert changed(text, agreed=[2]) == "The on-call engineer and Grace and the on-call engineer."


def test_the_same_role_is_numbered_and_a_person_without_one_is_a_colleague() -> None:
    made = renaming("Mark Stone and An Nguyen met Ada and Grace Hopper.")
    assert made.texts["body"] == (
        "A colleague and a second colleague met the on-call engineer and the second on-call engineer."
    )
    kept = [Choice(8, "", "a colleague")]
    assert changed("Mark Stone and An Nguyen met.", choices=kept) == "A second colleague and a colleague met."


def test_a_role_that_names_somebody_is_none() -> None:
    assert changed("We asked Grace.", roles=[(2, "Ada's stand-in"), (1, "x")]) == "We asked a colleague."


def test_a_first_name_that_two_have_is_offered_unless_one_of_them_took_part() -> None:
    two = Book((*PEOPLE, Known(30, "Ada Byron")))
    nobody = Renaming(two, [Source("body", "Ada slept.")])
    assert (nobody.texts["body"], nobody.unknown()) == ("Ada slept.", ["Ada"])
    one = Renaming(two, [Source("body", "Ada slept.")], roles=ROLES)
    assert one.texts["body"] == "The on-call engineer slept."
    chosen = Renaming(two, [Source("body", "Ada slept.")], choices=[Choice(None, "Ada", "somebody")])
    assert chosen.texts["body"] == "Somebody slept."


def test_unknown_names_are_offered_and_replaced_only_when_chosen() -> None:
    text = "Priya Raman restarted it. We asked @praman, and Priya's team. Google Cloud was slow."
    assert changed(text) == text
    assert renaming(text).unknown() == ["Priya Raman", "@praman"]
    choices = [Choice(None, "Priya Raman", "a customer"), Choice(None, "@praman", "their support")]
    assert changed(text, choices=choices) == (
        "A customer restarted it. We asked their support, and a customer's team. Google Cloud was slow."
    )


def test_every_mention_has_its_place() -> None:
    text = "# Ada\n\n![Ada](/a) [Ada](/b) [x](https://x.example/ada) `ada` Ada"
    assert [each.mention.place for each in renaming(text).found] == [
        *(Place.HEADING, Place.IMAGE, Place.LINK_TEXT, Place.LINK, Place.CODE, Place.TEXT),
    ]


@pytest.mark.parametrize(
    ("slug", "title", "names"),
    [
        ("ada-dropped-it", "Another title", True),
        ("adas-deploy", "Another title", True),
        ("what-ada-lovelace-did", "Another title", True),
        ("the-adapter", "The adapter", False),
        ("will-it-scale", "Will it scale?", False),
        ("when-will-slept", "When Will slept", True),
        ("obriens-day", "O'Brien's day", True),
    ],
)
def test_an_address_that_names_somebody_is_seen(slug: str, title: str, names: bool) -> None:
    source = Source("title", title, is_markdown=False, place=Place.HEADING)
    assert Renaming(BOOK, [source], roles=ROLES).names_in_slug(slug) is names
