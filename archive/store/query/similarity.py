"""Reports that say the same. Reads only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    union_all,
)

from archive.store.query.withdrawals import is_any_withdrawn
from archive.store.schema import (
    body,
    current_report,
    page,
    public_body,
    report_words,
    similar_band,
    similar_pair,
    version,
    withdrawal,
)
from archive.store.types import NamedRow, Query

_other = version.alias("other")
_other_page = page.alias("other_page")
_other_report = current_report.alias("other_report")
_other_body = public_body.alias("other_body")
A_BAND: Final = 40
"""So many reports of a band are looked at."""
_BANDS_AT_ONCE: Final = 120  # of ten reports; a statement of SQLite takes 500 parts
_SKETCHES_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportText:
    """The text of a report that speaks for a body and year. own: how many shingles it has of its
    own; None: that was not looked at yet. order: reports with a lesser one are earlier.
    """

    version_id: int
    body_id: int
    year: int
    order: tuple[int, str, str]
    text: str
    own: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarFilter:
    """Which pairs are wanted; None: all. least: of similarity. body_id: of a public body, of
    either report. year: of the later report. scope: within or across. version_id: of either report.
    """

    least: float
    body_id: int | None = None
    year: int | None = None
    scope: str | None = None
    version_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPair:
    """Two reports that say the same, in the columns of the view; version_id, other_id: of each."""

    version_id: int
    other_id: int
    url: str
    version: int
    report_year: int
    body_id: int
    body: str
    division: str | None
    other_url: str
    other_version: int
    other_year: int
    other_body_id: int
    other_body: str
    other_division: str | None
    similarity: float
    scope: str


def reports_to_compare(connection: Connection) -> list[int]:
    """Reports that speak and whose words were not looked at yet, by year."""
    known = exists().where(report_words.c.version_id == current_report.c.version_id)
    order = (current_report.c.report_year, current_report.c.version_id)
    return list(
        connection.scalars(select(current_report.c.version_id).where(~known).order_by(*order))
    )


def compared_reports(connection: Connection) -> int:
    """How many reports have words enough of their own and are compared with the others."""
    speaking = (
        select(func.count()).select_from(report_words).where(report_words.c.bands.is_not(None))
    )
    return connection.scalar(speaking) or 0


def outdated_words(connection: Connection) -> list[int]:
    """Reports whose words were looked at and which speak no more."""
    speaks = exists().where(current_report.c.version_id == report_words.c.version_id)
    return list(connection.scalars(select(report_words.c.version_id).where(~speaks)))


def report_texts(connection: Connection, version_ids: Sequence[int]) -> dict[int, ReportText]:
    """The texts of some reports that speak, by version."""
    rows = connection.execute(_texts(), {"wanted": version_ids})
    return {
        row.version_id: ReportText(
            version_id=row.version_id,
            body_id=row.public_body_id,
            year=row.report_year,
            order=(row.report_year, row.captured_at.isoformat(), row.key),
            text=row.text,
            own=row.own,
        )
        for row in rows
    }


@cache
def _texts() -> Query:
    """Made once: it is asked for every report that may be like another one."""
    return (
        select(
            current_report, version.c.captured_at, page.c.key, body.c.text, report_words.c.own
        )
        .join(version, version.c.id == current_report.c.version_id)
        .join(page, page.c.id == version.c.page_id)
        .join(body, body.c.hash == version.c.body_hash)
        .outerjoin(report_words, report_words.c.version_id == version.c.id)
        .where(version.c.id.in_(bindparam("wanted", expanding=True)))
    )  # fmt: skip


def reports_of_bands(connection: Connection, bands: Collection[int]) -> dict[int, list[int]]:
    """The reports that have some bands, in ascending order. Of a band only the last A_BAND are
    looked at: a text that thousands took is found by any of them.
    """
    found: dict[int, list[int]] = {band: [] for band in bands}
    left = iter(found)
    while some := list(islice(left, _BANDS_AT_ONCE)):
        wanted = {f"band_{n}": some[n] if n < len(some) else None for n in range(_BANDS_AT_ONCE)}
        for row in connection.execute(_sharing(_BANDS_AT_ONCE, A_BAND), wanted):
            found[row.band].append(row.version_id)
    return {band: sorted(its) for band, its in found.items()}


@cache
def _sharing(bands: int, of_each: int) -> CompoundSelect[Any]:
    """Made once: it is asked for some reports at a time."""
    each = (
        select(similar_band.c.band, similar_band.c.version_id)
        .where(similar_band.c.band == bindparam(f"band_{n}"))
        .order_by(similar_band.c.version_id.desc())
        .limit(of_each)
        .subquery()
        for n in range(bands)
    )
    return union_all(*(select(some.c.band, some.c.version_id) for some in each))


def sketches_of(connection: Connection, version_ids: Collection[int]) -> dict[int, bytes | None]:
    """The sketches of some reports that were compared; None: it has none."""
    found: dict[int, bytes | None] = {}
    left = iter(version_ids)
    while some := list(islice(left, _SKETCHES_AT_ONCE)):
        rows = select(report_words.c.version_id, report_words.c.sketch).where(
            report_words.c.version_id.in_(some)
        )
        found.update((row.version_id, row.sketch) for row in connection.execute(rows))
    return found


def similar_pairs(
    connection: Connection,
    wanted: SimilarFilter,
    *,
    limit: int,
    after: tuple[float, int, int] | None = None,
    newest: bool = False,
    public: bool,
) -> list[SimilarPair]:
    """Pairs, the most similar first; those behind the one with the key `after` (similarity and both
    rows). newest: those whose later report was captured last first. public: without those of
    versions that are withdrawn.
    """
    query = _pairs().where(*_conditions(wanted))
    if after is not None:
        query = query.where(_behind(*after))
    if public and is_any_withdrawn(connection):
        query = query.where(~_is_withdrawn(version), ~_is_withdrawn(_other))
    key = (similar_pair.c.version_id, similar_pair.c.other_id)
    order = [each.desc() for each in key] if newest else [similar_pair.c.similarity.desc(), *key]
    return [_pair(row) for row in connection.execute(query.order_by(*order).limit(limit))]


def _pair(row: NamedRow) -> SimilarPair:
    return SimilarPair(**row._mapping)  # noqa: SLF001 - SQLAlchemy's name for it is public


def _pairs() -> Query:
    within = current_report.c.public_body_id == _other_report.c.public_body_id
    return (
        select(
            similar_pair.c.version_id, similar_pair.c.other_id, page.c.key.label("url"),
            version.c.number.label("version"), current_report.c.report_year,
            current_report.c.public_body_id.label("body_id"), public_body.c.name.label("body"),
            func.nullif(public_body.c.division, "").label("division"),
            _other_page.c.key.label("other_url"), _other.c.number.label("other_version"),
            _other_report.c.report_year.label("other_year"),
            _other_report.c.public_body_id.label("other_body_id"),
            _other_body.c.name.label("other_body"),
            func.nullif(_other_body.c.division, "").label("other_division"),
            similar_pair.c.similarity, case((within, "within"), else_="across").label("scope"),
        )
        .select_from(similar_pair)
        .join(current_report, current_report.c.version_id == similar_pair.c.version_id)
        .join(_other_report, _other_report.c.version_id == similar_pair.c.other_id)
        .join(version, version.c.id == similar_pair.c.version_id)
        .join(page, page.c.id == version.c.page_id)
        .join(public_body, public_body.c.id == current_report.c.public_body_id)
        .join(_other, _other.c.id == similar_pair.c.other_id)
        .join(_other_page, _other_page.c.id == _other.c.page_id)
        .join(_other_body, _other_body.c.id == _other_report.c.public_body_id)
    )  # fmt: skip


def _conditions(wanted: SimilarFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [similar_pair.c.similarity >= wanted.least]
    if wanted.version_id is not None:
        one = (similar_pair.c.version_id, similar_pair.c.other_id)
        found.append(or_(*(each == wanted.version_id for each in one)))
    if wanted.body_id is not None:
        reports = select(current_report.c.version_id).where(
            current_report.c.public_body_id == wanted.body_id
        )
        found.append(
            or_(similar_pair.c.version_id.in_(reports), similar_pair.c.other_id.in_(reports))
        )
    if wanted.year is not None:
        found.append(current_report.c.report_year == wanted.year)
    if wanted.scope is not None:
        within = current_report.c.public_body_id == _other_report.c.public_body_id
        found.append(within if wanted.scope == "within" else ~within)
    return found


def _behind(similarity: float, version_id: int, other_id: int) -> ColumnElement[bool]:
    same = similar_pair.c.similarity == similarity
    later = or_(
        similar_pair.c.version_id > version_id,
        and_(similar_pair.c.version_id == version_id, similar_pair.c.other_id > other_id),
    )
    return or_(similar_pair.c.similarity < similarity, and_(same, later))


def _is_withdrawn(one: FromClause) -> ColumnElement[bool]:
    """Whether a version is withdrawn, by itself or with its page."""
    which = or_(withdrawal.c.version.is_(None), withdrawal.c.version == one.c.number)
    standing = withdrawal.c.restored_at.is_(None)
    return exists().where(withdrawal.c.page_id == one.c.page_id, standing, which)
