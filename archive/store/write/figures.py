"""Figures as narrow rows: what a figure counts and where it stands is a cell, stored once."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, RootTransaction, select

from archive.model.packed import PackedReading
from archive.store.dialects import insert_columns, insert_into
from archive.store.schema import cell, figure
from archive.store.write.packed import CELL_COLUMNS, FIGURE_COLUMNS, as_json

MAX_LISTS = 256
_DIGEST_BYTES = 16
_BATCH = 500
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
    """What tells a cell from all others. Of 16 bytes: two that share 8 can be made on purpose."""
    return _digest(as_json(list(columns)))


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
    key = _digest(cells)
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
    found = _stored(connection, digests)
    missing = {
        digest: {"digest": digest, **dict(zip(CELL_COLUMNS, each, strict=True))}
        for digest, each in zip(digests, cells, strict=True)
        if digest not in found
    }
    if missing:
        known.made_cells = True
        statement = insert_into(connection, cell).on_conflict_do_nothing(
            index_elements=[cell.c.digest]
        )
        connection.execute(statement, list(missing.values()))
        found |= _stored(connection, missing)
    return tuple(found[digest] for digest in digests)


def _stored(connection: Connection, digests: Iterable[bytes]) -> dict[bytes, int]:
    wanted = list(dict.fromkeys(digests))
    found: dict[bytes, int] = {}
    for start in range(0, len(wanted), _BATCH):
        some = wanted[start : start + _BATCH]
        rows = connection.execute(select(cell.c.digest, cell.c.id).where(cell.c.digest.in_(some)))
        found.update((bytes(row.digest), row.id) for row in rows)
    return found


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:_DIGEST_BYTES]
