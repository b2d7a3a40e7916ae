"""A restricted incident with a word of its own in every text, and who may and may not come across them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, Service, Team
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment
from postmortem.actions.operations_comments import add_comment
from postmortem.actions.operations_links import add_link
from postmortem.actions.operations_watching import watch
from postmortem.history.operations import CLI
from postmortem.ideas.models import Idea
from postmortem.incidents.drafts import MomentDraft
from postmortem.incidents.enums import MOMENTS
from postmortem.incidents.models import Incident
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.writeups import operations as writeups
from postmortem.writeups.models import Writeup
from tests.factories.accounts import make_person, make_service, make_team
from tests.factories.actions import make_action
from tests.factories.ideas import make_idea
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup, publish_writeup

# Every marker starts like this; nothing else in the suite does, and no random token of a form ever will.
SIGN = "zqxvkwjy"
DAY = datetime(2026, 3, 9, 14, 5, tzinfo=UTC)


@dataclass
class Cast:
    """Whoever a restricted incident is for (`insiders`), and everybody else who has an account."""

    filer: Person
    lead: Person
    participant: Person
    owner: Person
    member: Person
    admin: Person
    facilitator: Person
    outsider: Person
    reader: Person
    team: Team
    service: Service

    @property
    def insiders(self) -> dict[str, Person]:
        names = ("filer", "lead", "participant", "owner", "member", "admin")
        return {name: getattr(self, name) for name in names}

    @property
    def strangers(self) -> dict[str, Person]:
        return {name: getattr(self, name) for name in ("facilitator", "outsider", "reader")}


@dataclass
class Planted:
    """What was planted. `words` are on the incident's pages, `draft_words` in its write-ups that nobody published."""

    incident: Incident
    events: list[TimelineEvent] = field(default_factory=list)
    factors: list[Factor] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    comments: list[ActionComment] = field(default_factory=list)
    ideas: list[Idea] = field(default_factory=list)
    writeups: list[Writeup] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    draft_words: set[str] = field(default_factory=set)


def make_cast(session: Session, *, owner_role: str = "reader") -> Cast:
    """People, one team with one member, one service; the owner of an action may be a mere reader."""
    roles = {"owner": owner_role, "admin": "admin", "facilitator": "facilitator", "reader": "reader"}
    names = ("filer", "lead", "participant", "owner", "member", "admin", "facilitator", "outsider", "reader")
    people = {
        name: make_person(session, f"{name.capitalize()} Person", role=roles.get(name, "contributor"))
        for name in names
    }
    team = make_team(session, "Sound", people["member"])
    return Cast(**people, team=team, service=make_service(session, "Playback", team))


def furnish(session: Session, cast: Cast) -> Incident:
    """An ordinary site: an open incident with all that belongs to one, two published write-ups, one draft."""
    incident = make_incident(
        session,
        cast.outsider,
        "Playback stops",
        tags=["dns"],
        services=["playback"],
        teams=["sound"],
        detected_at=DAY,
    )
    event = make_event(session, incident, at=DAY)
    make_factor(session, incident, tags=["dns"], events=[event.id])
    make_action(session, incident, owner=cast.outsider, team=cast.team)
    make_idea(session, incident, by=cast.outsider)
    about: dict[str, Any] = {
        "tags": ["dns"],
        "services": ["playback"],
        "teams": ["sound"],
        "incidents": [incident],
    }
    publish_writeup(session, cast.outsider, "The first", is_public=True, published_at=DAY, **about)
    publish_writeup(session, cast.outsider, "The second", published_at=DAY.replace(year=2025), **about)
    make_writeup(session, cast.outsider, "The third", **about)
    return incident


def plant(
    session: Session, cast: Cast, *, restricted: bool = True, related: Iterable[Incident] = ()
) -> Planted:
    """The incident with its secrets; `related` are those that it names."""
    seen: set[str] = set()

    def word(name: str, kept: set[str] = seen) -> str:
        kept.add(f"{SIGN}{name}")
        return f"{SIGN}{name}"

    incident = make_incident(
        session,
        cast.filer,
        f"The {word('title')} incident",
        restricted=restricted,
        summary=f"It {word('summary')} *happened*.",
        impact=f"It {word('impact')} hurt.",
        severity="sev1",
        tags=["dns", word("tag")],
        services=["playback"],
        teams=["sound"],
        lead=cast.lead.email,
        participants=[(cast.participant.email, word("role"))],
        links=[{"url": f"https://example.com/{word('link')}", "title": word("linktitle")}],
        relations=[(other.id, "same_cause_as") for other in related],
        external_ids=[(word("source"), word("external"))],
        **{
            name: MomentDraft(DAY.replace(minute=index), source=word(f"moment{index}"))
            for index, name in enumerate(MOMENTS)
        },
    )
    planted = Planted(incident, words=seen)
    planted.events = [
        make_event(
            session,
            incident,
            f"Then {word('event')} happened.",
            DAY,
            actor_role=word("actorrole"),
            evidence=[f"https://example.com/{word('evidence')}"],
        ),
        make_event(session, incident, f"{word('undated')} too.", occurred_text=word("when")),
    ]
    planted.factors = [
        make_factor(session, incident, f"{word('factor')} was old.", tags=["dns", word("factortag")])
    ]
    planted.actions = [
        make_action(
            session,
            incident,
            f"Mend the {word('action')}",
            owner=cast.owner,
            team=cast.team,
            description=f"{word('description')} first.",
            end_state=word("endstate"),
            tracker_url=f"https://example.com/{word('tracker')}",
            tracker_title=word("trackertitle"),
            status="not_doing",
            status_reason=word("reason"),
        )
    ]
    planted.ideas = [make_idea(session, incident, f"What if {word('idea')} rang?", by=cast.filer)]
    [action] = planted.actions
    add_link(session, action, f"https://example.com/{word('further')}", word("furthertitle"), actor=CLI)
    watch(session, action, actor=cast.facilitator)
    planted.comments = [add_comment(session, action, f"It {word('comment')} rang.", actor=cast.owner)]
    session.commit()
    planted.writeups = list(_writeups(session, cast, incident, lambda name: word(name, planted.draft_words)))
    planted.tags = [f"{SIGN}tag", f"{SIGN}factortag", f"{SIGN}drafttag"]
    return planted


def _writeups(session: Session, cast: Cast, incident: Incident, word: Any) -> Iterable[Writeup]:
    """A draft, and one that was published and taken back; a facilitator is named as an author of both."""
    for name in ("draft", "withdrawn"):
        writeup = make_writeup(
            session,
            cast.filer,
            f"About {word(f'{name}title')}",
            tldr=f"In short {word(f'{name}tldr')}",
            body=f"## {word(f'{name}heading')}\n\nText {word(f'{name}body')}.\n",
            tags=["dns", word(f"{name}tag")],
            services=["playback"],
            teams=["sound"],
            authors=[cast.filer.email, cast.facilitator.email, cast.outsider.email],
            incidents=[incident],
        )
        if name == "withdrawn":
            writeups.publish(session, writeup, actor=CLI, published_at=DAY.replace(year=2024))
            writeups.withdraw(session, writeup, reason=f"Because {word('why')}", actor=CLI)
            session.commit()
        yield writeup
