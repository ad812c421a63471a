"""How the archive stands: runs and verdicts, what is left to do, portals gone silent, what is
visited next and why.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from archive.store import Store
from archive.store.frontier.runs import CRASHED
from archive.store.query.portal_states import PortalState, portal_states
from archive.store.query.questions import RunRow, frontier_left, recent_runs
from archive.work.ingest.recrawl import bounds_of, is_open, opens_at


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentPortal:
    """A portal whose latest run gave no content at all. since: when it last did; None: never."""

    portal: str
    name: str
    since: datetime | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextVisit:
    """When a portal is visited next and why; at None: as soon as a crawl runs."""

    portal: str
    name: str
    at: datetime | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of an archive at `now`. frontier: URLs by state, only states that occur."""

    runs: tuple[RunRow, ...]
    frontier: Mapping[str, int]
    silent: tuple[SilentPortal, ...]
    next_visits: tuple[NextVisit, ...]
    portals: tuple[PortalState, ...]


def status(
    store: Store,
    *,
    now: datetime,
    crawling: Callable[[], bool] = lambda: True,
    catalogue: Collection[str] | None = None,
    runs: int = 10,
) -> Status:
    """The state of an archive, with its latest `runs` runs. crawling: whether a crawl may be at
    work on it now. catalogue: its keys (`portal_states`).
    """
    latest = runs_as_they_stand(store, crawling=crawling, limit=runs)
    with store.read() as connection:
        states = portal_states(connection, catalogue=catalogue)
        left = frontier_left(connection)
    return Status(
        runs=tuple(latest),
        frontier=left,
        silent=tuple(silent(states)),
        next_visits=tuple(next_visits(states, now)),
        portals=tuple(states),
    )


def runs_as_they_stand(
    store: Store, *, crawling: Callable[[], bool], limit: int, offset: int = 0
) -> list[RunRow]:
    """Runs, newest first. None is running when no crawl is at work, before or after the look: such
    a one has crashed, though only the next crawl will write that down.
    """
    before = crawling()
    with store.read() as connection:
        rows = recent_runs(connection, limit=limit, offset=offset)
    if before or crawling():
        return rows
    return [
        replace(row, status="crashed", reason=CRASHED) if row.status == "running" else row
        for row in rows
    ]


def silent(states: Iterable[PortalState]) -> list[SilentPortal]:
    """Portals whose latest run ended URLs, and none of them with content."""
    return [
        SilentPortal(
            portal=state.portal,
            name=state.name,
            since=state.last_captured_at,
            why=f"run {state.last_run}: none of {state.ended} URLs gave content",
        )
        for state in states
        if state.ended and not state.answered
    ]


def next_visits(states: Iterable[PortalState], now: datetime) -> list[NextVisit]:
    """Every portal's next visit, the soonest first."""
    visits = [_next_visit(state, now) for state in states]
    return sorted(visits, key=lambda visit: (visit.at or now, visit.portal))


def _next_visit(state: PortalState, now: datetime) -> NextVisit:
    at, why = _when(state, now)
    if state.hours is not None and not is_open(state.hours, at or now):
        at, why = opens_at(state.hours, at or now), f"{why}; its hours are {state.hours} in China"
    return NextVisit(portal=state.portal, name=state.name, at=at, why=why)


def _when(state: PortalState, now: datetime) -> tuple[datetime | None, str]:
    waits = state.host_waits_until
    if waits is not None and waits > now:
        return waits, f"its host pauses: {state.host_reason or 'no reason kept'}"
    if state.left:
        return None, f"{state.left} URLs left on the frontier"
    if state.last_run is None:
        return None, "never visited"
    due = state.next_due_at
    if due is None:
        return None, "no visit was planned"
    what = _what(state, due, now)
    return (due, f"falls due: {what}") if due > now else (None, f"due: {what}")


def _what(state: PortalState, due: datetime, now: datetime) -> str:
    """What kind of page is next, and how often its kind is visited."""
    if state.next_list_at != due:
        return "a page, after twice the time its content has stood unchanged"
    bounds = bounds_of(is_list=True, report_year=None, now=now)
    return f"{bounds.why}, every {bounds.shortest.days} to {bounds.longest.days} days"
