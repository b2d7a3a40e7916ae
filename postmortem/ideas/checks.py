"""What an idea and a reason may be, whoever hands them in. Pure."""

from postmortem.errors import Refused

TEXT_MAX = 1000
REASON_MAX = 500


def checked_text(text: str | None) -> str:
    """The idea on one line. Raises Refused for a blank or overlong one."""
    return _line(text, "text", TEXT_MAX, "Write the idea down; a few words are enough.")


def checked_reason(reason: str | None, blank: str) -> str:
    """A reason on one line. Raises Refused for an overlong one, and with the sentence `blank` for none."""
    return _line(reason, "reason", REASON_MAX, blank)


def _line(value: str | None, field: str, most: int, blank: str) -> str:
    line = " ".join((value or "").split())
    if not line:
        raise Refused(blank, field=field)
    if len(line) > most:
        raise Refused(f"Shorten this to {most:,} characters.", field=field)
    return line
