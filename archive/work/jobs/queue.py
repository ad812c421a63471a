"""The queue of jobs: tables of procrastinate beside the archive's, and what is put into them.

Two traps of the library, both measured. A job whose worker was killed stays under way until
somebody sweeps it (procrastinate#740); a job is not given back to the queue but ended and put in
anew, since a second one of its portal may wait there already. And what is to run later is told by
the database's clock, since a job that waits for its time holds up its whole group.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from archive.model.errors import CannotRunError, UsageError
from archive.model.portal import Portal
from archive.store import Store
from archive.store.engine import conninfo, locate
from archive.store.frontier.hosts import host_states
from archive.store.frontier.queue_tables import last_migration, note_migration
from archive.store.frontier.runs import mark_gone_visits
from archive.store.frontier.worker_leases import WORKER, live_leases, make_leases
from archive.store.query.portal_states import portal_states
from archive.work import clock
from archive.work.ingest.recrawl import due_portals
from archive.work.jobs.groups import host_groups
from archive.work.jobs.parts import PART, put_part

if TYPE_CHECKING:
    from procrastinate import App

VISIT, UPKEEP, SCHEDULE, SWEEP = "visit", "upkeep", "schedule", "sweep"
PICTURES = "pictures"
# What follows from all versions together is computed behind the visits, so often at most.
UPKEEP_AFTER: Final = timedelta(minutes=5)
_FIRST: Final = 10  # before every visit
# What the tables have that were made before anybody noted it.
_FIRST_NOTED: Final = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
_EXTRA: Final = "pip install 'gongkai[workers]'"
_ANSWERS_WITHIN_S: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Enqueued:
    """What was put into the queue, by portal keys. portals: new there; waiting: those that waited
    or were under way already; taken_up: those that dead workers had left.
    """

    portals: tuple[str, ...]
    waiting: tuple[str, ...]
    taken_up: tuple[str, ...]


def app_for(place: str | Path) -> "App":
    """The queue of an archive, not opened yet. UsageError: the archive is not on PostgreSQL, or
    procrastinate is not installed.
    """
    there = conninfo(locate(place))
    try:
        from procrastinate import App, PsycopgConnector  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(f"many machines need a library more: {_EXTRA} ({error})") from error
    return App(
        connector=PsycopgConnector(
            conninfo=there, min_size=1, max_size=8, timeout=_ANSWERS_WITHIN_S
        )
    )


async def prepare(store: Store, app: "App") -> Sequence[str]:
    """Makes the tables of queue and leases where they are not there, and brings those of the queue
    to what the installed procrastinate needs, one process at a time; the migrations that were run.

    UsageError: they are of a newer procrastinate. CannotRunError: workers are at work on the older
    tables.
    """
    names = sorted(path.name for path in _migrations(app))
    with store.write_beside() as connection:
        make_leases(connection)
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
            last_migration(connection)
            note_migration(connection, names[-1])
    done = []
    while name := _bring_up(store, app, names):
        done.append(name)
    return done


def _bring_up(store: Store, app: "App", names: Sequence[str]) -> str | None:
    """Runs the first migration that is missing, in a transaction of its own (a value that is added
    to a type is of no use before its commit); None where none is.
    """
    with store.write_beside() as connection:
        last = last_migration(connection) or _FIRST_NOTED
        if last not in names:
            raise UsageError(
                f"the queue's tables are of a newer procrastinate (they have {last}): {_EXTRA}"
                " --upgrade"
            )
        name = next((each for each in names if each > last), None)
        if name is None:
            return None
        alive = [who for key, who in live_leases(connection).items() if key.startswith(WORKER)]
        if alive:
            raise CannotRunError(
                f"this procrastinate needs newer tables, and {alive[0]} is at work on those of the"
                " older one: end all workers, then start them again"
            )
        [path] = [each for each in _migrations(app) if each.name == name]
        note_migration(connection, name, path.read_text("utf-8"))
    return name


def _migrations(app: "App") -> list[Path]:
    return [*Path(app.schema_manager.get_migrations_path()).glob("*.sql")]


async def enqueue_due(
    app: "App", store: Store, portals: Sequence[Portal], *, named: bool, lasts: timedelta
) -> Enqueued:
    """Puts the visits of portals into the queue. named: a person named them; else those that are
    due. What dead workers left is taken up before.
    """
    taken_up = await sweep(app, store, lasts)
    busy = await _busy(app)
    groups, due = await asyncio.to_thread(_due, store, portals, named=named)
    added: list[str] = []
    waiting: list[str] = []
    for portal in due:
        is_new = portal.key not in busy and await put_visit(
            app, portal.key, groups[portal.key], due=not named
        )
        (added if is_new else waiting).append(portal.key)
    return Enqueued(portals=tuple(added), waiting=tuple(waiting), taken_up=tuple(taken_up))


async def put_visit(
    app: "App", key: str, group: str, *, due: bool, again: int = 0, after: timedelta | None = None
) -> bool:
    """One portal's visit into the queue; False where one waits there already. again: how often in a
    row it could not be made.
    """
    values = {"portal": key, "due": due, "again": again}
    return await _put(app, VISIT, key, lock=group, after=after, values=values)


async def put_upkeep(app: "App", after: timedelta = UPKEEP_AFTER) -> bool:
    """What follows from all versions together; False where it waits already."""
    return await _put(app, UPKEEP, UPKEEP, lock=UPKEEP, after=after, values={})


async def _put(
    app: "App",
    task: str,
    name: str,
    *,
    lock: str,
    after: timedelta | None,
    values: Mapping[str, object],
) -> bool:
    from procrastinate.exceptions import AlreadyEnqueued  # noqa: PLC0415 - an extra

    job = app.configure_task(
        task,
        lock=lock,
        queueing_lock=f"{task} {name}",
        priority=_FIRST if task == UPKEEP else 0,
        schedule_at=clock.now() + after if after else None,
        allow_unknown=True,
    )
    try:
        await job.defer_async(**values)  # type: ignore[arg-type]  # its word for JSON
    except AlreadyEnqueued:
        return False
    return True


async def sweep(app: "App", store: Store, lasts: timedelta) -> list[str]:
    """Takes up what workers left that are gone: their jobs are put in anew, their runs are marked.
    The keys of the portals, and the commands of parts.
    """
    seconds = lasts.total_seconds()
    taken_up = []
    for job in [*await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds)]:
        await _end(app, job.id)
        key = str(job.task_kwargs.get("portal", ""))
        if job.task_name == VISIT and key:
            taken_up.append(key)
            due = bool(job.task_kwargs.get("due", True))
            await put_visit(app, key, job.lock or key, due=due)
        elif job.task_name == UPKEEP:
            await put_upkeep(app)
        elif job.task_name == PART:
            command = str(job.task_kwargs["command"])
            taken_up.append(command)
            await put_part(app, command, job.lock or "")
    await app.job_manager.prune_stalled_workers(seconds)
    await asyncio.to_thread(_mark_gone, store)
    return taken_up


async def _end(app: "App", job_id: int | None) -> None:
    from procrastinate.exceptions import ConnectorException  # noqa: PLC0415 - an extra
    from procrastinate.jobs import Status  # noqa: PLC0415 - an extra

    try:
        await app.job_manager.finish_job_by_id_async(
            job_id=job_id or 0, status=Status.FAILED, delete_job=True
        )
    except ConnectorException:
        return  # another sweep was quicker


def _mark_gone(store: Store) -> None:
    with store.write() as connection:
        mark_gone_visits(connection, live_leases(connection), clock.now())


async def _busy(app: "App") -> set[str]:
    """The portals whose visit waits or is under way."""
    found = set()
    for status in ("todo", "doing"):
        jobs = await app.job_manager.list_jobs_async(task=VISIT, status=status)
        found |= {str(job.task_kwargs.get("portal")) for job in jobs}
    return found


def _due(
    store: Store, portals: Sequence[Portal], *, named: bool
) -> tuple[dict[str, str], list[Portal]]:
    with store.read() as connection:
        hosts = host_states(connection)
        states = {} if named else {each.portal: each for each in portal_states(connection)}
    numbers = {name: (state.ip_addresses or "").split() for name, state in hosts.items()}
    groups = host_groups(portals, numbers)
    return groups, [*portals] if named else due_portals(portals, states, clock.now())


def workers_alive(store: Store) -> list[str]:
    """The names of the workers that are at work."""
    with store.read() as connection:
        held = live_leases(connection)
    return [key.removeprefix(WORKER) for key in held if key.startswith(WORKER)]
