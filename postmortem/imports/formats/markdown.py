"""A Markdown file, or a folder of them, with or without YAML front matter. Reads files, asks no database.

The text is kept whole and nothing is guessed: a time that stands only in the text stays there. How each
name in front matter is understood stands in `imports.fields`, for users in docs/imports.md.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath

from postmortem.imports import fields, titles
from postmortem.imports.folders import Where, collection, files_below, shown
from postmortem.imports.frontmatter import Unusable, parse, read_text
from postmortem.imports.outlines import about_the_folder, outline_reason
from postmortem.imports.plan import Item, Plan, Skip, SkipKind, one_spelling
from postmortem.incidents.drafts import IncidentDraft
from postmortem.incidents.enums import MOMENTS, IncidentStatus, Severity
from postmortem.text.reading import plain_text, shortened
from postmortem.web import zones
from postmortem.writeups.drafts import WriteupDraft

SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
# The blog is in the order of publication; an incident of 1628 was not published in 1628.
FIRST_YEAR_ONLINE = 1990
NO_TIME = datetime.min.replace(tzinfo=UTC)
MAX_ID, MAX_LINK, MAX_LINKS, MAX_SOURCE_URL, MAX_TLDR = 200, 2_000, 50, 500, 1_000
Track = Callable[[Sequence[Path]], Iterable[Path]]


def plan_import(
    path: Path, *, source: str | None = None, timezone: str | None = None, track: Track | None = None
) -> Plan:
    """Plan the import of a file or folder. `track` wraps the files as they are read, to show progress.

    Without `source` the collection is called after its folder, or the one above where that says nothing
    (`data`, `docs` …), and files without an id of their own are known by their path below that folder.
    """
    path = path.resolve()
    where = collection(path, source, timezone)
    plan = Plan(source=where.source)
    files = [path] if path.is_file() else list(files_below(path, SUFFIXES, plan, where))
    first_with: dict[str, str] = {}
    for file in track(files) if track else files:
        name = shown(file, where)
        found = _read(file, name, where, is_named=file == path)
        if isinstance(found, Item) and first_with.setdefault(found.external_id, name) != name:
            same = first_with[found.external_id]
            found = Skip(name, f"It has the same id as {same}: {found.external_id}.", SkipKind.UNUSABLE)
        if isinstance(found, Item):
            plan.items.append(found)
        else:
            plan.skips.append(found)
    _agree_on_spelling(plan)
    plan.items.sort(key=_oldest_first)
    return plan


def _oldest_first(item: Item) -> tuple[bool, datetime, bool]:
    """Numbers rise with time; what has no time gets the lowest, and among those what has no summary.

    Whoever is published at the same moment, that of the import, stands on the blog the other way round.
    """
    moments = [moment.value for name in MOMENTS if (moment := getattr(item.incident, name)) and moment.value]
    is_summed_up = bool(item.writeup and item.writeup.tldr)
    return bool(moments), min(moments, default=NO_TIME), is_summed_up


def _agree_on_spelling(plan: Plan) -> None:
    spelling = one_spelling(name for item in plan.items for name in item.services)
    for number, item in enumerate(plan.items):
        names = dict.fromkeys(spelling[name] for name in item.services)
        plan.items[number] = replace(item, services=tuple(names))


def _read(file: Path, name: str, where: Where, *, is_named: bool) -> Item | Skip:
    """One file as an item, or why it is left out. A file that was named itself is never taken for a README."""
    stem = PurePosixPath(name).stem
    if about_the_folder(stem) and not is_named:
        return Skip(name, "It tells about the folder. To bring it in all the same, name the file itself.")
    try:
        text = read_text(file)
        if not text.strip():
            return Skip(name, "It is empty.")
        document = parse(text)
    except Unusable as unusable:
        return Skip(name, str(unusable), SkipKind.UNUSABLE)
    front = document.front or {}
    title, body = _titled(front, document.body, name)
    is_record = not document.body and fields.has_facts(front)
    if reason := outline_reason(stem, title, "A record without a text." if is_record else document.body):
        return Skip(name, reason)
    return _item(name, where, front, title, body)


def _titled(front: fields.Front, body: str, name: str) -> tuple[str, str]:
    """The title, and the body without it: as given, else the first heading, else made of facts or file name."""
    heading, rest = titles.heading_title(body)
    if given := titles.short(fields.line(front, "title")):
        return given, rest if heading.casefold() == given.casefold() else body
    if heading:
        return heading, rest
    address = next(iter(titles.addresses(fields.value(front, "url"))), "")
    made = titles.made_title(fields.line(front, "company"), fields.line(front, "product"), address)
    return made or titles.title_from_name(PurePosixPath(name)) or "Untitled", body


def _item(name: str, where: Where, front: fields.Front, title: str, body: str) -> Item:
    notes: list[str] = []
    timezone = _timezone(front, where, notes)
    moments = {field: fields.moment_of(front, field, where.source, timezone, notes) for field in MOMENTS}
    external_id = _external_id(fields.line(front, "id") or name)
    tags, links = fields.tags(front), _links(front)
    summary = fields.text(front, "summary")
    incident = IncidentDraft(
        title=title,
        summary=summary or titles.first_paragraph(body),
        impact=fields.text(front, "impact"),
        severity=fields.member(Severity, front, "severity", notes),
        status=fields.member(IncidentStatus, front, "status", notes) or IncidentStatus.CLOSED,
        timezone=timezone or "UTC",
        tags=tags,
        links=links,
        external_ids=[(where.source, external_id)],
        **moments,  # type: ignore[arg-type]
    )
    if unknown := fields.unknown_names(front):
        notes.append(f"Not used: {', '.join(unknown)[:300]}.")
    if not body:
        notes.append("It has no text below its front matter, so it gets no write-up.")
    return Item(
        file=name,
        external_id=external_id,
        incident=incident,
        writeup=_writeup(where, incident, summary, body) if body else None,
        services=fields.services(front),
        published_at=_published_at(front, incident, timezone),
        is_published=not _is_draft(front),
        notes=tuple(notes),
    )


def _writeup(where: Where, incident: IncidentDraft, summary: str, body: str) -> WriteupDraft:
    """The document that people read; it says where it is from and has no author.

    Without a summary of its own it has no tl;dr: the first paragraph would stand there twice.
    """
    original = incident.links[0]["url"] if incident.links else ""
    host = titles.host(original)
    return WriteupDraft(
        title=incident.title,
        tldr=shortened(plain_text(summary), MAX_TLDR),
        body=body,
        tags=incident.tags,
        source_name=f"{host} ({where.source})" if host else where.source,
        source_url=original if len(original) <= MAX_SOURCE_URL else "",
    )


def _timezone(front: fields.Front, where: Where, notes: list[str]) -> str | None:
    name = fields.line(front, "timezone")
    if name and not zones.is_zone(name):
        notes.append(f"timezone “{name[:60]}” is none that we know; not used.")
    return name if name and zones.is_zone(name) else where.timezone


def _external_id(given: str) -> str:
    """The id, or its beginning and a digest of all of it where it is too long to be kept."""
    if len(given) <= MAX_ID:
        return given
    return f"{given[:150]}… {sha256(given.encode()).hexdigest()[:40]}"


def _links(front: fields.Front) -> list[dict[str, str]]:
    archived = titles.addresses(fields.value(front, "archive_url"))
    found = dict.fromkeys(titles.addresses(fields.value(front, "url")), "")
    found |= dict.fromkeys(archived, "Archived copy")
    kept = [(link, words) for link, words in found.items() if len(link) <= MAX_LINK][:MAX_LINKS]
    return [{"url": link, "title": words or titles.host(link)} for link, words in kept]


def _is_draft(front: fields.Front) -> bool:
    return fields.value(front, "draft") is True or front.get("published") is False


def _published_at(front: fields.Front, incident: IncidentDraft, timezone: str | None) -> datetime | None:
    """When the source published it, else the end, else the start from 1990 on, else None: the import's time."""
    if when := fields.publication(front, timezone):
        return when.value
    if incident.resolved_at and incident.resolved_at.value:
        return incident.resolved_at.value
    start = incident.impact_started_at.value if incident.impact_started_at else None
    return start if start and start.year >= FIRST_YEAR_ONLINE else None
