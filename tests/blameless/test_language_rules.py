"""Each rule by its own sentences: which words it marks, and what looks alike and is left alone."""

import pytest
from _pytest.mark import ParameterSet

from postmortem.blameless.language import hints
from postmortem.blameless.language_rules import RULES, LanguageRule

MARKED = {
    "counterfactual": (
        "We [should have tested] the restore.",
        "Monitoring [could have caught] this within a minute.",
        "A canary [would have prevented] the spread.",
        "They [should not have been] able to reach it.",
        "The job [was supposed to] stop by itself.",
        "[If only] we had asked.",
        "It **[should** also **have alerted]** us.",
        "[Had the backup been] newer, an hour of work would be there.",
    ),
    "normative": (
        "The team [failed to] check the logs.",
        "The operator read the page but [failed to] answer it.",
        "[Careless] work, carelessly checked.",
        "It came from [insufficient testing] of the migration.",
        "Our alerting was [poor] that night.",
        "The release checklist [was not followed].",
        "Someone [mistakenly] removed the rule.",
        "They did [not test it carefully enough].",
        "We [forgot to] renew it.",
        "Their [failure to] rotate the key.",
    ),
    "mechanistic": (
        "It was down to [human error].",
        "A [manual error] during the deploy.",
        "Classic [operator errors].",
        "Somebody [fat-fingered] the port.",
    ),
    "hindsight": (
        "[In hindsight] the graph says it all.",
        "The reviewers [overlooked] the second flag.",
        "Responders [missed] the second page.",
        "On-call engineers [ignored] two alerts.",
        "The alarms were [ignored] for an hour.",
        "There were [warning signs] all week.",
        "[Obviously] the disk was full.",
        "We [knew this was coming].",
    ),
    "singled_out": (
        "[An engineer] deleted the table.",
        "[The operator] typed the wrong zone.",
        "The index was dropped by [a contractor].",
        "[A tired developer] was alone that night.",
        "[@kim-w] forgot the flag.",
        "[She] mistakenly confirmed it.",
        "A setting was changed by [@kim-w] at noon.",
    ),
    "root_cause": (
        "The [root cause] was a full disk.",
        "## [Root cause]",
        "We look for the [underlying root cause].",
        "[The main cause] is known.",
        "This was [the cause of the outage].",
        "The [RCA] is attached.",
    ),
    "minimising": (
        "A [small number] of customers noticed.",
        "It [only] affected the API.",
        "We lost [only] 3 minutes of data.",
        "One [simply] restarts it.",
        "A [minor] configuration change went out.",
        "There was a [brief outage].",
        "Impact was [limited] to one region.",
        "A [trivial] slip.",
    ),
    "absolute": (
        "This [will never] happen again.",
        "[Everybody] knew about the flag.",
        "[Nobody] noticed it.",
        "We fixed it to [ensure that this does not happen again].",
        "The new script is [completely safe].",
        "The lock [guarantees] that it runs once.",
        "We [always] test restores.",
    ),
}

LEFT_ALONE = {
    "counterfactual": (
        "Every team should have a runbook.",
        "Some addresses may have been read.",
        "Users would have seen an error page.",
        "It could have been worse.",
        "The alarm should fire within a minute.",
    ),
    "normative": (
        "The server failed to start.",
        "Kubernetes failed to schedule the pod.",
        "There was insufficient memory on the node.",
        "The value was incorrect.",
        "The cleanup job mistakenly removed live images.",
        "Images are lazy-loaded.",
        "The rule was inadvertently moved.",
    ),
    "mechanistic": (
        "The error rate rose to 12%.",
        "PagerDuty reported user errors in the app.",
        "Human review stays part of the release.",
    ),
    "hindsight": (
        "The parser ignored the setting.",
        "The node missed three heartbeats.",
        "It went undetected for two hours.",
        "This will do for the foreseeable future.",
        "The instructions were clear.",
    ),
    "singled_out": (
        "An engineer noticed the graph.",
        "The on-call engineer restored the service within a minute.",
        "The team deployed the change.",
        "If an operator presses the key, the job stops.",
        "The Kubernetes operator deleted the pod.",
        "A customer pushed a configuration.",
        "An attacker changed the file.",
        "@kim-w posts a summary.",
    ),
    "root_cause": (
        "The root causes are many.",
        "It was caused by load.",
        "Several things contributed.",
        "The cause was initially unclear.",
    ),
    "minimising": (
        "Only the primary writes.",
        "It stopped just before midnight.",
        "A small number of customers (about 120) were affected.",
        "A small pool of connections.",
        "Brief the next shift.",
    ),
    "absolute": (
        "All requests returned 500.",
        "The job runs every 5 minutes.",
        "The routine never returned.",
        "We never enabled that flag.",
        "There is no guarantee of order.",
        "Service fully recovered.",
    ),
}


def cases(table: dict[str, tuple[str, ...]]) -> list[ParameterSet]:
    return [
        pytest.param(rule, each, id=f"{rule}-{place}")
        for rule, sentences in table.items()
        for place, each in enumerate(sentences)
    ]


def test_each_rule_has_sentences_of_its_own() -> None:
    assert set(MARKED) == set(LEFT_ALONE) == {rule.id for rule in RULES}


@pytest.mark.parametrize(("rule", "sentence"), cases(MARKED))
def test_marks_the_words(rule: str, sentence: str) -> None:
    text = sentence.replace("[", "").replace("]", "")
    start = sentence.index("[")
    words = sentence[start + 1 : sentence.index("]")]
    spans = [(each.start, each.end) for each in hints(text) if each.rule == rule]
    assert any(a < start + len(words) and start < b for a, b in spans), [*hints(text)]


@pytest.mark.parametrize(("rule", "sentence"), cases(LEFT_ALONE))
def test_leaves_alone_what_looks_alike(rule: str, sentence: str) -> None:
    assert [each.words for each in hints(sentence) if each.rule == rule] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_example_of_a_rule_is_one(rule: LanguageRule) -> None:
    assert rule.id in {each.rule for each in hints(rule.example)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_why_in_one_sentence_and_asks(rule: LanguageRule) -> None:
    assert rule.why.endswith(".") and ". " not in rule.why and len(rule.why) < 120
    assert rule.question.endswith("?") and rule.source and rule.label
