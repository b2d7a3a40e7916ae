"""Start-up CPU, the cost of `--help`, and the memory of a web process, each against the imports it cannot avoid."""

import resource
import subprocess
import sys
from pathlib import Path

BARE = "import flask, sqlalchemy.orm"
ROUNDS = 7


def cpu_of(command: list[str], environ: dict[str, str]) -> float:
    """CPU seconds of one run of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, env=environ, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def start_up_ratios(environ: dict[str, str]) -> dict[str, float]:
    """Best of several interleaved runs: the program's start, and `--help`, in units of the bare import."""
    commands = {
        "bare": [sys.executable, "-c", BARE],
        "start": [sys.executable, "-c", "import postmortem.wsgi"],
        "help": [str(Path(sys.executable).parent / "postmortem"), "--help"],
    }
    best: dict[str, float] = {}
    for command in commands.values():
        cpu_of(command, environ)
    for _ in range(ROUNDS):
        for name, command in commands.items():
            best[name] = min(best.get(name, 1e9), cpu_of(command, environ))
    return {"start": best["start"] / best["bare"], "help": best["help"] / best["bare"]}


def bare_memory_mb() -> float:
    """Resident memory of bare Flask with SQLAlchemy under the same kind of server process, in MB."""
    code = (
        f"{BARE}, re\nfrom pathlib import Path\napp = flask.Flask('x')\n"
        "app.add_url_rule('/', 'x', lambda: 'x')\napp.test_client().get('/')\n"
        "print(re.search(r'VmRSS:\\s+(\\d+)', Path('/proc/self/status').read_text()).group(1))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return int(done.stdout) / 1024
