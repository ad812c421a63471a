"""Stores which reports speak for a body and year; archive.store.query.current_reports decides."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, case, delete, exists, func, insert, or_, select

from archive.model.reading import PublicBody
from archive.store.dialects import figures_by_version
from archive.store.schema import (
    cell,
    concept,
    counted_for,
    counted_statement,
    current_report,
    figure,
    indicator,
    layout_cell,
    repeated_figure,
    statement,
    statement_kind,
    version_layout,
)
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
        for table in (repeated_figure, counted_statement, current_report):
            connection.execute(delete(table).where(table.c.version_id.in_(some)))


def add_current_reports(connection: Connection, reports: Sequence[tuple[int, int, int]]) -> None:
    """Puts (version, body, year) into the table, and finds what these reports print twice, and what
    their prose alone counts.
    """
    for start in range(0, len(reports), _BATCH):
        some = reports[start : start + _BATCH]
        connection.execute(
            insert(current_report),
            [
                {"version_id": version_id, "public_body_id": body, "report_year": year}
                for version_id, body, year in some
            ],
        )
        ids = [version_id for version_id, _, _ in some]
        chosen = {repeated_figure: _repeated(connection, ids), counted_statement: _stated(ids)}
        for table, found in chosen.items():
            connection.execute(insert(table).from_select(["version_id", "position"], found))


def _repeated(connection: Connection, version_ids: Sequence[int]) -> Query:
    """Figures behind the one that counts for their indicator and applicant: the first that has a
    number, else the first.
    """
    way = figures_by_version(connection)
    turn = func.row_number().over(
        partition_by=(figure.c.version_id, cell.c.indicator, cell.c.applicant),
        order_by=(case((figure.c.value.is_not(None), 0), else_=1), figure.c.position),
    )
    ranked = (
        select(figure.c.version_id, figure.c.position, turn.label("turn"))
        .select_from(way.tables)
        .where(way.version_id.in_(version_ids), cell.c.indicator.is_not(None))
        .subquery()
    )
    return select(ranked.c.version_id, ranked.c.position).where(ranked.c.turn > 1)


def _stated(version_ids: Sequence[int]) -> Query:
    """The first statement of each concept of a form that speaks of the year, where no table of the
    report has the concept and its prose does not contradict itself.
    """
    by_concept = (statement.c.version_id, statement_kind.c.concept)
    ranked = (
        select(
            *by_concept,
            statement.c.position,
            func.row_number()
            .over(partition_by=by_concept, order_by=statement.c.position)
            .label("turn"),
            func.min(statement.c.value).over(partition_by=by_concept).label("least"),
            func.max(statement.c.value).over(partition_by=by_concept).label("most"),
        )
        .join(statement_kind, statement_kind.c.id == statement.c.kind_id)
        .join(concept, concept.c.concept == statement_kind.c.concept)
        .where(statement.c.version_id.in_(version_ids), statement_kind.c.period == "year")
        .subquery()
    )
    version_id, key, position, turn, least, most = ranked.c
    tabled = (
        exists()
        .where(version_layout.c.version_id == version_id, cell.c.id == layout_cell.c.cell_id)
        .where(layout_cell.c.layout_id == version_layout.c.layout_id)
        .where(indicator.c.indicator == cell.c.indicator, indicator.c.concept == key)
        .where(or_(cell.c.applicant.is_(None), cell.c.applicant == "total"))
    )
    return select(version_id, position).where(turn == 1, least == most, ~tabled)
