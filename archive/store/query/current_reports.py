"""Which report speaks for a body and year: of all copies and versions of a report (page, file,
second URL) one. The table `current_report` keeps it.

Here alone it is decided: a report with tables, then a page before a file, a correction (更正, 修订,
修正) before what it corrects, then the one published last, then the one found last.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from archive.model.reading import BodyKind, Kind, PublicBody
from archive.store.query.reports import CARRIER, carrier_id, latest_reports, published_of
from archive.store.schema import (
    cell,
    counted_for,
    current_report,
    layout_cell,
    page,
    public_body,
    run,
    version,
    version_layout,
)
from archive.store.types import Query

CORRECTIONS: Final = ("更正", "修订", "修正")
"""Words of titles of reports that correct an earlier one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentReport:
    """The report that speaks for a body and year. has_figures: it has a table of 2019 or 2021."""

    version_id: int
    body_id: int
    year: int
    has_figures: bool


def is_chosen(connection: Connection) -> bool:
    """False in a ledger that has reports of which none speaks yet: one that was just migrated, or
    whose first crawl has not ended.
    """
    if connection.scalar(select(current_report.c.version_id).limit(1)) is not None:
        return True
    return connection.scalar(latest_reports(select(version.c.id)).limit(1)) is None


def uncounted_reports(connection: Connection) -> int:
    """How many reports were read, by runs that did not finish (they go on, or were killed), since
    it was last chosen which speak.
    """
    newest = select(func.coalesce(func.max(current_report.c.version_id), 0)).scalar_subquery()
    unfinished = select(run.c.id).where(run.c.status != "finished")
    read = latest_reports(select(func.count())).where(
        version.c.id > newest, version.c.run_id.in_(unfinished)
    )
    return int(connection.scalar(read) or 0)


def counted_bodies(connection: Connection) -> dict[tuple[str, int], tuple[str, str]]:
    """Name and division ("": not known) of the body that reports are counted for which name another
    or none, by portal and the body that they name (0: none).
    """
    rows = connection.execute(
        select(counted_for, public_body.c.name, public_body.c.division).join(
            public_body, public_body.c.id == counted_for.c.public_body_id
        )
    )
    return {(row.portal_key, row.named_id): (row.name, row.division) for row in rows}


def reporting_bodies(connection: Connection) -> dict[PublicBody, int]:
    """Every body for which a report speaks, with its id."""
    speaking = select(current_report.c.public_body_id)
    rows = connection.execute(
        select(public_body).where(public_body.c.id.in_(speaking)).order_by(public_body.c.id)
    )
    return {
        PublicBody(name=row.name, division=row.division or None, kind=BodyKind(row.kind)): row.id
        for row in rows
    }


def current_reports(connection: Connection, body_ids: Collection[int]) -> Iterator[CurrentReport]:
    """The reports that speak for some hundred bodies, by body and year."""
    tables = exists().where(
        version_layout.c.version_id == current_report.c.version_id,
        layout_cell.c.layout_id == version_layout.c.layout_id,
        cell.c.id == layout_cell.c.cell_id,
        cell.c.form.in_(("f19", "f21")),
    )
    rows = connection.execute(
        select(current_report, tables.label("has_figures"))
        .where(current_report.c.public_body_id.in_(sorted(body_ids)))
        .order_by(current_report.c.public_body_id, current_report.c.report_year)
    )
    for row in rows:
        yield CurrentReport(
            version_id=row.version_id,
            body_id=row.public_body_id,
            year=row.report_year,
            has_figures=bool(row.has_figures),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """How the table differs from the versions of today. outdated: versions that do not speak any
    more. missing: (version, body, year) of those that speak and are not in it.
    """

    outdated: tuple[int, ...]
    missing: tuple[tuple[int, int, int], ...]


def differences(connection: Connection) -> Differences:
    """What is to be changed for the table to be up to date; one look at all reports."""
    chosen = _chosen().cte("chosen")
    same = and_(
        current_report.c.version_id == chosen.c.id,
        current_report.c.public_body_id == chosen.c.body_id,
        current_report.c.report_year == chosen.c.report_year,
    )
    missing = (
        select(chosen.c.id, chosen.c.body_id, chosen.c.report_year, literal(1).label("speaks"))
        .outerjoin(current_report, same)
        .where(current_report.c.version_id.is_(None))
    )
    outdated = (
        select(*current_report.c, literal(0)).outerjoin(chosen, same).where(chosen.c.id.is_(None))
    )
    rows = connection.execute(union_all(missing, outdated)).all()
    return Differences(
        outdated=tuple(sorted(row.id for row in rows if not row.speaks)),
        missing=tuple(sorted(
            (row.id, row.body_id, row.report_year) for row in rows if row.speaks
        )),
    )  # fmt: skip


def _chosen() -> Query:
    """SQL: id, body_id and report_year of the version that speaks, for each body and year."""
    publisher = func.coalesce(version.c.public_body_id, CARRIER.c.public_body_id)
    body_id = func.coalesce(counted_for.c.public_body_id, publisher)
    turn = func.row_number().over(
        partition_by=(body_id, version.c.report_year), order_by=_precedence()
    )
    selected = select(version.c.id, version.c.report_year, body_id.label("body_id"))
    ranked = (
        latest_reports(selected.add_columns(turn.label("turn")))
        .outerjoin(CARRIER, CARRIER.c.id == carrier_id())
        .outerjoin(
            counted_for,
            and_(
                counted_for.c.portal_key == page.c.portal_key,
                counted_for.c.named_id == func.coalesce(publisher, 0),
            ),
        )
        .subquery()
    )
    return select(ranked.c.id, ranked.c.report_year, ranked.c.body_id).where(
        ranked.c.turn == 1, ranked.c.body_id.is_not(None)
    )


def _precedence() -> tuple[ColumnElement[Any], ...]:
    """The order in which reports on one body and year speak."""
    has_tables = exists().where(
        version_layout.c.version_id == version.c.id,
        layout_cell.c.layout_id == version_layout.c.layout_id,
        cell.c.id == layout_cell.c.cell_id,
        cell.c.indicator.is_not(None),
    )
    title = func.coalesce(version.c.title, "")
    corrects = or_(*(title.contains(word) for word in CORRECTIONS))
    return (
        case((has_tables, 0), else_=1),
        case((version.c.kind == Kind.REPORT, 0), else_=1),
        case((corrects, 0), else_=1),
        func.coalesce(published_of(version.c.id), published_of(CARRIER.c.id), "").desc(),
        version.c.page_id.desc(),
    )
