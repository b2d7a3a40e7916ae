"""The sample texts are fit to be published: sound Markdown, nobody named or blamed, nothing that ages."""

import re
from pathlib import Path

import pytest

from tests.imports.test_samples_files import INCIDENTS, PEOPLE, SAMPLES, WRITEUPS, each_body

URL = re.compile(r"\w+://([^/\s\"')>:]+)")
BLAME = re.compile(
    r"\b(should(n't| not)? have|ought to have|fail(s|ed|ing)? to|careless\w*|neglig\w+|sloppy|human error|root cause)\b",
    re.I,
)
# Loaded at any time of year, so a date in the text would sooner or later be wrong. February is the subject of one.
AGEING = re.compile(
    r"\b((Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|March|April|June|July|August|September|October|November"
    r"|December|(?:19|20)\d\d(?!-\d)|last (spring|summer|autumn|winter))\b"
)

FROZEN = sorted(stem for stem, writeup in WRITEUPS.items() if writeup["state"] in {"published", "withdrawn"})
each_frozen = pytest.mark.parametrize("stem", FROZEN)


def body_of(stem: str) -> str:
    return (SAMPLES / str(WRITEUPS[stem]["body_file"])).read_text("utf-8")


def prose_of(body: str) -> str:
    """The body without its code blocks and inline code."""
    return re.sub(r"`[^`\n]+`", "", re.sub(r"^```.*?^```$", "", body, flags=re.S | re.M))


def frozen_texts(stem: str) -> str:
    """All that readers of a published page are shown."""
    record, writeup = INCIDENTS[stem], WRITEUPS[stem]
    shown = [event["text"] for event in record["events"] if event.get("in_writeup", True)]
    shown += [factor["text"] for factor in record["factors"]]
    shown += [action["title"] for action in record["actions"]]
    shown += [record["title"], record["summary"], record["impact"]]
    return "\n".join([writeup["title"], writeup["tldr"], body_of(stem), *shown])


@each_body
def test_body_is_sound_markdown(stem: str) -> None:
    body = body_of(stem)
    fences = re.findall(r"^```(.*)$", body, flags=re.M)
    assert len(fences) % 2 == 0 and all(fences[::2]) and not any(fences[1::2]), (
        "each code block names its language"
    )
    assert set(re.findall(r"\[\^(\w+)\](?!:)", body)) == set(re.findall(r"^\[\^(\w+)\]:", body, flags=re.M))
    assert not re.search(r"^# |^={3,}$|!\[|<[a-z/!]", prose_of(body), flags=re.M), "no title, images or HTML"


def test_bodies_are_long_and_varied_enough_for_screenshots() -> None:
    lengths = {stem: len(body_of(stem).split()) for stem in WRITEUPS}
    long = [body_of(stem) for stem, count in lengths.items() if count >= 1500]
    assert len(long) >= 2
    for body in long:
        assert all(
            mark in body for mark in ("|---|", "```python", "```text", "[^", "- [x] ", "- [ ] ", "\n> ")
        )
    assert all(lengths[stem] >= 400 for stem in FROZEN if WRITEUPS[stem]["state"] == "published")


@each_frozen
def test_published_texts_name_nobody_and_blame_nobody(stem: str) -> None:
    text = frozen_texts(stem)
    for person in PEOPLE.values():
        parts = [*re.split(r"[ -]", person["name"]), f"@{person['handle']}", person["email"].split("@")[0]]
        named = [
            part for part in parts if len(part) > 3 and re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text)
        ]
        assert not named
    assert not BLAME.search(text), BLAME.search(text)
    assert not AGEING.search(text), AGEING.search(text)


@pytest.mark.parametrize("path", sorted(SAMPLES.rglob("*.*")), ids=lambda path: path.name)
def test_addresses_lead_nowhere_real(path: Path) -> None:
    text = path.read_text("utf-8")
    hosts = set(URL.findall(text)) | set(re.findall(r"[\w.]+@([\w-]+\.[\w.-]+)", text))
    assert all(host.rstrip(".").endswith((".example", ".internal")) for host in hosts), hosts
