"""Stores the results of the rules between the reports of two years, by pair of versions."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, delete, insert, or_

from archive.model.reading import Check
from archive.store.schema import year_check, year_pair
from archive.store.write.packed import split_checks

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
    others, held = split_checks(checks)
    ids = {"earlier_id": pair[0], "version_id": pair[1]}
    connection.execute(insert(year_pair), [{**ids, "held": held}])
    rows = [
        {
            **ids,
            "position": position,
            "rule": each.rule,
            "scope": each.scope,
            "state": each.state,
            "message": each.message,
            "evidence": each.evidence,
        }
        for position, each in others
    ]
    if rows:
        connection.execute(insert(year_check), rows)
