"""The child process: it is started late, limited, replaced when it died, and never outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from postmortem.text import process
from postmortem.text.markdown import Rendered, render, render_many

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    process.stop()
    yield
    process.stop()


def with_converter(monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Start children whose converter runs `body` for a text that says evil, and the real one otherwise."""
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    program = f"""
import os, signal, sys, time
from postmortem.text import child, converter
real = converter.convert
def convert(source, prefix):
    if "evil" in source:
{lines}
    return real(source, prefix)
converter.convert = convert
child.main()
"""
    monkeypatch.setattr(process, "_ARGUMENTS", ("-P", "-c", program))


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.strip()


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def ends_soon(pid: int) -> bool:
    for _ in range(200):
        if not is_running(pid):
            return True
        time.sleep(0.05)
    return False


def refused_plainly(rendered: Rendered) -> bool:
    return bool(rendered.refused) and '<pre class="plain-text">evil &lt;b&gt;</pre>' in rendered.html


def test_importing_the_renderer_loads_nothing_heavy_and_starts_nothing() -> None:
    program = """
import sys
from postmortem.text import markdown, process
heavy = [name for name in sys.modules if name.partition(".")[0] in ("markdown", "pygments", "nh3", "pymdownx")]
print(heavy, process._converter._child)
markdown.render("# x")
print([name for name in sys.modules if name.partition(".")[0] in ("markdown", "pygments", "nh3", "pymdownx")])
"""
    assert run(program) == "[] None\n[]"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("while True: pass", "too long"),
        ("while True:\n    try:\n        while True: pass\n    except BaseException: pass", "too long"),
        ("import re; re.match(r'(a|a)*b', 'a' * 60)", "too long"),
        ("sum(range(10**12))", "too long"),
        ("x = 'x' * 10**9", "too much memory"),
        ("x = []\nwhile True: x.append('x' * 10**6)", "too much memory"),
        ("def f(): f()\nf()", "could not be formatted"),
        ("raise RuntimeError", "could not be formatted"),
        ("return 'x' * 7_000_000, []", "too long"),
        ("os.abort()", "could not be formatted"),
        ("os._exit(3)", "not available"),
    ],
)
def test_a_text_that_breaks_the_converter_is_shown_plain(
    monkeypatch: pytest.MonkeyPatch, body: str, word: str
) -> None:
    with_converter(monkeypatch, body)
    rendered = render("evil <b>")
    assert refused_plainly(rendered)
    assert rendered.refused and word in rendered.refused
    assert f'<p class="notice">{rendered.refused}</p>' in rendered.html
    # The next text is not touched by it.
    assert render("*good*") == Rendered("<p><em>good</em></p>")


def test_limits_hold_where_the_server_blocks_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    with_converter(monkeypatch, "while True: pass")
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGVTALRM, signal.SIGPROF})
    try:
        started = time.monotonic()
        assert refused_plainly(render("evil <b>"))
        assert time.monotonic() - started < process.REPLY_SECONDS / 2
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def test_a_child_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with_converter(monkeypatch, "time.sleep(60)")
    assert render("*good*").refused is None
    monkeypatch.setattr(process, "REPLY_SECONDS", 0.3)
    started = time.monotonic()
    assert refused_plainly(render("evil <b>"))
    assert time.monotonic() - started < 5


def test_what_a_library_prints_does_not_disturb_the_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with_converter(
        monkeypatch, "print('noise' * 100, flush=True); os.write(2, b'noise')\nreturn real('*a*', prefix)"
    )
    assert render("evil").html == "<p><em>a</em></p>"
    assert render("*good*").html == "<p><em>good</em></p>"


def test_no_child_at_all_means_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    rendered = render("evil <b>")
    assert refused_plainly(rendered)
    assert rendered.refused and "later" in rendered.refused
    monkeypatch.setattr(sys, "executable", None)
    assert refused_plainly(render("evil <b>"))


def test_a_child_that_cannot_load_means_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_ARGUMENTS", ("-P", "-c", "raise SystemExit(1)"))
    assert refused_plainly(render("evil <b>"))


def test_the_child_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTMORTEM_SECRET_KEY", "canary")
    with_converter(monkeypatch, "return repr(dict(os.environ)), []")
    assert "canary" not in render("evil").html


def test_many_threads_get_their_own_answers() -> None:
    sources = [f"text *{number}*" for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(render, sources))
    assert [result.html for result in results] == [f"<p>text <em>{number}</em></p>" for number in range(200)]


def test_bulk_rendering_keeps_order_and_skips_over_refused_texts() -> None:
    results = render_many(["*a*", "x" * 200_000, "*b*"])
    assert [bool(result.refused) for result in results] == [False, True, False]
    assert results[2].html == "<p><em>b</em></p>"


def test_a_forked_process_starts_a_child_of_its_own() -> None:
    program = """
import os, sys
from postmortem.text import process
from postmortem.text.markdown import render
render("x")
mine = process._converter._child.process.pid
pid = os.fork()
if pid == 0:
    assert process._converter._child is None
    good = render("*f*").html == "<p><em>f</em></p>" and process._converter._child.process.pid != mine
    process.stop()
    os._exit(0 if good else 1)
assert os.waitpid(pid, 0)[1] == 0
assert render("*p*").html == "<p><em>p</em></p>"
assert process._converter._child.process.pid == mine
print("fine")
"""
    assert run(program) == "fine"


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)", "sys.exit()"])
def test_the_child_ends_with_its_parent(end: str) -> None:
    program = f"""
import os, sys
from postmortem.text import process
from postmortem.text.markdown import render
render("x")
print(process._converter._child.process.pid, flush=True)
{end}
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert ends_soon(int(done.stdout))


def test_a_forked_copy_does_not_keep_the_child_alive() -> None:
    program = """
import os, time
from postmortem.text import process
from postmortem.text.markdown import render
render("x")
child = process._converter._child.process.pid
copy = os.fork()
if copy == 0:
    os.close(1), os.close(2)
    time.sleep(30)
    os._exit(0)
print(child, copy, flush=True)
os._exit(0)
"""
    child, copy = map(int, run(program).split())
    try:
        assert ends_soon(child)
    finally:
        os.kill(copy, signal.SIGKILL)


def test_an_interrupt_does_not_mix_up_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    render("warm")

    def interrupted(*args: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(process._Child, "_read", interrupted)
        with pytest.raises(KeyboardInterrupt):
            render("*first*")
    assert render("*second*").html == "<p><em>second</em></p>"
