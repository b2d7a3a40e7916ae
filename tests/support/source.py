"""The program's own source, for the tests of house rules."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "postmortem"
TEMPLATES = ROOT / "templates"
NOUNS = (
    "accounts",
    "history",
    "mail",
    "outbox",
    "tags",
    "incidents",
    "timeline",
    "actions",
    "writeups",
    "trash",
    "leaving",
    "imports",
)


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every Python file of the package: its path inside the package, and its syntax tree."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield str(path.relative_to(PACKAGE)), ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last part of the called name: `session.commit()` gives `commit`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            yield name, node


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield node
