"""Queries of people: URLs as they remember them, runs, how portals stand, and whole
views as streams. Reads only; every function takes the connection of Store.read().
"""

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    UnaryExpression,
    and_,
    case,
    column,
    func,
    inspect,
    literal_column,
    or_,
    select,
    table,
)

from archive.model.errors import UsageError, did_you_mean
from archive.model.outcome import SIDE_ROLES
from archive.model.reading import CheckState, Kind
from archive.model.url import key_of
from archive.store.dialects import among
from archive.store.query.corrected import NumberCorrection, with_corrections
from archive.store.query.selection import is_named
from archive.store.query.withdrawals import is_withdrawn
from archive.store.schema import (
    finding,
    frontier,
    outcome,
    page,
    portal,
    run,
    version,
    year_check,
)
from archive.store.types import NamedRow, Query

_BATCH = 500
# The sign keeps engines from going from versions to pages: from portal to portal along the pages'
# index they have sorted what is shown before they have looked at the rest.
_SIGNED_ID: ColumnElement[int] = literal_column("+page.id")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """A page as the ledger knows it. versions: how many it has; latest: number of the latest, which
    need not be the last number (imports bring earlier ones); both 0 before the first.
    kind: None until it was read; next_due_at: None when no visit is planned.
    """

    page_id: int
    key: str
    url: str
    portal_key: str
    role: str
    kind: str | None
    first_captured_at: datetime | None
    last_captured_at: datetime | None
    next_due_at: datetime | None
    latest: int
    versions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run. ended_at, verdict, reason: None while it is running (or crashed)."""

    run: int
    job: str
    mode: str
    portals: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None
    status: str
    verdict: str | None
    reason: str | None
    scheduled: int
    counts: dict[str, int]
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """A report's latest version in a list of reports. doubts: warnings and errors about it."""

    url: str
    portal: str
    title: str | None
    report_year: int | None
    official: bool
    version: int
    captured_at: datetime
    doubts: int


def page_at(connection: Connection, url: str) -> PageRow | None:
    """The page kept under that canonical URL (or page key); None when there is none."""
    key = key_of(url)
    order = case((page.c.key == url, 0), (page.c.key == key, 1), else_=2)
    row = (
        connection.execute(_PAGES.where(is_named(url)).order_by(order, page.c.id).limit(1))
        .mappings()
        .first()
    )
    return None if row is None else PageRow(**row)


def pages_ending(connection: Connection, ending: str, *, limit: int) -> list[PageRow]:
    """Pages whose URL ends with `ending`; at most `limit`, by URL."""
    like = page.c.key.endswith(ending, autoescape=True)
    rows = connection.execute(_PAGES.where(like).order_by(page.c.key).limit(limit))
    # LIKE of SQLite takes ASCII letters of either case for the same; a URL does not.
    found = [PageRow(**row) for row in rows.mappings()]
    return [row for row in found if row.key.endswith(ending)]


def some_urls(connection: Connection, containing: str, *, limit: int) -> list[str]:
    """Up to `limit` URLs that contain a word, to look for near ones among them."""
    like = page.c.url.contains(containing, autoescape=True)
    return list(connection.scalars(select(page.c.url).where(like).limit(limit)))


def recent_runs(connection: Connection, *, limit: int, offset: int = 0) -> list[RunRow]:
    """Runs, newest first. counts: URLs by outcome, counted now for a run without an end."""
    chosen = select(run).order_by(run.c.id.desc()).limit(limit).offset(offset)
    return _run_rows(connection, connection.execute(chosen).all())


def run_at(connection: Connection, run_id: int) -> RunRow | None:
    """One run, as `recent_runs` gives it; None when there is none of that number."""
    rows = connection.execute(select(run).where(run.c.id == run_id)).all()
    return next(iter(_run_rows(connection, rows)), None)


def _run_rows(connection: Connection, rows: Sequence[NamedRow]) -> list[RunRow]:
    left = _left_by_run(connection, [row.id for row in rows])
    counts = _outcome_counts(connection, [row.id for row in rows if not row.counts])
    return [_run_row(row, counts.get(row.id, {}), left.get(row.id, 0)) for row in rows]


def frontier_left(connection: Connection) -> dict[str, int]:
    """How many URLs of the whole frontier stand in each state; states that miss are 0."""
    counted = select(frontier.c.state, func.count().label("left")).group_by(frontier.c.state)
    return {row.state: row.left for row in connection.execute(counted)}


def check_portal(connection: Connection, key: str, others: Iterable[str] = ()) -> None:
    """UsageError, with keys that come near, when the archive has no portal of that key. others:
    keys of portals that were never visited and may be meant.
    """
    keys = [*connection.scalars(select(portal.c.key)), *others]
    if key not in keys:
        near = did_you_mean(key, keys)
        raise UsageError(f"the archive has no portal {key!r}{near or '; see gongkai status'}")


def reports_of(
    connection: Connection,
    *,
    portal_key: str | None,
    year: int | None,
    limit: int,
    offset: int = 0,
) -> list[ReportRow]:
    """Latest versions that are reports and not withdrawn, by portal, then newest year first."""
    doubts = (
        select(func.count())
        .where(finding.c.version_id == version.c.id, finding.c.severity != "info")
        .scalar_subquery()
    )
    between_years = (
        select(func.count())
        .where(year_check.c.version_id == version.c.id, year_check.c.state == CheckState.VIOLATED)
        .scalar_subquery()
    )
    order = (page.c.portal_key, version.c.report_year.desc(), page.c.url)
    latest = and_(version.c.page_id == _SIGNED_ID, page.c.versions == version.c.number)
    # Which ones first: doubts are counted of those that are shown, not of all that are sorted.
    ids = select(version.c.id).join_from(version, page, latest).order_by(*order)
    ids = ids.limit(limit).offset(offset)
    ids = ids.where(version.c.kind == Kind.REPORT, ~is_withdrawn())
    if portal_key is not None:
        ids = ids.where(page.c.portal_key == portal_key)
    if year is not None:
        ids = ids.where(version.c.report_year == year)
    chosen = (
        select(
            page.c.url.label("url"),
            page.c.portal_key.label("portal"),
            version.c.title,
            version.c.report_year,
            version.c.official,
            version.c.number.label("version"),
            version.c.captured_at,
            (doubts + between_years).label("doubts"),
        )
        .join(page, page.c.id == version.c.page_id)
        .where(among(connection, version.c.id, list(connection.scalars(ids))))
        .order_by(*order)
    )
    rows = connection.execute(chosen)
    return [ReportRow(**row) for row in rows.mappings()]


def portal_names(connection: Connection, *, limit: int, offset: int) -> dict[str, str]:
    """Names of portals by key, in the order of the keys."""
    chosen = select(portal.c.key, portal.c.name).order_by(portal.c.key).limit(limit).offset(offset)
    return {row.key: row.name for row in connection.execute(chosen)}


def reports_by_year(
    connection: Connection, portals: Collection[str]
) -> dict[tuple[str, int | None], int]:
    """How many reports each of some portals has for each year; None: the year is not known. Their
    pages are looked up portal by portal: counts of the whole archive take seconds.
    """
    chosen = (
        select(page.c.portal_key, version.c.report_year, func.count())
        .join(page, and_(page.c.id == version.c.page_id, page.c.versions == version.c.number))
        .where(version.c.kind == Kind.REPORT, page.c.portal_key.in_(portals))
        .group_by(page.c.portal_key, version.c.report_year)
    )
    return {(key, year): count for key, year, count in connection.execute(chosen)}


def stream_view(
    connection: Connection,
    name: str,
    columns: Sequence[str],
    *,
    only: Mapping[str, Collection[object]] = MappingProxyType({}),
) -> Generator[tuple[object, ...]]:
    """The rows of an analysts' view one by one, as `stream_batches` gives them. Close it where not
    all are read.
    """
    with closing(stream_batches(connection, name, columns, only=only)) as batches:
        for some in batches:
            yield from map(tuple, some)


def stream_batches(
    connection: Connection,
    name: str,
    columns: Sequence[str],
    *,
    only: Mapping[str, Collection[object]] = MappingProxyType({}),
    corrected: Sequence[NumberCorrection] | None = None,
) -> Generator[Sequence[Sequence[object]]]:
    """The rows of an analysts' view as the engine gives them, a few hundred at a time, in the order
    of what they say (`_ORDER`). The names come from code, never from a user. only: rows whose value
    in a column is one of these, or null where None is among them; a pair of reports is wanted for
    the place of either, a number without an indicator for its concept. corrected: of a view of
    figures, what stands in the place of what was read. Close it where not all are read.
    """
    named: list[ColumnElement[object]] = [column(each) for each in columns]
    view = with_corrections(connection, table(name, *map(column, columns)), corrected)
    chosen: Query = select(*named).select_from(view).order_by(*_ordered(name))
    for wanted, values in only.items():
        known = [each for each in values if each is not None]
        is_wanted: list[ColumnElement[bool]] = [column(wanted).in_(known)]
        if None in values:
            is_wanted.append(column(wanted).is_(None))
        if wanted == "indicator" and "concept" in columns:  # what prose alone states has none
            is_wanted.append(and_(column("indicator").is_(None), column("concept").in_(known)))
        if wanted == "division" and "other_division" in columns:
            is_wanted.append(column("other_division").in_(known))
        chosen = chosen.where(or_(*is_wanted))
    with connection.execute(chosen.execution_options(yield_per=_BATCH)) as rows:
        yield from rows.partitions()


def stream_rows(
    connection: Connection,
    name: str,
    columns: Sequence[str],
    by: str,
    wanted: Sequence[str] | Sequence[int],
) -> Iterator[Sequence[Sequence[object]]]:
    """The rows of an analysts' view whose column `by` is one of `wanted`, some hundred of which an
    engine takes; as `stream_batches` gives them.
    """
    named: list[ColumnElement[object]] = [column(each) for each in columns]
    chosen: Query = select(*named).select_from(table(name)).order_by(*_ordered(name))
    chosen = chosen.where(column(by).in_(wanted))
    with connection.execute(chosen.execution_options(yield_per=_BATCH)) as rows:
        yield from rows.partitions()


def _ordered(name: str) -> list[UnaryExpression[object]]:
    return [column(each).asc().nulls_first() for each in _ORDER[name]]


def view_columns(connection: Connection, name: str) -> tuple[str, ...]:
    """The columns of an analysts' view, in order."""
    return tuple(each["name"] for each in inspect(connection).get_columns(name))


# Numbers of rows differ between a ledger and the one made again from its files; what rows say does
# not. Figures and statements stand in the order in which their versions were made: the same.
_ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "documents": ("url",),
    "versions": ("url", "version"),
    "captures": ("captured_at", "url", "warc_file", "warc_offset"),
    "outcomes": ("run", "url"),
    "figures": (),
    "statements": (),
    "figures_current": (
        "url",
        "form",
        "indicator",
        "applicant",
        "concept",
        "value",
        "unit",
        "state",
    ),
    "findings": ("url", "version", "rule", "severity", "message", "evidence"),
    "runs": ("run",),
    "portals": ("portal",),
    "changes": (
        "captured_at",
        "url",
        "version",
        "what",
        "form",
        "indicator",
        "applicant",
        "label",
        "name",
        "old",
        "new",
    ),
    "similarity": ("similarity", "url", "version", "other_url", "other_version"),
    "citations": ("url", "version"),
    "coverage": ("division", "body", "year"),
    "withdrawals": ("withdrawn_at", "url", "version"),
    "bodies": ("division", "name"),
    "indicators": ("form", "indicator"),
    "rules": ("rule", "forms", "scope"),
}
_PAGES: Query = select(
    page.c.id.label("page_id"),
    page.c.versions.label("latest"),
    select(func.count())
    .where(version.c.page_id == page.c.id)
    .correlate(page)
    .scalar_subquery()
    .label("versions"),
    *(page.c[name] for name in list(PageRow.__dataclass_fields__)[1:-2]),
)


def _run_row(row: NamedRow, counted: dict[str, int], left: int) -> RunRow:
    return RunRow(
        run=row.id,
        job=row.job,
        mode=row.mode,
        portals=tuple(row.portals),
        started_at=row.started_at,
        ended_at=row.ended_at,
        status=row.status,
        verdict=row.verdict,
        reason=row.reason,
        scheduled=row.scheduled,
        counts=row.counts or counted,
        left=left,
    )


def _outcome_counts(connection: Connection, runs: Sequence[int]) -> dict[int, dict[str, int]]:
    counted = (
        select(outcome.c.run_id, outcome.c.outcome, func.count())
        .join(page, page.c.id == outcome.c.page_id)
        .where(outcome.c.run_id.in_(runs), page.c.role.not_in(SIDE_ROLES))
        .group_by(outcome.c.run_id, outcome.c.outcome)
    )
    counts: dict[int, dict[str, int]] = {}
    for run_id, name, count in connection.execute(counted):
        counts.setdefault(run_id, {})[name] = count
    return counts


def _left_by_run(connection: Connection, runs: Sequence[int]) -> dict[int, int]:
    counted = (
        select(frontier.c.run_id, func.count().label("left"))
        .join(page, page.c.id == frontier.c.page_id)
        .where(frontier.c.run_id.in_(runs), page.c.role.not_in(SIDE_ROLES))
        .group_by(frontier.c.run_id)
    )
    return {row.run_id: row.left for row in connection.execute(counted)}
