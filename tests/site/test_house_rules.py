"""The rules of the house that no other tool checks: where things may stand, how long they may be."""

import ast
import re

import pytest

from tests.support.source import NOUNS, PACKAGE, TEMPLATES, calls, functions, modules

MAY_COMMIT = re.compile(
    r"(\w+/views\w*\.py|cli/\w+\.py|web/once\.py|outbox/work\w+\.py|accounts/sign_in\.py|schema\.py"
    r"|backup/restoring\.py|history/refusals\.py)$"
)
FORBIDDEN_IMPORTS = {"random", "pickle", "marshal", "shelve"}
MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_TEMPLATE_LINES = 300, 50, 200


def test_only_views_and_commands_commit() -> None:
    """web/once.py commits for create views; accounts/sign_in.py notes that a session
    is in use; schema.py migrates; outbox/worker.py and the sessions it hands out are the worker's;
    history/refusals.py writes what is left of a request that was rolled back."""
    for path, tree in modules():
        if not MAY_COMMIT.search(path):
            assert not [node.lineno for name, node in calls(tree) if name == "commit"], path


def test_history_is_only_added_to() -> None:
    """Entries are made by `record`, take their place in appending.py and are emptied in blanking.py; nothing else."""
    may = {"history/operations.py": {"HistoryEntry"}, "history/appending.py": {"update"}}
    may["history/blanking.py"] = {"update"}
    for path, tree in modules():
        changing = {
            name
            for name, node in calls(tree)
            if name in {"update", "delete", "insert", "HistoryEntry", "merge"}
            and (name == "HistoryEntry" or "HistoryEntry" in ast.unparse(node) or path.startswith("history/"))
        }
        assert changing <= may.get(path, set()), f"{path}: {changing}"


# Whoever opens a session that may write, beside the one that a request has for writing.
OWN_WRITING_SESSIONS = {
    # A sign-in's last use, and attempts that must be written down before they are looked at.
    "accounts/sign_in.py",
    # The one GET that changes something: the standard has the provider send the browser back by a redirect. It takes
    # what this browser began, once, and signs in or notes a refusal.
    "accounts/views_oidc.py",
    # Ends a session whose proxy does not name its person any more, also on a GET: it only takes rights away.
    "accounts/views_proxy.py",
    # A calendar link's last use, once in an hour.
    "actions/views_calendar.py",
    # A feed link's, likewise.
    "writeups/views_feed_links.py",
    # After the slow check of a password or a code.
    "accounts/views_confirmation.py",
    # Notes in history that something was refused, whatever the request was.
    "history/refusals.py",
    # No requests.
    "outbox/workplace.py",
    "backup/restoring.py",
}


def test_a_get_cannot_write_but_where_it_says_why() -> None:
    """A GET's own session cannot write; a view that opens another one stands above with its reason."""
    for path, tree in modules():
        for name, call in calls(tree):
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            is_writing = isinstance(writes := given.get("writes"), ast.Constant) and writes.value is True
            if name == "session" and is_writing and not path.startswith("cli/"):
                assert path in OWN_WRITING_SESSIONS, f"{path}:{call.lineno} opens a session that writes"


def test_markup_is_made_only_by_the_renderer() -> None:
    for path, tree in modules():
        if path != "text/markdown.py":
            assert "Markup" not in {name for name, _ in calls(tree)}, path
    for template in TEMPLATES.rglob("*"):
        if template.is_file():
            assert not re.search(r"\|\s*safe\b|autoescape false", template.read_text()), template.name


def test_nothing_dangerous_is_used() -> None:
    for path, tree in modules():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not FORBIDDEN_IMPORTS & {name.split(".")[0] for name in names}, path
        for name, call in calls(tree):
            assert name not in {"eval", "exec"}, (path, name)
            is_yaml = ast.unparse(call.func).startswith("yaml.")
            assert not is_yaml or name == "safe_load", f"{path}: {ast.unparse(call.func)}"
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            assert not (isinstance(shell := given.get("shell"), ast.Constant) and shell.value), path
            assert not (isinstance(verify := given.get("verify"), ast.Constant) and not verify.value), path
            if name == "text" and call.args:
                assert not isinstance(call.args[0], ast.JoinedStr), f"{path}: SQL from an f-string"


def test_operations_take_the_actor_and_never_ask_for_one() -> None:
    """Every public operation that takes a session and records history takes `actor` by keyword."""
    for path, tree in modules():
        if not path.endswith("operations.py") or path.startswith("history"):
            continue
        for function in functions(tree):
            if "record" in {name for name, _ in calls(function)} and not function.name.startswith("_"):
                named = {argument.arg for argument in function.args.kwonlyargs}
                is_own_act = function.name in {"set_password", "set_up"}
                assert "actor" in named or is_own_act, f"{path}: {function.name} takes no actor"


@pytest.mark.parametrize("noun", NOUNS)
def test_a_noun_says_what_it_is(noun: str) -> None:
    docstring = ast.get_docstring(ast.parse((PACKAGE / noun / "__init__.py").read_text())) or ""
    assert "newcomer gets wrong" in docstring


def test_every_file_and_every_rule_is_described() -> None:
    for path, tree in modules():
        assert ast.get_docstring(tree), f"{path} has no docstring"
        if path.endswith("rules.py"):
            for function in functions(tree):
                if function.name.startswith(("can_", "is_")):
                    assert ast.get_docstring(function), f"{path}: {function.name} needs its sentence"


def test_files_and_functions_stay_short() -> None:
    for path, tree in modules():
        lines = (PACKAGE / path).read_text().count("\n")
        assert lines <= MAX_FILE_LINES, f"{path} has {lines} lines: split it by what the user does"
        for function in functions(tree):
            length = (function.end_lineno or function.lineno) - function.lineno
            assert length <= MAX_FUNCTION_LINES, f"{path}: {function.name} has {length} lines"


def test_templates_stay_short_and_without_inline_script_or_style() -> None:
    for template in sorted(TEMPLATES.rglob("*.html")):
        source = template.read_text()
        assert (
            source.count("\n") <= MAX_TEMPLATE_LINES
            or "components" in template.parts
            or "dev" in template.parts
        ), template
        # A mail has no style sheet to link to; script has no place in either.
        own_style = r"" if "emails" in template.parts else r"<style|\sstyle=|"
        assert not re.search(own_style + r"<script(?![^>]*\bsrc=)|\son[a-z]+=", source), template


def test_scripts_build_no_html() -> None:
    for script in sorted((PACKAGE / "static").rglob("*.js")):
        if "vendor" not in script.parts:
            source = script.read_text()
            for word in (
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "new Function",
            ):
                assert word not in source, f"{script.name} uses {word}"


def test_stylesheets_and_scripts_load_nothing_from_elsewhere() -> None:
    for asset in sorted((PACKAGE / "static").rglob("*")):
        if asset.suffix in (".css", ".js") and "vendor" not in asset.parts:
            assert not re.search(r"(url\(|import |from )[\"']?(https?:)?//", asset.read_text()), asset.name
