"""A ledger on SQLite, and on PostgreSQL where one is offered."""

from tests.store.conftest import location, made_home

__all__ = ["location", "made_home"]
