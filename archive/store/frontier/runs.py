"""Begins runs, or goes on with one, and ends them."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, Update, exists, func, insert, select, update

from archive.model.errors import CannotRunError
from archive.model.outcome import SIDE_ROLES, Verdict
from archive.model.portal import Portal
from archive.store.catalogue import save_portals
from archive.store.frontier.enqueue import schedule_start
from archive.store.rows import RunTicket
from archive.store.schema import frontier, outcome, page, run
from archive.store.types import NamedRow

Mode = Literal["due", "full"]
# The job and the mode of runs that take in files of others: they visit nothing.
IMPORT = "import"
# The job of runs that ask for lost pages alone.
REPAIR = "repair"
CRASHED = "its process ended without a word; the same command goes on"
EndStatus = Literal["finished", "interrupted"]
STATES = ("pending", "leased", "kept")


def process_is_alive(pid: int) -> bool:
    """Whether some process of this machine has that id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def begin_run(
    connection: Connection,
    *,
    job: str,
    portals: Sequence[Portal],
    options: Mapping[str, object],
    mode: Mode,
    now: datetime,
    pid: int,
    is_alive: Callable[[int], bool] | None = process_is_alive,
) -> RunTicket:
    """Goes on with the latest unfinished run of the same job: its leased URLs wait again, its kept
    ones stay kept. Otherwise makes a run that adopts what stopped runs left of its portals and
    schedules entries, known lists and the known pages that are due (mode full: all). Other runs
    whose status is running but whose process is gone become crashed; is_alive: None leaves them,
    since they may run on other machines.
    """
    save_portals(connection, portals)
    earlier = _unfinished(connection, job)
    if is_alive is not None:
        _mark_crashed(connection, now=now, pid=pid, is_alive=is_alive, but=earlier)
    if earlier is not None:
        return _resume(connection, earlier, now=now, pid=pid)
    values = {
        "job": job,
        "mode": mode,
        "portals": [each.key for each in portals],
        "options": dict(options),
        "pid": pid,
        "started_at": now,
        "status": "running",
        "scheduled": 0,
    }
    run_id = connection.scalar(insert(run).values(values).returning(run.c.id))
    assert run_id is not None  # noqa: S101 - RETURNING of one inserted row
    adopted, recovered = _adopt(connection, run_id, [each.key for each in portals])
    schedule_start(connection, run_id, portals, full=mode == "full", now=now)
    return _ticket(connection, run_id, resumed=False, adopted=adopted, recovered=recovered)


def begin_import(
    connection: Connection, files: Sequence[str], *, now: datetime, pid: int, shared: bool = False
) -> int:
    """The id of a run that takes in files: the latest unfinished one goes on, else a run is made.
    It schedules nothing. Runs whose process is gone become crashed, as in `begin_run`; nobody else
    is in a run while we hold the archive. shared: others visit portals meanwhile, and those stay.
    """
    earlier = _unfinished(connection, IMPORT)
    if not shared:
        _mark_crashed(connection, now=now, pid=pid, is_alive=lambda _pid: False, but=earlier)
    if earlier is not None:
        return _resume(connection, earlier, now=now, pid=pid).run_id
    values = {
        "job": IMPORT,
        "mode": IMPORT,
        "portals": [],
        "options": {"files": list(files)},
        "pid": pid,
        "started_at": now,
        "status": "running",
        "scheduled": 0,
    }
    run_id = connection.scalar(insert(run).values(values).returning(run.c.id))
    assert run_id is not None  # noqa: S101 - RETURNING of one inserted row
    return int(run_id)


def name_portals(connection: Connection, run_id: int, keys: Sequence[str]) -> None:
    """Stores which portals a run turned out to be of."""
    connection.execute(update(run).where(run.c.id == run_id).values(portals=list(keys)))


def finish_run(
    connection: Connection,
    run_id: int,
    *,
    status: EndStatus,
    verdict: Verdict,
    reason: str,
    counts: Mapping[str, int],
    now: datetime,
) -> None:
    """Closes a run as finished or interrupted. Pending URLs stay. CannotRunError when it would be
    finished with a URL leased or kept; interrupted, leased ones go back.
    """
    left = remaining(connection, run_id)
    if status == "finished" and left["leased"] + left["kept"]:
        raise CannotRunError(f"run {run_id} cannot finish: {left} URLs are under way")
    connection.execute(_unlease(run_id))
    connection.execute(
        update(run)
        .where(run.c.id == run_id)
        .values(status=status, verdict=verdict, reason=reason, counts=dict(counts), ended_at=now)
    )


def note_recorded(connection: Connection, run_ids: Collection[int], now: datetime) -> None:
    """Notes that the rows of these runs lie in the WARC files as they stand."""
    connection.execute(update(run).where(run.c.id.in_(run_ids)).values(recorded_at=now))


def remaining(connection: Connection, run_id: int) -> dict[str, int]:
    """How many URLs of a run are pending, leased and kept; every state is named."""
    rows = connection.execute(
        select(frontier.c.state, func.count())
        .where(frontier.c.run_id == run_id)
        .group_by(frontier.c.state)
    )
    return dict.fromkeys(STATES, 0) | dict(rows.all())


def run_counts(connection: Connection, run_id: int) -> dict[str, int]:
    """How many URLs of a run ended with each outcome; outcomes that did not occur miss.

    A robots.txt and what a page shows are no portal's content and are not counted.
    """
    rows = connection.execute(
        select(outcome.c.outcome, func.count())
        .join(page, page.c.id == outcome.c.page_id)
        .where(outcome.c.run_id == run_id, page.c.role.not_in(SIDE_ROLES))
        .group_by(outcome.c.outcome)
    )
    return dict(rows.all())


def _unfinished(connection: Connection, job: str) -> NamedRow | None:
    return connection.execute(
        select(run.c.id, run.c.pid)
        .where(run.c.job == job, run.c.status != "finished")
        .order_by(run.c.id.desc())
        .limit(1)
    ).first()


def _mark_crashed(
    connection: Connection,
    *,
    now: datetime,
    pid: int,
    is_alive: Callable[[int], bool],
    but: NamedRow | None,
) -> None:
    """Marks running runs whose process is gone as crashed. Our own id on another run
    is an id that was used again: a process runs one crawl.
    """
    running = select(run.c.id, run.c.pid).where(run.c.status == "running")
    for row in connection.execute(running).all():
        if (but is None or row.id != but.id) and (row.pid == pid or not is_alive(row.pid)):
            connection.execute(
                update(run)
                .where(run.c.id == row.id)
                .values(status="crashed", reason=CRASHED, ended_at=now)
            )


def mark_gone_visits(connection: Connection, held: Collection[str], now: datetime) -> None:
    """Marks the running visits of workers as crashed whose worker is gone. held: what workers hold
    now, by key. The portal's next visit goes on with them.
    """
    rows = connection.execute(
        select(run.c.id, run.c.job).where(run.c.status == "running", run.c.job.startswith("visit "))
    )
    gone = [row.id for row in rows.all() if row.job.replace(" ", ":", 1) not in held]
    if gone:
        values = {"status": "crashed", "reason": "its worker ended without a word", "ended_at": now}
        connection.execute(update(run).where(run.c.id.in_(gone)).values(values))


def _resume(connection: Connection, earlier: NamedRow, *, now: datetime, pid: int) -> RunTicket:
    recovered = connection.execute(_unlease(earlier.id)).rowcount
    connection.execute(
        update(run)
        .where(run.c.id == earlier.id)
        .values(status="running", pid=pid, resumed_at=now, ended_at=None, verdict=None, reason=None)
    )
    return _ticket(connection, earlier.id, resumed=True, adopted=0, recovered=recovered)


def _unlease(run_id: int) -> Update:
    return (
        update(frontier)
        .where(frontier.c.run_id == run_id, frontier.c.state == "leased")
        .values(state="pending")
    )


def _adopt(connection: Connection, run_id: int, portal_keys: Sequence[str]) -> tuple[int, int]:
    """Takes over what runs that no longer run left of these portals: (rows, of these leased)."""
    stopped = exists().where(run.c.id == frontier.c.run_id, run.c.status != "running")
    ours = exists().where(page.c.id == frontier.c.page_id, page.c.portal_key.in_(portal_keys))
    taken = connection.execute(update(frontier).where(stopped, ours).values(run_id=run_id)).rowcount
    recovered = connection.execute(_unlease(run_id)).rowcount
    last = connection.scalar(
        select(func.max(frontier.c.position)).where(frontier.c.run_id == run_id)
    )
    if last is not None:
        connection.execute(update(run).where(run.c.id == run_id).values(scheduled=last + 1))
    return taken, recovered


def _ticket(
    connection: Connection, run_id: int, *, resumed: bool, adopted: int, recovered: int
) -> RunTicket:
    left = remaining(connection, run_id)
    return RunTicket(
        run_id=run_id,
        resumed=resumed,
        pending=left["pending"],
        kept=left["kept"],
        adopted=adopted,
        recovered=recovered,
    )
