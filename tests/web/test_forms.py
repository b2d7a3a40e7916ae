"""Every kind of field: what it cleans, what it refuses and with which sentence, what it keeps."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList
from wtforms.fields import SelectChoice

from postmortem.web.forms import (
    BaseForm,
    ChoiceField,
    CreateForm,
    EditForm,
    LineField,
    MarkdownField,
    NamesField,
    OneField,
    PickField,
    TextField,
    clean_line,
    clean_text,
    conflicting_fields,
    required,
    shown,
    web_address,
)


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


SIZES = {Size.SMALL: "Small", Size.LARGE: "Large"}


class EveryField(BaseForm):
    class Meta:
        csrf = False

    title = LineField("Title", max_length=20, validators=[required("Enter a title.")])
    text = TextField("Text", max_length=30)
    body = MarkdownField("Body")
    size = ChoiceField("Size", Size, SIZES, blank="Not said")
    must_size = ChoiceField("Must size", Size, SIZES, default=Size.SMALL)
    teams = PickField("Teams", choices=[SelectChoice("play", "Playback"), SelectChoice("find", "Search")])
    team = OneField("Team", blank="No team")
    tags = NamesField("Tags", max_items=3, max_length=8)
    url = LineField("Link", max_length=100, validators=[web_address])
    lines = FieldList(LineField("Line", max_length=5))
    is_drill = BooleanField("Drill")


@pytest.fixture
def posted(app: Flask) -> Callable[..., EveryField]:
    """The form after these fields were sent (a title, if no other is given), validated."""

    def do(obj: Any = None, **fields: Any) -> EveryField:
        with app.test_request_context():
            form = EveryField(formdata=MultiDict({"title": "A title", **fields}), obj=obj)
            form.team.offer([("play", "Playback")])
            form.validate()
            return form

    return do


HOSTILE = "a\x00b\x07c\x1b[31m\ud800d\u2028e\x7f"


def test_a_line_is_one_line_without_control_characters(posted) -> None:
    form = posted(title=f"  {HOSTILE}\r\n f \t g ")
    assert form.errors == {}
    assert form.title.data == "abc[31mde f g"


def test_a_text_keeps_its_lines_and_indents(posted) -> None:
    form = posted(text="  one\r\n\ttwo\rthree\x00\n\n ")
    assert form.text.data == "  one\n\ttwo\nthree"


@pytest.mark.parametrize("clean", [clean_line, clean_text])
def test_what_was_not_sent_stays_nothing(clean) -> None:
    assert clean(None) is None


@pytest.mark.parametrize("title", ["", "   ", "\0", "\u2028", "\ud800"])
def test_a_required_line_that_is_blank_is_asked_for(posted, title: str) -> None:
    assert posted(title=title).errors == {"title": ["Enter a title."]}


def test_a_required_line_that_was_not_sent_is_asked_for(app: Flask) -> None:
    with app.test_request_context():
        form = EveryField(formdata=MultiDict({"text": "x"}))
        form.validate()
    assert form.errors == {"title": ["Enter a title."]}


def test_what_is_too_long_is_said_with_the_limit_and_kept(posted) -> None:
    form = posted(title="x" * 21, text="y" * 31, body="z" * 100_001, lines=["abcdef"])
    assert form.errors["title"] == ["Shorten this to 20 characters."]
    assert form.errors["text"] == ["Shorten this to 30 characters."]
    assert form.errors["body"] == ["Shorten this to 100,000 characters."]
    assert (form.title.data, form.text.data, len(form.body.data)) == ("x" * 21, "y" * 31, 100_001)
    assert posted(title="é" * 20, text="y" * 30, body="z" * 100_000).errors == {}


def test_a_choice_is_a_member_of_its_enum_or_nothing(posted) -> None:
    form = posted(size="large", must_size="large")
    assert (form.size.data, form.must_size.data) == (Size.LARGE, Size.LARGE)
    form = posted(size="")
    assert form.errors == {}
    assert (form.size.data, form.must_size.data) == (None, Size.SMALL)


@pytest.mark.parametrize("value", ["LARGE", "huge", "\0", "\ud800", "x" * 100_000, "large "])
def test_what_is_not_on_the_list_is_refused(posted, value: str) -> None:
    form = posted(size=value, must_size=value)
    assert form.errors["size"] == form.errors["must_size"] == ["Choose one of the list."]


def test_a_choice_that_must_be_made_cannot_be_blank(posted) -> None:
    assert posted(must_size="").errors == {"must_size": ["Choose one of the list."]}


def test_a_choice_marks_what_is_chosen(posted) -> None:
    form = posted(size="large")
    assert [(choice.value, choice.selected) for choice in form.size.iter_choices()] == [
        ("", False),
        ("small", False),
        ("large", True),
    ]


def test_several_are_picked_by_ticks_or_commas_each_once(posted) -> None:
    assert posted(teams=["find", "play", "find"]).teams.data == ["find", "play"]
    assert posted(teams="find, play,,").teams.data == ["find", "play"]
    assert posted().teams.data == []


@pytest.mark.parametrize("value", ["nobody", "\0", "\ud800", "PLAY", "play find"])
def test_an_unknown_pick_is_refused(posted, value: str) -> None:
    assert f"There is no “{value}”" in posted(teams=["play", value]).errors["teams"][0]
    assert f"There is no “{value}”" in posted(team=value).errors["team"][0]


def test_one_or_nobody_is_picked(posted) -> None:
    assert posted(team="play").team.data == "play"
    assert posted(team="").team.data == ""
    assert posted(team="").errors == {}


def test_names_are_cleaned_and_each_kept_once(posted) -> None:
    form = posted(tags=" dns,  clock\tskew ,dns,,\0")
    assert form.errors == {"tags": ["Keep each within 8 characters."]}
    form = posted(tags=" dns, tls ,dns,,\0")
    assert (form.tags.data, form.tags._value()) == (["dns", "tls"], "dns, tls")
    assert posted(tags=["dns", "tls"]).tags.data == ["dns", "tls"]
    assert posted(tags="").tags.data == []


def test_too_many_names_are_refused(posted) -> None:
    assert posted(tags="a,b,c,d").errors == {"tags": ["Give at most 3."]}


@pytest.mark.parametrize("url", ["", "https://example.com/a?b=c#d", "http://[::1]:8000/"])
def test_web_addresses_that_are(posted, url: str) -> None:
    assert posted(url=url).errors == {}


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "java\0script:alert(1)", "//example.com", "example.com", "ftp://example.com",
     "https://", "https://a b", 'https://a"onclick=', "data:text/html,x", "https://x\nhttps://y z"],
)  # fmt: skip
def test_web_addresses_that_are_not(posted, url: str) -> None:
    assert posted(url=url).errors["url"][0].startswith("Enter a full address")


@pytest.mark.parametrize("name", ["title", "text", "body", "size", "must_size", "team", "url", "is_drill"])
def test_one_value_is_not_sent_twice(posted, name: str) -> None:
    value = "large" if "size" in name else "play" if name == "team" else "https://a.example"
    form = posted(**{name: [value, value]})
    assert form.errors[name][-1] in (
        "This was sent more than once. Send it once.",
        "Choose one of the list, once.",
    )


def test_what_was_not_sent_keeps_what_is_stored(posted) -> None:
    class Stored:
        text, size, team, tags = "stored", Size.LARGE, "play", ["dns"]

    form = posted(Stored)
    assert (form.text.data, form.size.data, form.team.data, form.tags.data) == (
        "stored",
        Size.LARGE,
        "play",
        ["dns"],
    )


def test_a_refusal_stands_beside_its_field_or_on_top(posted) -> None:
    form = posted()
    form.refuse("title", "That is taken.")
    form.refuse("no_such_field", "Somewhere else.")
    form.refuse(None, "Not today.")
    assert form.errors["title"] == ["That is taken."]
    assert list(form.form_errors) == ["Somewhere else.", "Not today."]


class Once(CreateForm):
    class Meta:
        csrf = False


def test_a_create_form_has_a_key_of_its_own_each_time(app: Flask) -> None:
    with app.test_request_context():
        assert len({Once(formdata=None).form_key.data for _ in range(3)}) == 3


@pytest.mark.parametrize(
    ("sent", "key", "is_valid"),
    [("abc-_9", "abc-_9", True), ("a\0b\ud800é", "ab", True), ("k" * 65, "k" * 65, False), ("", "", True)],
)
def test_a_key_holds_nothing_that_a_database_refuses(app: Flask, sent, key, is_valid) -> None:
    with app.test_request_context():
        form = Once(formdata=MultiDict({"form_key": sent}))
        assert form.validate() is is_valid
        assert form.form_key.data == key


class Edit(EditForm):
    class Meta:
        csrf = False

    title = LineField("Title", max_length=50)
    size = ChoiceField("Size", Size, SIZES, blank="Not said")
    tags = NamesField("Tags")
    is_drill = BooleanField("Drill")


def test_a_stale_form_shows_both_texts_and_learns_the_stored_version(app: Flask) -> None:
    class Stored:
        version, title, size, tags, is_drill = 7, "Theirs", Size.LARGE, ["dns"], True

    with app.test_request_context():
        mine = Edit(formdata=MultiDict({"version": "6", "title": "Mine", "size": "", "tags": "dns"}))
        assert mine.validate()
        found = conflicting_fields(mine, Edit(obj=Stored, formdata=None))
        assert [(each.label, each.yours, each.theirs) for each in found] == [
            ("Title", "Mine", "Theirs"),
            ("Size", "", "Large"),
            ("Drill", "no", "yes"),
        ]
        assert mine.version._value() == "7"
        assert mine.title.data == "Mine"


@pytest.mark.parametrize("sent", [{}, {"version": ""}])
def test_a_form_without_its_version_overwrites_nothing(app: Flask, sent: dict[str, str]) -> None:
    with app.test_request_context():
        mine = Edit(formdata=MultiDict({**sent, "title": "Mine"}))
        assert not mine.validate()
        assert list(mine.errors) == ["version"]


@pytest.mark.parametrize("version", ["x", "9" * 5000, "1.5", "\0"])
def test_a_version_that_is_no_number_is_refused(app: Flask, version: str) -> None:
    with app.test_request_context():
        assert not Edit(formdata=MultiDict({"version": version, "title": "x"})).validate()


def test_values_are_shown_as_a_person_sees_them(posted) -> None:
    form = posted(teams=["play", "find"], size="large", text="a\r\nb", tags="x,y")
    assert shown(form.teams) == "Playback, Search"
    assert shown(form.size) == "Large"
    assert shown(form.text) == "a\nb"
    assert shown(form.tags) == "x, y"
