"""Made-up content for the pattern page: a write-up, a timeline, a history."""

from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from postmortem.text.markdown import render

TEXT = """Rendered by the one renderer there is: **strong**, *emphasis*, `code`, a note[^1].

## A heading in a text

> What somebody said, as they said it.

- [x] Compare when something was written
- [ ] Rehearse with a clock that is wrong

```python
return update.written_at > entry.written_at  # never touched_at
```

| Time | What could be seen |
| --- | --- |
| 09:40 | a release was missing |

[^1]: At the end, where it does not interrupt.
"""


def sample_entry(title: str, tldr: str, **more: Any) -> SimpleNamespace:
    """A write-up as the blog's cards want it."""
    entry = {
        "title": title,
        "url": "#entry",
        "tldr": tldr,
        "author_line": "The playback team",
        "published_at": datetime(2026, 3, 12, 9, 0, tzinfo=UTC),
        "reading_minutes": 7,
        "tags": [("caching", "#caching"), ("clock skew", "#clock")],
        "services": [("Playback", "#playback")],
        "severity": None,
        "is_imported": False,
    }
    return SimpleNamespace(**(entry | more))


def sample_picture() -> SimpleNamespace:
    """A timeline drawn by hand; real ones come from the incident's own numbers."""
    return SimpleNamespace(
        width=960,
        height=222,
        title="Timeline of INC-12 to scale",
        description="Impact began at 13:03, was detected after 16 minutes and was over after 2 h 23 min.",
        ticks=[(20, "13:00"), (250, "13:40"), (480, "14:20"), (710, "15:00"), (940, "15:40")],
        bars=[
            (37, 92, "Detect 16 min", "detect"),
            (37, 448, "Mitigate 1 h 18 min", "mitigate"),
            (37, 822, "Resolve 2 h 23 min", "resolve"),
        ],
        points=[
            (37, 122, "First errors", "impact", "13:03 First errors in the player"),
            (129, 148, "Alert", "detection", "13:19 Alert: playback error rate"),
            (300, 122, "Cache suspected", "diagnosis", "13:49 Cache suspected"),
            (421, 148, "Roll back?", "decision", "14:10 Decision to roll back"),
            (485, 122, "Rolled back", "repair", "14:21 Rolled back"),
            (700, 148, "Status page", "communication", "14:58 Status page updated"),
            (859, 122, "All clear", "other", "15:26 All clear"),
        ],
    )


def sample_history() -> list[SimpleNamespace]:
    """One entry with changed fields, one without."""
    start = datetime(2026, 3, 12, 13, 3, tzinfo=UTC)
    change = SimpleNamespace(field="Severity", old="SEV 3", new="SEV 2")
    blank = SimpleNamespace(field="Impact", old="", new="One listener in five could not start a song.")
    return [
        SimpleNamespace(
            at=start + timedelta(hours=3),
            actor_name="Ines Okafor",
            sentence="changed the report",
            changes=[change, blank],
        ),
        SimpleNamespace(at=start, actor_name="Jonas Lind", sentence="filed the incident", changes=[]),
    ]


def sample_events() -> list[SimpleNamespace]:
    """Timeline events: one with a time, one that says its time in words."""
    start = datetime(2026, 3, 12, 13, 3, tzinfo=UTC)
    return [
        SimpleNamespace(kind="impact", at=start, words=None, role=None, text="First errors in the player."),
        SimpleNamespace(
            kind="decision",
            at=None,
            words="just before lunch",
            role="On-call engineer",
            text="Roll back, then look.",
        ),
    ]


@cache
def sample_html() -> str:
    """The sample text, rendered once: the renderer works in a process of its own."""
    return render(TEXT, heading_prefix="sample-").html


def reading_samples() -> dict[str, Any]:
    """What the blog shows: entries and the headings of one."""
    return {
        "entries": [
            sample_entry(
                "The cache that remembered too well",
                "A cache kept yesterday's catalogue for eleven hours because two clocks disagreed. "
                "We found it by accident, and learnt why our alerts could not have.",
                severity="sev2",
                is_pinned=True,
            ),
            sample_entry(
                "Vasa",
                "A ship with one gun deck too many sails for 1,300 metres.",
                author_line="",
                is_imported=True,
            ),
            sample_entry(
                "Forty minutes without search", "An index was rebuilt in the wrong order.", severity="sev3"
            ),
        ],
        "html": sample_html(),
        "headings": [
            SimpleNamespace(id="what-happened", text="What happened", level=2),
            SimpleNamespace(id="what-helped", text="What helped", level=2),
            SimpleNamespace(id="the-second-clock", text="The second clock", level=3),
        ],
    }
