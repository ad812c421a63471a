"""Sums over bodies of the figures to count with, and how many bodies have a report."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Text,
    case,
    column,
    func,
    literal,
    select,
    table,
)

from archive.store.query.corrected import with_corrections
from archive.store.query.counted import FigureFilter, exact, level_of_body, numbers_of
from archive.store.schema import current_report, division, public_body
from archive.store.types import Query

# figures_current without words: no page and no body is looked up.
_VIEW: Final = table(
    "figures_counted",
    *(column(name, Integer()) for name in ("body_id", "report_year")),
    *(column(name, Text()) for name in (
        "form", "indicator", "applicant", "concept", "value", "certainty"
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSum:
    """A sum over bodies. key: of what it is grouped by; None: its place is not known. total: None
    when no body has a value. bodies: of how many values it is made.
    """

    report_year: int
    key: str | None
    total: Decimal | None
    bodies: int


def group_sums(connection: Connection, wanted: FigureFilter, by: str | None) -> list[GroupSum]:
    """Sums over bodies for each year and group, by year and key; only where a body has a row.

    by: division, province, or None for one sum a year. Sums of fractions are right to six digits.
    """
    view = with_corrections(connection, _VIEW, wanted.corrected)
    values = _counted(view, wanted).subquery()
    whole = values.c.given >= _parts_of(values, wanted)
    groups: list[ColumnElement[Any]] = [values.c.report_year]
    if by is not None:
        groups.append(_key(by))
    chosen = select(
        *groups,
        func.sum(case((whole, values.c.total))).label("total"),
        func.count(case((whole, 1))).label("bodies"),
    ).select_from(values)
    conditions = _of_bodies(wanted)
    if by is not None or conditions:
        chosen = chosen.join(public_body, public_body.c.id == values.c.body_id).outerjoin(
            division, division.c.code == public_body.c.division
        )
    rows = connection.execute(chosen.where(*conditions).group_by(*groups).order_by(*groups))
    return [
        GroupSum(
            report_year=row.report_year,
            key=row.key if by else None,
            total=None if row.total is None else exact(row.total),
            bodies=row.bodies,
        )
        for row in rows
    ]


def report_counts(
    connection: Connection, wanted: FigureFilter, by: str | None
) -> dict[tuple[int, str | None], int]:
    """For how many bodies a report speaks, by year and group: those that have the number, and those
    that lack it. What is counted does not matter.
    """
    groups: list[ColumnElement[Any]] = [current_report.c.report_year]
    if by is not None:
        groups.append(_key(by))
    chosen = select(*groups, func.count().label("reports")).select_from(current_report)
    conditions = _of_bodies(wanted)
    if wanted.body_ids is not None:
        conditions.append(current_report.c.public_body_id.in_(sorted(wanted.body_ids)))
    if by is not None or conditions:
        chosen = chosen.join(public_body).outerjoin(
            division, division.c.code == public_body.c.division
        )
    chosen = chosen.where(*conditions, *_of_years(wanted)).group_by(*groups)
    return {
        (row.report_year, row.key if by else None): row.reports
        for row in connection.execute(chosen)
    }


def bodies_without_level(connection: Connection, wanted: FigureFilter) -> int:
    """How many bodies have a report in the years that are asked for and no known level, so that a
    level leaves them out.
    """
    chosen = (
        select(func.count(current_report.c.public_body_id.distinct()))
        .join(public_body, public_body.c.id == current_report.c.public_body_id)
        .outerjoin(division, division.c.code == public_body.c.division)
        .where(level_of_body().is_(None), *_of_bodies(replace(wanted, level=None)))
        .where(*_of_years(wanted))
    )
    return int(connection.scalar(chosen) or 0)


def _of_years(wanted: FigureFilter) -> list[ColumnElement[bool]]:
    """SQL: which years of reports are asked for."""
    years = current_report.c.report_year
    conditions: list[ColumnElement[bool]] = []
    if wanted.first_year is not None:
        conditions.append(years >= wanted.first_year)
    if wanted.last_year is not None:
        conditions.append(years <= wanted.last_year)
    return conditions


def _counted(view: FromClause, wanted: FigureFilter) -> Query:
    """SQL: body_id, report_year and form of each value; given: how many numbers it has."""
    c = view.c
    keys = (c.body_id, c.report_year, c.form)
    numbers = numbers_of(view, wanted)
    if max(wanted.parts.values(), default=1) == 1:
        is_given = case((c.value.is_not(None), 1), else_=0).label("given")
        return select(*keys, is_given, c.value.label("total")).where(numbers)
    summed = func.count(c.value).label("given"), func.sum(c.value).label("total")
    return select(*keys, *summed).where(numbers).group_by(*keys, c.certainty)


def _key(by: str) -> ColumnElement[Any]:
    """SQL: what bodies are grouped by."""
    here = public_body.c.division if by == "division" else division.c.province
    return func.nullif(here, "").label("key")


def _of_bodies(wanted: FigureFilter) -> list[ColumnElement[bool]]:
    """SQL: which public bodies are asked for, whatever is counted and when."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.divisions is not None:
        conditions.append(public_body.c.division.in_(sorted(wanted.divisions)))
    if wanted.province is not None:
        conditions.append(division.c.province == wanted.province)
    if wanted.level is not None:
        conditions.append(level_of_body() == wanted.level)
    if wanted.kind is not None:
        conditions.append(public_body.c.kind == wanted.kind)
    return conditions


def _parts_of(bodies: FromClause, wanted: FigureFilter) -> ColumnElement[int]:
    """SQL: how many numbers make a value of a report of that form."""
    whens = [(bodies.c.form == form, count) for form, count in wanted.parts.items() if count > 1]
    return case(*whens, else_=1) if whens else literal(1)
