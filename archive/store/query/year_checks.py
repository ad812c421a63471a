"""Which pairs of versions the rules between the reports of two years were applied to."""

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select

from archive.store.query.reports import is_current_report
from archive.store.schema import year_pair
from archive.store.write.year_checks import Pair

_BATCH = 200


def compared_pairs(connection: Connection, laters: Sequence[int]) -> set[Pair]:
    """(earlier, later) ids of the versions whose comparison is stored, for these later ones."""
    found: set[Pair] = set()
    for start in range(0, len(laters), _BATCH):
        rows = connection.execute(
            select(year_pair.c.earlier_id, year_pair.c.version_id).where(
                year_pair.c.version_id.in_(laters[start : start + _BATCH])
            )
        )
        found.update((row.earlier_id, row.version_id) for row in rows)
    return found


def outdated_pairs(connection: Connection) -> set[Pair]:
    """The stored pairs of which one version is no longer the latest official report of its page."""
    rows = connection.execute(
        select(year_pair.c.earlier_id, year_pair.c.version_id).where(
            or_(
                ~is_current_report(year_pair.c.earlier_id),
                ~is_current_report(year_pair.c.version_id),
            )
        )
    )
    return {(row.earlier_id, row.version_id) for row in rows}
