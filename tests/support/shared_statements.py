"""Statements that are compiled once a process: each ledger has an engine of its own, and half of
the time of a test that asks a small archive went into compiling the same statements again. They
are kept beside the engines here; a dialect of the same kind counts as the same one, because all
engines of the store are made alike.
"""

from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.util import LRUCache

from archive.store import engine

_COMPILED: LRUCache[Any, Any] = LRUCache(3_000)


def compile_once() -> None:
    """From now on in this process, and in those forked from it."""
    engine.create_engine = _sharing


def _sharing(url: object, **options: Any) -> Engine:
    options["execution_options"] = {
        **options.get("execution_options", {}), "compiled_cache": _COMPILED
    }  # fmt: skip
    made = create_engine(url, **options)  # type: ignore[call-overload]  # as the store calls it
    kind = type(made.dialect)
    kind.__hash__, kind.__eq__ = _hash, _is_alike
    return made


def _hash(dialect: object) -> int:
    return hash(type(dialect))


def _is_alike(dialect: object, other: object) -> bool:
    return type(dialect) is type(other)
