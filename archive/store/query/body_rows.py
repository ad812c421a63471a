"""One public body: who it is, where it reports, what its reports are. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, case, func, select

from archive.store.dialects import among
from archive.store.schema import (
    covered,
    finding,
    page,
    portal,
    portal_look,
    public_body,
    version,
    year_check,
)
from archive.store.types import Query

_BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRow:
    """A public body. division: code of its place; "" when that is not known. reports: for how many
    years it has one.
    """

    body_id: int
    name: str
    division: str
    kind: str
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyPortal:
    """A portal where a body reports or should. name: None where it was never visited. is_own: the
    portal is there to publish this body's reports.
    """

    portal: str
    name: str | None
    is_own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyReport:
    """The report of a body on one year: of its copies the one published first. published_on, days
    late: as in archive.store.query.covered. findings: doubts about it, those between two years too.
    """

    year: int
    url: str
    version: int
    title: str | None
    published_on: str | None
    days_late: int | None
    captured_at: datetime
    content_hash: str
    findings: int


def bodies_like(connection: Connection, part: str, *, limit: int) -> list[BodyRow]:
    """The bodies whose name has that part; those of that name first, then the shortest."""
    found = _bodies().where(public_body.c.name.contains(part, autoescape=True))
    order = (
        case((public_body.c.name == part, 0), else_=1), func.length(public_body.c.name),
        public_body.c.name, public_body.c.division, public_body.c.id,
    )  # fmt: skip
    return _rows(connection, found.order_by(*order).limit(limit))


def bodies_called(connection: Connection, names: Sequence[str]) -> list[BodyRow]:
    """The bodies of these names, by name and place."""
    found = _bodies().where(public_body.c.name.in_(names))
    return _rows(connection, found.order_by(public_body.c.name, public_body.c.division))


def names_of_bodies(connection: Connection) -> list[str]:
    """Every name, each once."""
    return list(connection.scalars(select(public_body.c.name).distinct()))


def shared_names(connection: Connection, names: Iterable[str]) -> frozenset[str]:
    """Those of some names that several bodies have."""
    each_once, name = sorted(set(names)), public_body.c.name
    return frozenset(
        shared
        for start in range(0, len(each_once), _BATCH)
        for shared in connection.scalars(
            select(name)
            .where(name.in_(each_once[start : start + _BATCH]))
            .group_by(name)
            .having(func.count() > 1)
        )
    )


def agencies_of(
    connection: Connection, version_ids: Sequence[int]
) -> dict[int, tuple[int, str, str]]:
    """Number, name and place (code, or empty) of the body that published each of some versions."""
    body = (version.c.id, version.c.public_body_id, public_body.c.name, public_body.c.division)
    found = select(*body).join(public_body, public_body.c.id == version.c.public_body_id)
    rows = connection.execute(found.where(among(connection, version.c.id, version_ids)))
    return {row.id: (row.public_body_id, row.name, row.division) for row in rows}


def body_row(connection: Connection, body_id: int) -> BodyRow | None:
    """The body of that number; None when there is none."""
    found = _rows(connection, _bodies().where(public_body.c.id == body_id))
    return found[0] if found else None


def body_rows(connection: Connection, body_ids: Sequence[int]) -> list[BodyRow]:
    """The bodies of these numbers."""
    return [
        each
        for start in range(0, len(body_ids), _BATCH)
        for each in _rows(
            connection, _bodies().where(public_body.c.id.in_(body_ids[start : start + _BATCH]))
        )
    ]


def portals_of_body(connection: Connection, body_id: int) -> list[BodyPortal]:
    """Where a body reports or should: its own portals first."""
    own = select(portal_look.c.portal_key).where(portal_look.c.public_body_id == body_id)
    others = select(covered.c.portal_key).where(covered.c.public_body_id == body_id).distinct()
    mine = set(connection.scalars(own))
    keys = mine | set(connection.scalars(others))
    names = select(portal.c.key, portal.c.name).where(portal.c.key.in_(keys))
    known = {row.key: row.name for row in connection.execute(names)}
    return [
        BodyPortal(portal=key, name=known.get(key), is_own=key in mine)
        for key in sorted(keys, key=lambda key: (key not in mine, key))
    ]


def reports_of_body(connection: Connection, body_id: int) -> list[BodyReport]:
    """Its reports by year, the latest first."""
    doubts = (
        select(func.count())
        .where(finding.c.version_id == covered.c.version_id)
        .correlate(covered)
        .scalar_subquery()
    )
    between = (
        select(func.count())
        .where(year_check.c.version_id == covered.c.version_id, year_check.c.state == "violated")
        .correlate(covered)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            covered.c.year, page.c.key.label("url"), version.c.number.label("version"),
            version.c.title, covered.c.published_on, covered.c.days_late, version.c.captured_at,
            version.c.content_hash, (doubts + between).label("findings"),
        )
        .join(version, version.c.id == covered.c.version_id)
        .join(page, page.c.id == version.c.page_id)
        .where(covered.c.public_body_id == body_id)
        .order_by(covered.c.year.desc())
    )  # fmt: skip
    return [BodyReport(**row) for row in rows.mappings()]


def _bodies() -> Query:
    reports = (
        select(func.count(covered.c.version_id))
        .where(covered.c.public_body_id == public_body.c.id)
        .correlate(public_body)
        .scalar_subquery()
    )
    return select(
        public_body.c.id.label("body_id"), public_body.c.name, public_body.c.division,
        public_body.c.kind, reports.label("reports"),
    )  # fmt: skip


def _rows(connection: Connection, found: Query) -> list[BodyRow]:
    return [BodyRow(**row) for row in connection.execute(found).mappings()]
