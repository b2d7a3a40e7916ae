"""Small parts from which the patterns of the language rules are put together."""

import re

# Words in `**bold**` or with two spaces between them are the same words.
GAP = r"[ \t\xa0*_]+"
# Whatever stands between two words of one clause.
CLAUSE = r"[^.;:!?\n]"

ROLE = (
    r"(?:engineer|operator|technician|developer|administrator|admin|sysadmin|employee|contractor|intern|programmer"
    r"|author|committer|manager|worker|staff member|team member|team mate|teammate|colleague|dba|sre|responder|analyst"
    r"|consultant|supervisor|dispatcher|reviewer|on-call)"
)
PEOPLE = (
    r"(?:we|they|he|she|i|you|who|somebody|someone|people|personnel|staff|management|team|teams|compan(?:y|ies)"
    r"|department|organi[sz]ation|vendor|contractors|operators|engineers|developers|technicians|administrators|admins"
    r"|employees|managers|responders|reviewers|authors|review process|@[\w-]+|" + ROLE + r")"
)
PARTICIPLE = (
    r"(?:\w+ed|been|had|done|gone|seen|known|taken|given|written|chosen|shown|run|made|kept|left|put|set|read|told"
    r"|found|caught|thought|brought|sent|built|met|held|lost|led|felt|got|gotten|come|become|begun|broken|spoken|paid"
    r"|cut|hit|shut|let|understood|taught|sought|spent|woken|grown|drawn|split|meant|dealt)"
)
# Outcomes that an account of another past wishes for.
BETTER = (
    r"(?:prevented|avoided|caught|detected|allowed|enabled|stopped|helped|saved|mitigated|reduced|limited|shortened"
    r"|noticed|alerted|warned|averted|blocked|kept|surfaced|flagged|revealed|restored|resolved|solved|fixed|spared"
    r"|minimi[sz]ed|improved|made it (?:easier|possible|clear\w*|obvious)|told us|shown us|given us|let us"
    r"|been (?:\w+ly )?(?:avoided|prevented|caught|detected|noticed|safe|safer|better|easier|faster|quicker|shorter"
    r"|smaller|wiser|possible|resolved|solved|fixed|restored|mitigated|stopped|found|limited|reduced|averted|enough"
    r"|sufficient|contained|anticipated|spotted|tested))"
)
CARE = (
    r"(?:test(?:s|ing)?|reviews?|reviewing|training|planning|plan|monitoring|alerting|alerts|metrics|observability"
    r"|documentation|communications?|coordination|procedures?|process(?:es)?|preparation|oversight|care|attention"
    r"|diligence|validation|vetting|staffing|judge?ment|decisions?|choices?|practices?|hygiene|supervision|discipline"
    r"|understanding|knowledge|support|change management|response|checks|linting|mechanisms|handover|governance)"
)
WARNING = r"(?:alerts?|alarms?|warnings?|signs?|signals?|reports?|concerns?|advice|e-?mails?|notices|notifications?|pages|failures?|recommendations?)"
SUFFERERS = (
    r"(?:users?|customers?|people|requests?|traffic|accounts?|repositor(?:y|ies)|repos|jobs?|builds?|volumes?|instances?"
    r"|machines?|teams?|organi[sz]ations?|events?|deliver(?:y|ies)|calls?|sessions?|tenants?|merchants?|payments?|orders?"
    r"|messages?|records?|sites?|websites?|data|databases?|projects?|transactions?|pages?|members?|clients?|subscribers?)"
)
NUMBER_FOLLOWS = rf"(?={CLAUSE}{{0,70}}?(?:\d\s?%|\(\d|(?:less|fewer|more) than \d|(?:about|around|approximately|roughly) \d|~\s?\d))"


def pattern(source: str) -> re.Pattern[str]:
    """A pattern in which a space stands for any gap between words. A group `w` holds the words to mark."""
    return re.compile(rf"\b(?:{source.replace(' ', GAP)})", re.IGNORECASE)


def phrase(words: str) -> re.Pattern[str]:
    """A word or phrase that an admin added: whole words, in any case."""
    parts = [re.escape(part) for part in words.split()]
    return re.compile(rf"(?<!\w)(?:{GAP.join(parts)})(?!\w)", re.IGNORECASE)
