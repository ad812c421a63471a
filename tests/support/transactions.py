"""One function of the store, in a transaction of its own."""

from collections.abc import Callable, Iterator
from typing import Concatenate, ParamSpec, TypeVar

from archive.store import Connection, Store

P = ParamSpec("P")
T = TypeVar("T")


def fetch(
    store: Store, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    with store.read() as connection:
        found = query(connection, *args, **kwargs)
        return list(found) if isinstance(found, Iterator) else found  # type: ignore[return-value]  # read while the connection is open


def commit(
    store: Store, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    with store.write() as connection:
        return work(connection, *args, **kwargs)
