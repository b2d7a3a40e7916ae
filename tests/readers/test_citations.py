"""Where a write-up was used: adding, changing, removing; who is told, and who sees it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News
from postmortem.outbox.models import OutboxMessage
from postmortem.readers.addresses import kind_of, short
from postmortem.readers.enums import CitationKind
from postmortem.readers.models import Citation
from postmortem.readers.news_citations import CitationNews
from postmortem.readers.operations_citations import add_citation, delete_citation
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations import withdraw
from tests.factories.writeups import publish_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
RUNBOOK = "https://wiki.example/runbooks/cache"


@pytest.fixture
def told(session: Session, author: Person) -> Writeup:
    return publish_writeup(session, author)


def cite(session: Session, writeup: Writeup, person: Person, url: str = RUNBOOK, title: str = "") -> Citation:
    citation = add_citation(session, writeup, url, title, actor=person)
    session.commit()
    return citation


def citations(session: Session) -> list[Citation]:
    session.expire_all()
    return list(session.scalars(select(Citation).order_by(Citation.id)))


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://github.example/a/b/pull/12", CitationKind.PULL_REQUEST),
        ("https://git.example/group/sub/thing/-/merge_requests/7/diffs", CitationKind.PULL_REQUEST),
        ("https://bitbucket.example/a/b/pull-requests/3", CitationKind.PULL_REQUEST),
        ("https://dev.example/p/_git/r/pullrequest/9", CitationKind.PULL_REQUEST),
        ("https://review.example/c/tools/+/4711", CitationKind.PULL_REQUEST),
        ("https://git.example/a/b/commit/0a1b2c3d4e", CitationKind.PULL_REQUEST),
        ("https://wiki.example/Cache", CitationKind.RUNBOOK),
        ("https://example.com/ops/runbook-cache.html", CitationKind.RUNBOOK),
        ("https://example.com/Run_Books/cache", CitationKind.RUNBOOK),
        ("https://docs.example/d/1a2b", CitationKind.DESIGN),
        ("https://example.com/rfcs/0042-caches.md", CitationKind.DESIGN),
        ("https://example.com/adr/7", CitationKind.DESIGN),
        ("https://example.com/pull/the-plug", CitationKind.OTHER),
        ("https://example.com/wikipedia-like", CitationKind.OTHER),
        ("https://example.com/", CitationKind.OTHER),
    ],
)
def test_an_address_says_what_it_is(url: str, kind: CitationKind) -> None:
    assert kind_of(url) is kind


def test_an_address_without_a_title_stands_there_short() -> None:
    assert short("https://www.example.com/a/") == "example.com/a"
    assert short("http://example.com") == "example.com"


def test_added_under_the_entry_it_stands_there(
    session: Session, told: Writeup, reader: Person, sign_in: SignIn
) -> None:
    path = f"/writeups/{told.slug}"
    browser = sign_in(reader)
    form = next(form for form in browser.get(path).forms if form.action == f"{path}/used")
    answer = browser.post(f"{path}/used", {**form.data, "url": RUNBOOK})
    assert answer.location == f"{path}#given-back"
    [row] = citations(session)
    assert (row.kind, row.url, row.title, row.added_by_id) == (CitationKind.RUNBOOK, RUNBOOK, "", reader.id)
    page = browser.get(path)
    assert f'<a href="{RUNBOOK}" rel="noopener nofollow ugc">wiki.example/runbooks/cache</a>' in page.html
    assert "in 1 place" in page.text
    assert "Runbook" in page.text


def test_the_whole_form_takes_a_title_and_a_kind(
    session: Session, told: Writeup, reader: Person, sign_in: SignIn
) -> None:
    browser = sign_in(reader)
    path = f"/writeups/{told.slug}/used"
    assert "Nobody has said yet" in browser.get(path).text
    answer = browser.submit(path, {"url": RUNBOOK, "title": "How we <warm> it", "kind": "design"})
    assert answer.location == path
    [row] = citations(session)
    assert (row.kind, row.title) == (CitationKind.DESIGN, "How we <warm> it")
    assert "How we <warm> it" in browser.get(path).text
    assert "Design, added by Rita Reader" in browser.get(path).text


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "ftp://example.com/a",
        "//example.com/a",
        "https://exa mple.com",
        'https://example.com/"onx=',
        "https:///nowhere",
        "https://[::1",
        f"https://example.com/{'a' * 490}",
    ],
)
def test_what_is_no_address_is_refused_and_kept_in_the_form(
    session: Session, told: Writeup, reader: Person, sign_in: SignIn, url: str
) -> None:
    sent = {"url": url, "title": "My words", "kind": ""}
    for where in ({}, {"from": "entry"}):
        page = sign_in(reader).post(f"/writeups/{told.slug}/used", sent | where)
        assert page.status == 422
        assert "My words" in page.html
    assert citations(session) == []


def test_the_same_address_twice_says_so(
    session: Session, told: Writeup, author: Person, reader: Person, outsider: Person, sign_in: SignIn
) -> None:
    path = f"/writeups/{told.slug}/used"
    for person in (reader, reader, outsider):
        page = sign_in(person).post(path, {"url": RUNBOOK}, follow=True)
    assert "This address stands there already." in page.text
    assert len(citations(session)) == 1
    # Of another write-up it is another place.
    other = publish_writeup(session, author, "Another")
    sign_in(reader).post(f"/writeups/{other.slug}/used", {"url": RUNBOOK})
    assert len(citations(session)) == 2


def test_its_authors_are_told_where_it_was_used(
    session: Session, told: Writeup, author: Person, reader: Person, sign_in: SignIn
) -> None:
    sign_in(reader).post(f"/writeups/{told.slug}/used", {"url": RUNBOOK, "title": "Warming caches"})
    payloads = [each.payload for each in session.scalars(select(OutboxMessage))]
    [owed] = [each for each in payloads if each.get("event") == "cited"]
    assert owed["to"] == [author.id]
    news = News(
        event=Event.CITED, subject_type="citations", subject_id=owed["subject_id"], actor_name="Rita Reader"
    )
    story = CitationNews().story(session, news, author)
    assert story is not None
    assert story.sentence == "Rita Reader says where “The cache that remembered” was used."
    assert ("Runbook", "Warming caches") in story.details
    assert CitationNews().story(session, news, None) is None
    withdraw(session, told, reason="", actor=author)
    session.commit()
    assert CitationNews().story(session, news, author) is None


def test_who_added_it_the_authors_and_facilitators_change_it(
    session: Session,
    told: Writeup,
    author: Person,
    facilitator: Person,
    reader: Person,
    outsider: Person,
    sign_in: SignIn,
) -> None:
    citation = cite(session, told, reader)
    path = f"/citations/{citation.id}"
    assert f"{path}/edit" not in sign_in(outsider).get(f"/writeups/{told.slug}/used").links
    for act in ("edit", "delete", "restore"):
        assert sign_in(outsider).post(f"{path}/{act}").status == 403
    for number, person in enumerate((reader, author, facilitator)):
        browser = sign_in(person)
        assert f"{path}/edit" in browser.get(f"/writeups/{told.slug}/used").links
        answer = browser.submit(f"{path}/edit", {"title": f"Name {number}", "kind": "other"})
        assert answer.location == f"/writeups/{told.slug}/used"
        assert citations(session)[0].title == f"Name {number}"


def test_a_stale_form_shows_both_and_bad_input_stays(
    session: Session, told: Writeup, reader: Person, author: Person, sign_in: SignIn
) -> None:
    path = f"/citations/{cite(session, told, reader).id}/edit"
    browser = sign_in(reader)
    form = browser.get(path).forms[-1]
    sign_in(author).submit(path, {"title": "By its author"})
    page = browser.post(path, {**form.data, "title": "By its finder"})
    assert page.status == 409
    assert "By its author" in page.text
    assert "By its finder" in page.html
    page = browser.submit(path, {"title": "t" * 201, "kind": "nonsense"})
    assert page.status == 422
    assert "t" * 201 in page.html
    assert citations(session)[0].title == "By its author"


def test_removed_it_can_be_brought_back(
    session: Session, told: Writeup, reader: Person, sign_in: SignIn
) -> None:
    citation = cite(session, told, reader, title="Warming caches")
    path = f"/writeups/{told.slug}"
    browser = sign_in(reader)
    for _ in range(2):
        assert browser.post(f"/citations/{citation.id}/delete").location == f"{path}/used"
    page = browser.get(f"{path}/used")
    assert f'action="/citations/{citation.id}/restore"' in page.html
    assert f"{RUNBOOK}" not in page.links
    assert "in 1 place" not in browser.get(path).text
    assert browser.get(f"/citations/{citation.id}/edit").status == 404
    for _ in range(2):
        browser.post(f"/citations/{citation.id}/restore")
    assert "Warming caches" in browser.get(path).text


def test_undo_does_not_list_an_address_twice(
    session: Session, told: Writeup, reader: Person, outsider: Person, sign_in: SignIn
) -> None:
    first = cite(session, told, reader)
    delete_citation(session, first, actor=reader)
    session.commit()
    cite(session, told, outsider)
    page = sign_in(reader).post(f"/citations/{first.id}/restore", follow=True)
    assert "stands there already" in page.text
    assert [row.deleted_at is None for row in citations(session)] == [False, True]


def test_it_goes_with_its_write_up(
    session: Session, told: Writeup, author: Person, reader: Person, admin: Person, sign_in: SignIn
) -> None:
    citation = cite(session, told, reader)
    withdraw(session, told, reason="", actor=author)
    session.commit()
    for person in (reader, author, admin):
        browser = sign_in(person)
        assert browser.get(f"/writeups/{told.slug}/used").status == 404
        assert browser.get(f"/citations/{citation.id}/edit").status == 404
        for act in ("delete", "restore"):
            assert browser.post(f"/citations/{citation.id}/{act}").status == 404
        assert RUNBOOK not in browser.get(f"/writeups/{told.slug}").html


def test_three_hundred_have_pages_and_five_stand_under_the_entry(
    session: Session, told: Writeup, reader: Person, sign_in: SignIn
) -> None:
    now = clock.now()
    session.add_all(
        Citation(
            writeup_id=told.id,
            kind=CitationKind.OTHER,
            url=f"https://example.com/{number:03}",
            added_by_id=reader.id,
            created_at=now,
        )
        for number in range(300)
    )
    session.commit()
    browser = sign_in(reader)
    page = browser.get(f"/writeups/{told.slug}")
    assert "in 300 places" in page.text
    shown = [link for link in page.links if link.startswith("https://example.com/")]
    assert shown == [f"https://example.com/{number}" for number in (299, 298, 297, 296, 295)]
    assert f"/writeups/{told.slug}/used" in page.links
    found: list[str] = []
    url: str | None = f"/writeups/{told.slug}/used"
    while url:
        page = browser.get(url)
        found += [link for link in page.links if link.startswith("https://example.com/")]
        url = next((link for link in page.links if "after=" in link), None)
    assert found == [f"https://example.com/{number:03}" for number in range(299, -1, -1)]
    assert browser.get(f"/writeups/{told.slug}/used?after=x").status in (400, 422)
