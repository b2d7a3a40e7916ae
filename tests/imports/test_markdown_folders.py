"""Folders nobody here has seen: what becomes an incident, what is left out, and what is said about it."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from postmortem.imports.formats.markdown import plan_import
from postmortem.imports.plan import Item, Plan, SkipKind
from postmortem.incidents.enums import Confidence, IncidentStatus, Severity

PROSE = "The cache fell over and took the shop with it for an hour.\n"


def write(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def only(plan: Plan) -> Item:
    assert not plan.skips, plan.skips
    (item,) = plan.items
    return item


def reasons(plan: Plan) -> dict[str, str]:
    return {skip.file: skip.reason for skip in plan.skips}


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    folder = tmp_path / "our-wiki"
    folder.mkdir()
    return folder


def test_a_file_with_every_fact(wiki: Path) -> None:
    write(
        wiki,
        "a.md",
        """---
uuid: 6e1f
title: "Cache: gone"
summary: The cache fell over.
severity: SEV-2
status: Resolved
company: Example Ltd
product: Shop, Search
services: [search-api]
categories: [Config Change]
keywords: cache, redis
url: https://status.example.com/1
archive_url: https://archive.example.org/1
source_published_at: 2021-06-05T10:00:00Z
start_time: 2021-06-03T09:05:00+02:00
end_time: 2021-06-03T08:00:00Z
oncall: somebody
---

# Cache: gone

"""
        + PROSE,
    )
    item = only(plan_import(wiki))
    incident, writeup = item.incident, item.writeup
    assert (incident.title, incident.summary) == ("Cache: gone", "The cache fell over.")
    assert (incident.severity, incident.status) == (Severity.SEV2, IncidentStatus.RESOLVED)
    assert incident.external_ids == [("our-wiki", "6e1f")]
    assert incident.tags == ["cache", "config-change", "redis", "search", "shop"]
    assert item.services == ("Example Ltd", "search-api")
    assert [link["url"] for link in incident.links] == [
        "https://status.example.com/1",
        "https://archive.example.org/1",
    ]
    assert incident.impact_started_at is not None
    assert incident.impact_started_at.value == datetime(2021, 6, 3, 7, 5, tzinfo=UTC)
    assert incident.impact_started_at.confidence is Confidence.EXACT
    assert incident.resolved_at is not None
    assert incident.resolved_at.source == "end_time in our-wiki"
    assert writeup is not None
    assert (writeup.tldr, writeup.body) == ("The cache fell over.", PROSE.strip())
    assert writeup.source_name == "status.example.com (our-wiki)"
    assert writeup.source_url == "https://status.example.com/1"
    assert writeup.authors == ()
    assert item.published_at == datetime(2021, 6, 5, 10, tzinfo=UTC)
    assert item.notes == ("Not used: oncall.",)


def test_a_file_without_front_matter_is_an_incident_and_its_text(wiki: Path) -> None:
    write(
        wiki,
        "2021-06-03--cache.md",
        f"# 2021-06-03: Cache\n\n## Summary\n\n{PROSE}\n## Timeline\n\n- 9:00 it falls\n",
    )
    item = only(plan_import(wiki))
    assert item.incident.title == "2021-06-03: Cache"
    assert item.incident.summary == PROSE.strip()
    assert item.incident.status is IncidentStatus.CLOSED
    assert item.incident.severity is None
    assert item.incident.impact_started_at is None, "a date in a heading is no start: nothing is guessed"
    assert item.writeup is not None
    assert item.writeup.body.startswith("## Summary")
    assert "9:00 it falls" in item.writeup.body
    assert item.writeup.tldr == "", "its first paragraph would stand there twice"
    assert item.external_id == "2021-06-03--cache.md"
    assert item.published_at is None


def test_a_file_without_a_heading_is_called_after_its_name(wiki: Path) -> None:
    write(wiki, "sub folder/2024-02-28-decide is down.md", PROSE)
    item = only(plan_import(wiki))
    assert item.incident.title == "Decide is down (2024-02-28)"
    assert item.external_id == item.file == "sub folder/2024-02-28-decide is down.md"


def test_what_is_left_out_and_why(wiki: Path) -> None:
    write(wiki, "README.md", PROSE)
    write(wiki, "empty.md", "")
    write(wiki, "blank.md", " \n\n")
    write(wiki, "broken.md", "---\ntitle: a: b\n---\nText")
    write(wiki, "latin.md", "Störung".encode("latin-1"))
    write(wiki, "outline.md", "# Cache\n\n## Impact\n\n## Timeline\n")
    write(wiki, "picture.png", b"\x89PNG")
    write(wiki, ".git/hidden.md", PROSE)
    with write(wiki, "long.md", "").open("wb") as opened:
        opened.truncate(10 * 1024 * 1024)
    plan = plan_import(wiki)
    assert plan.items == []
    assert plan.other_files == 1
    assert {skip.file for skip in plan.skips if skip.kind is SkipKind.UNUSABLE} == {
        "broken.md",
        "latin.md",
        "long.md",
    }
    found = reasons(plan)
    assert "name the file itself" in found["README.md"]
    assert found["empty.md"] == found["blank.md"] == "It is empty."
    assert "YAML" in found["broken.md"]
    assert "UTF-8" in found["latin.md"]
    assert "outline" in found["outline.md"]
    assert "10.0 MB" in found["long.md"]


def test_a_readme_that_was_named_itself_comes_in(wiki: Path) -> None:
    assert only(plan_import(write(wiki, "README.md", PROSE))).file == "README.md"


def test_links_are_not_followed(wiki: Path, tmp_path: Path) -> None:
    secret = write(tmp_path, "elsewhere/secret.md", PROSE)
    (wiki / "link.md").symlink_to(secret)
    (wiki / "folder").symlink_to(secret.parent)
    (wiki / "loop").symlink_to(wiki)
    (wiki / "nowhere.md").symlink_to(tmp_path / "missing")
    plan = plan_import(wiki)
    assert plan.items == []
    assert set(reasons(plan)) == {"link.md", "folder", "loop", "nowhere.md"}
    assert all("is a link" in reason for reason in reasons(plan).values())


def test_a_path_that_is_a_link_itself_is_followed(wiki: Path, tmp_path: Path) -> None:
    write(wiki, "a.md", PROSE)
    (tmp_path / "shortcut").symlink_to(wiki)
    assert plan_import(tmp_path / "shortcut").source == "our-wiki"


def test_two_files_with_one_id(wiki: Path) -> None:
    write(wiki, "a.md", f"---\nuuid: 7\n---\n{PROSE}")
    write(wiki, "b/b.md", f"---\nuuid: '7'\n---\n{PROSE}")
    plan = plan_import(wiki)
    assert [item.file for item in plan.items] == ["a.md"]
    assert reasons(plan) == {"b/b.md": "It has the same id as a.md: 7."}


def test_a_folder_whose_name_says_nothing_is_called_after_the_one_above(wiki: Path) -> None:
    file = write(wiki, "docs/incidents/a.md", PROSE)
    for path in (file, wiki / "docs" / "incidents", wiki / "docs", wiki):
        plan = plan_import(path)
        assert (plan.source, only(plan).external_id) == ("our-wiki", "docs/incidents/a.md"), path


def test_a_named_source_counts_from_the_path_given(wiki: Path) -> None:
    write(wiki, "docs/a.md", PROSE)
    plan = plan_import(wiki / "docs", source="Our wiki")
    assert (plan.source, only(plan).external_id) == ("Our wiki", "a.md")


def test_values_that_cannot_be_used_are_noted_and_left_blank(wiki: Path) -> None:
    write(
        wiki,
        "a.md",
        f"---\nseverity: critical\nstatus: published\nstart_time: yesterday\ntimezone: Mars\nlayout: post\n---\n{PROSE}",
    )
    item = only(plan_import(wiki))
    assert item.incident.severity is None
    assert item.incident.status is IncidentStatus.CLOSED
    assert item.incident.impact_started_at is None
    assert item.incident.timezone == "UTC"
    text = " ".join(item.notes)
    for word in ("critical", "published", "yesterday", "Mars"):
        assert f"“{word}”" in text
    assert "layout" not in text


def test_an_end_before_the_start_is_kept(wiki: Path) -> None:
    write(
        wiki, "a.md", f"---\nstart_time: 2021-06-03T10:00:00Z\nend_time: 2021-06-03T09:00:00Z\n---\n{PROSE}"
    )
    incident = only(plan_import(wiki)).incident
    assert incident.impact_started_at is not None
    assert incident.resolved_at is not None
    assert incident.impact_started_at.value > incident.resolved_at.value  # type: ignore[operator]


def test_a_zone_for_times_without_one(wiki: Path) -> None:
    write(wiki, "a.md", f"---\nstart_time: 2021-06-03 10:00\n---\n{PROSE}")
    write(wiki, "b.md", f"---\nstart_time: 2021-06-03 10:00\ntimezone: Asia/Tokyo\n---\n{PROSE}")
    second, first = plan_import(wiki, timezone="Europe/Stockholm").items
    assert first.incident.impact_started_at.value.hour == 8  # type: ignore[union-attr]
    assert second.incident.impact_started_at.value.hour == 1  # type: ignore[union-attr]
    assert (first.incident.timezone, second.incident.timezone) == ("Europe/Stockholm", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("front", "year"),
    [
        ("date: 2020-01-01\nend_time: 2019-01-01T10:00:00Z", 2020),
        ("start_time: 1990-01-15T14:25:00Z", 1990),
        ("start_time: 1985-06-03T10:00:00Z\nend_time: 1987-01-17T10:00:00Z", 1987),
        ("start_time: 1985-06-03T10:00:00Z", None),
        ("published: true\ndate: 2018-05-05", 2018),
    ],
)
def test_when_a_writeup_was_published(wiki: Path, front: str, year: int | None) -> None:
    write(wiki, "a.md", f"---\n{front}\n---\n{PROSE}")
    published_at = only(plan_import(wiki)).published_at
    assert (published_at and published_at.year) == year


@pytest.mark.parametrize("front", ["draft: true", "published: false"])
def test_a_draft_stays_a_draft(wiki: Path, front: str) -> None:
    write(wiki, "a.md", f"---\n{front}\n---\n{PROSE}")
    assert not only(plan_import(wiki)).is_published


def test_facts_without_a_text_are_an_incident_without_a_writeup(wiki: Path) -> None:
    write(wiki, "a.md", "---\ntitle: Cache\nstart_time: 2021-06-03T10:00:00Z\n---\n")
    item = only(plan_import(wiki))
    assert item.writeup is None
    assert "no write-up" in item.notes[0]


def test_a_title_alone_is_no_incident(wiki: Path) -> None:
    write(wiki, "index.md", "---\ntitle: Our post-mortems\n---\n")
    assert reasons(plan_import(wiki)) == {"index.md": "It is empty."}


def test_names_and_ids_too_long_or_not_utf8(wiki: Path) -> None:
    os.close(os.open(os.fsencode(wiki) + b"/caf\xe9.md", os.O_CREAT | os.O_WRONLY))
    (wiki / os.fsdecode(b"caf\xe9.md")).write_text(PROSE)
    write(wiki, "a.md", f"---\nid: {'x' * 500}\ntitle: {'word ' * 100}\n---\n{PROSE}")
    long, odd = plan_import(wiki).items
    assert len(long.external_id) <= 200
    assert len(long.incident.title) <= 200
    assert odd.file == odd.external_id == "caf\ufffd.md"


def test_nested_and_odd_values_do_no_harm(wiki: Path) -> None:
    write(
        wiki,
        "a.md",
        "---\ntitle: [A, B]\ntags: [a, [b, c], {d: e}, 7, true, null]\ncompany: {name: X}\nurl: [1, null]\nid: 0x"
        + "f" * 6000
        + f"\n---\n{PROSE}",
    )
    item = only(plan_import(wiki))
    assert item.incident.title == "A"
    assert item.incident.tags == ["7", "a"]
    assert item.services == ()
    assert item.external_id == "a.md"


def test_numbers_rise_with_time(wiki: Path) -> None:
    for name, front in {
        "a": "start_time: 2021-06-03T10:00:00Z",
        "b": "end_time: 1990-06-03T10:00:00Z",
        "c": "summary: It fell over.",
        "d": "company: Example",
    }.items():
        write(wiki, f"{name}.md", f"---\n{front}\n---\n{PROSE}")
    assert [item.file for item in plan_import(wiki).items] == ["d.md", "c.md", "b.md", "a.md"]
