"""Figures as narrow rows: what a figure counts and where it stands is a cell, stored once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, RootTransaction

from archive.model.packed import PackedReading
from archive.store.dialects import insert_columns
from archive.store.schema import cell, figure
from archive.store.types import Values
from archive.store.write import shared_rows
from archive.store.write.packed import CELL_COLUMNS, FIGURE_COLUMNS, as_json
from archive.store.write.shared_rows import shared_ids

MAX_LISTS = 256
_Ids = tuple[int, ...]


@dataclass(slots=True)
class _KnownLists:
    """Ids of whole lists of cells, by the digest of the list; one for each database connection.

    committed: lists of which no cell was made in the transaction that looked them up: they stay
    whatever becomes of it. recent: all others; they end with their transaction.
    """

    committed: dict[bytes, _Ids] = field(default_factory=dict)
    recent: dict[bytes, _Ids] = field(default_factory=dict)
    transaction: RootTransaction | None = None
    made_cells: bool = False


def digest_of(columns: Sequence[str | None]) -> bytes:
    """What tells a cell from all others."""
    return shared_rows.digest_of(as_json(list(columns)))


def write_figures(connection: Connection, written: Mapping[int, PackedReading]) -> None:
    """Stores the figures of some versions."""
    versions = {
        version_id: (_cell_ids(connection, packed.cells), *json.loads(packed.figures))
        for version_id, packed in written.items()
        if packed.figures != "[]"
    }
    insert_columns(connection, figure, ("cell_id", *FIGURE_COLUMNS), versions)


def _cell_ids(connection: Connection, cells: str) -> _Ids:
    known = _known(connection)
    key = shared_rows.digest_of(cells)
    ids = known.committed.get(key) or known.recent.get(key)
    if ids is None:
        ids = _looked_up(connection, known, json.loads(cells))
        lists = known.recent if known.made_cells else known.committed
        if len(lists) >= MAX_LISTS:
            del lists[next(iter(lists))]
        lists[key] = ids
    return ids


def _known(connection: Connection) -> _KnownLists:
    known: _KnownLists = connection.info.setdefault("figure_cells", _KnownLists())
    transaction = connection.get_transaction()
    if known.transaction is not transaction:
        known.transaction, known.made_cells = transaction, False
        known.recent.clear()
    return known


def _looked_up(
    connection: Connection, known: _KnownLists, cells: Sequence[Sequence[str | None]]
) -> _Ids:
    """The ids of the cells; those that are missing are made."""
    digests = [digest_of(each) for each in cells]
    wanted: dict[bytes, Values] = {
        digest: dict(zip(CELL_COLUMNS, each, strict=True))
        for digest, each in zip(digests, cells, strict=True)
    }
    found, made = shared_ids(connection, cell, wanted)
    known.made_cells |= made
    return tuple(found[digest] for digest in digests)
