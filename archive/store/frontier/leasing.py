"""Leases URLs: lists before pages before attachments before what pages show, fair over hosts.

Measured need: 100,000 pending rows over 3,000 hosts. So nothing here reads all pending rows: the
hosts that wait are found by jumping from host to host along the index, and of each chosen host
only the first few rows are read.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from itertools import chain, zip_longest

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Label,
    Select,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from archive.model.frontier import Lease, Previous, StoredCapture, WarcSpot
from archive.model.outcome import Role
from archive.model.reading import Link
from archive.store.frontier.enqueue import Found, schedule_found
from archive.store.optical_tables import captured_hash, is_of_pictures
from archive.store.schema import capture, frontier, host, page, portal, version, warc_file
from archive.store.types import Instant, NamedRow, Query


def lease(
    connection: Connection,
    run_id: int,
    *,
    limit: int,
    per_host: int,
    exclude_hosts: Collection[str],
    now: datetime,
) -> list[Lease]:
    """Takes up to `limit` pending URLs: of a host lists before pages before attachments, then in
    the order they were found; the hosts in turn, the longest unvisited first. No host gets more
    than `per_host` leases at the same time; a host or a URL whose not_before_at lies behind `now`
    is left out. Empty when nothing can be taken now.
    """
    excluded = frozenset(exclude_hosts)
    hosts = connection.scalars(_host_query(), {"of_run": run_id, "moment": now}).all()
    waiting = [name for name in hosts if name not in excluded]
    chosen = _choose(connection, run_id, waiting, limit=limit, per_host=per_host, now=now)
    if not chosen:
        return []
    connection.execute(
        update(frontier)
        .where(frontier.c.page_id.in_(chosen), frontier.c.state == "pending")
        .values(state="leased")
    )
    leases = {each.page_id: each for each in _leases(connection, frontier.c.page_id.in_(chosen))}
    return [leases[page_id] for page_id in chosen]


def lease_now(
    connection: Connection, run_id: int, *, url: str, portal_key: str, role: Role, now: datetime
) -> Lease | None:
    """Schedules one URL of a portal and takes it at once (a robots.txt is needed before anything
    else of its host). None when it waits already, or has ended in this run.
    """
    found = Found(link=Link(url=url, text="", role=role), portal_key=portal_key, depth=0, hops=())
    ids, scheduled = schedule_found(connection, run_id, [found], full=True, now=now)
    if found.key not in scheduled:
        return None
    mine = frontier.c.page_id == ids[found.key]
    connection.execute(update(frontier).where(mine).values(state="leased"))
    return next(iter(_leases(connection, mine)), None)


def drop_waiting(connection: Connection, run_id: int, role: Role) -> None:
    """Takes a run's URLs of one role off the frontier, without an outcome, unless they are kept:
    after a crash a robots.txt is fetched again when it is needed again.
    """
    connection.execute(
        delete(frontier)
        .where(frontier.c.run_id == run_id, frontier.c.role == role)
        .where(frontier.c.state != "kept")
    )


def kept(connection: Connection, run_id: int) -> list[Lease]:
    """The run's rows whose capture is stored but not yet read, with that capture."""
    condition = and_(frontier.c.run_id == run_id, frontier.c.state == "kept")
    return list(_leases(connection, condition))


def release(connection: Connection, page_ids: Collection[int]) -> None:
    """Puts leased URLs back unchanged, at a clean stop."""
    connection.execute(
        update(frontier)
        .where(frontier.c.page_id.in_(page_ids), frontier.c.state == "leased")
        .values(state="pending")
    )


def retry_later(
    connection: Connection,
    page_id: int,
    run_id: int,
    *,
    not_before_at: datetime,
    reason: str,
    url: str | None = None,
) -> bool:
    """Puts a leased or kept URL back for another try (in the spelling `url`, if that is given), one
    attempt counted; False when the run holds no such URL. The captures stay.
    """
    if url is not None:
        connection.execute(update(page).where(page.c.id == page_id).values(url=url))
    changed = connection.execute(
        update(frontier)
        .where(frontier.c.page_id == page_id, frontier.c.run_id == run_id)
        .where(frontier.c.state != "pending")
        .values(
            state="pending",
            capture_id=None,
            attempts=frontier.c.attempts + 1,
            not_before_at=not_before_at,
            reason=reason,
        )
    ).rowcount
    return changed == 1


def _choose(
    connection: Connection,
    run_id: int,
    hosts: Sequence[str],
    *,
    limit: int,
    per_host: int,
    now: datetime,
) -> list[int]:
    """Page ids, the first of every host before the second of any."""
    taken = _leased_by_host(connection, run_id)
    queues: list[Sequence[int]] = []
    for name in hosts:
        free = min(per_host - taken.get(name, 0), limit)
        if free > 0:
            values = {"of_run": run_id, "at_host": name, "moment": now, "count": free}
            queue = connection.scalars(_first_query(), values).all()
            queues += [queue] if queue else []
        if len(queues) >= limit:
            break
    in_turn = chain.from_iterable(zip_longest(*queues))
    return [page_id for page_id in in_turn if page_id is not None][:limit]


def _leased_by_host(connection: Connection, run_id: int) -> dict[str, int]:
    rows = connection.execute(
        select(frontier.c.host, func.count())
        .where(frontier.c.run_id == run_id, frontier.c.state == "leased")
        .group_by(frontier.c.host)
    )
    return dict(rows.all())


# Statements are built once: building one costs more than running it.
@cache
def _host_query() -> Select[str]:
    """Hosts with pending rows that may be visited now, the longest unvisited first.

    A recursive query steps over the index from one host to the next (a loose index scan), so
    it costs one look-up a host, not one a row.
    """
    waits = and_(frontier.c.run_id == bindparam("of_run"), frontier.c.state == "pending")
    names = (
        select(func.min(frontier.c.host).label("host")).where(waits).cte("waiting", recursive=True)
    )
    following = (
        select(func.min(frontier.c.host))
        .where(waits, frontier.c.host > names.c.host)
        .scalar_subquery()
    )
    names = names.union_all(select(following).where(names.c.host.is_not(None)))
    open_now = or_(host.c.not_before_at.is_(None), host.c.not_before_at <= _moment())
    return (
        select(names.c.host)
        .select_from(names.outerjoin(host, host.c.host == names.c.host))
        .where(names.c.host.is_not(None), open_now)
        .order_by(host.c.last_visit_at.asc().nulls_first(), names.c.host)
    )


def _moment() -> BindParameter[datetime]:
    return bindparam("moment", type_=Instant)


@cache
def _first_query() -> Select[int]:
    open_now = or_(frontier.c.not_before_at.is_(None), frontier.c.not_before_at <= _moment())
    return (
        select(frontier.c.page_id)
        .where(
            frontier.c.run_id == bindparam("of_run"),
            frontier.c.state == "pending",
            frontier.c.host == bindparam("at_host"),
            open_now,
        )
        .order_by(frontier.c.rank, frontier.c.position)
        .limit(bindparam("count"))
    )


_visited = capture.alias("visited")
_visited_file = warc_file.alias("visited_file")
_waiting = capture.alias("waiting_capture")
_waiting_file = warc_file.alias("waiting_file")


@cache
def _lease_query() -> Query:
    """A frontier row with everything that a lease holds, in one statement."""
    return (
        select(
            frontier,
            page.c.url,
            page.c.method,
            page.c.body,
            page.c.portal_key,
            page.c.etag,
            page.c.last_modified,
            portal.c.family,
            portal.c.division,
            *_capture_columns("visited", _visited, _visited_file),
            *_capture_columns("waiting", _waiting, _waiting_file),
            version.c.id.label("version_id"),
            version.c.number.label("version_number"),
            captured_hash().label("content_hash"),
            version.c.reader_version,
            version.c.kind,
            version.c.report_year,
            is_of_pictures().label("of_pictures"),
        )
        .join(page, page.c.id == frontier.c.page_id)
        .join(portal, portal.c.key == page.c.portal_key)
        .outerjoin(_visited, _visited.c.id == page.c.body_capture_id)
        .outerjoin(_visited_file, _visited_file.c.id == _visited.c.warc_file_id)
        .outerjoin(_waiting, _waiting.c.id == frontier.c.capture_id)
        .outerjoin(_waiting_file, _waiting_file.c.id == _waiting.c.warc_file_id)
        .outerjoin(
            version, and_(version.c.page_id == page.c.id, version.c.number == page.c.versions)
        )
        .order_by(frontier.c.rank, frontier.c.position)
    )


def _capture_columns(prefix: str, of: FromClause, file: FromClause) -> list[Label[object]]:
    names = (
        "id",
        "captured_at",
        "status",
        "payload_digest",
        "body_digest",
        "record_type",
        "record_id",
        "truncated",
        "warc_offset",
        "warc_length",
    )
    columns = [of.c[name].label(f"{prefix}_{name}") for name in names]
    return [*columns, file.c.name.label(f"{prefix}_file")]


def _leases(connection: Connection, condition: ColumnElement[bool]) -> Iterable[Lease]:
    for row in connection.execute(_lease_query().where(condition)):
        yield Lease(
            page_id=row.page_id,
            run_id=row.run_id,
            portal_key=row.portal_key,
            url=row.url,
            method=row.method,
            body=row.body,
            role=Role(row.role),
            depth=row.depth,
            attempts=row.attempts,
            family=row.family,
            division=row.division,
            hops=tuple(row.hops),
            previous=_previous(row),
            pending_capture=_pending_capture(row),
        )


def _previous(row: NamedRow) -> Previous | None:
    if row.visited_id is None:
        return None
    return Previous(
        capture_id=row.visited_id,
        spot=WarcSpot(
            file=row.visited_file, offset=row.visited_warc_offset, length=row.visited_warc_length
        ),
        captured_at=row.visited_captured_at,
        payload_digest=row.visited_payload_digest,
        body_digest=row.visited_body_digest,
        etag=row.etag,
        last_modified=row.last_modified,
        version_id=row.version_id,
        version_number=row.version_number,
        content_hash=row.content_hash,
        reader_version=row.reader_version,
        kind=row.kind,
        report_year=row.report_year,
        truncated=row.visited_truncated,
        record_id=row.visited_record_id,
        of_pictures=bool(row.of_pictures),
    )


def _pending_capture(row: NamedRow) -> StoredCapture | None:
    if row.waiting_id is None:
        return None
    return StoredCapture(
        capture_id=row.waiting_id,
        spot=WarcSpot(
            file=row.waiting_file, offset=row.waiting_warc_offset, length=row.waiting_warc_length
        ),
        status=row.waiting_status,
        captured_at=row.waiting_captured_at,
        record_type=row.waiting_record_type,
        payload_digest=row.waiting_payload_digest,
        truncated=row.waiting_truncated,
        record_id=row.waiting_record_id,
    )
