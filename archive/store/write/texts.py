"""Bodies, stored once: the text plain, the tables as compact JSON under zstd.

The text stays plain because the analysts' views must show it in any SQL tool, and neither engine
can decompress; tables are read back only by Python.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

import zstandard

from archive.model.errors import DamageError
from archive.model.reading import Cell, Reading, Table
from archive.store.write.compressing import compress, decompress

CODEC = "zstd"
# A page is at most some tens of megabytes; more than this is no body that we stored.
_MAX_TABLES_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedBody:
    """A body as its row holds it; the hash is over text and unpacked tables."""

    hash: str
    text: str
    codec: str
    tables: bytes | None


def pack(reading: Reading) -> PackedBody:
    """The body of a reading, ready to be stored."""
    plain = tables_as_json(reading.tables) if reading.tables else b""
    return packed_body("\n".join(reading.lines), plain)


def packed_body(text: str, plain: bytes) -> PackedBody:
    """The body of a text and its tables as JSON; b"" for no table."""
    digest = _digest(text, plain)
    tables = compress(plain) if plain else None
    return PackedBody(hash=digest, text=text, codec=CODEC, tables=tables)


def fits(hash_: str, text: str, codec: str, tables: bytes | None) -> bool:
    """Whether a stored body is the one that its hash was made of."""
    if codec != CODEC:
        return False
    try:
        plain = _unpacked(tables) if tables is not None else b""
    except zstandard.ZstdError:
        return False
    return _digest(text, plain) == hash_


def unpack_tables(codec: str, packed: bytes | None) -> tuple[Table, ...]:
    """The tables of a stored body; DamageError when they cannot be unpacked."""
    if packed is None:
        return ()
    if codec != CODEC:
        raise DamageError(f"body tables are packed with {codec!r}, which this version cannot read")
    try:
        return tuple(_table(each) for each in json.loads(_unpacked(packed)))
    except (zstandard.ZstdError, ValueError, KeyError, TypeError) as error:
        raise DamageError(f"body tables are damaged: {error}") from error


def _digest(text: str, plain: bytes) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass") + b"\0" + plain).hexdigest()


def _unpacked(packed: bytes) -> bytes:
    return decompress(packed, max_bytes=_MAX_TABLES_BYTES)


def tables_as_json(tables: Iterable[Table]) -> bytes:
    """The tables of a body as they are hashed and compressed."""
    rows = [
        {
            "rows": table.rows,
            "columns": table.columns,
            "caption": table.caption,
            "cells": [
                (cell.text, cell.row, cell.column, cell.rowspan, cell.colspan, int(cell.header))
                for cell in table.cells
            ],
        }
        for table in tables
    ]
    return json.dumps(rows, ensure_ascii=True, separators=(",", ":")).encode()


def _table(stored: dict[str, object]) -> Table:
    cells, rows, columns = stored["cells"], stored["rows"], stored["columns"]
    caption = stored["caption"]
    if not (isinstance(cells, list) and isinstance(rows, int) and isinstance(columns, int)):
        raise TypeError("not a table")
    return Table(
        cells=tuple(
            Cell(text=text, row=row, column=column, rowspan=down, colspan=across, header=bool(head))
            for text, row, column, down, across, head in cells
        ),
        rows=rows,
        columns=columns,
        caption=caption if isinstance(caption, str) else None,
    )
