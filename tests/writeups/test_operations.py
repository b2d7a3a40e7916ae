"""Starting, saving, publishing, withdrawing: what is kept, what is frozen, what is refused."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.models import Person
from postmortem.config import Config
from postmortem.errors import Conflict, Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import IMPORT
from postmortem.text.markdown import RENDERER_VERSION
from postmortem.writeups import operations
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.enums import Audience, WriteupState
from postmortem.writeups.models import Publication, Revision, Writeup
from tests.factories.writeups import BODY, make_writeup, publish_writeup
from tests.support.databases import arranging_engine


def revisions(session: Session, writeup: Writeup) -> list[Revision]:
    return list(
        session.scalars(select(Revision).where(Revision.writeup_id == writeup.id).order_by(Revision.number))
    )


def publications(session: Session, writeup: Writeup) -> list[Publication]:
    return list(
        session.scalars(
            select(Publication).where(Publication.writeup_id == writeup.id).order_by(Publication.number)
        )
    )


def verbs(session: Session, writeup: Writeup) -> list[str]:
    return list(
        session.scalars(
            select(HistoryEntry.verb)
            .where(HistoryEntry.subject_type == "writeups", HistoryEntry.subject_id == writeup.id)
            .order_by(HistoryEntry.id)
        )
    )


@pytest.mark.parametrize(
    ("titles", "slugs"),
    [
        (["The cache", "The cache", "The Cache!"], ["the-cache", "the-cache-2", "the-cache-3"]),
        (["New", "Feed", "Preview"], ["new-2", "feed-2", "preview-2"]),
        (["日本語", "%_"], ["untitled", "untitled-2"]),
    ],
)
def test_an_address_is_made_from_the_title_and_is_never_taken_twice(
    session: Session, author: Person, titles: list[str], slugs: list[str]
) -> None:
    one_by_one = [make_writeup(session, author, title).slug for title in titles]
    assert one_by_one == slugs


def test_many_at_once_get_addresses_of_their_own(session: Session, author: Person) -> None:
    make_writeup(session, author, "Outage")
    drafts = [WriteupDraft(title="Outage", body="Text.") for _ in range(3)]
    made = operations.start_writeups(session, drafts, actor=IMPORT)
    assert [writeup.slug for writeup in made] == ["outage-2", "outage-3", "outage-4"]


def test_the_address_stays_when_the_title_changes(session: Session, author: Person) -> None:
    writeup = make_writeup(session, author, "First thought")
    operations.save_writeup(session, writeup, {"title": "Second thought"}, version=1, actor=author)
    assert (writeup.title, writeup.slug) == ("Second thought", "first-thought")


def test_each_changed_text_is_a_revision_and_an_identical_one_is_none(
    session: Session, author: Person
) -> None:
    writeup = make_writeup(session, author, body="One.")
    same = {"title": writeup.title, "tldr": writeup.tldr, "body": "One.", "authors": [author]}
    operations.save_writeup(session, writeup, same, version=1, actor=author)
    session.flush()
    assert (len(revisions(session, writeup)), writeup.version) == (1, 1)

    operations.save_writeup(session, writeup, {**same, "body": "Two."}, version=1, actor=author)
    session.flush()
    first, second = revisions(session, writeup)
    assert (first.body, second.body, second.number, second.saved_by_name) == (
        "One.",
        "Two.",
        2,
        "Aino Author",
    )
    assert "<p>Two.</p>" in writeup.body_html
    assert verbs(session, writeup) == ["started", "edited"]


def test_new_tags_alone_are_history_and_no_revision(session: Session, author: Person) -> None:
    writeup = make_writeup(session, author)
    operations.save_writeup(session, writeup, {"tags": ["Clock Skew", "clock-skew"]}, version=1, actor=author)
    session.flush()
    assert [tag.name for tag in writeup.tags] == ["clock-skew"]
    assert len(revisions(session, writeup)) == 1
    assert verbs(session, writeup) == ["started", "edited"]


def test_a_stale_save_changes_nothing(session: Session, author: Person) -> None:
    writeup = make_writeup(session, author)
    operations.save_writeup(session, writeup, {"tldr": "Newer."}, version=1, actor=author)
    session.flush()
    with pytest.raises(Conflict):
        operations.save_writeup(session, writeup, {"tldr": "Older."}, version=1, actor=author)
    assert writeup.tldr == "Newer."


@pytest.mark.parametrize(
    ("values", "field"),
    [({"title": "  "}, "title"), ({"tldr": "x" * 1001}, "tldr"), ({"body": "x" * 100_001}, "body")],
)
def test_a_blank_title_and_texts_too_long_are_refused(
    session: Session, author: Person, values: dict[str, str], field: str
) -> None:
    writeup = make_writeup(session, author)
    with pytest.raises(Refused) as refused:
        operations.save_writeup(session, writeup, values, version=None, actor=author)
    assert refused.value.field == field


def test_publishing_keeps_the_text_as_it_was(session: Session, author: Person) -> None:
    writeup = publish_writeup(session, author, body="As published.")
    operations.save_writeup(session, writeup, {"body": "Edited since."}, version=None, actor=author)
    session.flush()
    [publication] = publications(session, writeup)
    assert "As published." in publication.body_html
    assert (publication.revision_number, publication.author_line) == (1, "Aino Author")
    assert writeup.state == WriteupState.PUBLISHED


def test_publishing_again_makes_a_new_publication_and_keeps_the_first_time(
    session: Session, author: Person
) -> None:
    first = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    writeup = publish_writeup(session, author, published_at=first)
    operations.save_writeup(session, writeup, {"body": "Better."}, version=None, actor=author)
    operations.publish(session, writeup, actor=author)
    session.flush()
    assert [each.number for each in publications(session, writeup)] == [1, 2]
    assert (writeup.publication_number, writeup.published_at) == (2, first)
    assert verbs(session, writeup) == ["started", "published", "edited", "published"]


def test_publishing_twice_what_did_not_change_makes_one_publication(session: Session, author: Person) -> None:
    writeup = publish_writeup(session, author)
    operations.publish(session, writeup, actor=author)
    session.flush()
    assert len(publications(session, writeup)) == 1
    assert verbs(session, writeup) == ["started", "published"]


def test_of_two_who_publish_at_the_same_time_the_slower_one_is_told(
    session: Session, author: Person, config: Config
) -> None:
    writeup = make_writeup(session, author)
    engine = arranging_engine(config.database_url)
    with Session(engine) as other:
        theirs = other.get_one(Writeup, writeup.id)
        operations.publish(other, theirs, actor=author)
        other.commit()
    engine.dispose()
    with pytest.raises(StaleDataError):
        operations.publish(session, writeup, actor=author)
    session.rollback()
    assert [each.number for each in publications(session, writeup)] == [1]


def test_a_write_up_without_text_is_not_published(session: Session, author: Person) -> None:
    writeup = make_writeup(session, author, tldr="", body=" \n")
    with pytest.raises(Refused, match="nothing to read"):
        operations.publish(session, writeup, actor=author)
    assert writeup.state == WriteupState.DRAFT


def test_withdrawing_and_publishing_again(session: Session, author: Person) -> None:
    writeup = publish_writeup(session, author)
    operations.withdraw(session, writeup, reason="It names a customer.", actor=author)
    session.flush()
    session.expire_all()
    assert (writeup.state, writeup.publication_number) == (WriteupState.WITHDRAWN, None)
    assert writeup.withdrawn_reason == "It names a customer."
    assert [each.is_withdrawn for each in publications(session, writeup)] == [True]

    operations.publish(session, writeup, actor=author)
    session.flush()
    assert (writeup.state, writeup.publication_number) == (WriteupState.PUBLISHED, 2)
    assert [each.is_withdrawn for each in publications(session, writeup)] == [True, False]
    with pytest.raises(Conflict):
        operations.withdraw(session, writeup, reason="", actor=author, version=1)


def test_only_what_is_published_is_withdrawn(session: Session, author: Person) -> None:
    with pytest.raises(Refused, match="not published"):
        operations.withdraw(session, make_writeup(session, author), reason="", actor=author)


def test_publishing_for_another_audience_says_so(session: Session, author: Person) -> None:
    writeup = make_writeup(session, author)
    publication = operations.publish(session, writeup, actor=author, audience=Audience.PUBLIC)
    assert (writeup.audience, publication.audience) == (Audience.PUBLIC, Audience.PUBLIC)


def test_many_drafts_need_no_more_reads_than_one(session: Session, author: Person) -> None:
    from sqlalchemy import event

    def reads(count: int) -> int:
        sent: list[str] = []

        def listen(_conn, _cursor, statement, *_rest) -> None:
            sent.append(statement)

        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", listen)
        drafts = [
            WriteupDraft(title=f"Outage {number}", body=BODY, tags=["dns"], authors=[author.email])
            for number in range(count)
        ]
        made = operations.start_writeups(session, drafts, actor=IMPORT)
        operations.publish_writeups(session, [(writeup, None) for writeup in made], actor=IMPORT)
        session.commit()
        event.remove(engine, "before_cursor_execute", listen)
        return sum(statement.startswith("SELECT") for statement in sent)

    one, many = reads(1), reads(12)
    assert one == many


def test_rendering_again_touches_only_what_is_stale(session: Session, author: Person) -> None:
    writeup = publish_writeup(session, author, body="**Bold**")
    [publication] = publications(session, writeup)
    assert operations.render_again(session) == 0
    writeup.rendered_with = publication.rendered_with = RENDERER_VERSION - 1
    writeup.body_html = publication.body_html = "old"
    session.commit()
    assert operations.render_again(session) == 2
    session.expire_all()
    assert "<strong>Bold</strong>" in writeup.body_html
    assert publications(session, writeup)[0].body_html == writeup.body_html
    assert verbs(session, writeup) == ["started", "published"]
