"""Live blocks: where they are found, what they say to writers, and what is frozen for readers."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.operations import edit_action
from postmortem.text.markdown import html_text, render
from postmortem.text.marks import without_marks
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.writeups import operations
from postmortem.writeups.blocks import expand, freeze, freeze_blocks
from postmortem.writeups.blocks_parse import Block, blocks_in, find_blocks, wanted
from postmortem.writeups.models import Publication, Writeup
from tests.factories.accounts import make_person, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]

BEGAN = datetime(2026, 11, 20, 13, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("{{timeline}}", [("timeline", "", True)]),
        ("text\n\n  {{ Timeline : 12, 15 }}  \n\ntext", [("timeline", "12, 15", True)]),
        ("at {{time: x}}, {{time:y}}", [("time", "x", False), ("time", "y", False)]),
        ("{{time: x}}", [("time", "x", False)]),
        ("see {{facts}} here", [("facts", "", False)]),
        ("> {{facts}}", [("facts", "", False)]),
        ("{{unheard_of: 3}}", [("unheard_of", "3", True)]),
        ("a\n{{impact}}\nb", [("impact", "", True)]),
        # Other people's braces, escapes and code are left alone.
        ("{{ .Values.replicas }} and {{unheard_of}} here", []),
        ("\\{{timeline}}", []),
        ("`{{timeline}}` and ``a ` {{time: x}}``", []),
        ("```\n{{timeline}}\n```\n", []),
        ("~~~\n```\n{{timeline}}\n~~~\n{{facts}}", [("facts", "", True)]),
        ("- item\n\n  ```\n  {{facts}}\n  ```\n", []),
        ("    {{timeline}}\n", []),
        ("a `code that\n{{facts}}\nends` here", []),
        ("a ` stays open\n\n{{facts}}", [("facts", "", True)]),
    ],
)
def test_blocks_are_found_outside_of_code(body: str, found: list[tuple[str, str, bool]]) -> None:
    blocks = find_blocks(body)
    assert [(each.name, each.words, each.is_alone) for each in blocks] == found
    for each in blocks:
        assert body[each.start : each.end].strip() == each.written


@pytest.mark.parametrize(
    "text",
    [
        "".join("`" * (1 + number % 400) + " {{time: x}} " for number in range(1_000)),
        "{{time:" + " " * 90_000,
        "{{" * 45_000,
        "{{time: x}} ` " * 7_000,
        "`{{time: x}}` " * 7_000,
        "{{a" + "\t" * 90_000 + "\n",
    ],
    ids=["backticks", "spaces", "braces", "blocks", "code", "tabs"],
)
def test_a_hostile_text_is_read_in_linear_time(text: str) -> None:
    began = time.process_time()
    find_blocks(text[:100_000])
    without_marks(text[:100_000])
    assert time.process_time() - began < 0.5


def test_what_a_block_asks_for() -> None:
    def asked(name: str, words: str) -> Any:
        found = wanted(Block(name, words, "", 0, 0, True))
        return found.ids, found.incidents, found.strange

    assert asked("timeline", "15, #12 15") == ((15, 12), (), ())
    assert asked("actions", "ACT-7, INC-3, 9") == ((7, 9), (3,), ())
    assert asked("facts", "12, inc4") == ((), (4,), ("12",))
    assert asked("factors", "ACT-7; all") == ((), (), ("ACT-7", "all"))


def test_what_stands_in_the_text_is_known() -> None:
    assert blocks_in("{{timeline: 3}}\n\nsee {{facts}}\n\n{{nothing}}") == {"timeline"}


@pytest.fixture
def writeup(session: Session, author: Person) -> Writeup:
    """A draft about an incident with a bit of everything, in a zone of its own."""
    team = make_team(session, "Catalogue *core*")
    incident = make_incident(
        session,
        author,
        severity="sev2",
        summary="The *cache* was old.",
        impact="One in five.",
        timezone="Europe/Stockholm",
        teams=[team.slug],
        impact_started_at=BEGAN,
        resolved_at=BEGAN.replace(hour=15),
    )
    make_event(session, incident, "It was put back.", BEGAN.replace(hour=14), kind="repair")
    make_event(session, incident, "An alarm rang.\n\n- twice", BEGAN, kind="detection", actor_role="on call")
    make_event(session, incident, "Not for readers.", BEGAN, in_writeup=False)
    make_factor(session, incident, "A limit of 2019.", was_present_before=True)
    make_factor(session, incident, "A busy day.")
    make_action(session, incident, "Watch the [queue]", owner=author, team=team)
    make_action(session, incident, "Write it down")
    return make_writeup(session, author, incidents=[incident])


def shown(markdown: str) -> str:
    return html_text(render(markdown).html)


def numbers(writeup: Writeup, session: Session, table: Any) -> list[int]:
    return [row.id for row in session.query(table).order_by(table.id)]


def test_blocks_show_what_the_incident_knows(session: Session, writeup: Writeup, author: Person) -> None:
    def expanded(block: str) -> str:
        return shown(expand(session, writeup, f"Before.\n\n{block}\n\nAfter.", author))

    facts = expanded("{{facts}}")
    assert "Severity SEV 2" in facts and "Teams Catalogue *core*" in facts and "Time to resolve 2 h" in facts
    assert "Impact started 20 Nov 2026, 14:03 CET 13:03 UTC" in facts
    timeline = expanded("{{timeline}}")
    assert timeline.index("An alarm rang. twice") < timeline.index("It was put back.")
    assert "20 Nov 2026, 14:03 CET 13:03 UTC · Detection · on call" in timeline
    assert "Not for readers." not in timeline
    assert expanded("{{factors}}") == "Before. A limit of 2019. (was there before) A busy day. After."
    assert expanded("{{actions}}") == (
        "Before. Watch the [queue] (Catalogue *core*) Proposed Write it down Proposed After."
    )
    assert expanded("{{impact}}\n\n{{summary}}") == "Before. One in five. The cache was old. After."


def test_chosen_rows_alone_are_shown_in_their_order(
    session: Session, writeup: Writeup, author: Person
) -> None:
    repaired, _, hidden = numbers(writeup, session, TimelineEvent)
    timeline = shown(expand(session, writeup, f"{{{{timeline: {repaired}, {hidden}}}}}", author))
    assert "Not for readers." in timeline and "alarm" not in timeline
    assert timeline.index("Not for readers.") < timeline.index("put back")
    second = numbers(writeup, session, Factor)[1]
    assert shown(expand(session, writeup, f"{{{{factors: {second}}}}}", author)) == "A busy day."
    action = numbers(writeup, session, Action)[1]
    assert "queue" not in shown(expand(session, writeup, f"{{{{actions: ACT-{action}}}}}", author))


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ("{{timelines}}", "There is no block called timelines. There are facts, timeline,"),
        ("{{timeline: 999999}}", "There is no event 999999 here."),
        ("{{facts: INC-999999}}", "This write-up is not about INC-999999."),
        ("{{facts: everything}}", "does not know everything"),
        ("See {{timeline}} here.", "The block timeline needs a line of its own."),
        ("At {{time: noon}}.", "noon: This is no time."),
        ("{{state: 1}}", "There is no block called state."),
        ("{{notice: hello}}", "There is no block called notice."),
    ],
)
def test_what_says_nothing_is_said_to_writers_and_not_to_readers(
    session: Session, writeup: Writeup, author: Person, block: str, sentence: str
) -> None:
    body = f"Before.\n\n{block}\n\nAfter.\n"
    assert sentence in shown(expand(session, writeup, body, author))
    frozen = freeze(session, writeup, body)
    assert any(sentence in notice for notice in frozen.notices)
    assert "{{" not in frozen.body and sentence not in frozen.body
    assert shown(frozen.body) == shown(
        f"Before.\n\n{'See here.' if 'See' in block else 'At .' if 'At' in block else ''}\n\nAfter."
    )


def test_rows_of_other_incidents_are_not_there(session: Session, writeup: Writeup, author: Person) -> None:
    other = make_incident(session, author, "Another", restricted=True)
    secret = make_event(session, other, "A secret.")
    action = make_action(session, other, "Hide it")
    body = f"{{{{timeline: {secret.id}}}}}\n\n{{{{actions: {action.id}}}}}\n\n{{{{facts: INC-{other.id}}}}}\n"
    for text in (expand(session, writeup, body, author), freeze_blocks(session, writeup, body)):
        assert "secret" not in text and "Hide" not in text and "Another" not in text


def test_whoever_may_not_see_the_incident_gets_nothing_of_it(session: Session, author: Person) -> None:
    incident = make_incident(session, author, summary="A secret.", restricted=True)
    make_event(session, incident, "A secret event.", BEGAN)
    writeup = make_writeup(session, author, incidents=[incident])
    body = "{{summary}}\n\n{{timeline}}\n\n{{facts}}\n"
    assert "A secret event." in expand(session, writeup, body, author)
    outsider = make_person(session, "Outsider", role="facilitator")
    seen = expand(session, writeup, body, outsider)
    assert "secret" not in seen and "This write-up is about no incident yet." in seen


def publication_of(session: Session, writeup: Writeup, body: str, author: Person) -> Publication:
    operations.save_writeup(session, writeup, {"body": body}, version=None, actor=author)
    publication = operations.publish(session, writeup, actor=author)
    session.commit()
    return publication


def test_publishing_freezes_blocks_but_not_the_state_of_actions(
    session: Session, writeup: Writeup, author: Person
) -> None:
    publication = publication_of(session, writeup, "{{factors}}\n\n{{actions}}\n\n{{facts}}\n", author)
    make_factor(session, writeup.incidents[0], "Found later.")
    frozen = publication.body_html
    assert "A busy day." in frozen and "Found later." not in frozen and "{{" not in frozen
    assert "Proposed" not in frozen and frozen.count("data-action=") == 2
    assert '<time class="when" datetime="2026-11-20T13:03:00Z">' in frozen
    assert publication.frozen["in_text"] == ["actions", "factors", "facts"]
    assert author.name not in publication.body


def test_the_page_shows_what_is_in_the_text_once_with_todays_states(
    session: Session, writeup: Writeup, author: Person, sign_in: SignIn
) -> None:
    body = "At {{time: 2026-11-20 14:03 Europe/Stockholm}}.\n\n{{timeline}}\n\n{{factors}}\n\n{{actions}}\n"
    publication_of(session, writeup, body, author)
    [first, _] = session.scalars(select(Action).order_by(Action.id))
    edit_action(
        session,
        first,
        {"status": ActionStatus.IN_PROGRESS, "end_state": "It rings."},
        version=first.version,
        actor=author,
    )
    session.commit()
    reader = make_person(session, "Far Away", role="reader", timezone="Asia/Tokyo")
    client = sign_in(reader).client
    page = client.get(f"/writeups/{writeup.slug}").text
    assert "At <time" in page and "20 Nov 2026, 22:03 JST" in page and "13:03 UTC" in page
    # The picture below names the first one again.
    for once in ("<p>An alarm rang.</p>", "A busy day.", "Watch the [queue]"):
        assert page.count(once) == 1
    assert page.count("status--in_progress") == page.count("status--proposed") == 1
    feed = client.get("/writeups/feed.atom").text
    assert "Watch the [queue]" in feed and "data-action" not in feed


def test_a_preview_fills_in_the_blocks_of_its_own_write_up_alone(
    session: Session, writeup: Writeup, author: Person, sign_in: SignIn
) -> None:
    browser = sign_in(author)

    def preview(path: str, by: Browser = browser) -> tuple[int, str]:
        answer = by.client.post(path, data={"text": "{{factors}}", "csrf_token": by.csrf_token()})
        return answer.status_code, answer.text

    path = f"/writeups/preview?writeup={writeup.slug}"
    assert "A busy day." in preview(path)[1]
    assert "{{factors}}" in preview("/writeups/preview")[1]
    status, text = preview(path, sign_in(make_person(session, "Somebody Else")))
    assert status == 404 and "A busy day." not in text
    operations.save_writeup(session, writeup, {"body": "{{factors}}"}, version=None, actor=author)
    session.commit()
    assert browser.get(f"/writeups/{writeup.slug}").text.count("A busy day.") == 1


def test_empty_optional_sections_are_not_printed(session: Session, author: Person) -> None:
    writeup = make_writeup(session, author, template="full_review")
    body = "## What happened\n\nIt broke.\n\n## Impact\n\n## Timeline\n\n{{timeline}}\n\n## Own words\n\n## What helped\n"
    frozen = freeze(session, writeup, body)
    # Impact is not optional, and a heading of one's own is nobody's to take out.
    assert frozen.unprinted == ["Timeline", "What helped"]
    publication = publication_of(session, writeup, body, author)
    assert [heading[2] for heading in publication.headings] == ["What happened", "Impact", "Own words"]
    assert writeup.body.rstrip() == body.rstrip()


def test_a_text_without_blocks_and_empty_sections_is_left_as_it_is(
    session: Session, writeup: Writeup, author: Person
) -> None:
    body = "## Own\r\n\r\ntext {{ .Values.x }} `{{facts}}`\n"
    assert freeze_blocks(session, writeup, body) == expand(session, writeup, body, author) == body


def test_readers_see_in_the_history_what_they_read(
    session: Session, writeup: Writeup, author: Person, sign_in: SignIn
) -> None:
    publication_of(session, writeup, "First.\n", author)
    publication_of(
        session, writeup, "At {{time: 2026-11-20 14:03 Europe/Stockholm}}.\n\n{{actions}}\n", author
    )
    reader = make_person(session, "History Reader", role="reader")
    page = sign_in(reader).get(f"/writeups/{writeup.slug}/history").text
    assert "20 Nov 2026, 14:03 CET (13:03 UTC)" in page and "Write it down" in page
    assert "{{" not in page
