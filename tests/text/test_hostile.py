"""No text of up to 100 KB takes more than a second of CPU or 200 MB, and none is lost."""

from __future__ import annotations

import os
import random
import re
import resource
import signal
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postmortem.text import child, process
from postmortem.text.markdown import MAX_SOURCE_BYTES, Rendered, render
from tests.text.hostile import texts
from tests.text.parsed import Page

CPU_SECONDS = 1.0
MEMORY_KB = 200_000

TEXTS = dict(texts())


def child_pid() -> int | None:
    running = process._converter._child
    return running.process.pid if running else None


def cpu_of_children() -> float:
    """CPU seconds of the children that ended and of the one that runs."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = ended.ru_utime + ended.ru_stime
    if pid := child_pid():
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


@pytest.fixture(autouse=True, scope="module")
def warm() -> Iterator[None]:
    render("warm")
    yield
    process.stop()


def check(source: str) -> Rendered:
    started = cpu_of_children(), time.process_time()
    rendered = render(source)
    in_child, here = cpu_of_children() - started[0], time.process_time() - started[1]
    assert in_child + here < CPU_SECONDS
    if rendered.refused:
        assert (
            unescape(rendered.html.partition('<pre class="plain-text">')[2].removesuffix("</pre>")) == source
        )
    if pid := child_pid():
        peak = re.search(r"VmPeak:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        assert peak and int(peak[1]) < MEMORY_KB
    return rendered


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="measures the child through /proc")
@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_rendered_or_refused_in_time(name: str) -> None:
    source = TEXTS[name]
    assert len(source.encode()) <= MAX_SOURCE_BYTES
    Page(check(source).html)


def test_the_limits_leave_room() -> None:
    # A new child takes about 0.2 s to start, and the parent holds the reply beside the child's memory.
    assert child.SOFT_SECONDS < child.HARD_SECONDS <= 0.75
    assert child.MEMORY_BYTES + 4 * child.MAX_HTML_CHARACTERS <= 200_000_000


@pytest.mark.parametrize("unit", ["[", "![", "[^", "[][", "[a](", "<![", "<![CDATA[", "* ", "[`]`", "[a](')"])
def test_known_stallers_are_made_literal_and_not_refused(unit: str) -> None:
    source = unit * (20_000 // len(unit)) + "\n\n# After\n"
    rendered = check(source)
    assert rendered.refused is None
    assert [heading.text for heading in rendered.headings] == ["After"]


def test_brackets_made_literal_read_as_they_were_written() -> None:
    for unit in ("[", "![", "[a](", "[a][", "]["):
        source = unit * (5_000 // len(unit))
        assert Page(render(source).html).text.strip() == source


def test_text_beyond_the_limit_is_refused_whole() -> None:
    for source in ("a" * 102_401, "é" * 60_000, "word\n\n" * 200_000):
        rendered = render(source)
        assert rendered.refused and "100 KB" in rendered.refused
        assert Page(rendered.html).text.count("word") == source.count("word")
    assert render("a" * 102_400).refused is None


def test_colours_are_given_up_before_the_text_is() -> None:
    # This keeps the lexer for console sessions busy for minutes.
    source = "# Log\n\n```console\n" + "a:" * 9_000 + "\n```\n\nAfter *it*.\n"
    rendered = check(source)
    assert rendered.refused is None
    assert "<em>it</em>" in rendered.html and "a:a:a:" in rendered.html


TOKENS = st.sampled_from(
    [
        "[", "]", "(", ")", "!", "*", "_", "`", "```", "~~~", "<", ">", "&", "#", "-", "+", "1.", ":", "|", "\\", "^",
        "\n", "\n\n", "    ", " ", "a", '"', "'", "http://x", "@", "[^1]", "[^1]: ", "[x]: ", "- [ ] ", "\t", "=",
        "---", "é", "\x02",
    ]
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TOKENS, min_size=1, max_size=12), st.lists(TOKENS, max_size=6), st.integers(1, 4_000))
def test_repeated_fragments_stay_within_the_limits(unit: list[str], end: list[str], count: int) -> None:
    source = ("".join(unit) * count)[:20_000] + "".join(end)
    started = cpu_of_children()
    Page(render(source).html)
    assert cpu_of_children() - started < CPU_SECONDS


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(alphabet=st.characters(codec=None), max_size=300) | st.lists(TOKENS, max_size=80).map("".join))
def test_any_text_gives_a_harmless_page(source: str) -> None:
    Page(render(source).html)


def test_a_random_soup_of_100_kb_stays_within_the_limits() -> None:
    chooser = random.Random(20_261_123)
    marks = [
        "[",
        "]",
        "(",
        ")",
        "*",
        "_",
        "`",
        "<",
        ">",
        "#",
        "-",
        "|",
        "\\",
        "!",
        "\n",
        "\n\n",
        " ",
        "a",
        "b",
        "    ",
    ]
    for _ in range(5):
        check("".join(chooser.choices(marks, k=60_000)).replace("\x00", ""))


def test_the_child_that_must_be_killed_is_replaced() -> None:
    render("warm")
    pid = child_pid()
    assert pid
    os.kill(pid, signal.SIGKILL)
    assert render("*again*").html == "<p><em>again</em></p>"
    assert child_pid() != pid
