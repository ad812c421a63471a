"""How much an archive holds, in a few numbers. Reads only."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from archive.model.reading import Kind
from archive.store.schema import current_report, page, portal


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """portals: in the ledger. pages: with a version. reports: pages that are one. bodies: for
    which a report speaks. first_year, last_year: of these reports; None without any.
    """

    portals: int
    pages: int
    reports: int
    bodies: int
    first_year: int | None
    last_year: int | None


def totals(connection: Connection) -> Totals:
    """The numbers now; they are counted, so keep them where they are asked for often."""
    counts = connection.execute(
        select(
            func.count(), func.count().filter(page.c.kind == Kind.REPORT)
        ).where(page.c.versions > 0)
    ).one()  # fmt: skip
    # Counted from rows that are distinct already: along the index, without a second table of ids.
    bodies = select(current_report.c.public_body_id).distinct().subquery()
    reported = connection.scalar(select(func.count()).select_from(bodies))
    years = connection.execute(
        select(func.min(current_report.c.report_year), func.max(current_report.c.report_year))
    ).one()
    portals = connection.scalar(select(func.count()).select_from(portal))
    return Totals(
        portals=portals or 0,
        pages=counts[0],
        reports=counts[1],
        bodies=reported or 0,
        first_year=years[0],
        last_year=years[1],
    )
