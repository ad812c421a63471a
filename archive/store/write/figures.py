"""Figures as narrow rows: what a figure counts and where it stands is a cell, stored once; so is
the list of the cells that a version prints, its layout.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, RootTransaction, delete

from archive.model.packed import PackedReading
from archive.store.dialects import insert_columns, insert_rows, is_figure_of
from archive.store.schema import cell, figure, layout, layout_cell, version_layout
from archive.store.types import Values
from archive.store.write import shared_rows
from archive.store.write.packed import CELL_COLUMNS, FIGURE_COLUMNS, as_json
from archive.store.write.shared_rows import shared_ids

MAX_LISTS = 256


@dataclass(frozen=True, slots=True)
class _Layout:
    layout_id: int
    cell_ids: tuple[int, ...]


@dataclass(slots=True)
class _KnownLists:
    """Layouts by their digests; one for each database connection.

    committed: those of which nothing was made in the transaction that looked them up: they stay
    whatever becomes of it. recent: all others; they end with their transaction.
    """

    committed: dict[bytes, _Layout] = field(default_factory=dict)
    recent: dict[bytes, _Layout] = field(default_factory=dict)
    transaction: RootTransaction | None = None
    made_any: bool = False


def digest_of(columns: Sequence[str | None]) -> bytes:
    """What tells a cell from all others."""
    return shared_rows.digest_of(as_json(list(columns)))


def write_figures(connection: Connection, written: Mapping[int, PackedReading]) -> None:
    """Stores the figures of some versions."""
    having = {key: packed for key, packed in written.items() if packed.figures != "[]"}
    layouts = {key: _layout(connection, packed.cells) for key, packed in having.items()}
    of_versions = ((key, each.layout_id) for key, each in layouts.items())
    insert_rows(connection, version_layout, ("version_id", "layout_id"), of_versions)
    figures = {
        key: (layouts[key].cell_ids, *json.loads(packed.figures)) for key, packed in having.items()
    }
    insert_columns(connection, figure, ("cell_id", *FIGURE_COLUMNS), figures)


def drop_figures(connection: Connection, version_ids: Sequence[int]) -> None:
    """Takes the figures of some versions away."""
    connection.execute(delete(figure).where(is_figure_of(connection, version_ids)))
    of_versions = version_layout.c.version_id.in_(version_ids)
    connection.execute(delete(version_layout).where(of_versions))


def _layout(connection: Connection, cells: str) -> _Layout:
    known = _known(connection)
    key = shared_rows.digest_of(cells)
    found = known.committed.get(key) or known.recent.get(key)
    if found is None:
        found = _looked_up(connection, known, key, json.loads(cells))
        lists = known.recent if known.made_any else known.committed
        if len(lists) >= MAX_LISTS:
            del lists[next(iter(lists))]
        lists[key] = found
    return found


def _known(connection: Connection) -> _KnownLists:
    known: _KnownLists = connection.info.setdefault("figure_cells", _KnownLists())
    transaction = connection.get_transaction()
    if known.transaction is not transaction:
        known.transaction, known.made_any = transaction, False
        known.recent.clear()
    return known


def _looked_up(
    connection: Connection, known: _KnownLists, key: bytes, cells: Sequence[Sequence[str | None]]
) -> _Layout:
    """The layout of these cells, whose digest is `key`; what is missing of it is made."""
    digests = [digest_of(each) for each in cells]
    wanted: dict[bytes, Values] = {
        digest: dict(zip(CELL_COLUMNS, each, strict=True))
        for digest, each in zip(digests, cells, strict=True)
    }
    found, made = shared_ids(connection, cell, wanted)
    cell_ids = tuple(found[digest] for digest in digests)
    layouts, is_new = shared_ids(connection, layout, {key: {}})
    if is_new:
        rows = ((layouts[key], position, each) for position, each in enumerate(cell_ids))
        insert_rows(connection, layout_cell, ("layout_id", "position", "cell_id"), rows)
    known.made_any |= made or is_new
    return _Layout(layouts[key], cell_ids)
