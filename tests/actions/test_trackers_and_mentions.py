"""What an address in a tracker is called, and who a text names."""

import pytest

from postmortem.actions.mentions import linked, named_in
from postmortem.actions.trackers import shown_address, tracker_key
from postmortem.text.markdown import render


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://github.com/larkspool/player/issues/12", "larkspool/player#12"),
        ("https://github.com/larkspool/player/pull/12/files#diff-1", "larkspool/player#12"),
        ("https://github.example.com/a/b.c/discussions/3?sort=new", "a/b.c#3"),
        ("https://github.com/larkspool/player", ""),
        ("https://github.com/larkspool/player/issues/twelve", ""),
        ("https://gitlab.com/group/sub/project/-/issues/7", "group/sub/project#7"),
        ("https://git.example/group/project/-/merge_requests/8/diffs", "group/project!8"),
        ("https://gitlab.com/group/project/-/work_items/9", "group/project#9"),
        ("https://gitlab.com/group/project/issues/7", "group/project#7"),
        ("https://larkspool.atlassian.net/browse/PLAY-412", "PLAY-412"),
        ("https://jira.example/jira/browse/play-412?focusedId=1", "PLAY-412"),
        ("https://x.atlassian.net/jira/software/projects/PLAY/boards/1?selectedIssue=PLAY-2", "PLAY-2"),
        ("https://x.atlassian.net/jira/software/c/projects/PLAY/issues/PLAY-2", "PLAY-2"),
        ("https://tracker.example/work/412", ""),
        ("http://[broken", ""),
        ("https://evil.example/github.com/a/b/issues/1", ""),
    ],
)
def test_trackers_show_their_key(url: str, key: str) -> None:
    assert tracker_key(url) == key


def test_an_address_is_shown_short_and_without_who_signs_in() -> None:
    assert shown_address("https://me:secret@tracker.example/work/412/?x=1") == "tracker.example/work/412"
    assert len(shown_address("https://tracker.example/" + "long/" * 50)) <= 60


HANDLES = ("deniz", "Sora", "m.ekstrom", "anaïs", "x")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@deniz, can you look?", ["deniz"]),
        ("Ask @SORA and (@deniz).", ["Sora", "deniz"]),
        ("With @m.ekstrom.", ["m.ekstrom"]),
        ("**@anaïs** knows", ["anaïs"]),
        ("@deniz @deniz", ["deniz"]),
        ("mail@deniz or a@deniz.example", []),
        ("https://chat.example/@deniz", []),
        ("`@deniz` and\n```\n@sora\n```\n", []),
        ("~~~\n@deniz\n", []),
        ("@nobody", []),
        ("@denizz", []),
        ("", []),
    ],
)
def test_a_text_names_people_by_handle(text: str, named: list[str]) -> None:
    assert named_in(text, HANDLES) == named


def test_naming_everybody_names_twenty() -> None:
    handles = [f"p{number}" for number in range(30)]
    assert len(named_in(" ".join(f"@{handle}" for handle in handles), handles)) == 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ask @Deniz.", '<p>Ask <a class="mention" href="/people/4">@Deniz</a>.</p>'),
        ("@m.ekstrom, look", '<p><a class="mention" href="/people/7">@m.ekstrom</a>, look</p>'),
        ("`@deniz`", "<p><code>@deniz</code></p>"),
        ("mail@deniz and @nobody", "<p>mail@deniz and @nobody</p>"),
    ],
)
def test_who_is_named_is_linked_to_and_nothing_else_is_touched(text: str, expected: str) -> None:
    addresses = {"deniz": "/people/4", "m.ekstrom": "/people/7"}
    assert linked(render(text).html.strip(), addresses) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[ask @deniz](https://x.example/@deniz 'see > @deniz')",
        "https://x.example/@deniz",
        '![@deniz > "x" @deniz](https://x.example/a.png)',
        "```\n@deniz\n```",
        "<b title='> @deniz'>&lt;@deniz",
    ],
)
def test_links_code_and_attributes_stay_as_they_are(text: str) -> None:
    html = render(text).html
    made = linked(html, {"deniz": "/people/4"})
    without = made.replace('<a class="mention" href="/people/4">@deniz</a>', "@deniz")
    assert without == html
    assert made == html or text.startswith("<b")
