"""The form of the help with language: for each rule whether it gives hints, and words added to it."""

from typing import Any

from wtforms import BooleanField
from wtforms.validators import Optional

from postmortem.blameless.language_rules import RULES, LanguageRule
from postmortem.blameless.operations_language import LONGEST_WORDS, MOST_WORDS
from postmortem.blameless.queries_language import LanguageSettings
from postmortem.web.forms import EditForm, NamesField


class LanguageForm(EditForm):
    """Two fields for each rule are added below: `on_<rule>` and `words_<rule>`."""

    @classmethod
    def of(cls, settings: LanguageSettings, version: int, **kwargs: Any) -> "LanguageForm":
        values: dict[str, Any] = {"version": version}
        for rule in RULES:
            values[f"on_{rule.id}"] = rule.id not in settings.off
            values[f"words_{rule.id}"] = list(settings.words.get(rule.id, ()))
        return cls(data=values, **kwargs)

    def settings(self) -> LanguageSettings:
        """What was decided, as a value."""
        words = {rule.id: tuple(self[f"words_{rule.id}"].data or ()) for rule in RULES}
        return LanguageSettings(
            frozenset(rule.id for rule in RULES if not self[f"on_{rule.id}"].data),
            {rule: each for rule, each in words.items() if each},
        )

    def rows(self) -> list[tuple[LanguageRule, Any, Any]]:
        """Each rule with its two fields."""
        return [(rule, self[f"on_{rule.id}"], self[f"words_{rule.id}"]) for rule in RULES]


for _rule in RULES:
    setattr(LanguageForm, f"on_{_rule.id}", BooleanField(f"Give hints: {_rule.label}"))
    setattr(
        LanguageForm,
        f"words_{_rule.id}",
        NamesField(
            f"More words: {_rule.label}",
            max_items=MOST_WORDS,
            max_length=LONGEST_WORDS,
            validators=[Optional()],
            description="Words or phrases with commas between them. Each counts as a whole word, in capitals or not.",
        ),
    )
