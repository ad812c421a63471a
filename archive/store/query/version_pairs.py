"""Which versions follow each other, which of them are compared, and which pages went and came back.
Reads only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from archive.model.change import ChangeKind
from archive.model.outcome import Outcome
from archive.model.reading import Kind
from archive.store.crawl_tables import IS_GONE
from archive.store.schema import field_event, outcome, page, page_change, version, version_pair
from archive.store.types import NamedRow, Query

_second = version.alias("second")
_GONE = (Outcome.GONE, Outcome.SOFT_404)
_THERE = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPair:
    """A version and the one before it in time, which one reader read. was: what it is compared
    with until now; None: with nothing.
    """

    version_id: int
    earlier_id: int
    was: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A visit that found a page gone, or back."""

    page_id: int
    run_id: int
    what: str
    at: datetime


def pairs_to_compare(connection: Connection) -> list[VersionPair]:
    """Pairs whose comparison is not stored, or is one with another version; by time. Lists are left
    out: they change with every report. Versions of different readers are not comparable.
    """
    pair = _pairs().subquery()
    rows = connection.execute(
        select(pair, version_pair.c.earlier_id.label("was"))
        .outerjoin(version_pair, version_pair.c.version_id == pair.c.version_id)
        .where(pair.c.reader_version == pair.c.earlier_reader)
        .where(version_pair.c.earlier_id.is_distinct_from(pair.c.earlier_id))
        .order_by(pair.c.at, pair.c.version_id)
    )
    return [
        VersionPair(
            version_id=row.version_id, earlier_id=row.earlier_id, was=row.was, at=row.at
        )
        for row in rows
    ]  # fmt: skip


def pairs_of_two_readers(connection: Connection) -> int:
    """How many versions wait to be compared until `reread` has brought both to one reader."""
    readers = connection.execute(
        select(func.min(version.c.reader_version), func.max(version.c.reader_version))
    ).one()
    if readers[0] == readers[1]:  # mostly: one look at the versions, in place of one at all pairs
        return 0
    pair = _pairs().subquery()
    counted = select(func.count()).where(pair.c.reader_version != pair.c.earlier_reader)
    return connection.scalar(counted) or 0


def _pairs() -> Query:
    """Of pages that have fewer comparisons than versions that follow another: those of all pages
    with several versions cost a look at each version, behind every run.
    """
    numbered = select(_second.c.page_id).where(_second.c.number > 1)
    several = (
        select(version.c.page_id)
        .outerjoin(version_pair, version_pair.c.version_id == version.c.id)
        .where(version.c.page_id.in_(numbered), version.c.kind != Kind.LIST)
        .group_by(version.c.page_id)
        .having(func.count() > 1 + func.count(version_pair.c.version_id))
    )
    row = (
        select(
            version.c.id.label("version_id"),
            version.c.captured_at.label("at"),
            version.c.kind,
            version.c.reader_version,
            _before(version.c.id).label("earlier_id"),
            _before(version.c.kind).label("earlier_kind"),
            _before(version.c.reader_version).label("earlier_reader"),
        )
        .where(version.c.page_id.in_(several))
        .subquery()
    )
    return select(row).where(
        row.c.earlier_id.is_not(None), row.c.kind != Kind.LIST, row.c.earlier_kind != Kind.LIST
    )


def _before(of_version: ColumnElement[Any]) -> ColumnElement[Any]:
    """The same of the version before in time."""
    order = (version.c.captured_at, version.c.number)
    return func.lag(of_version).over(partition_by=version.c.page_id, order_by=order)


def new_field_events(connection: Connection) -> list[NamedRow]:
    """Header fields that changed while the content stayed and that are no changes yet: id,
    version_id, at.
    """
    last = select(func.coalesce(func.max(page_change.c.event_id), 0)).scalar_subquery()
    rows = connection.execute(
        select(field_event.c.id, field_event.c.version_id, field_event.c.at)
        .join(version, version.c.id == field_event.c.version_id)
        .where(field_event.c.id > last, version.c.kind != Kind.LIST)
        .order_by(field_event.c.id)
    )
    return list(rows)


def passings(connection: Connection) -> Iterator[Passing]:
    """Every time that a page with content was gone, and was back. Visits that failed or were
    refused say nothing.
    """
    gone = select(outcome.c.page_id).where(IS_GONE)
    rows = connection.execute(
        select(outcome.c.page_id, outcome.c.run_id, outcome.c.outcome, outcome.c.at)
        .join(page, page.c.id == outcome.c.page_id)
        .where(outcome.c.page_id.in_(gone), outcome.c.outcome.in_((*_GONE, *_THERE)))
        .where(page.c.versions > 0, page.c.kind != Kind.LIST)
        .order_by(outcome.c.page_id, outcome.c.at, outcome.c.run_id)
    )
    for _, visits in groupby(rows, key=lambda each: each.page_id):
        there: bool | None = None
        for visit in visits:
            is_there = visit.outcome in _THERE
            if there is not None and is_there != there:
                what = ChangeKind.BACK if is_there else ChangeKind.GONE
                yield Passing(
                    page_id=visit.page_id, run_id=visit.run_id, what=what, at=visit.at
                )  # fmt: skip
            # A page that was never there cannot go.
            there = is_there if there is not None or is_there else None


def known_passings(connection: Connection) -> dict[tuple[int, int, str], int]:
    """The stored ones: (page_id, run_id, what) to the id of the change."""
    rows = connection.execute(
        select(page_change.c.id, version.c.page_id, page_change.c.run_id, page_change.c.what)
        .join(version, version.c.id == page_change.c.version_id)
        .where(page_change.c.run_id.is_not(None))
    )
    return {(row.page_id, row.run_id, row.what): row.id for row in rows}
