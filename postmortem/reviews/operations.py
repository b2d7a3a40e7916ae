"""Asking people and teams for a review, taking that back, and giving a verdict; who leads it, and going without."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Team
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, created, record, set_fields
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell
from postmortem.reviews.enums import Verdict
from postmortem.reviews.models import Review, ReviewRequest
from postmortem.reviews.queries_asking import to_ask_anew, who_know_newest
from postmortem.text.clean import clean_source
from postmortem.text.markdown import RENDERER_VERSION, render
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Revision, Writeup
from postmortem.writeups.rules import can_see_draft, people_who_could_see

MAX_TEXT = 10_000
MAX_LINE = 500


def ask(session: Session, writeup: Writeup, whom: Person | Team, *, note: str, actor: Actor) -> ReviewRequest:
    """Ask somebody, or everybody in a team; they see the working copy from now on, and are told.

    Whoever is asked already is not asked twice, but once more where their verdict is about an earlier text. Refuses
    those for whom an incident of the write-up does not exist, its authors, and teams of which nobody could look at it.
    A draft is in review from now on.
    """
    team, person = (whom, None) if isinstance(whom, Team) else (None, whom)
    for each in open_requests(session, writeup.id):
        if (each.person_id, each.team_id) == (person.id if person else None, team.id if team else None):
            ask_anew(session, each, note=note, actor=actor)
            return each
    people = _who_can_look(session, writeup, whom)
    request = ReviewRequest(
        writeup=writeup,
        person=person,
        team=team,
        note=_one_line(note),
        requested_by_id=actor.id,
        created_at=clock.now(),
    )
    session.add(request)
    session.flush()
    record(
        session,
        "asked for",
        request,
        actor=actor,
        changes=created(request, ("writeup_id", "person", "team", "note", "requested_by")),
    )
    tell(session, Event.REVIEW_REQUESTED, request, actor=actor, to=people)
    _set_state(session, writeup, WriteupState.DRAFT, WriteupState.IN_REVIEW, actor)
    return request


def ask_anew(session: Session, request: ReviewRequest, *, note: str = "", actor: Actor) -> bool:
    """Ask those once more whose verdict is about an earlier text; says whether there was anybody to ask.

    From then on it is a request of now: they are reminded of it as of any other. Without a note the one that is there
    stays. Of a team nobody is told who knows the newest text.
    """
    if request.closed_at is not None or request.id not in to_ask_anew(session, request.writeup_id):
        return False
    people = _who_can_look(session, request.writeup, request.person or request.team)
    to = set(people) - set(who_know_newest(session, request.id))
    asks = actor if isinstance(actor, Person) else request.requested_by
    values = {"created_at": clock.now(), "requested_by": asks, "note": _one_line(note) or request.note}
    changes = set_fields(request, values)
    request.reminded_at = None
    record(session, "asked again for", request, actor=actor, changes=changes)
    tell(session, Event.REVIEW_REQUESTED, request, actor=actor, to=to, facts={"again": True})
    return True


def take_back(session: Session, request: ReviewRequest, *, actor: Actor) -> None:
    """Whoever was asked does not see the working copy any more. Nothing happens to one that was taken back."""
    if request.closed_at is not None:
        return
    now = clock.now()
    changes = set_fields(request, {"closed_at": now})
    session.flush()
    record(session, "took back", request, actor=actor, changes=changes)
    if not open_requests(session, request.writeup_id):
        _set_state(session, request.writeup, WriteupState.IN_REVIEW, WriteupState.DRAFT, actor)


def give_verdict(
    session: Session, writeup: Writeup, verdict: Verdict, text: str, *, revision: int, actor: Person
) -> Review:
    """Approve the newest text or ask for changes. Raises Conflict where another text is the newest by now.

    Asking for changes takes words. It stays what it was; a newer one of the same person takes its place.
    """
    if revision != newest_revision(session, writeup.id) or writeup.state == WriteupState.DELETED:
        raise Conflict
    words = checked(text, is_needed=verdict is Verdict.CHANGES, sentence="Say what should change.")
    review = Review(
        writeup_id=writeup.id,
        revision_number=revision,
        person=actor,
        verdict=verdict,
        text=words,
        text_html=render(words).html,
        rendered_with=RENDERER_VERSION,
        created_at=clock.now(),
    )
    session.add(review)
    session.flush()
    fields = ("writeup_id", "revision_number", "person", "verdict")
    record(session, "gave", review, actor=actor, changes=created(review, fields))
    tell(session, Event.REVIEW_VERDICT, review, actor=actor)
    return review


def name_facilitator(session: Session, writeup: Writeup, person: Person | None, *, actor: Actor) -> None:
    """Say who leads the review; None for nobody. Refuses somebody who does not see the working copy."""
    if person is not None and not can_see_draft(person, writeup):
        raise Refused(
            f"{person.name} does not see this draft. Ask them for a review first.", field="facilitator"
        )
    if changes := set_fields(writeup, {"facilitator": person}):
        record(session, "chose who leads the review of", writeup, actor=actor, changes=changes)


def skip_review(session: Session, writeup: Writeup, reason: str, *, actor: Person) -> None:
    """Say why it is published without the review that the policy asks for."""
    reason = " ".join(clean_source(reason).split())
    if not reason:
        raise Refused("Say why, in a sentence. It is kept.", field="reason")
    if len(reason) > MAX_LINE:
        raise Refused(f"Shorten this to {MAX_LINE} characters.", field="reason")
    values = {"review_skipped_reason": reason, "review_skipped_by": actor}
    if changes := set_fields(writeup, values):
        record(session, "skipped the review of", writeup, actor=actor, changes=changes)


def ask_again(session: Session, writeup: Writeup, *, actor: Actor) -> None:
    """The review is not skipped any more."""
    if changes := set_fields(writeup, {"review_skipped_reason": "", "review_skipped_by": None}):
        record(session, "asks for the review again of", writeup, actor=actor, changes=changes)


def open_requests(session: Session, writeup_id: int) -> list[ReviewRequest]:
    """Who is asked now, first asked first."""
    statement = (
        select(ReviewRequest)
        .where(ReviewRequest.writeup_id == writeup_id, ReviewRequest.closed_at.is_(None))
        .order_by(ReviewRequest.id)
    )
    return list(session.scalars(statement))


def newest_revision(session: Session, writeup_id: int) -> int:
    """The number of the newest saved text."""
    return session.scalar(select(func.max(Revision.number)).where(Revision.writeup_id == writeup_id)) or 0


def checked(text: str, *, is_needed: bool, sentence: str, field: str = "text") -> str:
    """A text as it is kept. Raises Refused for a blank one that is needed, and for what is too long."""
    text = clean_source(text).strip()
    if is_needed and not text:
        raise Refused(sentence, field=field)
    if len(text) > MAX_TEXT:
        raise Refused(f"Shorten this to {MAX_TEXT:,} characters.", field=field)
    return text


def _one_line(note: str) -> str:
    return " ".join(clean_source(note).split())[:MAX_LINE]


def _who_can_look(session: Session, writeup: Writeup, whom: Person | Team | None) -> list[int]:
    """By id; of a team nobody who writes it. Raises Refused where there is nobody."""
    if whom is None:
        return []
    writing = {writeup.created_by_id, *(each.id for each in writeup.authors)}
    if isinstance(whom, Person) and whom.id in writing:
        raise Refused(f"{whom.name} writes it. Ask somebody who does not.", field="whom")
    in_question = {whom.id} if isinstance(whom, Person) else {each.id for each in whom.members} - writing
    may = select(Person.id).where(Person.id.in_(in_question), people_who_could_see(writeup))
    found = list(session.scalars(may))
    if not found:
        about = " and ".join(each.reference for each in writeup.incidents)
        who = f"Nobody in {whom.name} sees" if isinstance(whom, Team) else f"{whom.name} does not see"
        why = f"{who} {about}, which this is about." if about else f"Nobody in {whom.name} could look at it."
        raise Refused(f"{why} Choose somebody else.", field="whom")
    return found


def _set_state(
    session: Session, writeup: Writeup, before: WriteupState, after: WriteupState, actor: Actor
) -> None:
    if writeup.state == before:
        changes = set_fields(writeup, {"state": after})
        record(session, "edited", writeup, actor=actor, changes=changes)
