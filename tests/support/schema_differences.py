"""How a ledger's tables differ from the schema."""

from collections.abc import Callable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Index

from archive.store.schema import metadata


def differences(connection: Connection) -> list[Any]:
    """What would make the tables those of the schema; [] where they are."""
    is_here = is_of(connection.dialect.name)
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_type": True,
            "include_object": lambda each, _name, kind, *_: kind != "index" or is_here(each),
        },
    )
    return list(compare_metadata(context, metadata))


def is_of(dialect: str) -> Callable[[Index], bool]:
    """Tells the indexes that an engine has."""
    return lambda index: dialect == "postgresql" or index.name != "ix_figure_version"
