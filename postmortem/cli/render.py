"""`postmortem render`: stored HTML made by an older renderer is made anew."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Noun(NamedTuple):
    """What is rendered together: the word for it, the tables, and the noun's own operation."""

    word: str
    models: Sequence[Any]
    render_again: "Callable[[Session], int]"


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also what this version rendered already.")
def render(everything: bool) -> None:
    """Render stored Markdown again where an older version of the renderer made the HTML."""
    from postmortem.cli.context import settings, writing_session
    from postmortem.cli.progress import track

    config = settings()
    nouns = _nouns()
    counts: dict[str, int] = {}
    for noun in track(nouns, "Rendering", unit=" kinds"):
        # A transaction for each kind of record: stopping keeps what is done, and others may write in between.
        with writing_session(config) as session:
            if everything:
                _make_outdated(session, noun)
            counts[noun.word] = noun.render_again(session)
    if not any(counts.values()):
        click.echo(
            "Everything was rendered by this version already. To do it anyway: postmortem render --all"
        )
        return
    click.echo("Rendered again: " + ", ".join(f"{count:,} {word}" for word, count in counts.items() if count))


def _nouns() -> Sequence[Noun]:
    from postmortem.action_reviews import operations as action_reviews
    from postmortem.action_reviews.models import ActionReview
    from postmortem.actions import operations as actions
    from postmortem.actions import operations_comments as comments
    from postmortem.actions.models import Action
    from postmortem.actions.models_around import ActionComment
    from postmortem.incidents import operations as incidents
    from postmortem.incidents.models import Incident
    from postmortem.readers import operations_questions as readers
    from postmortem.readers.models import ReaderAnswer, ReaderQuestion
    from postmortem.reviews import operations_comments as reviews
    from postmortem.reviews.models import Review, ReviewComment
    from postmortem.timeline import operations as timeline
    from postmortem.timeline.models import Factor, TimelineEvent
    from postmortem.writeups import operations as writeups
    from postmortem.writeups.models import Publication, Writeup

    return (
        Noun("incidents", (Incident,), incidents.render_again),
        Noun("timeline events and factors", (TimelineEvent, Factor), timeline.render_again),
        Noun("actions", (Action,), actions.render_again),
        Noun("comments on actions", (ActionComment,), comments.render_again),
        Noun("open questions of action reviews", (ActionReview,), action_reviews.render_again),
        Noun("write-ups and published texts", (Writeup, Publication), writeups.render_again),
        Noun("verdicts and comments of reviews", (Review, ReviewComment), reviews.render_again),
        Noun("questions of readers and of write-ups", (ReaderQuestion, ReaderAnswer), readers.render_again),
    )


def _make_outdated(session: "Session", noun: Noun) -> None:
    """Mark every row as rendered by no version at all, so that the noun's operation finds it."""
    from sqlalchemy import update

    for model in noun.models:
        session.execute(update(model).values(rendered_with=0).execution_options(synchronize_session=False))
