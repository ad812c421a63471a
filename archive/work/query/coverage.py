"""Which reports there are, which are missing and which came late; archive.work.ingest.covering
decides.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from archive.model.coverage import FIRST_YEAR, State
from archive.model.errors import CannotRunError
from archive.model.instants import exact
from archive.model.portal import Portal
from archive.store import Store
from archive.store.query.body_rows import BodyRow, body_rows
from archive.store.query.covered import (
    CoveredRow,
    Punctuality,
    WhichCovered,
    covered_page,
    covered_portals,
    covered_rows,
    covered_states,
    late_rows,
    newest_late_rows,
    punctuality,
    undated_rows,
)
from archive.store.query.questions import check_portal
from archive.work.ingest.covered_cells import CHINA
from archive.work.ingest.covering import cover, is_covered, was_covered
from archive.work.query.places import path_of

__all__ = ["CoverageFilter", "CoveredRow", "State"]


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
    state: State | None = None


def keep_covered(
    store: Store,
    catalogue: Sequence[Portal],
    *,
    now: datetime,
    note: Callable[[str], None] = lambda _: None,
    on_bodies: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """Brings what is known up to date where the catalogue, the year or the release of Gongkai is
    another than that of the last run. An archive that cannot be written is left as it is; `note`
    is told, and on_bodies how many more bodies are done, of how many.
    """
    if not is_covered(store, catalogue, now=now):
        if not was_covered(store):
            note("what is known of each report is put together; a large archive takes some minutes")
        try:
            cover(store, catalogue, now=now, on_bodies=on_bodies)
        except CannotRunError as error:
            note(f"coverage is that of the last run: {error}")


def coverage(store: Store, filters: CoverageFilter, *, now: datetime) -> Iterator[CoveredRow]:
    """Every body and year that should have a report by `now`, and every report there is beside
    these; by place and name of the body, then year.
    """
    with store.read() as connection:
        yield from covered_rows(connection, _which(filters, now))


def coverage_states(
    store: Store, filters: CoverageFilter, *, now: datetime
) -> Iterator[tuple[tuple[int, str, str | None], dict[int, State]]]:
    """Number, name and place of every body of `coverage`, in its order, and its states by year."""
    with store.read() as connection:
        yield from covered_states(connection, _which(filters, now))


def check_covered_portal(store: Store, key: str) -> None:
    """UsageError, with keys that come near, for a portal that neither the archive nor the catalogue
    of the last run has.
    """
    with store.read() as connection:
        check_portal(connection, key, covered_portals(connection))


def covered_json(row: CoveredRow) -> dict[str, object]:
    """A row as scripts get it: the columns of the view, the instant to the microsecond."""
    captured_at = exact(row.captured_at) if row.captured_at else None
    return {**asdict(row), "captured_at": captured_at}


def coverage_page(
    store: Store,
    filters: CoverageFilter,
    *,
    now: datetime,
    after: tuple[int, int] | None,
    limit: int,
) -> list[CoveredRow]:
    """The same rows by number of the body and year, so many at once, behind those of `after`."""
    with store.read() as connection:
        return covered_page(connection, _which(filters, now), after=after, limit=limit)


def late_reports(
    store: Store,
    filters: CoverageFilter,
    *,
    now: datetime,
    least: int = 1,
    after: tuple[int, int, int] | None = None,
    limit: int | None = None,
) -> list[CoveredRow]:
    """The reports published `least` days after their deadline or later, the worst first. Of several
    copies the one published first counts: a correction makes no report late. after: days, number of
    the body and year of the last one seen.
    """
    with store.read() as connection:
        which = _which(filters, now)
        return late_rows(connection, which, least=least, after=after, limit=limit)


def newest_late_reports(
    store: Store, filters: CoverageFilter, *, now: datetime, least: int = 1, limit: int
) -> list[CoveredRow]:
    """The same reports as `late_reports`, those captured last first."""
    with store.read() as connection:
        return newest_late_rows(connection, _which(filters, now), least=least, limit=limit)


def undated_reports(
    store: Store,
    filters: CoverageFilter,
    *,
    now: datetime,
    after: tuple[int, int] | None = None,
    limit: int | None = None,
) -> list[CoveredRow]:
    """The reports that print no day of publication: neither in time nor late. after: number of the
    body and year of the last one seen.
    """
    with store.read() as connection:
        return undated_rows(connection, _which(filters, now), after=after, limit=limit)


class By(StrEnum):
    """What lateness is told apart by."""

    BODY = "body"
    PROVINCE = "province"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """How punctual a body, a province or a year was; of the others of these three None, and of a
    body or province whose place is not known. late, in_time, undated: reports, apart. most_days,
    mean_days: of those that came late; None where none did.
    """

    body_id: int | None
    body: str | None
    division: str | None
    place: str | None
    year: int | None
    late: int
    in_time: int
    undated: int
    most_days: int | None
    mean_days: float | None


def lateness(
    store: Store, filters: CoverageFilter, by: By, *, now: datetime, least: int = 1
) -> list[Lateness]:
    """How punctual each body, province or year was: those with the most late reports first. Bodies
    without a late one are left out.
    """
    which, bodies = _which(filters, now), dict[int, BodyRow]()
    with store.read() as connection:
        if by is By.BODY:
            rows = [row for row in punctuality(connection, which, "body", least) if row.late]
            found = body_rows(connection, [int(row.key) for row in rows])
            bodies = {each.body_id: each for each in found}
        else:
            key: Literal["division", "year"] = "division" if by is By.PROVINCE else "year"
            rows = punctuality(connection, which, key, least)
    counts = []
    for each, its in _by_key(rows, by).items():
        body = bodies[int(each)] if by is By.BODY else None
        code = body.division if body else str(each) if by is By.PROVINCE else ""
        counts.append(_lateness(its, body, code or None, int(each) if by is By.YEAR else None))
    return sorted(counts, key=lambda each: (-each.late, -(each.most_days or 0), each.year or 0))


def _by_key(rows: Iterable[Punctuality], by: By) -> dict[int | str, list[Punctuality]]:
    """The rows by what they count for: places by province."""
    found: dict[int | str, list[Punctuality]] = {}
    for row in rows:
        key = row.key
        if by is By.PROVINCE and key:
            key = str(key)[:2] + "0000"
        found.setdefault(key, []).append(row)
    return found


def _lateness(
    rows: Sequence[Punctuality], body: BodyRow | None, code: str | None, year: int | None
) -> Lateness:
    late, undated = sum(row.late for row in rows), sum(row.undated for row in rows)
    return Lateness(
        body_id=body.body_id if body else None,
        body=body.name if body else None,
        division=code,
        place=path_of(code),
        year=year,
        late=late,
        in_time=sum(row.reports for row in rows) - late - undated,
        undated=undated,
        most_days=max(row.most_days for row in rows) if late else None,
        mean_days=round(sum(row.days for row in rows) / late, 1) if late else None,
    )


def _which(filters: CoverageFilter, now: datetime) -> WhichCovered:
    return WhichCovered(
        today=now.astimezone(CHINA).date().isoformat(),
        divisions=filters.divisions,
        body_id=filters.body_id,
        portal=filters.portal,
        first_year=filters.first_year,
        last_year=filters.last_year,
        state=filters.state,
    )
