"""Statements as narrow rows: what a statement counts is a kind, stored once; its words are places
in the text of the version, which is stored anyway.
"""

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from archive.model.packed import PackedReading
from archive.store.dialects import insert_columns, insert_into
from archive.store.schema import statement, statement_kind
from archive.store.write.packed import KIND_COLUMNS, STATEMENT_COLUMNS

# Concept, unit ("" for none), period.
_Kind = tuple[str, str, str]


def write_statements(connection: Connection, written: Mapping[int, PackedReading]) -> None:
    """Stores the statements of versions, by their ids."""
    stated = {
        version_id: json.loads(packed.statements)
        for version_id, packed in written.items()
        if packed.statements != "[]"
    }
    if not stated:
        return
    kinds = {version_id: _kinds(columns) for version_id, columns in stated.items()}
    ids = _kind_ids(connection, {kind for each in kinds.values() for kind in each})
    rows = {
        version_id: ([ids[kind] for kind in kinds[version_id]], *columns[len(KIND_COLUMNS) :])
        for version_id, columns in stated.items()
    }
    insert_columns(connection, statement, ("kind_id", *STATEMENT_COLUMNS), rows)


def _kinds(columns: Sequence[Sequence[str]]) -> list[_Kind]:
    concepts, units, periods = columns[: len(KIND_COLUMNS)]
    return list(zip(concepts, units, periods, strict=True))


def _kind_ids(connection: Connection, wanted: set[_Kind]) -> dict[_Kind, int]:
    """The ids of kinds, some hundred at most; those that are missing are made."""
    found = _stored(connection)
    missing = sorted(wanted - found.keys())
    if missing:
        rows = [dict(zip(KIND_COLUMNS, kind, strict=True)) for kind in missing]
        connection.execute(insert_into(connection, statement_kind).on_conflict_do_nothing(), rows)
        found = _stored(connection)
    return found


def _stored(connection: Connection) -> dict[_Kind, int]:
    rows = connection.execute(select(statement_kind))
    return {(row.concept, row.unit, row.period): row.id for row in rows}
