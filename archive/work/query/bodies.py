"""Public bodies: one with its reports, those whose name has a part, and how many of them report
where.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rapidfuzz import fuzz, process

from archive.codebook.divisions import division, divisions
from archive.model.coverage import State
from archive.model.errors import NotFoundError
from archive.model.reading import BodyKind
from archive.store import Store
from archive.store.query.body_rows import (
    BodyPortal,
    BodyReport,
    BodyRow,
    bodies_called,
    bodies_like,
    body_row,
    names_of_bodies,
    portals_of_body,
    reports_of_body,
)
from archive.store.query.covered import CountedRow, CoveredRow, counted_rows
from archive.work.ingest.covered_cells import CHINA
from archive.work.query.coverage import CoverageFilter, coverage

MOST_BODIES: Final = 50
_NEAR: Final = 5
_LIKE: Final = 40.0
_LONGEST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A public body. division: code of its place. place, province: names; level: province,
    prefecture or county, or township; all None where its place is not known (level: of a township
    it is). reports: for how many years it has one.
    """

    body_id: int
    name: str
    division: str | None
    place: str | None
    province: str | None
    level: str | None
    kind: str
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyFacts:
    """What is known of one body. years: what is known of each year's report, by year. reports:
    those that there are, the latest first. findings: doubts about these, all together.
    """

    body: Body
    portals: tuple[BodyPortal, ...]
    years: tuple[CoveredRow, ...]
    reports: tuple[BodyReport, ...]
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBodies:
    """Bodies by part of a name. are_near: none has it, these are spelled nearly so. more: there are
    more than were asked for.
    """

    bodies: tuple[Body, ...]
    are_near: bool
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCount:
    """How many bodies of a place, with all below it, stand how in a year. division, name: None for
    bodies whose place is not known.
    """

    division: str | None
    name: str | None
    year: int
    state: State
    bodies: int


def body_facts(store: Store, body_id: int, *, now: datetime) -> BodyFacts:
    """One body by its number. NotFoundError: there is none."""
    with store.read() as connection:
        row = body_row(connection, body_id)
        if row is None:
            raise NotFoundError(f"no public body has the number {body_id}")
        portals = portals_of_body(connection, body_id)
        reports = reports_of_body(connection, body_id)
    years = coverage(store, CoverageFilter(body_id=body_id), now=now)
    return BodyFacts(
        body=_body(row),
        portals=tuple(portals),
        years=tuple(years),
        reports=tuple(reports),
        findings=sum(each.findings for each in reports),
    )


def body_numbered(store: Store, body_id: int) -> Body:
    """The body of that number. NotFoundError: there is none."""
    with store.read() as connection:
        row = body_row(connection, body_id)
    if row is None:
        raise NotFoundError(f"no public body has the number {body_id}")
    return _body(row)


def find_bodies(store: Store, part: str, *, limit: int = MOST_BODIES) -> FoundBodies:
    """The bodies whose name has that part, the shortest names first; where none has, those that are
    spelled nearly so. An empty part finds none.
    """
    part = part.strip()[:_LONGEST]
    with store.read() as connection:
        rows = bodies_like(connection, part, limit=limit + 1) if part else []
        if rows or not part:
            found = tuple(map(_body, rows[:limit]))
            return FoundBodies(bodies=found, are_near=False, more=len(rows) > limit)
        near = process.extract(
            part, names_of_bodies(connection), scorer=fuzz.ratio, limit=_NEAR, score_cutoff=_LIKE
        )
        turn = {name: number for number, (name, _, _) in enumerate(near)}
        rows = sorted(bodies_called(connection, list(turn)), key=lambda row: turn[row.name])
    return FoundBodies(bodies=tuple(map(_body, rows)), are_near=bool(rows), more=False)


def coverage_by_province(store: Store, *, now: datetime) -> list[PlaceCount]:
    """How many bodies of each province stand how, by year; those without a place last."""
    provinces = [each.code[:2] for each in divisions() if each.level == "province"]
    rows = _counted(store, now, ["", *dict.fromkeys(provinces)])
    return _by_place((row.place and row.place + "0000", row) for row in rows)


def coverage_below(store: Store, code: str, *, now: datetime) -> list[PlaceCount]:
    """How many bodies of each place just below another stand how, by year, each with all below it;
    the bodies of the place itself stand beside these under its own code. NotFoundError: no such
    division.
    """
    if division(code) is None:
        raise NotFoundError(f"{code} is no division code of GB/T 2260")
    codes = dict.fromkeys(each.code for each in divisions() if each.code[:2] == code[:2])
    below = {each: child for each in codes if (child := _child(each, code))}
    rows = _counted(store, now, list(below))
    return _by_place((below[row.place], row) for row in rows)


def _child(code: str, above: str) -> str | None:
    """The place just below `above` in which a place lies; `above` itself; None: it lies elsewhere.

    >>> _child("320106", "320000"), _child("320000", "320000"), _child("320106", "330000")
    ('320100', '320000', None)
    """
    if code == above:
        return code
    here = division(code)
    while here is not None and here.parent != above:
        here = division(here.parent) if here.parent else None
    return here.code if here else None


def _counted(store: Store, now: datetime, places: Sequence[str]) -> list[CountedRow]:
    today = now.astimezone(CHINA).date().isoformat()
    with store.read() as connection:
        return counted_rows(connection, today=today, places=places)


def _by_place(rows: Iterable[tuple[str, CountedRow]]) -> list[PlaceCount]:
    """The sums of rows that belong to one place, by place and year. A place is "" where it is not
    known.
    """
    sums: Counter[tuple[str, int, State]] = Counter()
    for code, row in rows:
        sums[code, row.year, row.state] += row.bodies
    return [
        PlaceCount(
            division=code or None,
            name=place.name if (place := division(code)) else None,
            year=year,
            state=state,
            bodies=bodies,
        )
        for (code, year, state), bodies in sorted(
            sums.items(), key=lambda each: (not each[0][0], each[0])
        )
    ]


def _body(row: BodyRow) -> Body:
    place = division(row.division) if row.division else None
    above = division(row.division[:2] + "0000") if row.division else None
    level = place.level if place else None
    return Body(
        body_id=row.body_id,
        name=row.name,
        division=row.division or None,
        place=place.name if place else None,
        province=above.name if above else None,
        level="township" if row.kind == BodyKind.TOWNSHIP else level,
        kind=row.kind,
        reports=row.reports,
    )
