"""A friendly word about an action's title: does it start with a verb, and does it say what? Pure; it never refuses.

Only what is plainly vague, or plainly no verb, gets a word: a hint that is often wrong is soon not read any more.
"""

import re

START_WITH_A_VERB = (
    "Start with a verb, so that it reads as something to do: “Add an alarm for…”, “Rehearse…”, “Remove…”."
)
SAY_WHAT = "Say what exactly. Whoever reads only this line should know what to do: which alarm, which test, which text?"
ASK_A_QUESTION = (
    "What is the question? “Find out why…” or “Measure how often…” says when the looking is over."
)
CHANGE_THE_WORK = (
    "Everybody is careful already. What could change, so that it also goes well on a bad day: a check, a default, "
    "a rehearsal?"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# “[PLAT] …”, “TODO: …”, “1. …” before the title itself.
_LABEL = re.compile(
    r"^\s*(?:\[[^\]]{0,40}\]|(?:todo|action|ai|follow-up)\s*:|\d{1,3}[.)]|[-*•])\s*", re.IGNORECASE
)
_NO_VERB = _words("""a an the our my your we they it this that there these those more better less no not all any some every each
    should need needs must will would could may might can maybe possibly perhaps please
    alarms alerts alerting monitoring dashboard dashboards runbook runbooks documentation docs logging logs
    tests testing metrics automation communication training process processes tooling visibility observability
    resilience redundancy capacity bug bugs fixes follow-up followup improvement improvements
    nothing something everything lack missing new old""")
_NOUN_ENDING = re.compile(r"(?:tion|sion|ment|ness|ity|ance|ence|ism|ology)$")
# Verbs that end like nouns, or like -ing.
_VERBS = _words("mention question commission document implement supplement experiment bring ring ping sing")
_VERBS |= _words("balance rebalance enhance advance sequence reference condition position provision")
_VERBS |= _words("partition transition ration augment complement segment")
_LOOKING = _words("investigate analyse analyze explore examine research study understand debug")
_PATIENCE = _words("ensure guarantee remember avoid try be stay")
# What says nothing about what: the words that are left when somebody was in a hurry.
_VAGUE = _words("""a an the our all any some more better good proper properly further furthermore again it its this that them things
    thing stuff something everything issue issues problem problems bug bugs error errors cause causes root incident
    incidents outage outages failure failures monitoring alerting alerts alarms alarm logging logs log documentation docs
    doc runbook runbooks test tests testing coverage process processes code system systems service services
    infrastructure infra tooling tools quality stability reliability performance resilience robustness communication
    training awareness visibility observability situation happened what why in to of for on with and or into up
    additional additionally necessary needed required asap soon later here there where possible
    fix fixed fixes improvement improvements metrics dashboards dashboard""")
_CAREFUL = _words("careful attention mindful vigilant cautious aware alert diligent")
_LOOK_INTO = re.compile(
    r"(?:look|dig|check) (?:further |deeper )?(?:into|in to|at)\b|think about\b|follow up\b"
)


def title_hint(title: str) -> str:
    """What would make this title better, as one or two sentences; blank where there is nothing to say."""
    bare = _LABEL.sub("", title)
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(bare)]
    if not words:
        return SAY_WHAT
    first, rest = words[0], words[1:]
    if _CAREFUL & set(rest) and (first in _PATIENCE or first in ("pay", "take", "more", "make", "people")):
        return CHANGE_THE_WORK
    if _LOOK_INTO.match(" ".join(words)) or (first in _LOOKING and _says_nothing(rest)):
        return ASK_A_QUESTION
    if not _may_be_verb(first, bare):
        return START_WITH_A_VERB
    return SAY_WHAT if _says_nothing(rest) else ""


def _says_nothing(words: list[str]) -> bool:
    return all(word in _VAGUE for word in words)


def _may_be_verb(word: str, title: str) -> bool:
    if word in _VERBS:
        return True
    if word in _NO_VERB or word.endswith("ing") or _NOUN_ENDING.search(word):
        return False
    # “DNS for…”, “TTL of…”: an abbreviation is a thing. What stands in other letters is not ours to judge.
    first = _WORD.search(title)
    return not (
        first and len(first[0]) > 1 and first[0].isascii() and first[0].isupper() and not title.isupper()
    )
