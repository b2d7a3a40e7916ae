"""Who may see a review and take part in it. A rule's docstring is the sentence shown on refusal.

A review is there for whoever sees the working copy, and those who are asked see it (`writeups/rules.py`).
"""

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.rules import is_facilitator
from postmortem.reviews.models import ReviewComment
from postmortem.writeups import rules as writeups_rules
from postmortem.writeups.models import Writeup


def visible_to(person: Person | None) -> ColumnElement[bool]:
    """The write-ups whose review this person sees."""
    return writeups_rules.draft_visible_to(person)


def can_run(person: Person, writeup: Writeup) -> bool:
    """Only its authors, whoever started it, and facilitators ask for a review and decide about it."""
    return writeups_rules.can_edit(person, writeup)


def counts(person: Person, writeup: Writeup) -> bool:
    """Whether an approval by this person counts: an author's own does not."""
    is_author = person.id == writeup.created_by_id or any(each.id == person.id for each in writeup.authors)
    return person.is_active and not is_author


def can_delete_comment(person: Person, comment: ReviewComment) -> bool:
    """Only whoever wrote a comment deletes it, and facilitators."""
    return comment.author_id == person.id or is_facilitator(person)


def can_decline(session: Session, person: Person, comment: ReviewComment) -> bool:
    """Only whoever suggested it, the authors and facilitators decline a suggestion."""
    return comment.author_id == person.id or can_run(person, session.get_one(Writeup, comment.writeup_id))
