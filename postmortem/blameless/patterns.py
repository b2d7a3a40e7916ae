"""The wordings each language rule looks for. Written from the literature and the tuning half of the corpus alone."""

import re

from postmortem.blameless.wording import (
    BETTER,
    CARE,
    CLAUSE,
    NUMBER_FOLLOWS,
    PARTICIPLE,
    PEOPLE,
    SUFFERERS,
    WARNING,
    pattern,
)

_ADVERB = r"(?:(?:\w+ly|not|also|then|just|never|even|perhaps|all) ){0,2}"
_NOT = r"(?:n['’]t| not)?"

COUNTERFACTUAL = (
    rf"(?:should|ought to){_NOT} (?:\w+ly |also )?have {_ADVERB}{PARTICIPLE}\b",
    rf"(?:could|might|would){_NOT} (?:\w+ly |also |well )?have {_ADVERB}{BETTER}\b(?! (?:without|worse))",
    rf"(?:we|they|he|she|i|you|the team|someone|somebody|engineers?|operators?) could{_NOT} (?:\w+ly )?have {_ADVERB}{PARTICIPLE}\b",
    rf"(?-i:Had) (?:(?:we|they|i|he|she|it|there|the|this|that|these|any|our|an?)\b)[^.;:!?,\n]{{0,60}}?{PARTICIPLE}\b"
    rf"(?={CLAUSE}{{1,160}}\b(?:would|could|might)\b)",
    rf"if (?:only )?{CLAUSE}{{1,80}}?\bhad{_NOT} (?:\w+ly )?{PARTICIPLE}\b(?={CLAUSE}{{1,160}}\b(?:would|could|might)\b)",
    r"if only\b",
    r"(?:was|were)(?:n['’]t| not)? supposed to\b",
    r"(?:was|were|entirely|easily|completely|wholly) (?:avoidable|preventable)\b",
)

_HUMAN_VERBS = (
    r"(?:patch|test|check|follow|notify|communicate|update|document|review|monitor|act|escalate|rotate|renew|validate"
    r"|verify|plan|inform|tell|ask|prepare|train|finish|complete|address|anticipate|consider|implement|report|recogni[sz]e"
    r"|realise|realize|understand|notice|fix|secure|decommission|replace|maintain|consult|coordinate)"
)
_SEEING = r"(?:notice|reali[sz]e|see|recogni[sz]e|spot|anticipate|foresee|consider|appreciate|understand)"

NORMATIVE = (
    rf"{PEOPLE}(?: (?:had|has|have|also|then|\w+ly|even)){{0,3}} (?P<w>fail(?:ed|s)? to)\b(?! {_SEEING}\b)",
    rf"{PEOPLE}\b{CLAUSE}{{0,100}}?\b(?:but|and|yet) (?:then |also |\w+ly )?(?P<w>failed to)\b(?! {_SEEING}\b)",
    r"(?:responsib\w+|blame\w*|criticis?z?ed|apologi[sz]e\w*|faulted) for (?P<w>failing to)\b",
    r"(?:our|their|his|her|my|the (?:team|company)['’]s) (?P<w>failure to)\b",
    rf"failure to (?:\w+ly )?{_HUMAN_VERBS}\b",
    rf"failure of (?:an?|the|our|one) {CLAUSE}{{0,30}}?{PEOPLE} to\b",
    r"(?:neglect(?:ed|ing|s|ful)?|negligen\w+|careless\w*|reckless\w*|sloppy|sloppiness|incompeten\w+|irresponsibl\w+"
    r"|mismanag\w+|botch\w*|bungl\w+|over-?zealous\w*|complacen\w+|unprofessional\w*|inattenti\w+|laziness|lazy(?! load\w*|[-\s]load\w*)"
    r"|ill-(?:considered|advised|conceived)|short-?sighted\w*|inexcusabl\w+|unacceptabl[ey]|thoughtless\w*|foolish\w*)\b",
    r"(?:did not|didn['’]t|does not|doesn['’]t) follow (?:the|our|their|its|proper|established|documented|standard|any)\b",
    r"(?:procedures?|process|policy|policies|protocol|runbook|playbook|guidelines?|instructions?|checklist|steps?)\b"
    rf"{CLAUSE}{{0,80}}?\b(?P<w>(?:was|were) not (?:\w+ly )?followed)\b",
    r"violat(?:ed|ing|ion of) (?:the |our |their |company |standard )*(?:procedures?|polic(?:y|ies)|process|protocol|rules)\b",
    r"(?<!manual\s)(?<!human\s)(?<!operator\s)mistakes?\b",
    r"mistaken\b|(?<!job\s)(?<!task\s)(?<!script\s)(?<!service\s)(?<!system\s)(?<!software\s)(?<!process\s)(?<!would\s)(?<!users\s)(?<!it\s)"
    r"(?<!was\s)(?<!were\s)mistakenly\b",
    r"(?:was|were) (?P<w>mistakenly)\b(?! \w+ing\b)",
    rf"{PEOPLE}(?: had| has| have| also)? (?P<w>incorrectly|wrongly|erroneously|falsely) \w+",
    r"(?:improper(?:ly)?|inappropriate(?:ly)?)\b",
    r"inadequate(?:ly)?\b(?! (?:capacity|memory|disk|bandwidth|power|space|cooling)\b)",
    rf"(?P<w>insufficient|poor|lax|deficient|substandard) (?:\w+ ){{0,2}}?{CARE}\b",
    rf"{CARE}\b{CLAUSE}{{0,70}}?\b(?:was|were|proved|been) (?:\w+ )?(?P<w>insufficient|inadequate|poor|deficient)\b",
    rf"(?:not|n['’]t|never)\b{CLAUSE}{{0,40}}? (?:closely|carefully|thoroughly|well|seriously|rigorously|diligently) enough\b",
    r"not (?:\w+ly )?(?:updated|communicated|informed|notified|escalated|declared?|told|tested|reviewed"
    r"|documented) (?:\w+ ){0,3}?(?:quickly|early|fast|soon|often) enough\b",
    r"(?:is|was|were|are) (?:to blame|at fault)\b|blam(?:ed|ing) (?:on|for)\b|(?:his|her|their|whose|my) (?:own )?fault\b",
    r"(?:forgot|forgotten|forgetting) (?:to|that|about)\b",
)

MECHANISTIC = (
    r"(?:human|operator|pilot|manual|clerical|administrator|admin|engineer|developer|employee|personnel|technician"
    r"|operational|procedural|copy[-\s]paste)['’]?s? (?:errors?|mistakes?|failings?|fallibility)\b",
    r"user error\b|human failures?\b",
    r"(?:an? )?errors? (?:made |caused )?by (?:an?|the|our|one of our) (?:\w+ ){0,2}?(?:engineer|operator|technician|developer"
    r"|administrator|employee|contractor)\b",
    r"fat[-\s]?finger\w*|pebkac|finger trouble|human (?:weakness|unreliability)\b",
    r"(?:loss of|lost|lack of) situation(?:al)? awareness\b",
)

HINDSIGHT = (
    r"(?:(?:in|with|by) )?(?:(?:the )?benefit of )?(?:hindsight|retrospect)\b",
    r"obviously\b",
    r"(?<!no\s)(?<!not\s)(?<!non-)(?:painfully |all too |too )?obvious (?:signs?|mistakes?|warnings?|errors?|risks?|symptoms?"
    r"|clues?|indications?|flaws?|problems?|that|in|to (?:us|everyone|anyone))\b",
    r"(?:was|were|been|seems?|seemed) (?:\w+ly |so |quite |already )?obvious\b(?! (?:to debug|from the))",
    r"clearly (?:should|could|wrong|a mistake|insufficient|inadequate|not enough|too)\b",
    r"warning signs?\b|red flags?\b|tell-?tale\b",
    r"(?:unforeseeable|foreseeable)\b(?! future)",
    r"(?:this|an|our|my|his|her|their|simple|unfortunate|the) (?P<w>oversight)\b(?! (?:of|board|committee|body|process|by)\b)",
    r"overlook(?:ed|ing)\b",
    rf"{PEOPLE}\b{CLAUSE}{{0,90}}?(?P<w>missed)\b(?! (?:our target|the target|deadlines?|events?|messages?|heartbeats?|runs?|the cache)\b)",
    r"(?:was|were|been|got) (?:\w+ly )?(?P<w>missed)\b(?! by (?:\w+ ){0,3}(?:monitor\w*|alert\w*|detect\w*|automat\w*|tests?|tool\w*))",
    rf"{PEOPLE}\b{CLAUSE}{{0,60}}?(?P<w>ignor(?:ed|ing)|dismiss(?:ed|ing)|disregard(?:ed|ing)|discount(?:ed|ing)|downplay(?:ed|ing)"
    rf"|brush(?:ed|ing) (?:off|aside)) (?:\w+ ){{0,4}}?{WARNING}\b",
    rf"{WARNING}\b{CLAUSE}{{0,40}}? (?:was|were|been|went|got|being) (?:\w+ly )?(?P<w>ignored|dismissed|disregarded|unheeded"
    r"|not acted (?:up)?on|not taken seriously)\b",
    rf"(?:the|an?|this|these|those|any) (?P<w>ignored) (?:\w+ ){{0,2}}?{WARNING}\b",
    r"had (?:\w+ly |already |been )?warned\b",
    r"despite (?:(?:repeated|multiple|several|prior|earlier|clear|numerous|many|these) )(?:warnings?|alerts?|alarms?|signs)\b",
    r"(?:knew|known) (?:it |this |that )?(?:was|were|is) coming\b|(?:saw|seen) (?:it|this|that) coming\b",
    rf"{PEOPLE}(?: (?:had|has|have|also|\w+ly)){{0,2}} (?P<w>failed to {_SEEING})\b",
)

_KINDS = (
    r"(?:immediate|primary|main|ultimate|underlying|real|true|single|sole|exact|actual|core|direct|proximate|principal"
    r"|probable|only)"
)

ROOT_CAUSE = (
    rf"(?:{_KINDS} ){{0,2}}root[-\s]cause\b(?!s)",
    r"(?-i:RCA)\b",
    rf"(?:the |its |their )?{_KINDS} cause\b",
    r"the cause of (?:the|this|that|our|both|these) (?:\w+ ){0,2}?(?:outage|incident|issue|problem|failure|downtime|disruption"
    r"|error|errors|crash|degradation|accident|delay|delays|bug|breach)\b",
    r"the cause (?:was|is|turned out|proved)\b(?! (?:initially|not|still|un\w+|being|under|yet))",
    r"the (?:(?:only|main|sole|primary|real) )?reason (?:for|behind) (?:the|this|our) (?:outage|incident|failure|downtime|disruption)\b",
    r"the culprit\b",
)

_FEW = r"(?:number|subset|percentage|fraction|portion|proportion|share|minority|group|amount)"

MINIMISING = (
    rf"only an? (?:very |small |tiny |limited |few ){{1,2}}{_FEW}\b",
    rf"(?:very |relatively )?(?:small|tiny)(?: but \w+)? (?:{_FEW})\b(?!{NUMBER_FOLLOWS})(?= of (?:[\w'’-]+ ){{0,3}}?{SUFFERERS}\b|[.,;)]|$)",
    rf"(?:a|only a) handful of (?:[\w-]+ ){{0,2}}?{SUFFERERS}\b",
    r"(?P<w>only) (?:affect|impact)(?:ed|ing|s)?\b|(?:affect|impact)(?:ed|ing|s) (?P<v>only)\b",
    rf"(?<!representing\s)(?<!uses\s)(?<!using\s)(?P<w>only|just) (?:about |around |some |roughly |approximately |~)?[\d,.]+\s?(?:%|(?:[\w-]+ )?(?:minutes?|seconds?|hours?|percent"
    rf"|{SUFFERERS})\b)",
    r"(?:was|were|is|it['’]s|that['’]s|this is) (?P<w>just|only|merely) (?:an?|one) (?!single\b|test\b)(?!\w*\b(?:symptom|part)\b)",
    r"(?P<w>just) (?:needed|had|have|need|required) to\b|(?P<v>just) (?:a matter|a case|restart\w*|revert\w*|re-?run\w*|roll\w* back)\b",
    r"(?<!by\s)(?P<w>simply|merely)\b(?! (?:would|could|because|not)(?:n['’]t)?\b)",
    r"(?:could|can|would|should)(?:n['’]t| not)? (?:\w+ )?(?P<w>easily)\b|(?P<v>easily) (?:fixed|avoided|resolved|prevented|solved|reverted)\b",
    r"trivial(?:ly)?\b",
    r"(?:easy|simple|straightforward) (?:fix|change|mistake|error|typo|oversight|slip|misconfiguration|restart)\b",
    r"(?P<w>minor) (?:[\w-]+ )?(?:outages?|disruptions?|impact|incidents?|issues?|bugs?|glitch(?:es)?|hiccups?|inconveniences?|delays?"
    r"|degradation|changes?|updates?|upgrades?|tweaks?|slips?|mistakes?|errors?|configuration|problems?|edits?)\b",
    r"(?P<w>slight|minimal|negligible) (?:[\w-]+ )?(?:impact|degradation|disruption|delays?|inconvenience|effects?|data loss|downtime)\b",
    r"(?:impact|effects?|damage|disruption|outage|data loss)(?: \w+){0,3}? (?:was|were|is|remained|been|being|stayed) (?:\w+ )?(?P<w>limited|minimal"
    r"|negligible|small|minor|slight)\b",
    rf"limited (?:impact|disruption|effects?|number of (?:\w+ )?{SUFFERERS})\b",
    r"(?<!in\sa\s)brief (?:outages?|interruptions?|downtime|unavailability|degradation|service disruptions?|disruptions?|blips?)\b",
    r"for (?:an? )?(?P<w>(?:very |relatively )?brief) (?:period|time|moment|window)\b",
    r"(?P<w>briefly) (?:unavailable|down|affected|impacted|disrupted|offline|degraded|interrupted|inaccessible)\b",
    r"no big deal|nothing serious|hiccups?\b|blips?\b|not a big (?:deal|problem)\b",
)

_KNOWING = r"(?:knew|knows|know|noticed|saw|thought|assumed|reali[sz]ed|understood|understands|agreed|agrees|believed|expected|was aware|is aware)"
_PROMISE = r"(?:ensur(?:e|es|ing)|mak(?:e|es|ing) (?:absolutely )?(?:sure|certain)|guarantee\w*|so that)"

ABSOLUTE = (
    r"(?:never again|(?:will|can|could|would|shall) never|can never)\b",
    r"(?:will|can|could|shall)(?: not|not|n['’]t) (?:ever )?happen again\b|won['’]t happen again\b|can['’]t happen again\b",
    r"(?:we|they|i|people|teams|engineers|everyone)(?: \w+)? (?P<w>never) (?!\w+ed\b|had\b|made\b|saw\b|got\b|were\b|was\b|knew\b|thought\b|found"
    r"\b|told\b|ran\b|wrote\b|took\b|gave\b|came\b|went\b|been\b|\w+en\b)\w+",
    rf"(?:has|have|can|will|must|should) (?P<w>always)\b|{_PROMISE}{CLAUSE}{{0,80}}? (?:is|are|be) (?P<v>always)\b",
    r"(?:we|they|people|teams|engineers|everyone|you) (?P<w>always) \w+",
    rf"(?:nobody|no one|no-one|none of (?:us|them|the team|the \w+)|every\s?one|everybody|all of us)(?: on the team)?"
    rf"(?= (?:\w+ly |already |had |has |have |ever ){{0,2}}{_KNOWING}\b)",
    r"impossible (?:for (?:this|that|it|anyone|us|someone|anybody) to|to (?:happen|repeat|recur|get wrong|break|fail|miss))\b",
    r"(?<!no\s)(?<!not\s)guarantee(?:d|ing)?\b(?! (?:delivery|capacity))|guarantees (?=that|the|this|it)",
    rf"{_PROMISE}{CLAUSE}{{0,70}}?\b(?:never|not|cannot|no longer|no)\b{CLAUSE}{{0,40}}?\b(?:again|happen\w*|recur\w*|repeat\w*|reoccur\w*|further|future)\b",
    rf"{_PROMISE} (?:that )?any future \w+|any future (?:regression|incident|issue|failure|outage)s? (?:is|are|will)\b",
    r"(?:completely|fully|entirely|totally|absolutely|perfectly|100\s?%) (?:safe|secure|reliable|protected|certain|sure|prevent\w*|eliminat\w*"
    r"|immune|avoid\w*|risk-free)\b",
    r"fool-?proof|bullet-?proof|(?:zero|no|without any) (?:risk|chance|possibility|danger) (?:of|that|to)\b",
    r"eliminat\w+ (?:the|any|all|every) (?:\w+ )?(?:possibility|risk|chance)\b|under (?:no|any) circumstances\b|without (?:a |any )?doubt\b|undoubtedly\b",
)

COMPILED: dict[str, tuple[re.Pattern[str], ...]] = {
    name: tuple(map(pattern, sources))
    for name, sources in (
        ("counterfactual", COUNTERFACTUAL),
        ("normative", NORMATIVE),
        ("mechanistic", MECHANISTIC),
        ("hindsight", HINDSIGHT),
        ("root_cause", ROOT_CAUSE),
        ("minimising", MINIMISING),
        ("absolute", ABSOLUTE),
    )
}
