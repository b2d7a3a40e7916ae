"""A write-up as plain values: what forms, importers and the API hand to `operations.start_writeups`."""

from collections.abc import Sequence
from dataclasses import dataclass

from postmortem.writeups.enums import Audience, Template


@dataclass(frozen=True, kw_only=True)
class WriteupDraft:
    """People by e-mail address, teams and services by slug, tags by name, incidents by number.

    `source_name` and `source_url` say where an imported one comes from; it then needs no author.
    """

    title: str
    tldr: str = ""
    body: str = ""
    template: str = Template.FREE
    audience: Audience = Audience.INTERNAL
    authors: Sequence[str] = ()
    tags: Sequence[str] = ()
    teams: Sequence[str] = ()
    services: Sequence[str] = ()
    incidents: Sequence[int] = ()
    source_name: str = ""
    source_url: str = ""
