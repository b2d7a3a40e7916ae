"""Who asks, answers, changes and settles. A rule's docstring is the sentence shown on refusal.

Questions and answers are there for whoever is signed in and reads what was published; for nobody else.
"""

from sqlalchemy import ColumnElement, and_, false, true

from postmortem.accounts.models import Person
from postmortem.accounts.rules import is_contributor, is_facilitator
from postmortem.readers.models import ReaderAnswer, ReaderQuestion
from postmortem.writeups import rules as writeups_rules
from postmortem.writeups.models import Publication, Writeup

# The join of a write-up with what readers see of it.
IS_CURRENT = and_(Publication.writeup_id == Writeup.id, Publication.number == Writeup.publication_number)


def visible_to(person: Person | None) -> ColumnElement[bool]:
    """The write-ups whose readers' questions this person sees."""
    return false() if person is None else writeups_rules.published_to(person)


def works_on(person: Person) -> ColumnElement[bool]:
    """The write-ups that this person works on, as `can_settle` says it of one."""
    if not is_contributor(person):
        return false()
    theirs = true() if is_facilitator(person) else writeups_rules.is_own(person.id)
    return and_(theirs, writeups_rules.draft_visible_to(person))


def can_settle(person: Person, writeup: Writeup) -> bool:
    """Only its authors, whoever started it, and facilitators say what was found out."""
    return writeups_rules.can_edit(person, writeup)


def can_change_question(person: Person, question: ReaderQuestion) -> bool:
    """Only whoever asked a question words it otherwise."""
    return question.asked_by_id == person.id


def can_delete_question(person: Person, question: ReaderQuestion) -> bool:
    """Only whoever asked a question deletes it, and facilitators."""
    return question.asked_by_id == person.id or is_facilitator(person)


def can_change_answer(person: Person, answer: ReaderAnswer) -> bool:
    """Only whoever wrote an answer words it otherwise."""
    return answer.author_id == person.id


def can_delete_answer(person: Person, answer: ReaderAnswer) -> bool:
    """Only whoever wrote an answer deletes it, and facilitators."""
    return answer.author_id == person.id or is_facilitator(person)


def can_close(person: Person, question: ReaderQuestion) -> bool:
    """Only whoever asked says whether a question is answered, and its authors and facilitators."""
    return question.asked_by_id == person.id or can_settle(person, question.writeup)
