"""Stores the results of the rules between the reports of two years, by pair of versions."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, delete, insert, or_

from archive.model.reading import Check
from archive.store.schema import year_check

Pair = tuple[int, int]
_BATCH = 200


def drop_pairs(connection: Connection, pairs: Collection[Pair]) -> None:
    """Deletes comparisons whose versions are no longer those that count for their years."""
    listed = sorted(pairs)
    for start in range(0, len(listed), _BATCH):
        these = [
            and_(year_check.c.earlier_id == earlier, year_check.c.version_id == later)
            for earlier, later in listed[start : start + _BATCH]
        ]
        connection.execute(delete(year_check).where(or_(*these)))


def store_pair(connection: Connection, pair: Pair, checks: Sequence[Check]) -> None:
    """Stores one comparison; the rows of the same pair must not be there yet."""
    rows = [
        {
            "version_id": pair[1],
            "earlier_id": pair[0],
            "position": position,
            "rule": each.rule,
            "scope": each.scope,
            "state": each.state,
            "message": each.message,
            "evidence": each.evidence,
        }
        for position, each in enumerate(checks)
    ]
    if rows:
        connection.execute(insert(year_check), rows)
