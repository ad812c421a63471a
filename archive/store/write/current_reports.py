"""Stores which reports speak for a body and year; archive.store.query.current_reports decides."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, case, delete, func, insert, select

from archive.model.reading import PublicBody
from archive.store.schema import cell, counted_for, current_report, figure, repeated_figure
from archive.store.types import Query
from archive.store.write.public_bodies import public_body_ids

# A portal, and the body that a report on it names; 0 when it names none.
Named = tuple[str, int]
_BATCH: Final = 300


def store_counted_for(connection: Connection, bodies: Mapping[Named, PublicBody]) -> bool:
    """Stores for which bodies reports are counted that name another or none, and makes the bodies
    that are not yet known; whether anything changed.
    """
    ids = public_body_ids(connection, bodies.values())
    wanted = {named: ids[body] for named, body in bodies.items()}
    stored = {
        (row.portal_key, row.named_id): row.public_body_id
        for row in connection.execute(select(counted_for))
    }
    if wanted == stored:
        return False
    connection.execute(delete(counted_for))
    if wanted:
        connection.execute(
            insert(counted_for),
            [
                {"portal_key": portal, "named_id": named, "public_body_id": body}
                for (portal, named), body in sorted(wanted.items())
            ],
        )
    return True


def drop_current_reports(connection: Connection, version_ids: Sequence[int]) -> None:
    """Takes versions out of the table; those that are not in it change nothing."""
    for start in range(0, len(version_ids), _BATCH):
        some = version_ids[start : start + _BATCH]
        for table in (repeated_figure, current_report):
            connection.execute(delete(table).where(table.c.version_id.in_(some)))


def add_current_reports(connection: Connection, reports: Sequence[tuple[int, int, int]]) -> None:
    """Puts (version, body, year) into the table, and finds what these reports print twice."""
    for start in range(0, len(reports), _BATCH):
        some = reports[start : start + _BATCH]
        connection.execute(
            insert(current_report),
            [
                {"version_id": version_id, "public_body_id": body, "report_year": year}
                for version_id, body, year in some
            ],
        )
        repeated = _repeated([version_id for version_id, _, _ in some])
        connection.execute(
            insert(repeated_figure).from_select(["version_id", "position"], repeated)
        )


def _repeated(version_ids: Sequence[int]) -> Query:
    """Figures behind the one that counts for their indicator and applicant: the first that has a
    number, else the first.
    """
    turn = func.row_number().over(
        partition_by=(figure.c.version_id, cell.c.indicator, cell.c.applicant),
        order_by=(case((figure.c.value.is_not(None), 0), else_=1), figure.c.position),
    )
    ranked = (
        select(figure.c.version_id, figure.c.position, turn.label("turn"))
        .join(cell, cell.c.id == figure.c.cell_id)
        .where(figure.c.version_id.in_(version_ids), cell.c.indicator.is_not(None))
        .subquery()
    )
    return select(ranked.c.version_id, ranked.c.position).where(ranked.c.turn > 1)
