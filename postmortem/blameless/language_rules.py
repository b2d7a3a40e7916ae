"""The eight rules of blameless language: what each is called, why it asks, what it asks, and where that is from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LanguageRule:
    """One rule. `why` and `question` are shown beside the words; `source` is for whoever wants to read on."""

    id: str
    label: str
    why: str
    question: str
    source: str
    example: str


RULES = (
    LanguageRule(
        "counterfactual",
        "A past that did not happen",
        "This tells of what did not happen, and so leaves out why what did happen made sense.",
        "What did people do instead, and what made this look right at the time?",
        "J. Allspaw, Three Analytical Traps in Accident Investigation; S. Dekker, The Field Guide to Understanding 'Human Error'",
        "We should have tested the restore.",
    ),
    LanguageRule(
        "normative",
        "Measured against a norm",
        "This judges what people did by a norm, which ends the search for how their work really went.",
        "What did they know, aim for and juggle at that moment?",
        "J. Allspaw, Three Analytical Traps in Accident Investigation; S. Dekker, The Field Guide to Understanding 'Human Error'",
        "The team failed to check the logs.",
    ),
    LanguageRule(
        "mechanistic",
        "People as a faulty part",
        "This names people as the part that broke, as if everything else had been safe without them.",
        "What in the tools, the load or the information led a capable person here?",
        "J. Allspaw, Three Analytical Traps in Accident Investigation; PagerDuty, postmortem guide",
        "The cause was human error.",
    ),
    LanguageRule(
        "hindsight",
        "Seen with hindsight",
        "This is plain only to one who knows how it ended; at the time it was one signal among many.",
        "How did it look then, and what else asked for attention?",
        "S. Dekker, The Field Guide to Understanding 'Human Error'; B. Fischhoff on hindsight and foresight",
        "The alert was overlooked.",
    ),
    LanguageRule(
        "singled_out",
        "One person in the light",
        "This points at one person, while others would probably have done the same in that place.",
        "What would have led anybody in that role to do this, and who or what else took part?",
        "Atlassian, incident postmortem practices; PagerDuty, postmortem guide",
        "An engineer deleted the table.",
    ),
    LanguageRule(
        "root_cause",
        "One cause",
        "This names one cause, and reading stops there; failures of large systems need several things at once.",
        "What else had to be true for this to happen, and what had kept it from happening before?",
        "R. Cook, How Complex Systems Fail; J. Allspaw on the infinite hows",
        "The root cause was a full disk.",
    ),
    LanguageRule(
        "minimising",
        "Made smaller",
        "This makes harm or work look smaller than a reader can check.",
        "How many, how long, how hard, and for whom was it not small?",
        "S. Dekker, The Field Guide to Understanding 'Human Error'; D. Woods and R. Cook on distancing",
        "Only a small number of customers noticed.",
    ),
    LanguageRule(
        "absolute",
        "Without bounds",
        "This knows no exception, and systems and people nearly always have one.",
        "When is it different, and how would we notice?",
        "E. Hollnagel, Safety-I and Safety-II; R. Cook, How Complex Systems Fail",
        "This will never happen again.",
    ),
)

BY_ID = {rule.id: rule for rule in RULES}
