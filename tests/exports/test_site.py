"""The sample company and some real write-ups as a static site: every link and file, what is not for its readers, feeds."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from postmortem.app import create_app
from postmortem.attachments import files
from postmortem.attachments.operations import add_image
from postmortem.config import load_config
from postmortem.exports.site.destination import MARKER
from postmortem.history.operations import CLI, IMPORT
from postmortem.imports.demo import load_samples
from postmortem.imports.formats.markdown import plan_import
from postmortem.imports.operations import import_plan
from postmortem.writeups import operations as writeups
from postmortem.writeups.enums import Audience, WriteupState
from postmortem.writeups.models import Writeup
from tests.attachments.test_pictures import drawn
from tests.exports.conftest import BASE_URL, Export, exporting
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.support.databases import TestDatabase
from tests.support.secrets import SIGN, make_cast, plant
from tests.support.static_site import files_of, outline, served, texts_of, walk
from tests.writeups.atom import A, checked

REAL = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "icco-postmortems" / "data"
SOME = 8
# Addresses of the program that no file server answers.
ONLY_SERVED = re.compile(
    r'(?:href|src|action)="[^"]*/(?:login|logout|incidents|actions|people|settings|me|history|edit|attachments)\b'
)
AWKWARD = """## What happened

See [the incident](/incidents/1), [the same](http://localhost/incidents/1) and [the board](https://example.com/board).
INC-1 and ACT-1 stand here as words. [Nowhere](#nowhere), [here](#h-what-happened),
[far](/writeups/the-day-that-was-not-there#nowhere), [the drafts](/writeups/new).

It fell at {{time: 2026-11-20 14:03 Europe/Stockholm}}.

IMAGE

![gone](/attachments/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/10x10)

## <b>Tags</b> & "quotes"

`<a href="/elsewhere/2">` is code.
"""


@dataclass
class Written:
    """A site that was written, and where it was read from."""

    folder: Path
    app: Flask
    export: Export

    @property
    def start(self) -> str:
        return (self.folder / "index.html").as_uri()


@pytest.fixture(scope="module")
def company(the_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The sample company, secrets, an awkward write-up, and real ones where they are beside the checkout."""
    the_database.empty()
    config = load_config(
        {
            "POSTMORTEM_DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "POSTMORTEM_DATABASE_URL": the_database.url,
            "POSTMORTEM_BASE_URL": "http://localhost",
        }
    )
    app = create_app(config)
    with app.extensions["database"].session(writes=True) as session:
        load_samples(session, actor=CLI)
        if REAL.is_dir():
            some = tmp_path_factory.mktemp("real")
            for path in sorted(REAL.rglob("*.md"))[:SOME]:
                shutil.copy(path, some)
            import_plan(session, plan_import(some, source="real"), actor=IMPORT)
        cast = make_cast(session)
        plant(session, cast)
        make_incident(session, cast.outsider, "Playback stops")
        draft = make_writeup(
            session, cast.outsider, "A & B <i>", tags=["c++", "ça-va", "node.js"], tldr='It said "<b>no</b>".'
        )
        draft.audience = Audience.PUBLIC
        image = add_image(
            session, files.keep(config.data_dir, drawn("PNG", (1000, 10))), "CPU & <cores>",
            writeup_id=draft.id, incident_id=None, actor=cast.outsider,
        )  # fmt: skip
        writeups.save_writeup(
            session, draft, {"body": AWKWARD.replace("IMAGE", image.markdown)}, version=draft.version, actor=cast.outsider
        )  # fmt: skip
        writeups.publish(session, draft, actor=cast.outsider)
        session.commit()
    yield app
    app.extensions["database"].dispose()


@pytest.fixture(scope="module")
def public(company: Flask, tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("public") / "site"
    export = exporting(company)
    export(folder)
    return Written(folder, company, export)


@pytest.fixture(scope="module")
def internal(company: Flask, tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("internal") / "site"
    export = exporting(company)
    export(folder, include_internal=True)
    return Written(folder, company, export)


def slugs(site: Written, *audiences: Audience) -> set[str]:
    """The write-ups that are published for these."""
    with site.app.extensions["database"].session(writes=False) as session:
        where = (Writeup.state == WriteupState.PUBLISHED, Writeup.audience.in_(audiences))
        return set(session.scalars(select(Writeup.slug).where(*where)))


def test_from_a_disk_every_link_leads_somewhere_and_nothing_is_loaded_from_elsewhere(
    internal: Written,
) -> None:
    found = walk(internal.start, internal.folder.as_uri())
    assert not found.broken, found.broken[:5]
    assert not found.foreign, found.foreign[:5]
    assert "https://example.com/board" in found.outside
    assert not {each for each in found.outside if not each.startswith(("http://", "https://", "mailto:"))}
    reached = {
        Path(unquote(urlsplit(each).path)).relative_to(internal.folder).as_posix() for each in found.files
    }
    alone = {"404.html", MARKER} | {each for each in files_of(internal.folder) if "LICENSE" in each}
    assert set(files_of(internal.folder)) - reached == alone


def test_through_a_file_server_below_any_address(public: Written) -> None:
    with served(public.folder.parent) as address:
        root = f"{address}/{public.folder.name}/"
        found = walk(root, root)
    assert len(found.pages) > 20
    assert not found.broken, found.broken[:5]
    assert not found.foreign, found.foreign[:5]


def test_the_page_for_what_is_missing_works_at_any_depth(public: Written) -> None:
    page = outline((public.folder / "404.html").read_text())
    for each in (*page.loads, *page.links):
        if not each.startswith("#"):
            assert each.startswith("/blog/"), each
            assert (public.folder / each.removeprefix("/blog/").partition("?")[0]).is_file(), each


def test_a_site_holds_what_its_readers_may_read(public: Written, internal: Written) -> None:
    for site, audiences in ((public, [Audience.PUBLIC]), (internal, list(Audience))):
        there = {path.stem for path in (site.folder / "writeups").glob("*.html")}
        assert there == slugs(site, *audiences)
        assert there == {path.stem for path in (site.folder / "writeups").glob("*.md")}
    assert len(slugs(public, Audience.PUBLIC)) == 3


def test_what_is_not_for_them_is_in_no_file(public: Written, internal: Written) -> None:
    with public.app.extensions["database"].session(writes=False) as session:
        hidden = session.scalars(
            select(Writeup.title).where(Writeup.audience == Audience.INTERNAL, Writeup.slug.not_like("a-%"))
        ).all()
    assert len(hidden) > 8
    for file, text in texts_of(public.folder).items():
        assert not [title for title in hidden if title in text], file
        assert SIGN not in text.casefold(), file
    for site in (public, internal):
        for file, text in texts_of(site.folder).items():
            assert SIGN not in f"{file} {text}".casefold(), file
            assert not ONLY_SERVED.search(text), (file, ONLY_SERVED.search(text))
            assert "csrf" not in text, file


def test_pages_say_for_themselves_what_a_browser_may_do(public: Written, internal: Written) -> None:
    for site in (public, internal):
        for file, content in files_of(site.folder).items():
            if file.endswith(".html"):
                page = content.decode()
                assert '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; ' in page
                assert outline(page).forms == 0, file
                assert len(re.findall(r"<h1[ >]", page)) == 1, file
                assert re.search(r"<title>[^<]*\w[^<]*</title>", page), file
                assert ("noindex" in page) == (site is internal), file


def test_an_awkward_text_keeps_its_words_and_loses_what_leads_nowhere(public: Written) -> None:
    page = (public.folder / "writeups" / "a-b-i.html").read_text()
    assert "<span>the incident</span>, <span>the same</span>" in page
    assert '<a href="https://example.com/board" rel="noopener noreferrer">the board</a>' in page
    assert "<span>Nowhere</span>" in page
    assert '<a href="#h-what-happened">here</a>' in page
    assert re.search(r'(<span|<a href="the-day-that-was-not-there.html")>far<', page)
    assert "<span>the drafts</span>" in page
    assert "20 Nov 2026, 13:03 UTC" in page
    assert "<em>gone</em>" in page
    assert '&lt;a href="/elsewhere/2"&gt;' in page
    assert "A &amp; B &lt;i&gt;" in page


def test_pictures_come_along_in_every_width(public: Written) -> None:
    page = (public.folder / "writeups" / "a-b-i.html").read_text()
    shown = re.search(r'<img [^>]*src="\.\./(images/[0-9a-f]{24}-1000\.png)"[^>]*>', page)
    assert shown, page
    offered = re.findall(r"\.\./(images/[0-9a-f]{24}-\d+\.png) (\d+)w", shown[0])
    assert [width for _, width in offered] == ["480", "960", "1000"]
    for file, _ in offered:
        assert (public.folder / file).read_bytes().startswith(b"\x89PNG")
    assert 'alt="CPU &amp; &lt;cores&gt;"' in shown[0]


def test_tags_with_any_letters_have_files_that_any_server_can_serve(public: Written) -> None:
    names = {path.name for path in (public.folder / "tags").glob("*.html")}
    assert "node.js.html" in names
    assert any(re.fullmatch(r"ca-va-[0-9a-f]{8}\.html", name) for name in names)
    assert any(re.fullmatch(r"c-[0-9a-f]{8}\.html", name) for name in names)
    assert all(re.fullmatch(r"[\x21-\x7e]+", name) for name in files_of(public.folder))


def test_markdown_has_absolute_addresses_and_no_marks(public: Written) -> None:
    text = (public.folder / "writeups" / "a-b-i.md").read_text()
    assert f'url: "{BASE_URL}/writeups/a-b-i.html"' in text
    assert "See the incident, [the same]" in text
    assert "20 Nov 2026, 14:03 CET (13:03 UTC)" in text
    assert re.search(rf"\]\({BASE_URL}/images/[0-9a-f]{{24}}-1000\.png\)", text)
    assert "{{" not in text


def test_feeds_are_valid_and_keep_their_ids(public: Written) -> None:
    with public.app.extensions["database"].session(writes=False) as session:
        of_public = select(Writeup.slug, Writeup.feed_id).where(Writeup.audience == Audience.PUBLIC)
        ids = dict(session.execute(of_public).all())
    everything = sorted(public.folder.rglob("feed.atom"))
    assert len(everything) > 8
    for path in everything:
        atom, listed = checked(path.read_bytes()), json.loads(path.with_suffix(".json").read_text())
        assert listed["version"] == "https://jsonfeed.org/version/1.1"
        entries = atom.findall(f"{A}entry")
        assert [each.findtext(f"{A}id") for each in entries] == [each["id"] for each in listed["items"]]
        for item in listed["items"]:
            assert item["id"] == ids[Path(urlsplit(item["url"]).path).stem]
        own = [link.get("href") for link in atom.findall(f"{A}link")] + [
            item["url"] for item in listed["items"]
        ]
        own += re.findall(
            rf'(?:href|src)="({BASE_URL}[^"]*)"', " ".join(i["content_html"] for i in listed["items"])
        )
        for address in own:
            assert address.startswith(f"{BASE_URL}/"), address
            file = unquote(urlsplit(address).path).removeprefix("/blog/") or "index.html"
            assert (public.folder / file).is_file(), address
    main = json.loads((public.folder / "writeups" / "feed.json").read_text())
    awkward = next(item for item in main["items"] if item["url"].endswith("/a-b-i.html"))
    assert "<span>the incident</span>" in awkward["content_html"]
    assert awkward["tags"] == ["c++", "node.js", "ça-va"]


def test_the_search_knows_every_word_of_every_page(public: Written) -> None:
    script = (public.folder / "search-index.js").read_text()
    index = json.loads(script.removeprefix("window.searchIndex = ").removesuffix(";\n"))
    words = index["words"].split(" ")
    assert words == sorted(words)
    assert len(index["places"].split("|")) == len(words)
    assert {each[1] for each in index["entries"]} == {
        f"writeups/{each}.html" for each in slugs(public, Audience.PUBLIC)
    }
    assert {"board", "stockholm", "quotes", "node", "ca"} - set(words) == {"stockholm"}


def test_the_same_rows_make_the_same_bytes(public: Written, tmp_path: Path) -> None:
    public.export(tmp_path / "again")
    once, again = files_of(public.folder), files_of(tmp_path / "again")
    assert once.keys() == again.keys()
    assert not [name for name in once if once[name] != again[name]]
