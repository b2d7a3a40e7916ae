"""`make stress`: the long form of every run, one after the other, and at the end which of them held."""

import argparse
import ast
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parent


def runs() -> dict[str, str]:
    """Every run by name, with the first line of its description."""
    found = {}
    for path in sorted(FOLDER.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        has_main = any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body)
        if has_main and path.stem != "run":
            found[path.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def main() -> int:
    """Run them; the exit code is 0 only when all of them held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="only say which there are")
    parser.add_argument("--short", action="store_true", help="the short forms")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these")
    arguments = parser.parse_args()
    there = runs()
    if unknown := [name for name in arguments.names if name not in there]:
        parser.error(f"there is no run called {', '.join(unknown)}; there are {', '.join(there)}")
    failed = []
    for name in arguments.names or there:
        print(f"== {name}: {there[name]}", flush=True)
        if arguments.list:
            continue
        started = time.monotonic()
        command = [sys.executable, "-m", f"stress.{name}", *([] if arguments.short else ["--long"])]
        if subprocess.run(command, cwd=FOLDER.parent, check=False).returncode:
            failed.append(name)
        print(f"   {time.monotonic() - started:.0f} s", flush=True)
    if failed:
        print(f"Did not hold: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
