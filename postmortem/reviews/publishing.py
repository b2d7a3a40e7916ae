"""What the policy of reviews says to publishing."""

from sqlalchemy.orm import Session

from postmortem.errors import Refused
from postmortem.reviews.queries import review_state
from postmortem.writeups.models import Writeup


def refuse_without_review(session: Session, writeup: Writeup) -> None:
    """Raise Refused where the policy requires a review that is missing, and nobody said why it is skipped."""
    state = review_state(session, writeup)
    if state.stops_publishing:
        count = (
            "1 approval of this text is"
            if state.missing == 1
            else f"{state.missing} approvals of this text are"
        )
        raise Refused(
            f"The policy requires a review for {state.severity}, and {count} missing. "
            "Ask somebody, or say above why it is published without."
        )
