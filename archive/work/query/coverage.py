"""Which reports there are, which are missing and which came late; archive.work.ingest.covering
decides.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.model.coverage import FIRST_YEAR, State
from archive.model.errors import CannotRunError
from archive.model.portal import Portal
from archive.store import Store
from archive.store.query.covered import (
    CountedRow,
    CoveredRow,
    Punctuality,
    WhichCovered,
    covered_rows,
    late_rows,
    undated_rows,
)
from archive.work.ingest.covering import CHINA, cover, is_covered

__all__ = ["CountedRow", "CoverageFilter", "CoveredRow", "Punctuality", "State"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageFilter:
    """Which part of the table. divisions: codes of places; None takes every body, known place or
    not.
    """

    portal: str | None = None
    divisions: frozenset[str] | None = None
    body_id: int | None = None
    first_year: int = FIRST_YEAR
    last_year: int | None = None


def keep_covered(
    store: Store,
    catalogue: Sequence[Portal],
    *,
    now: datetime,
    note: Callable[[str], None] = lambda _: None,
) -> None:
    """Brings what is known up to date where the catalogue, the year or the release of Gongkai is
    another than that of the last run. An archive that cannot be written is left as it is; `note`
    is told.
    """
    if not is_covered(store, catalogue, now=now):
        try:
            cover(store, catalogue, now=now)
        except CannotRunError as error:
            note(f"coverage is that of the last run: {error}")


def coverage(store: Store, filters: CoverageFilter, *, now: datetime) -> Iterator[CoveredRow]:
    """Every body and year that should have a report by `now`, and every report there is beside
    these; by place and name of the body, then year.
    """
    with store.read() as connection:
        yield from covered_rows(connection, _which(filters, now))


def late_reports(
    store: Store,
    filters: CoverageFilter,
    *,
    now: datetime,
    least: int = 1,
    limit: int | None = None,
) -> list[CoveredRow]:
    """The reports published `least` days after their deadline or later, the worst first. Of several
    copies the one published first counts: a correction makes no report late.
    """
    with store.read() as connection:
        return late_rows(connection, _which(filters, now), least=least, limit=limit)


def undated_reports(
    store: Store, filters: CoverageFilter, *, now: datetime, limit: int | None = None
) -> list[CoveredRow]:
    """The reports that print no day of publication: neither in time nor late."""
    with store.read() as connection:
        return undated_rows(connection, _which(filters, now), limit=limit)


def _which(filters: CoverageFilter, now: datetime) -> WhichCovered:
    return WhichCovered(
        today=now.astimezone(CHINA).date().isoformat(),
        divisions=filters.divisions,
        body_id=filters.body_id,
        portal=filters.portal,
        first_year=filters.first_year,
        last_year=filters.last_year,
    )
