"""Rows that many versions share: told by a digest of what they say, and stored once."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Connection, Table, select

from archive.store.dialects import insert_into
from archive.store.types import Values

_DIGEST_BYTES: Final = 16
_BATCH: Final = 500


def digest_of(text: str) -> bytes:
    """What tells a row from all others. Of 16 bytes: two that share 8 can be made on purpose."""
    return hashlib.sha256(text.encode()).digest()[:_DIGEST_BYTES]


def shared_ids(
    connection: Connection, table: Table, wanted: Mapping[bytes, Values]
) -> tuple[dict[bytes, int], bool]:
    """The ids of rows by their digests, and whether one was missing and made. wanted: what a row
    has besides its digest.
    """
    found = _stored(connection, table, wanted)
    missing = [
        {"digest": digest, **values} for digest, values in wanted.items() if digest not in found
    ]
    if missing:
        statement = insert_into(connection, table).on_conflict_do_nothing(
            index_elements=[table.c.digest]
        )
        connection.execute(statement, missing)
        found |= _stored(connection, table, (digest for digest in wanted if digest not in found))
    return found, bool(missing)


def _stored(connection: Connection, table: Table, digests: Iterable[bytes]) -> dict[bytes, int]:
    wanted = list(digests)
    found: dict[bytes, int] = {}
    for start in range(0, len(wanted), _BATCH):
        some = table.c.digest.in_(wanted[start : start + _BATCH])
        rows = connection.execute(select(table.c.digest, table.c.id).where(some))
        found.update((bytes(row.digest), row.id) for row in rows)
    return found
