"""The store: what was scheduled, captured and read, and how every URL ended, in SQL.

knows: SQL (SQLAlchemy Core, Alembic), transactions, the frontier, analysts' views.
never knows: HTTP, HTML, WARC bytes, or how a text is searched.
neighbours: model (below), search and work (above).
"""

from sqlalchemy import Connection

from archive.store.store import Store

__all__ = ["Connection", "Store"]
