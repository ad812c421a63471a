"""Stores the results of the rules between the reports of two years, by pair of versions."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, delete, or_

from archive.model.reading import Check
from archive.store.dialects import insert_rows
from archive.store.schema import year_check, year_pair
from archive.store.write.packed import CHECK_COLUMNS, split_checks

Pair = tuple[int, int]
_BATCH = 200


def drop_pairs(connection: Connection, pairs: Collection[Pair]) -> None:
    """Deletes comparisons whose versions are no longer those that count for their years."""
    listed = sorted(pairs)
    for start in range(0, len(listed), _BATCH):
        for table in (year_check, year_pair):
            these = [
                and_(table.c.earlier_id == earlier, table.c.version_id == later)
                for earlier, later in listed[start : start + _BATCH]
            ]
            connection.execute(delete(table).where(or_(*these)))


def store_pair(connection: Connection, pair: Pair, checks: Sequence[Check]) -> None:
    """Stores one comparison; the rows of the same pair must not be there yet."""
    earlier_id, version_id = pair
    others, held = split_checks(checks)
    names = ("version_id", "earlier_id", "held")
    insert_rows(connection, year_pair, names, [(version_id, earlier_id, held)])
    rows = (
        (version_id, earlier_id, position, *(getattr(each, name) for name in CHECK_COLUMNS))
        for position, each in others
    )
    insert_rows(connection, year_check, (*names[:2], "position", *CHECK_COLUMNS), rows)
