"""The rules between the reports of two years, as rows: which pairs of versions were compared."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, delete, insert, or_, select

from archive.model.reading import Check
from archive.store.query.reports import is_current_report
from archive.store.schema import year_check

Pair = tuple[int, int]
_BATCH = 200


def compared_pairs(connection: Connection, laters: Sequence[int]) -> set[Pair]:
    """(earlier, later) ids of the versions whose comparison is stored, for these later ones."""
    found: set[Pair] = set()
    for start in range(0, len(laters), _BATCH):
        rows = connection.execute(
            select(year_check.c.earlier_id, year_check.c.version_id)
            .where(year_check.c.version_id.in_(laters[start : start + _BATCH]))
            .distinct()
        )
        found.update((row.earlier_id, row.version_id) for row in rows)
    return found


def outdated_pairs(connection: Connection) -> set[Pair]:
    """The stored pairs of which one version is no longer the latest official report of its page."""
    rows = connection.execute(
        select(year_check.c.earlier_id, year_check.c.version_id)
        .where(
            or_(
                ~is_current_report(year_check.c.earlier_id),
                ~is_current_report(year_check.c.version_id),
            )
        )
        .distinct()
    )
    return {(row.earlier_id, row.version_id) for row in rows}


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
