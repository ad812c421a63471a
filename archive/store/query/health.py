"""What tells whether an archive is kept well: what waits, hosts that are held, bodies that fell
silent, jobs that stand still. Reads only.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import (
    JSON,
    Connection,
    String,
    and_,
    cast,
    column,
    func,
    inspect,
    or_,
    select,
    table,
)

from archive.model.coverage import State
from archive.model.frontier import WarcSpot
from archive.model.outcome import SECTION_ROLES
from archive.store.frontier.runs import IMPORT
from archive.store.query.portal_states import does_count, has_any
from archive.store.schema import (
    capture,
    covered,
    frontier,
    host,
    page,
    portal,
    public_body,
    run,
    run_portal,
    warc_file,
)
from archive.store.types import Instant, NamedRow

_NEWEST: Final = 500
_OF_A_HOST: Final = 5
REGULAR_YEARS: Final = 3
_JOBS, _WORKERS = "procrastinate_jobs", "procrastinate_workers"
# Nobody works on what lies in that queue: it is shown until the same part is asked for again.
GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """URLs on the frontier. kept: of these, fetched and not yet read. since: when the oldest run
    that left one was last at work; None without any.
    """

    urls: int
    kept: int
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldHost:
    """A host that is not asked. until: the end of its pause; None where it only failed often.
    trips: how many runs in a row gave it up.
    """

    host: str
    until: datetime | None
    trips: int
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshCapture:
    """A capture of a host's newest run; where it is a 304, its head lies beside it."""

    host: str
    captured_at: datetime
    elapsed_s: float
    spot: WarcSpot


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentBody:
    """A body that had a report for each of the three years before, and none for this one although
    its list was read after the deadline. due_on: ISO date.
    """

    body_id: int
    body: str
    division: str | None
    portal: str
    year: int
    due_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalVerdict:
    """The verdict on a portal by the latest run that judged it."""

    portal: str
    name: str
    verdict: str
    reason: str


def pending(connection: Connection) -> Pending:
    """What waits on the frontier."""
    at_work = func.max(func.coalesce(run.c.ended_at, run.c.resumed_at, run.c.started_at))
    kept = func.count().filter(frontier.c.state == "kept")
    rows = connection.execute(
        select(func.count().label("urls"), kept.label("kept"), at_work.label("since"))
        .select_from(frontier)
        .join(run, run.c.id == frontier.c.run_id)
        .group_by(frontier.c.run_id)
    ).all()
    return Pending(
        urls=sum(row.urls for row in rows),
        kept=sum(row.kept for row in rows),
        since=min((row.since for row in rows), default=None),
    )


def overdue_lists(connection: Connection, before: datetime) -> dict[str, tuple[int, datetime]]:
    """How many lists of each portal should have been visited before an instant, and since when the
    first of them; portals without any are left out.
    """
    rows = connection.execute(
        select(page.c.portal_key, func.count(), func.min(page.c.next_due_at, type_=Instant))
        .where(page.c.role.in_(SECTION_ROLES), page.c.next_due_at < before)
        .group_by(page.c.portal_key)
    )
    return {key: (count, first_at) for key, count, first_at in rows}


def held_hosts(connection: Connection, beyond: datetime, trips: int | None) -> list[HeldHost]:
    """Hosts that pause beyond an instant, or that so many runs in a row or more gave up (None: only
    the first); the longest pause first.
    """
    gave_up = [host.c.trips >= trips] if trips is not None else []
    rows = connection.execute(
        select(host)
        .where(or_(host.c.not_before_at > beyond, host.c.rests_until > beyond, *gave_up))
        .order_by(host.c.host)
    )
    found = [
        HeldHost(
            host=row.host,
            until=max((at for at in (row.not_before_at, row.rests_until) if at), default=None),
            trips=row.trips,
            reason=row.reason,
        )
        for row in rows
    ]
    never = datetime.min.replace(tzinfo=beyond.tzinfo)
    return sorted(found, key=lambda each: each.until or never, reverse=True)


def fresh_captures(connection: Connection, *, hosts: int) -> list[FreshCapture]:
    """The newest answers that crawls of our own got, of so many hosts at most: of each some of its
    newest run, the newest first.
    """
    rows = connection.execute(
        select(
            capture.c.run_id,
            capture.c.host,
            capture.c.captured_at,
            capture.c.elapsed_s,
            warc_file.c.name,
            capture.c.warc_offset,
            capture.c.warc_length,
        )
        .join(warc_file, warc_file.c.id == capture.c.warc_file_id)
        .join(run, run.c.id == capture.c.run_id)
        .where(capture.c.status > 0, capture.c.record_type.in_(("response", "revisit")))
        .where(run.c.mode != IMPORT)
        .order_by(capture.c.id.desc())
        .limit(_NEWEST)
    )
    found: dict[str, list[NamedRow]] = {}
    for row in rows:
        known = found.get(row.host, [])
        is_of_newest_run = all(each.run_id == row.run_id for each in known)
        if is_of_newest_run and len(known) < _OF_A_HOST and (known or len(found) < hosts):
            found.setdefault(row.host, []).append(row)
    return [_fresh(row) for known in found.values() for row in known]


def _fresh(row: NamedRow) -> FreshCapture:
    spot = WarcSpot(file=row.name, offset=row.warc_offset, length=row.warc_length)
    return FreshCapture(
        host=row.host, captured_at=row.captured_at, elapsed_s=row.elapsed_s, spot=spot
    )


def newest_capture_at(connection: Connection) -> datetime | None:
    """When the newest capture of our own was made, as the clock of that moment had it; None without
    any.
    """
    return connection.scalar(
        select(capture.c.captured_at)
        .join(run, run.c.id == capture.c.run_id)
        .where(run.c.mode != IMPORT)
        .order_by(capture.c.id.desc())
        .limit(1)
    )


def silent_bodies(connection: Connection, today: str, since: str) -> Iterator[SilentBody]:
    """Bodies that fell silent, their portals' order. today, since: ISO dates; a deadline lies after
    `since` and before `today`.
    """
    before = covered.alias("before")
    had = (
        select(func.count())
        .where(
            before.c.public_body_id == covered.c.public_body_id,
            before.c.year < covered.c.year,
            before.c.year >= covered.c.year - REGULAR_YEARS,
            before.c.version_id.is_not(None),
        )
        .correlate(covered)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            public_body.c.id.label("body_id"),
            public_body.c.name.label("body"),
            public_body.c.division,
            covered.c.portal_key.label("portal"),
            covered.c.year,
            covered.c.due_on,
        )
        .join(public_body, public_body.c.id == covered.c.public_body_id)
        .where(
            covered.c.state == State.MISSING,
            covered.c.version_id.is_(None),
            covered.c.due_on < today,
            covered.c.due_on > since,
            had == REGULAR_YEARS,
        )
        .order_by(covered.c.portal_key, public_body.c.name, covered.c.year)
    )
    for row in rows.mappings():
        yield SilentBody(**row)


def portal_verdicts(
    connection: Connection, catalogue: Collection[str] | None = None
) -> list[PortalVerdict]:
    """The verdict on every portal that counts and was ever judged, by key. catalogue: as in
    `portal_states`.
    """
    latest = (
        select(run_portal.c.portal_key, func.max(run_portal.c.run_id).label("run_id"))
        .group_by(run_portal.c.portal_key)
        .subquery()
    )
    same = and_(
        run_portal.c.portal_key == latest.c.portal_key, run_portal.c.run_id == latest.c.run_id
    )
    rows = connection.execute(
        select(
            portal.c.key.label("portal"),
            portal.c.name,
            run_portal.c.verdict,
            run_portal.c.reason,
            has_any().label("has_any"),
        )
        .join(latest, same)
        .join(portal, portal.c.key == run_portal.c.portal_key)
        .where(does_count())
        .order_by(portal.c.key)
    )
    return [
        PortalVerdict(portal=row.portal, name=row.name, verdict=row.verdict, reason=row.reason)
        for row in rows
        if catalogue is None or row.portal in catalogue or row.has_any
    ]


def stalled_jobs(connection: Connection, before: datetime) -> list[str] | None:
    """Jobs of procrastinate that are being done by a worker that was last heard of before an
    instant, or that is gone: what each is and its number. None where the database has no jobs.
    """
    if not {_JOBS, _WORKERS} <= set(inspect(connection).get_table_names()):
        return None
    jobs = table(_JOBS, column("id"), column("task_name"), column("status"),
                 column("worker_id"), column("queueing_lock"))  # fmt: skip
    workers = table(_WORKERS, column("id"), column("last_heartbeat", Instant))
    rows = connection.execute(
        select(jobs.c.id, jobs.c.task_name, jobs.c.queueing_lock)
        .outerjoin(workers, workers.c.id == jobs.c.worker_id)
        .where(cast(jobs.c.status, String) == "doing")  # a type of its own on PostgreSQL
        .where(or_(workers.c.id.is_(None), workers.c.last_heartbeat < before))
        .order_by(jobs.c.id)
    )
    # A queueing lock says what the task is, and of what.
    return [f"{row.queueing_lock or row.task_name} (job {row.id})" for row in rows]


def given_up_jobs(connection: Connection) -> list[str]:
    """Parts of large commands that workers could not do, as the queue spells their commands; none
    where the database has no jobs.
    """
    if _JOBS not in inspect(connection).get_table_names():
        return []
    jobs = table(_JOBS, column("id"), column("queue_name"), column("status"), column("args", JSON))
    rows = connection.execute(
        select(jobs.c.args)
        .where(jobs.c.queue_name == GIVEN_UP, cast(jobs.c.status, String) == "todo")
        .order_by(jobs.c.id)
    )
    return [str(row.args["command"]) for row in rows]
