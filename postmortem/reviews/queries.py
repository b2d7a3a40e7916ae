"""What a review is made of, and where it stands against the policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.incidents.models import Incident, Participant
from postmortem.reviews.enums import Need, Verdict
from postmortem.reviews.models import Review, ReviewComment, ReviewPolicy, ReviewRequest
from postmortem.reviews.policy import AS_SHIPPED, SEVERITIES, Policy, Rule
from postmortem.reviews.queries_asking import UNDER_REVIEW, has_answered, is_meant, knows_newest, writes
from postmortem.reviews.rules import counts, visible_to
from postmortem.writeups.models import Revision, Writeup

ONLY_ROW = 1
# So many are listed on somebody's page and in a digest.
MOST_WAITING = 15


def stored_policy(session: Session) -> ReviewPolicy | None:
    """The row that admins change, or None where everything is as shipped."""
    return session.get(ReviewPolicy, ONLY_ROW)


def policy_or_as_shipped(row: ReviewPolicy | None) -> Policy:
    """What a stored row says, or what holds where there is none."""
    if row is None:
        return AS_SHIPPED
    rules = {
        severity: Rule(
            Need(row.needs.get(severity, rule.need)), int(row.approvals.get(severity, rule.approvals))
        )
        for severity, rule in AS_SHIPPED.rules.items()
    }
    return Policy(rules, tuple(row.checklist))


def reviewed_writeup(session: Session, person: Person | None, slug: str) -> Writeup:
    """The write-up whose review this person may see, with its authors and incidents. Raises NotVisible."""
    writeup = session.scalar(
        select(Writeup)
        .where(Writeup.slug == slug, visible_to(person))
        .options(
            selectinload(Writeup.authors),
            selectinload(Writeup.incidents),
            joinedload(Writeup.facilitator),
            joinedload(Writeup.review_skipped_by),
        )
    )
    if writeup is None:
        raise NotVisible
    return writeup


def visible_comment(
    session: Session, person: Person | None, comment_id: int
) -> tuple[ReviewComment, Writeup]:
    """A comment, also a deleted one, and its write-up. Raises NotVisible."""
    row = session.execute(
        select(ReviewComment, Writeup)
        .join(Writeup, Writeup.id == ReviewComment.writeup_id)
        .where(ReviewComment.id == comment_id, visible_to(person))
    ).one_or_none()
    if row is None:
        raise NotVisible
    return row[0], row[1]


def visible_request(
    session: Session, person: Person | None, request_id: int
) -> tuple[ReviewRequest, Writeup]:
    """A request, also one taken back, and its write-up. Raises NotVisible."""
    row = session.execute(
        select(ReviewRequest, Writeup)
        .join(Writeup, Writeup.id == ReviewRequest.writeup_id)
        .where(ReviewRequest.id == request_id, visible_to(person))
    ).one_or_none()
    if row is None:
        raise NotVisible
    return row[0], row[1]


def requests_of(session: Session, writeup: Writeup) -> Sequence[ReviewRequest]:
    """Who is asked now, with whom they are."""
    return session.scalars(
        select(ReviewRequest)
        .where(ReviewRequest.writeup_id == writeup.id, ReviewRequest.closed_at.is_(None))
        .options(
            joinedload(ReviewRequest.person),
            joinedload(ReviewRequest.team),
            joinedload(ReviewRequest.requested_by),
        )
        .order_by(ReviewRequest.id)
    ).all()


@dataclass(frozen=True)
class Waiting:
    """A review that waits for somebody's verdict, since when they are asked."""

    slug: str
    title: str
    asked_at: datetime

    @property
    def url(self) -> str:
        return f"/writeups/{self.slug}/review"


def waiting_for(session: Session, person: Person) -> list[Waiting]:
    """The reviews that this person, or a team of theirs, is asked for and gave no verdict on since; first asked first."""
    asked_at = func.min(ReviewRequest.created_at)
    rows = session.execute(
        select(Writeup.slug, Writeup.title, asked_at)
        .join(ReviewRequest, ReviewRequest.writeup_id == Writeup.id)
        .where(
            ReviewRequest.closed_at.is_(None),
            Writeup.state.in_(UNDER_REVIEW),
            is_meant(person.id),
            ~has_answered(person.id),
            ~knows_newest(person.id),
            ~writes(person.id),
            visible_to(person),
        )
        .group_by(Writeup.id, Writeup.slug, Writeup.title)
        .order_by(asked_at, Writeup.id)
        .limit(MOST_WAITING)
    )
    return [Waiting(*row) for row in rows]


def verdicts_of(session: Session, writeup: Writeup) -> list[Review]:
    """The newest verdict of each person, newest first."""
    found: dict[int, Review] = {}
    for review in session.scalars(
        select(Review)
        .where(Review.writeup_id == writeup.id)
        .options(joinedload(Review.person))
        .order_by(Review.id.desc())
    ):
        found.setdefault(review.person_id, review)
    return list(found.values())


def comments_of(session: Session, writeup: Writeup) -> Sequence[ReviewComment]:
    """All comments, deleted ones too, first written first."""
    return session.scalars(
        select(ReviewComment)
        .where(ReviewComment.writeup_id == writeup.id)
        .options(joinedload(ReviewComment.author), joinedload(ReviewComment.resolved_by))
        .order_by(ReviewComment.id)
    ).all()


def newest_text(session: Session, writeup: Writeup) -> Revision | None:
    """The newest saved text."""
    return session.scalar(
        select(Revision).where(Revision.writeup_id == writeup.id).order_by(Revision.number.desc()).limit(1)
    )


def newest_number(session: Session, writeup: Writeup) -> int:
    """The number of the newest saved text; 0 where nothing is saved."""
    newest = select(func.max(Revision.number)).where(Revision.writeup_id == writeup.id)
    return session.scalar(newest) or 0


@dataclass(frozen=True)
class ReviewState:
    """Where a write-up stands against the policy. `severity` is in words; `approved_by` count, `asked_changes` did so now."""

    severity: str
    rule: Rule
    approved_by: tuple[str, ...]
    asks_changes: tuple[str, ...]
    earlier: tuple[str, ...]
    skipped_because: str
    skipped_by: str
    led_by_responder: str

    @property
    def missing(self) -> int:
        """How many approvals the policy wants besides; 0 where it asks for no review."""
        if self.rule.need is Need.NONE:
            return 0
        return max(self.rule.approvals - len(self.approved_by), 0)

    @property
    def stops_publishing(self) -> bool:
        return self.rule.need is Need.REQUIRED and self.missing > 0 and not self.skipped_because


def review_state(
    session: Session,
    writeup: Writeup,
    policy: Policy | None = None,
    said: tuple[Sequence[Review], int] | None = None,
) -> ReviewState:
    """What the policy asks of this write-up now, and what is there. Approvals count for the newest text alone.

    A page that has read the policy, or the verdicts and the number of the newest text, already hands them over.
    """
    policy = policy or policy_or_as_shipped(stored_policy(session))
    severity, rule = policy.for_severities(incident.severity for incident in writeup.incidents)
    verdicts, number = said or (verdicts_of(session, writeup), None)
    if number is None:
        number = newest_number(session, writeup) if verdicts else 0
    approvals = [v for v in verdicts if v.verdict is Verdict.APPROVE and counts(v.person, writeup)]
    changes = [v for v in verdicts if v.verdict is Verdict.CHANGES]
    return ReviewState(
        severity=SEVERITIES[severity],
        rule=rule,
        approved_by=tuple(v.person.name for v in approvals if v.revision_number == number),
        asks_changes=tuple(v.person.name for v in changes if v.revision_number == number),
        earlier=tuple(v.person.name for v in approvals if v.revision_number != number),
        skipped_because=writeup.review_skipped_reason,
        skipped_by=writeup.review_skipped_by.name if writeup.review_skipped_by else "",
        led_by_responder=_responded_in(session, writeup),
    )


def _responded_in(session: Session, writeup: Writeup) -> str:
    """The incident in which whoever leads the review took part; blank for none."""
    if writeup.facilitator_id is None:
        return ""
    took_part = select(Participant.incident_id).where(Participant.person_id == writeup.facilitator_id)
    ids = [incident.id for incident in writeup.incidents]
    found = session.scalars(
        select(Incident)
        .where(
            Incident.id.in_(ids),
            Incident.id.in_(took_part) | (Incident.lead_id == writeup.facilitator_id),
        )
        .order_by(Incident.id)
    ).first()
    return found.reference if found else ""
