"""Which reports there are and should be, as the table `covered` has it. Reads only."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Connection, case, column, func, literal, or_, select, text, tuple_

from archive.model.coverage import State
from archive.model.reading import BodyKind, PublicBody
from archive.store.crawl_tables import IS_UNFINISHED
from archive.store.rows import CoveredMark
from archive.store.schema import (
    covered,
    covered_count,
    covered_mark,
    outcome,
    page,
    portal_look,
    public_body,
    run,
)
from archive.store.types import Instant, NamedRow, Query, total
from archive.store.views import query_on_a_day

_BODIES_AT_ONCE: Final = 500
_FEW: Final = 500
_COLUMNS: Final = (
    "body_id", "body", "division", "place", "province", "level", "kind", "portal", "year", "state",
    "due_on", "published_on", "days_late", "url", "version", "reason", "captured_at",
    "content_hash",
)  # fmt: skip
_STATE: Final = _COLUMNS.index("state")
_STATES: Final = {each.value: each for each in State}
_KEY: Final = (covered.c.public_body_id, covered.c.year)
_UNDATED: Final = covered.c.version_id.is_not(None) & covered.c.days_late.is_(None)


@dataclass(frozen=True, slots=True)
class CoveredRow:
    """What is known of one body's report on a year: a row of the view `coverage`.

    division, place, province: None where the place is not known. level: province, prefecture,
    county or township. due_on, published_on: ISO dates. days_late: 0 when
    in time; None without a date or a report. url: of the report, or of the page that a list names
    as such; None when there is none. version: of the report; None where none was read.
    reason: why it is not there, or not read; None when it is. captured_at, content_hash: of that
    version.
    """

    body_id: int
    body: str
    division: str | None
    place: str | None
    province: str | None
    level: str | None
    kind: str
    portal: str
    year: int
    state: State
    due_on: str
    published_on: str | None
    days_late: int | None
    url: str | None
    version: int | None
    reason: str | None
    captured_at: datetime | None
    content_hash: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedRow:
    """How many bodies of a place stand so in a year; place: as it was asked for."""

    place: str
    year: int
    state: State
    bodies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Punctuality:
    """How punctual a body, a place or a year was. key: number, code ("": not known) or year.
    reports: all; late: of these; undated: of these, without a day. most_days, days: of those that
    came late, at most and all together.
    """

    key: int | str
    reports: int
    late: int
    undated: int
    most_days: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichCovered:
    """Which rows. today: ISO date; what has no report and is not due by then is left out.
    divisions: codes of places; None, as everywhere: all.
    """

    today: str
    divisions: Collection[str] | None = None
    body_id: int | None = None
    portal: str | None = None
    first_year: int | None = None
    last_year: int | None = None
    state: State | None = None


def covered_rows(connection: Connection, which: WhichCovered) -> Iterator[CoveredRow]:
    """The rows by place and name of the body, then by year. They come some hundred bodies at a
    time: an archive may have a million.
    """
    ids = list(connection.scalars(_bodies(which)))
    for start in range(0, len(ids), _BODIES_AT_ONCE):
        some = ids[start : start + _BODIES_AT_ONCE]
        turn = {body_id: number for number, body_id in enumerate(some)}
        rows = [_row(each) for each in connection.execute(_shown(connection, which, some))]
        rows.sort(key=lambda row: (turn[row.body_id], row.year))
        yield from rows


def covered_states(
    connection: Connection, which: WhichCovered
) -> Iterator[tuple[tuple[int, str, str | None], dict[int, State]]]:
    """Number, name and place of every body that has rows, and the state of each of its years; in
    the order of `covered_rows`, and in a tenth of the time.
    """
    names = (public_body.c.name, public_body.c.division)
    bodies = connection.execute(_bodies(which).add_columns(*names)).all()
    shown = or_(covered.c.due_on < which.today, covered.c.version_id.is_not(None))
    for start in range(0, len(bodies), _BODIES_AT_ONCE):
        some = bodies[start : start + _BODIES_AT_ONCE]
        years: dict[int, dict[int, State]] = {body_id: {} for body_id, *_ in some}
        chosen = _of_bodies(select(*_KEY, covered.c.state), which).where(
            shown, covered.c.public_body_id.in_(years)
        )
        for body_id, year, state in connection.execute(chosen.order_by(*_KEY)):
            years[body_id][year] = _STATES[state]
        yield from (
            ((body_id, name, code or None), years[body_id])
            for body_id, name, code in some
            if years[body_id]
        )


def covered_page(
    connection: Connection, which: WhichCovered, *, after: tuple[int, int] | None, limit: int
) -> list[CoveredRow]:
    """The rows by number of the body and year, behind the one of that body and year."""
    shown = or_(covered.c.due_on < which.today, covered.c.version_id.is_not(None))
    chosen = _of_bodies(select(*_KEY), which).where(shown)
    if after is not None:
        chosen = chosen.where(tuple_(*_KEY) > tuple_(*map(literal, after)))
    return _picked(connection, which, chosen.order_by(*_KEY).limit(limit))


def late_rows(
    connection: Connection,
    which: WhichCovered,
    *,
    least: int,
    after: tuple[int, int, int] | None,
    limit: int | None,
) -> list[CoveredRow]:
    """The reports that came so many days late or more, the worst first; behind the one of those
    days, that body and year.
    """
    chosen = _of_bodies(select(*_KEY), which).where(covered.c.days_late >= max(least, 1))
    if after is not None:
        days, *key = after
        chosen = chosen.where(
            covered.c.days_late <= days,
            or_(covered.c.days_late < days, tuple_(*_KEY) > tuple_(*map(literal, key))),
        )
    ordered = chosen.order_by(covered.c.days_late.desc(), *_KEY)
    return _picked(connection, which, ordered.limit(limit))


def newest_late_rows(
    connection: Connection, which: WhichCovered, *, least: int, limit: int
) -> list[CoveredRow]:
    """The reports that came so many days late or more, those captured last first."""
    chosen = _of_bodies(select(*_KEY), which).where(covered.c.days_late >= max(least, 1))
    return _picked(connection, which, chosen.order_by(covered.c.version_id.desc()).limit(limit))


def undated_rows(
    connection: Connection,
    which: WhichCovered,
    *,
    after: tuple[int, int] | None,
    limit: int | None,
) -> list[CoveredRow]:
    """The reports that print no day of their publication, by number of the body and year; behind
    those of `after`.
    """
    chosen = _of_bodies(select(*_KEY), which).where(_UNDATED)
    if after is not None:
        chosen = chosen.where(tuple_(*_KEY) > tuple_(*map(literal, after)))
    return _picked(connection, which, chosen.order_by(*_KEY).limit(limit))


def punctuality(
    connection: Connection, which: WhichCovered, by: Literal["body", "division", "year"], least: int
) -> list[Punctuality]:
    """How punctual bodies, places or years were. A report that came less than `least` days late is
    counted as in time.
    """
    key = {
        "body": covered.c.public_body_id,
        "division": public_body.c.division,
        "year": covered.c.year,
    }[by]
    is_late = covered.c.days_late >= max(least, 1)
    days = case((is_late, covered.c.days_late), else_=0)
    counted = _of_bodies(
        select(
            key.label("key"),
            func.count().label("reports"),
            total(case((is_late, 1), else_=0)).label("late"),
            total(case((_UNDATED, 1), else_=0)).label("undated"),
            func.max(days).label("most_days"),
            total(days).label("days"),
        ),
        which,
    )
    rows = connection.execute(counted.where(covered.c.version_id.is_not(None)).group_by(key))
    return [Punctuality(**row) for row in rows.mappings()]


def counted_rows(connection: Connection, *, today: str, places: Sequence[str]) -> list[CountedRow]:
    """How many bodies of these places stand how, by year. A place is a code; the first two digits
    of one for all of a province; "" for bodies whose place is not known.
    """
    rows = connection.execute(
        select(
            covered_count.c.division, covered_count.c.year, covered_count.c.state,
            total(covered_count.c.bodies).label("bodies"),
        )
        .where(covered_count.c.division.in_(places))
        .where(or_(covered_count.c.due_on < today, covered_count.c.has_report))
        .group_by(covered_count.c.division, covered_count.c.year, covered_count.c.state)
    )  # fmt: skip
    return [
        CountedRow(place=row.division, year=row.year, state=State(row.state), bodies=row.bodies)
        for row in rows
    ]


def mark_of_covered(connection: Connection) -> CoveredMark | None:
    """What the table was made from; None before the first time."""
    row = connection.execute(select(covered_mark)).mappings().first()
    return CoveredMark(**row) if row else None


def runs_so_far(connection: Connection) -> tuple[int, dict[str, int]]:
    """The latest run that has begun, 0: none; and of every run that has not finished (it goes on,
    or was interrupted or killed), by its id as text, how many outcomes are in.
    """
    latest = connection.scalar(select(func.max(run.c.id))) or 0
    outcomes = select(func.count()).where(outcome.c.run_id == run.c.id).scalar_subquery()
    rows = connection.execute(select(run.c.id, outcomes).where(IS_UNFINISHED))
    return latest, {str(run_id): count for run_id, count in rows}


def portals_visited_since(connection: Connection, mark: CoveredMark) -> set[str]:
    """The portals of which a page was visited in runs that began later, or that had not finished
    and have gone on.
    """
    _, now = runs_so_far(connection)
    gone_on = [int(each) for each, outcomes in mark.unfinished.items() if now.get(each) != outcomes]
    visited = (
        select(page.c.portal_key)
        .distinct()
        .join(outcome, outcome.c.page_id == page.c.id)
        .where(or_(outcome.c.run_id > mark.last_run, outcome.c.run_id.in_(gone_on)))
    )
    return set(connection.scalars(visited))


def covered_portals(connection: Connection) -> dict[str, PublicBody]:
    """Whose reports each portal is there to publish, as far as the table knows."""
    rows = connection.execute(
        select(portal_look.c.portal_key, *_BODY).join(
            public_body, public_body.c.id == portal_look.c.public_body_id
        )
    )
    return {row.portal_key: _body(row) for row in rows}


def bodies_covered_by(connection: Connection, portals: Collection[str]) -> dict[PublicBody, int]:
    """The bodies of which rows speak of one of these portals, with their ids."""
    pairs = select(covered.c.public_body_id, covered.c.portal_key).distinct()
    if len(portals) <= _FEW:
        pairs = pairs.where(covered.c.portal_key.in_(portals))
    ids = {row.public_body_id for row in connection.execute(pairs) if row.portal_key in portals}
    bodies = connection.execute(select(public_body.c.id, *_BODY))
    return {_body(row): row.id for row in bodies if row.id in ids}


_BODY: Final = (public_body.c.name, public_body.c.division, public_body.c.kind)


def _body(row: NamedRow) -> PublicBody:
    return PublicBody(name=row.name, division=row.division or None, kind=BodyKind(row.kind))


def _row(found: NamedRow) -> CoveredRow:
    values = list(found)
    values[_STATE] = _STATES[values[_STATE]]
    return CoveredRow(*values)


def _bodies(which: WhichCovered) -> Query:
    """The bodies that may have rows, in the order in which they are shown."""
    chosen = select(public_body.c.id).order_by(
        public_body.c.division, public_body.c.name, public_body.c.id
    )
    if which.divisions is not None:
        chosen = chosen.where(public_body.c.division.in_(sorted(which.divisions)))
    if which.body_id is not None:
        chosen = chosen.where(public_body.c.id == which.body_id)
    return chosen


def _shown(connection: Connection, which: WhichCovered, bodies: Sequence[int]) -> Query:
    """What the view `coverage` shows of some bodies on that day."""
    made = text(query_on_a_day("coverage", connection.dialect.name)).bindparams(today=which.today)
    kinds = {"captured_at": Instant()}
    columns = [column(name, kinds.get(name)) for name in _COLUMNS]
    view = made.columns(*columns).subquery("shown")
    shown = select(view).where(view.c.body_id.in_(bodies))
    if which.portal is not None:
        shown = shown.where(view.c.portal == which.portal)
    if which.first_year is not None:
        shown = shown.where(view.c.year >= which.first_year)
    if which.last_year is not None:
        shown = shown.where(view.c.year <= which.last_year)
    if which.state is not None:
        shown = shown.where(view.c.state == which.state)
    return shown


def _of_bodies(chosen: Query, which: WhichCovered) -> Query:
    """Reports of these bodies, places and years: rows of the table itself."""
    if which.body_id is not None:
        chosen = chosen.where(covered.c.public_body_id == which.body_id)
    if which.portal is not None:
        chosen = chosen.where(covered.c.portal_key == which.portal)
    if which.first_year is not None:
        chosen = chosen.where(covered.c.year >= which.first_year)
    if which.last_year is not None:
        chosen = chosen.where(covered.c.year <= which.last_year)
    if which.state is not None:
        chosen = chosen.where(covered.c.state == which.state)
    chosen = chosen.join(public_body, public_body.c.id == covered.c.public_body_id)
    if which.divisions is not None:
        chosen = chosen.where(public_body.c.division.in_(sorted(which.divisions)))
    return chosen


def _picked(connection: Connection, which: WhichCovered, chosen: Query) -> list[CoveredRow]:
    """The rows of the view for chosen bodies and years, in their order."""
    keys = [(row.public_body_id, row.year) for row in connection.execute(chosen)]
    found: dict[tuple[int, int], CoveredRow] = {}
    ids = list(dict.fromkeys(body_id for body_id, _ in keys))
    for start in range(0, len(ids), _BODIES_AT_ONCE):
        some = ids[start : start + _BODIES_AT_ONCE]
        rows = map(_row, connection.execute(_shown(connection, which, some)))
        found |= {(row.body_id, row.year): row for row in rows}
    return [found[key] for key in keys]
