"""What every new application would compile anew is compiled once per test process: addresses, templates, statements.

A test makes an application and a database of its own, so that it can spoil both; making them would take longer than
most tests. What is kept here depends only on what it was made from, which is part of its key, and is the same object
that a new application would have made for itself.
"""

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


class KeptTemplates(BytecodeCache):
    """Templates that were compiled in this process; Jinja compares the checksum of their source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


def keep_what_is_compiled() -> None:
    """All three, for every application and engine made from now on in this process."""
    _keep_templates()
    _keep_addresses()
    _keep_statements()


def _keep_templates() -> None:
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": KeptTemplates()}


def _keep_addresses() -> None:
    """The functions that build a rule's address, by everything that goes into them."""
    compile_builder = Rule._compile_builder
    kept: dict[Any, Callable[..., tuple[str, str]]] = {}

    def kept_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = kept_builder  # type: ignore[method-assign]


def _keep_statements(size: int = 4_000) -> None:
    """Engines made from now on share what their statements compile to, among dialects of one kind."""
    made = Engine.__init__
    kept = LRUCache[Any, Any](size)

    def warm(engine: Engine, *args: Any, **options: Any) -> None:
        made(engine, *args, **options)
        engine._compiled_cache = kept

    Engine.__init__ = warm  # type: ignore[method-assign]
    # The dialect is part of a statement's key, and each engine has one of its own.
    DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    DefaultDialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
