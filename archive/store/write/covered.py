"""Stores which reports there are (the table `covered`); archive.work.ingest.covering decides."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from archive.model.coverage import State
from archive.store.rows import CoveredMark
from archive.store.schema import covered, covered_count, covered_mark, portal_look, public_body
from archive.store.types import total

_BATCH: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredCell:
    """What is known of one body's report on a year; archive.store.coverage_tables defines each."""

    year: int
    state: State
    due_on: str
    portal: str
    version_id: int | None = None
    page_id: int | None = None
    published_on: str | None = None
    days_late: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRow:
    """How far a portal was looked through. body_id: whose reports it is there to publish."""

    portal: str
    body_id: int
    read_on: str | None
    refused: str | None


def store_covered(connection: Connection, cells: Mapping[int, Sequence[CoveredCell]]) -> None:
    """Stores the cells of bodies, in place of those that they have; what is the same stays."""
    body_ids = list(cells)
    for start in range(0, len(body_ids), _BATCH):
        some = body_ids[start : start + _BATCH]
        mine = covered.c.public_body_id.in_(some)
        stored = {(row[0], row[1]): row for row in connection.execute(select(covered).where(mine))}
        fresh = {
            (body_id, cell.year): (
                body_id, cell.year, cell.state.value, cell.due_on, cell.portal, cell.version_id,
                cell.page_id, cell.published_on, cell.days_late, cell.reason,
            )
            for body_id in some
            for cell in cells[body_id]
        }  # fmt: skip
        other = [key for key, row in stored.items() if fresh.get(key) != tuple(row)]
        for body_id in dict.fromkeys(body_id for body_id, _ in other):
            years = [year for who, year in other if who == body_id]
            connection.execute(
                delete(covered).where(
                    covered.c.public_body_id == body_id, covered.c.year.in_(years)
                )
            )
        names = covered.c.keys()
        rows = [
            dict(zip(names, row, strict=True))
            for key, row in fresh.items()
            if key not in stored or tuple(stored[key]) != row
        ]
        if rows:
            connection.execute(insert(covered), rows)


def drop_covered(connection: Connection, body_ids: Sequence[int]) -> None:
    """Takes bodies out of the table that have no portal any more."""
    for start in range(0, len(body_ids), _BATCH):
        some = body_ids[start : start + _BATCH]
        connection.execute(delete(covered).where(covered.c.public_body_id.in_(some)))


def store_looks(connection: Connection, looks: Sequence[LookRow]) -> None:
    """Stores how far portals were looked through, in place of what was known."""
    drop_looks(connection, {each.portal for each in looks})
    rows = [asdict(each) for each in looks]
    for row in rows:
        row |= {"portal_key": row.pop("portal"), "public_body_id": row.pop("body_id")}
    if rows:
        connection.execute(insert(portal_look), rows)


def drop_looks(connection: Connection, portals: Collection[str]) -> None:
    """Takes portals out of the table that are in no catalogue and were never visited."""
    keys = sorted(portals)
    for start in range(0, len(keys), _BATCH):
        some = keys[start : start + _BATCH]
        connection.execute(delete(portal_look).where(portal_look.c.portal_key.in_(some)))


def count_covered(connection: Connection, divisions: Collection[str]) -> None:
    """Counts the bodies of places anew, and those of their provinces, whose rows have the first two
    digits of the code.
    """
    has_report = covered.c.version_id.is_not(None)
    of_places = (
        select(
            public_body.c.division, public_body.c.kind, covered.c.year, covered.c.state,
            has_report.label("has_report"), covered.c.due_on, func.count(),
        )
        .join(covered, covered.c.public_body_id == public_body.c.id)
        .group_by(
            public_body.c.division, public_body.c.kind, covered.c.year, covered.c.state,
            has_report, covered.c.due_on,
        )
    )  # fmt: skip
    codes = sorted(divisions)
    for start in range(0, len(codes), _BATCH):
        some = codes[start : start + _BATCH]
        connection.execute(delete(covered_count).where(covered_count.c.division.in_(some)))
        counted = of_places.where(public_body.c.division.in_(some))
        connection.execute(insert(covered_count).from_select(covered_count.c.keys(), counted))
    province = func.substr(covered_count.c.division, 1, 2)
    others = [each for each in covered_count.c if each.key not in ("division", "bodies")]
    of_provinces = (
        select(province, *others, total(covered_count.c.bodies))
        .where(func.length(covered_count.c.division) == 6)
        .group_by(province, *others)
    )
    for above in sorted({code[:2] for code in codes if code}):
        connection.execute(delete(covered_count).where(covered_count.c.division == above))
        below = covered_count.c.division.between(f"{above}0000", f"{above}9999")
        counted = of_provinces.where(below)
        connection.execute(insert(covered_count).from_select(covered_count.c.keys(), counted))


def set_mark(connection: Connection, mark: CoveredMark) -> None:
    """Stores what the table was made from."""
    connection.execute(delete(covered_mark))
    connection.execute(insert(covered_mark), asdict(mark))
