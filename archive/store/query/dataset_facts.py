"""What a dataset or an export of a whole ledger is divided and dated by. Reads only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Connection, column, func, select, table

from archive.store.schema import capture, covered, current_report, run, version
from archive.store.types import Query

# Where the year of an analysts' view comes from: a look at an index instead of at every row.
_YEARS: Final[Mapping[str, Column[int]]] = {
    "figures_current": current_report.c.report_year,
    "statements": version.c.report_year,
    "coverage": covered.c.year,
}


def years_of(connection: Connection, view: str) -> list[int | None]:
    """The years that rows of a view can have, None first where some have none."""
    year = _YEARS[view]
    found = connection.scalars(select(year).distinct().order_by(year.asc().nulls_first()))
    return list(found)


def last_run_at(connection: Connection) -> datetime | None:
    """When the archive was last brought up to date: the end of its newest run, else its newest
    capture; None where there is neither.
    """
    ended: datetime | None = connection.scalar(select(func.max(run.c.ended_at)))
    captured: datetime | None = connection.scalar(select(func.max(capture.c.captured_at)))
    return ended or captured


def distinct_values(connection: Connection, name: str, of: str) -> list[object]:
    """What a column of an analysts' view holds, each once, None last. The names come from code,
    never from a user.
    """
    wanted: Query = select(column(of)).select_from(table(name)).distinct()
    return sorted(connection.scalars(wanted), key=lambda each: (each is None, str(each)))
