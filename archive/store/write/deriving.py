"""Runs and leases that are made again from captures alone, for a ledger that is made again."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, exists, insert, select, update

from archive.model.frontier import Lease
from archive.model.url import host_of
from archive.store.crawl_tables import MERGED
from archive.store.frontier import leasing, runs
from archive.store.frontier.enqueue import (
    Found,
    KnownPage,
    ensure_pages,
    pages_by_key,
    schedule_found,
)
from archive.store.schema import capture, frontier, outcome, page, run, warc_file
from archive.store.types import NamedRow, Values
from archive.store.write.found import FROM_RECORD, note_capture

DERIVED: Final = "made again from its captures: what left none is not known"


def run_from(connection: Connection, origin: tuple[str, int]) -> int | None:
    """The run that came from that archive and had that number there; None when no row says so."""
    rows = connection.execute(select(run.c.id, run.c.options))
    return next((row.id for row in rows if row.options.get(MERGED) == list(origin)), None)


def open_derived_run(
    connection: Connection,
    run_id: int | None,
    job: str,
    began_at: datetime,
    origin: tuple[str, int] | None,
) -> int:
    """The run that captures belong to, made where its row was not found; its id. run_id: None when
    the captures do not say. origin: of the run of another archive that was merged.
    """
    if run_id is not None and connection.scalar(select(exists().where(run.c.id == run_id))):
        connection.execute(update(run).where(run.c.id == run_id).values(recorded_at=None))
        return run_id
    values: Values = {
        "id": run_id, "job": job, "mode": "due", "portals": [], "pid": 0,
        "options": {MERGED: list(origin)} if origin else {},
        "started_at": began_at, "status": "crashed", "reason": DERIVED, "scheduled": 0,
    }  # fmt: skip
    given = {name: value for name, value in values.items() if value is not None}
    return int(connection.scalar(insert(run).values(given).returning(run.c.id)) or 0)


def close_derived_run(connection: Connection, run_id: int, ended_at: datetime) -> None:
    """Gives it its end and its counts."""
    counts = runs.run_counts(connection, run_id)
    ended = update(run).where(run.c.id == run_id)
    connection.execute(
        ended.values(status="crashed", reason=DERIVED, counts=counts, ended_at=ended_at)
    )


def page_before(connection: Connection, key: str) -> KnownPage | None:
    """A page that is known already; None when it is not."""
    return pages_by_key(connection, [key]).get(key)


def page_of(connection: Connection, found: Found, now: datetime) -> int:
    """The id of a page, which is made where it is not known; it is not scheduled."""
    return ensure_pages(connection, [found], now)[found.key].id


def is_past(connection: Connection, run_id: int, key: str, at: datetime) -> bool:
    """Whether more is known of a page than a capture of that instant can add: it was captured
    later, or has ended in the run.
    """
    seen = select(page.c.id).where(page.c.key == key, page.c.last_captured_at >= at)
    ended = (
        select(page.c.id)
        .join(outcome, outcome.c.page_id == page.c.id)
        .where(page.c.key == key, outcome.c.run_id == run_id)
    )
    return connection.scalar(seen.union(ended).limit(1)) is not None


def lease_found(
    connection: Connection, run_id: int, found: Found, record: NamedRow, repeats: int | None
) -> Lease | None:
    """Stores a capture and gives the lease under which it is to be decided; None when its page
    waits elsewhere. repeats: the capture that the record names as the one it repeats.
    """
    ids, _ = schedule_found(connection, run_id, [found], full=True, now=record.captured_at)
    mine = (frontier.c.page_id == ids[found.key]) & (frontier.c.run_id == run_id)
    known = select(page.c.body_capture_id).where(page.c.id == ids[found.key])
    if repeats is None and record.record_type == "revisit":
        repeats = connection.scalar(known)
    capture_id = add_capture(connection, run_id, ids[found.key], record, repeats)
    kept = update(frontier).where(mine).values(state="kept", capture_id=capture_id)
    if connection.execute(kept).rowcount != 1:
        return None
    leases = leasing.kept(connection, run_id)
    return next(each for each in leases if each.page_id == ids[found.key])


def add_capture(
    connection: Connection, run_id: int, page_id: int, record: NamedRow, repeats: int | None
) -> int:
    """Stores a capture of which a record was found; its id."""
    file_id = connection.scalar(select(warc_file.c.id).where(warc_file.c.name == record.file))
    values = {name: getattr(record, name) for name in FROM_RECORD} | {
        "page_id": page_id,
        "run_id": run_id,
        "status": record.status,
        "size_bytes": record.size_bytes,
        "warc_file_id": file_id,
        "request_file_id": None if record.request_offset is None else file_id,
        "record_id": record.record_id,
        "refers_to": repeats,
        "host": host_of(record.uri),
        "elapsed_s": 0.0,
    }
    capture_id = int(connection.scalar(insert(capture).values(values).returning(capture.c.id)) or 0)
    note_capture(connection, record.record_id, capture_id)
    return capture_id
