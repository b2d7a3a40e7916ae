"""Publishing what is planned, as a duty of the worker. It stands here because the policy of reviews has a say in it.

Publication, the plan's end and history are one transaction: a worker that is killed has published all of it or nothing.
Of two workers, one has the row; for the other, and whenever it is looked at again, the plan is gone.
"""

import logging

from sqlalchemy.orm.exc import StaleDataError

from postmortem.errors import Conflict, Refused
from postmortem.outbox.workplace import Workplace
from postmortem.reviews.publishing import refuse_without_review
from postmortem.writeups.scheduling import due_plans, hold, publish_as_planned, take_due

LOG = logging.getLogger("postmortem.worker")
MOST_A_ROUND = 200


def publish_what_is_due(workplace: Workplace) -> None:
    """Publish, or take off, every plan whose time has come. One that fails does not hold up the others."""
    with workplace.reading() as session:
        due = due_plans(session, limit=MOST_A_ROUND)
    failed: Exception | None = None
    for writeup_id in due:
        try:
            _publish_or_hold(workplace, writeup_id)
        except (Conflict, StaleDataError):
            # Somebody wrote to it at this very moment; a minute later it is looked at again.
            LOG.info("a planned write-up was changed while it was to be published; again in a minute")
        except Exception as failure:
            failed = failed or failure
    if failed is not None:
        raise failed


def _publish_or_hold(workplace: Workplace, writeup_id: int) -> None:
    why = ""
    try:
        with workplace.writing() as session:
            if (writeup := take_due(session, writeup_id)) is not None:
                refuse_without_review(session, writeup)
                publish_as_planned(session, writeup)
    except Refused as refused:
        # What publishing had begun is rolled back.
        why = refused.sentence
    if why:
        with workplace.writing() as session:
            if (writeup := take_due(session, writeup_id)) is not None:
                hold(session, writeup, why)


DUTIES = (publish_what_is_due,)
