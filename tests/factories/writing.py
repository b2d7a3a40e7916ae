"""What stands around a write-up, one row of each table, for tests; committed at once."""

import secrets
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.attachments.files import folder_of
from postmortem.attachments.models import Attachment
from postmortem.attachments.operations import show_to_readers
from postmortem.blameless.models import LanguageKeep, NamingChoice, NamingConsent
from postmortem.readers.enums import CitationKind
from postmortem.readers.models import (
    Citation,
    OpenQuestion,
    Reaction,
    ReaderAnswer,
    ReaderQuestion,
    ReaderVisit,
)
from postmortem.reviews.enums import SuggestionState, Verdict
from postmortem.reviews.models import (
    ChecklistAnswer,
    Review,
    ReviewComment,
    ReviewMeeting,
    ReviewRequest,
    SurveyAnswer,
)
from postmortem.writeups.models import Publication, Series, Writeup
from postmortem.writeups.models_around import Autosave, DeskVisit, EntryOfTheMonth, FeedLink


def surround_writeup(session: Session, writeup: Writeup, person: Person, words: str = "words") -> None:
    """Somebody types, adds an image, keeps words, names, asks for a review, reviews, answers, plans; `words` stand in each text."""
    now = clock.now()
    of_it = {"writeup_id": writeup.id}
    series = Series(slug=f"series-{writeup.id}", name=words, description=words)
    session.add(series)
    session.flush()
    writeup.series = series
    writeup.publish_by = writeup.facilitator = writeup.review_skipped_by = person
    writeup.review_skipped_reason = words
    session.add_all(
        [
            Autosave(**of_it, person_id=person.id, base_version=1, base_revision=1, saved_at=now, body=words),
            DeskVisit(**of_it, person_id=person.id, seen_at=now),
            FeedLink(token_hash=sha256(secrets.token_bytes()).hexdigest(), person_id=person.id, path="/feed.atom", created_at=now),
            make_image(writeup, person, words),
            LanguageKeep(**of_it, rule="absolute", words=words, reason=words, kept_by_id=person.id, created_at=now),
            NamingChoice(**of_it, person_id=person.id, surface=words, replacement=words, chosen_by_id=person.id, chosen_at=now),
            NamingConsent(**of_it, person_id=person.id, is_agreed=True, decided_at=now),
            EntryOfTheMonth(month=f"20{writeup.id:02}-01", **of_it, note=words, chosen_by_id=person.id, created_at=now),
            ReviewRequest(**of_it, person_id=person.id, note=words, requested_by_id=person.id, created_at=now),
            Review(**of_it, revision_number=1, person_id=person.id, verdict=Verdict.APPROVE, text=words, text_html=words, created_at=now),
            ReviewComment(
                **of_it, revision_number=1, quote=words, text=words, text_html=words, suggestion=words,
                suggestion_state=SuggestionState.OPEN, author_id=person.id, created_at=now, resolved_by_id=person.id,
            ),
            ChecklistAnswer(**of_it, question=words, is_met=True, note=words, answered_by_id=person.id, answered_at=now),
            ReviewMeeting(
                **of_it, starts_at=now, timezone="UTC", place=words, uid=f"{writeup.id}@example.com",
                planned_by_id=person.id, created_at=now, guests=[person],
            ),
            SurveyAnswer(**of_it, voter="0" * 64, scores={"learnt": 4}),
            Reaction(**of_it, reader="0" * 64),
            ReaderVisit(**of_it, reader="0" * 64, first_on=now.date()),
            Citation(**of_it, kind=CitationKind.RUNBOOK, url=f"https://example.com/{words}", title=words, added_by_id=person.id, created_at=now),
            ReaderQuestion(
                **of_it, text=words, text_html=words, asked_by_id=person.id, created_at=now,
                answers=[ReaderAnswer(**of_it, text=words, text_html=words, author_id=person.id, created_at=now)],
            ),
            OpenQuestion(**of_it, position=1, text=words, created_at=now, settled_at=now, settled_by_id=person.id, outcome=words),
        ]
    )  # fmt: skip
    session.commit()


# Eight by eight, grey.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000008000000080800000000e164e1570000"
    "000e49444154789c6368800206ca1800808420010d8024610000000049454e44ae4260"
    "82"
)


def keep_image(
    session: Session,
    data_dir: Path,
    person: Person,
    *,
    writeup: Writeup | None = None,
    event_id: int | None = None,
) -> Attachment:
    """An image with its file; readers of a published write-up see it. Committed."""
    image = Attachment(
        key=secrets.token_urlsafe(24), writeup_id=writeup.id if writeup else None, event_id=event_id, alt="A graph",
        content_type="image/png", width=8, height=8, size_bytes=len(PNG), widths=[8], sha256=sha256(PNG).hexdigest(),
        uploaded_by_id=person.id, created_at=clock.now(),
    )  # fmt: skip
    folder = folder_of(data_dir, image.key)
    folder.mkdir(parents=True)
    (folder / "8.png").write_bytes(PNG)
    session.add(image)
    session.flush()
    if writeup is not None:
        for publication in session.scalars(select(Publication).where(Publication.writeup_id == writeup.id)):
            show_to_readers(session, publication.id, writeup.id, {image.key})
    session.commit()
    return image


def make_image(writeup: Writeup, person: Person, alt: str = "A graph") -> Attachment:
    """The row of an image, without its files; not added yet."""
    return Attachment(
        key=secrets.token_urlsafe(24), writeup_id=writeup.id, alt=alt, content_type="image/png", width=8, height=8, size_bytes=80, widths=[8],
        sha256="0" * 64, uploaded_by_id=person.id, created_at=clock.now(),
    )  # fmt: skip
