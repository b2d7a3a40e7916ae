"""What other nouns do when something is published, in the same transaction. Each registers what it does here."""

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from postmortem.writeups.models import Publication

AfterPublishing = Callable[[Session, Sequence[Publication]], None]
_REGISTERED: list[AfterPublishing] = []


def register(act: AfterPublishing) -> None:
    """Have this done after every publication, also those of the worker and of imports. Their modules import the noun's."""
    _REGISTERED.append(act)


def after_publishing(session: Session, publications: Sequence[Publication]) -> None:
    """Have everybody do their part for these publications; called once for all that are published together."""
    for act in _REGISTERED:
        act(session, publications)
