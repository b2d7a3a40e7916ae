"""The sets of sections that are shipped: a heading and, beside the text, a question to think about. Pure.

Prompts are help and never part of the text: what nobody deletes must not be published. They ask *how* and *what*,
never *who* and *why did you not*.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from postmortem.incidents.enums import IncidentKind, Severity
from postmortem.writeups.enums import Template

# What an incident can put below a heading of a first draft, in words for whoever edits a template.
FACTS = {
    "": "Nothing",
    "in_short": "The field “In short” is this section; the text gets no heading",
    "summary": "The incident’s summary",
    "impact": "The incident’s impact and its facts: severity, services, times, durations",
    "timeline": "The timeline, as a live block",
    "factors": "The contributing factors, as a live block",
    "actions": "The actions, as a live block",
}


@dataclass(frozen=True)
class Section:
    """One heading with what to think about below it. `fact` names what the incident fills in."""

    heading: str
    prompt: str
    fact: str = ""
    is_optional: bool = False


@dataclass(frozen=True)
class TemplateSet:
    """A set of sections, and the severities and kinds of incidents (their values) for which it is proposed."""

    key: str
    name: str
    description: str
    sections: tuple[Section, ...] = ()
    severities: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    is_active: bool = True


def proposed(sets: Sequence[TemplateSet], *, severity: str | None, kind: str) -> TemplateSet | None:
    """The first active set for an incident of this severity and kind.

    Naming no severity means any, also one that is not rated; a set that names the kind goes before one that does not,
    and one that names the severity before one that does not. A set that names neither is proposed for nothing.
    """
    fitting = [
        each
        for each in sets
        if each.is_active
        and (each.severities or each.kinds)
        and (not each.kinds or kind in each.kinds)
        and (not each.severities or severity in each.severities)
    ]
    return max(fitting, key=lambda each: (bool(each.kinds), bool(each.severities)), default=None)


def _optional(sections: Iterable[Section]) -> tuple[Section, ...]:
    return tuple(replace(section, is_optional=True) for section in sections)


_HAPPENED = Section(
    "What happened",
    "Tell it in the order in which people lived it, for somebody who was not there. What was an ordinary day like until then?",
    "summary",
)
_IMPACT = Section(
    "Impact",
    "Who felt it, how many of them, and for how long? What could they not do? Say what was measured and what is a guess.",
    "impact",
)
_LEARNT = Section(
    "What we learnt", "What do we understand now that surprised us? What will others run into as well?"
)
_FULL = (
    Section(
        "tl;dr",
        "Two or three sentences for those who read no further: what happened, whom it touched, what was learnt.",
        "in_short",
        is_optional=True,
    ),
    _HAPPENED,
    _IMPACT,
    *_optional(
        (
            Section(
                "Detection",
                "What told us, and what had looked normal until then? What would have told us in half the time?",
            ),
            Section(
                "Response",
                "What did people see, expect and try at each turn? How did it make sense with what they knew then? What did they wait for?",
            ),
            Section(
                "Recovery",
                "What brought it back, and how did we know that it was back? What would have made that quicker or safer?",
            ),
            Section(
                "Timeline",
                "Where does the story begin: with the alarm, or with a change weeks before? Which moments does a reader need?",
                "timeline",
            ),
        )
    ),
    Section(
        "Contributing factors",
        "There is never a single cause. What had been there for months, and what came together that day?",
        "factors",
    ),
    *_optional(
        (
            Section("What helped", "Which tools, habits and people made it better? How do we keep them?"),
            Section(
                "What made it hard",
                "Where did tools, words, access or interruptions stand in the way? What was missing at that moment?",
            ),
            Section(
                "Where we were lucky",
                "What could easily have gone worse? What should not be left to luck next time?",
            ),
            Section(
                "Why we were surprised",
                "How did we think it worked, and how does it work? Where did that picture come from, and who else shares it?",
            ),
            Section(
                "Was it known, or in the backlog?",
                "Had anybody written this down before: a ticket, a risk, a half-finished project? What else was more pressing then, and how was that weighed?",
            ),
            Section(
                "Has it happened before?",
                "Which earlier incidents look like this one? What was changed after them, and how did that turn out?",
            ),
            Section(
                "Open questions",
                "What do we still not understand? What would we look at with a day more? Who may know?",
            ),
            Section(
                "What we will do",
                "Which few changes are worth their effort, and how will we see that they worked? What do we leave as it is, and on what grounds?",
                "actions",
            ),
            Section(
                "Supporting material",
                "Graphs, logs, the chat, the recording: what would a reader want to check for themselves?",
            ),
        )
    ),
)

SHIPPED: tuple[TemplateSet, ...] = (
    TemplateSet(
        Template.FULL_REVIEW,
        "Full review",
        "Everything a good review asks, from the first sign to what will change. Sections left empty are not printed.",
        _FULL,
        severities=(Severity.SEV1, Severity.SEV2),
        kinds=(IncidentKind.INCIDENT,),
    ),
    TemplateSet(
        Template.LIGHTWEIGHT,
        "Lightweight",
        "Four short sections, written in half an hour.",
        (
            _HAPPENED,
            _IMPACT,
            _LEARNT,
            Section(
                "What comes next",
                "Which one or two things will be different, and how will we notice?",
                "actions",
                is_optional=True,
            ),
        ),
        severities=(Severity.SEV3, Severity.SEV4),
        kinds=(IncidentKind.INCIDENT,),
    ),
    TemplateSet(
        Template.NEAR_MISS,
        "Near miss",
        "What nearly happened, and what stopped it.",
        (
            Section(
                "What nearly happened", "Who would have felt it, and how badly? How close was it?", "summary"
            ),
            Section(
                "What stopped it", "A person, a check, or luck? How far could we count on it again?", "impact"
            ),
            Section(
                "What made it possible",
                "What was in place long before? What was different this time?",
                "factors",
                is_optional=True,
            ),
            replace(_LEARNT, is_optional=True),
        ),
        kinds=(IncidentKind.NEAR_MISS,),
    ),
    TemplateSet(
        Template.CONTRIBUTORS,
        "Contributors, mitigators, risks",
        "For a conversation: what made it likely, what made it milder, what could come.",
        (
            replace(_HAPPENED, is_optional=True),
            Section(
                "Contributors",
                "What made this more likely, or worse: in the code, the load, the calendar, the way work is shared out?",
                "factors",
            ),
            Section(
                "Mitigators",
                "What kept it from being worse? Which of that was designed, and which happened to be there?",
            ),
            Section(
                "Risks", "Having seen this, what else could happen? Where does the same combination exist?"
            ),
            Section("Open questions", "What do we still not understand? Who may know?", is_optional=True),
        ),
    ),
    TemplateSet(
        Template.STUDY,
        "Study",
        "A question asked of many incidents: what was expected, what was found, how sure that is.",
        (
            Section(
                "Question", "What did we want to know, and what would we do differently with the answer?"
            ),
            Section("What we expected", "What did we predict before looking? How sure were we?"),
            Section(
                "How we looked",
                "Which incidents and which period? What was counted, by whom, and what was left out?",
            ),
            Section(
                "What we found",
                "What do the numbers say, with their intervals? What do single stories add to them?",
            ),
            Section(
                "What surprised us", "Where were we wrong? What else would explain it?", is_optional=True
            ),
            Section("What follows", "What changes now? What should somebody look at next?", is_optional=True),
        ),
    ),
    TemplateSet(Template.FREE, "Free", "A blank page.", ()),
)
