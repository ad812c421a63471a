"""Which pairs of versions the rules between the reports of two years were applied to."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Exists, or_, select

from archive.store.schema import current_report, year_pair
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
    """The stored pairs of which one version does not speak for its body and year any more."""
    rows = connection.execute(
        select(year_pair.c.earlier_id, year_pair.c.version_id).where(
            or_(
                ~_speaks(year_pair.c.earlier_id),
                ~_speaks(year_pair.c.version_id),
            )
        )
    )
    return {(row.earlier_id, row.version_id) for row in rows}


def _speaks(version_id: ColumnElement[int]) -> Exists:
    return (
        select(current_report.c.version_id)
        .where(current_report.c.version_id == version_id)
        .exists()
    )
