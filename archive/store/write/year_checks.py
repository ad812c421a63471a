"""Stores the results of the rules between the reports of two years, by pair of versions."""

from collections.abc import Collection, Mapping, Sequence

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


def store_pairs(connection: Connection, checked: Mapping[Pair, Sequence[Check]]) -> None:
    """Stores comparisons; the rows of the same pairs must not be there yet."""
    pairs: list[tuple[object, ...]] = []
    rows: list[tuple[object, ...]] = []
    for (earlier_id, version_id), checks in checked.items():
        others, held = split_checks(checks)
        pairs.append((version_id, earlier_id, held))
        rows += (
            (version_id, earlier_id, position, *(getattr(each, name) for name in CHECK_COLUMNS))
            for position, each in others
        )
    names = ("version_id", "earlier_id")
    insert_rows(connection, year_pair, (*names, "held"), pairs)
    insert_rows(connection, year_check, (*names, "position", *CHECK_COLUMNS), rows)
