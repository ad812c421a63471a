"""The store: what was scheduled, captured and read, and how every URL ended, in SQL.

knows: SQL (SQLAlchemy Core, Alembic), transactions, the frontier, analysts' views.
never knows: HTTP, HTML, WARC bytes, or how a text is searched.
neighbours: model (below), search and work (above).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from archive.store.store import Store

__all__ = ["Connection", "Store"]


def __getattr__(name: str) -> object:
    """The engine is loaded at its first use: reading processes pack for the store and have none."""
    if name not in __all__:
        raise AttributeError(name)
    import sqlalchemy  # noqa: PLC0415 - see above

    from archive.store import store  # noqa: PLC0415 - the same

    globals().update(Connection=sqlalchemy.Connection, Store=store.Store)
    return globals()[name]
