"""What the search in the browser is given."""

import json
from typing import Any

from postmortem.exports.site.search_index import MANY, Found, SearchIndex, words


def found(title: str, number: int = 0) -> Found:
    return Found(title, f"writeups/{number}.html", "", ["", "1 May 2026", "1 min read"], [], "")


def read(index: SearchIndex) -> dict[str, Any]:
    script = index.script()
    assert script.isascii()
    data: dict[str, Any] = json.loads(script.removeprefix("window.searchIndex = ").removesuffix(";\n"))
    return data


def places(data: dict[str, Any], word: str) -> list[int]:
    """As the script in the browser reads them."""
    steps = data["places"].split("|")[data["words"].split(" ").index(word)]
    total, numbers = 0, []
    for step in steps.split(" "):
        total += int(step, 36)
        numbers.append(total)
    return numbers


def test_words_are_folded() -> None:
    assert words("Café ÜBER_all naïve-2 10.5 don't ") == {"cafe", "uber", "all", "naive", "2", "10", "5", "don", "t"}  # fmt: skip
    assert words("x" * 31 + " " + "y" * 30) == {"y" * 30}


def test_every_word_leads_to_its_entries() -> None:
    index = SearchIndex()
    for number in range(100):
        text = "rare " if number in (3, 44, 99) else ""
        index.add(found(f"Entry n{number}", number), [text])
    data = read(index)
    assert places(data, "rare") == [3, 44, 99]
    assert places(data, "n44") == [44]
    assert data["entries"][44][:2] == ["Entry n44", "writeups/44.html"]
    assert data["common"] == ["entry"]
    assert "entry" not in data["words"].split(" ")


def test_of_few_entries_no_word_is_too_common() -> None:
    index = SearchIndex()
    for number in range(MANY - 1):
        index.add(found("Entry", number), [])
    assert places(read(index), "entry") == list(range(MANY - 1))
    assert read(SearchIndex()) == {"entries": [], "words": "", "places": "", "common": []}


def test_a_title_cannot_end_the_script() -> None:
    index = SearchIndex()
    index.add(found("</script>\u2028<b>"), [])
    assert read(index)["entries"][0][0] == "</script>\u2028<b>"
