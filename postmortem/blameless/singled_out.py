"""Where a text tells of one person as the one whose act or omission led to it.

A role in the singular with a verb that is no help ("an engineer ran"), or a name, handle or pronoun with a verb
that judges. People who found, reported or repaired something are no matter for a hint.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from postmortem.blameless.wording import CLAUSE, PARTICIPLE, ROLE, pattern

_HELPING = (
    r"(?:identif\w+|notic\w+|discover\w+|found|report\w*|confirm\w*|respond\w*|join\w*|fix\w*|resolv\w*|restor\w*|mitigat\w*"
    r"|roll\w*|revert\w*|paged|acknowledg\w*|investigat\w*|began|started|declar\w*|escalat\w*|reali[sz]\w+|spott\w+|detect\w*"
    r"|rais\w+|recover\w*|repair\w*|complet\w*|facilitat\w*|help\w*|not(?:ed|es)|observ\w*|diagnos\w*|figur\w+|trac\w+|stopp\w*"
    r"|announc\w*|post\w*|suggest\w*|ask\w*|saw|sees|look\w*|open\w*|read\w*|left the (?:company|team)|wrote|told|knew|came|met|said|want\w*|wonder\w*|learn\w*"
    r"|happened|flagged|warned|was paged|alerted|suspected|pointed|who was paged|linked)"
)
_JUDGED = (
    r"(?:should have|could have|fail(?:ed|s) to|forgot|overlooked|missed|ignored|dismissed|neglected|mistook|misread|misunderstood"
    r"|assumed|(?:mistakenly|accidentally|inadvertently|incorrectly|wrongly|unknowingly|erroneously) \w+|deleted|dropped|wiped"
    r"|broke|caused|altered|introduced|left|spent (?:hours|days)"
    r"|used the (?:wrong|`)|used\b|ran the wrong|pushed the wrong|(?:probably )?should(?:n['’]t| not) have)"
)
_DOING = (
    r"(?:execut|runn|mak|push|delet|edit|chang|deploy|review|perform|apply|remov|copy|typ|attempt|merg|wip|modify|disabl|enabl"
    r"|enter|press|click|approv|leav|forgett|misread|switch|dropp|introduc|overlook|ignor)ing"
)
_DONE_BY = (
    r"(?:caused|introduced|dropped|switched|toggled|made|changed|altered|modified|deleted|removed|wiped|broken|run|executed|performed|committed|merged"
    r"|left|triggered|pushed|deployed|disabled|misconfigured|misread|overlooked|missed|approved|entered|mistyped)"
)
_ONE = (
    r"(?:an?|the|one|a single|another|our|this|that|one of (?:our|the|their))"
    r" (?:(?!(?:kubernetes|k8s|prometheus|customer|user|former|internal|network mobile)\b)[\w.-]+ ){0,2}?"
)
_MACHINES = r"(?!\w|-| (?:console|account|accounts|team|teams|software|interface|training|pattern|workstation|laptop)\b)"

_ROLES = tuple(
    map(
        pattern,
        (
            # An act that is no help.
            rf"(?<!if\s)(?P<w>{_ONE}{ROLE}){_MACHINES}(?: (?:had|has|then|also|later|\w+ly)){{0,2}}"
            rf" (?!{_HELPING}\b)(?:{PARTICIPLE}|ran|left|wrote|took|gave|chose|knew|drove|went|began|did|made)\b",
            # "An engineer executing", "the engineer making the change".
            rf"(?P<w>{_ONE}{ROLE}){_MACHINES}(?: \w+ly)? {_DOING}\b",
            # Help at first, a reproach in the same clause.
            rf"(?P<w>{_ONE}{ROLE}){_MACHINES}{CLAUSE}{{1,100}}?\b(?:failed to|forgot|neglected|mistakenly|overlooked|ignored)\b",
            rf"failure of (?P<w>{_ONE}{ROLE}) to\b",
            rf"{_DONE_BY}(?: \w+)? by (?P<w>{_ONE}{ROLE}){_MACHINES}",
            rf"(?:allow(?:ed|ing)|let|enabled|led|caused|prompted|resulted in) (?P<w>{_ONE}{ROLE}){_MACHINES} (?:to )?\w+",
            rf"(?P<w>{_ONE}{ROLE})['’]s (?:\w+ ){{0,2}}?(?:mistakes?|errors?|misunderstanding|decision|change|command|script|tests?|failure"
            r"|oversight|negligence|typo|local)\b",
            rf"(?P<w>(?:an?|the) (?:exhausted|tired|careless|junior|inexperienced|untrained|rogue|distracted|well-meaning) {ROLE}){_MACHINES}",
            rf"(?P<w>(?:a|one) single (?:[\w-]+ )?{ROLE}){_MACHINES}",
            rf"(?P<w>he|she|someone|somebody)(?: (?:had|has|also|then|probably|\w+ly)){{0,2}} {_JUDGED}",
        ),
    )
)


def singled_out(spoken: str, names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where the words stand that point at one person. `names` are those of people the site knows."""
    for each in (*_ROLES, *_of_names(tuple(names))):
        for found in each.finditer(spoken):
            yield found.span("w")


@lru_cache(maxsize=64)
def _of_names(names: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """A handle, or one of these names, with a verb that judges or as the doer of what went wrong."""
    known = "|".join(re.escape(name).replace(r"\ ", " ") for name in names if len(name) > 2)
    who = rf"(?:(?<![\w.])@[\w-]{{2,40}}{'|(?-i:' + known + ')' if known else ''})"
    adverbs = r"(?: (?:had|has|also|then|probably|\w+ly)){0,2}"
    sources = (
        rf"(?P<w>{who}){adverbs} {_JUDGED}",
        rf"{_DONE_BY}{CLAUSE}{{0,60}}? by (?P<w>{who})(?!\w)",
        rf"(?P<w>{who})['’]s (?:\w+ )?(?:mistake|error|fault|failure|oversight|negligence|typo)\b",
        rf"(?P<w>{who}){CLAUSE}{{1,60}}?\b(?:but|and) (?:failed to|forgot|overlooked|neglected)\b",
        rf"(?P<w>{who}) (?:appears to be|is|was) {CLAUSE}{{0,40}}?not (?:\w+ )?(?:responsive|available|reachable|answering)\b",
    )
    return tuple(re.compile(pattern(one).pattern.removeprefix(r"\b"), re.IGNORECASE) for one in sources)
