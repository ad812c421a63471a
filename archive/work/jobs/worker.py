"""A worker: takes jobs from the queue of an archive and runs each in a process of its own, as long
as it is left to run. The database may go away and come back; the worker waits for it.
"""

import asyncio
import logging
import re
import shlex
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from archive.model.errors import (
    GongkaiError,
    HomeLockedError,
    LedgerGoneError,
    NewerHomeError,
    UsageError,
)
from archive.model.portal import Portal
from archive.search.index import open_indexed
from archive.store import Store
from archive.store.engine import place_of
from archive.store.frontier.ahead import bring_back
from archive.store.frontier.worker_leases import WORKER, now_there
from archive.store.upgrade import stored_revision
from archive.work import clock
from archive.work.home import this_process
from archive.work.ingest.leases import Leases
from archive.work.ingest.recrawl import MAX_AHEAD
from archive.work.jobs.parts import PART, give_up, put_part
from archive.work.jobs.processes import BUSY, CANNOT_RUN, Jobs
from archive.work.jobs.queue import (
    PICTURES,
    SCHEDULE,
    SWEEP,
    UPKEEP,
    VISIT,
    app_for,
    enqueue_due,
    prepare,
    put_upkeep,
    put_visit,
    sweep,
)
from archive.work.jobs.said import is_here, line_of, spelled

if TYPE_CHECKING:
    from procrastinate import App, JobContext

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
LASTS: Final = timedelta(seconds=60)  # a worker that says nothing for so long counts as gone
EVERY_FIVE_MINUTES: Final = "*/5 * * * *"
EVERY_NIGHT: Final = "0 18 * * *"  # 02:00 in China
READ_PICTURES: Final = ("ocr", "--job")
LONGEST_VISIT: Final = timedelta(hours=2)  # then others have their turn; the next visit goes on
LONGEST_UPKEEP: Final = timedelta(hours=12)
LONGEST_PART: Final = timedelta(hours=12)  # then it goes on behind others
DEFAULT_QUEUE: Final = "default"
TIDY_EVERY: Final = timedelta(minutes=1)
TRY_AGAIN: Final = timedelta(seconds=30)
TRIES: Final = 5  # then the portal waits until it is found to be due
SKEW: Final = timedelta(minutes=1)
_DONE, _BAD, _USAGE, _INTERRUPTED = range(4)
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a worker is to do. place: the ledger. name: its own. at_once: how many jobs at most.
    lasts: after how long a worker that says nothing counts as gone. portals: gives the catalogue as
    it is now. visit: the command of a portal's visit: its key, the number of the job's place, and
    whether a person named it. part: that of a part of a large command. upkeep: the command of what
    is done behind the visits. tidy: puts the worker's folder in order; what it has to say. say:
    gets the lines for people. reads_pictures: whether it puts the reading of pictures into the
    queue every night. ready, alive: tell the service manager that the worker has begun, and now and
    then that it does not hang.
    """

    place: str | Path
    name: str
    at_once: int
    lasts: timedelta
    portals: Callable[[], Sequence[Portal]]
    visit: Callable[[str, int, bool], Sequence[str]]
    part: Callable[[Sequence[str]], Sequence[str]]
    upkeep: Sequence[str]
    tidy: Callable[[Store], Sequence[str]]
    say: Callable[[str], None]
    reads_pictures: bool = False
    ready: Callable[[], None] = lambda: None
    alive: Callable[[], None] = lambda: None


@dataclass(slots=True)
class Worker:
    """One worker; `run` it once."""

    work: Work
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _has_begun: bool = False
    _error: GongkaiError | None = None
    _jobs: Jobs = field(default_factory=Jobs)
    _free: list[int] = field(default_factory=list)

    async def run(self) -> None:
        """Works until SIGTERM or SIGINT; what is under way then is interrupted.

        UsageError: the archive is not on PostgreSQL, or newer than this code. HomeLockedError:
        another worker has this name. CannotRunError: the database does not answer at first.
        LedgerGoneError: the ledger was moved away or is gone.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        self._free = list(range(self.work.at_once))
        living = asyncio.ensure_future(self._live())
        try:
            await self._sessions()
        finally:
            living.cancel()
        if self._error is not None:
            raise self._error

    async def _live(self) -> None:
        """Tells the service manager that this worker does not hang, whatever the database does."""
        while True:
            self.work.alive()
            await asyncio.sleep(self.work.lasts.total_seconds() / 6)

    async def _sessions(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._session()
            except (NewerHomeError, HomeLockedError, LedgerGoneError, UsageError):
                raise
            except Exception as error:  # whatever the database or its driver says
                if not self._has_begun and isinstance(error, GongkaiError):
                    raise
                self.work.say(f"{line_of(error)}; trying again")
                logger.warning("the database went away", exc_info=error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(
                        self._stopping.wait(), self.work.lasts.total_seconds() / 6
                    )

    def _stop(self) -> None:
        self._stopping.set()
        self._jobs.stop()

    async def _session(self) -> None:
        """Works as long as the database is there."""
        app = app_for(self.work.place)
        if self._has_begun:
            await asyncio.to_thread(_refuse_gone, self.work.place)
        store = await asyncio.to_thread(open_indexed, self.work.place)
        with store:
            async with app.open_async():
                for name in await prepare(store, app):
                    self.work.say(f"the queue's tables were brought up: {name}")
                leases = Leases(
                    store,
                    f"worker {self.work.name} ({this_process('worker')})",
                    self.work.lasts,
                    on_lost=logger.warning,
                )
                try:
                    await self._take_name(leases)
                    ahead = await asyncio.to_thread(self._set_clock, store)
                    self._declare(app, store, schedules=abs(ahead) < SKEW)
                    if not self._has_begun:
                        self._say_begun(ahead)
                        self.work.ready()
                    self._has_begun = True
                    await sweep(app, store, self.work.lasts)
                    await put_upkeep(app)
                    await self._work(app, store)
                finally:
                    await asyncio.to_thread(leases.close)

    async def _work(self, app: "App", store: Store) -> None:
        seconds = self.work.lasts.total_seconds()
        task = asyncio.ensure_future(
            app.run_worker_async(
                name=self.work.name,
                queues=[DEFAULT_QUEUE],
                concurrency=self.work.at_once,
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=seconds / 6,
                stalled_worker_timeout=seconds,
                fetch_job_polling_interval=min(5.0, seconds / 6),
            )
        )
        stopped = asyncio.ensure_future(self._stopping.wait())
        tidied = asyncio.ensure_future(self._tidy(store))
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        tidied.cancel()
        if not task.done():
            task.cancel()  # it waits for the jobs under way
        with suppress(asyncio.CancelledError):
            await task

    async def _tidy(self, store: Store) -> None:
        """The worker's folder, again and again; what stands in the way waits for the next time."""
        while True:
            try:
                for line in await asyncio.to_thread(self.work.tidy, store):
                    self.work.say(line)
            except GongkaiError as error:
                self.work.say(f"files wait to be put in order: {error}")
            await self._look()
            await asyncio.sleep(min(TIDY_EVERY, self.work.lasts).total_seconds())

    async def _take_name(self, leases: Leases) -> None:
        """Two workers of one name would take each other's files for their own. One that was killed
        has its name until it counts as gone.
        """
        patience, said = self.work.lasts.total_seconds() * 1.2, False
        for _ in range(max(1, int(patience))):
            try:
                await asyncio.to_thread(leases.take, [f"{WORKER}{self.work.name}"])
            except HomeLockedError as error:
                if self._stopping.is_set() or is_here(str(error)):
                    break
                if not said:
                    self.work.say(f"{error}: waiting whether it is gone")
                said = True
                await asyncio.sleep(1)
            else:
                return
        raise HomeLockedError(
            f"a worker named {self.work.name} is at work already; give this one another --name"
        )

    def _set_clock(self, store: Store) -> timedelta:
        """Follows the database's clock; how far this machine's is ahead of it."""
        with store.read() as connection:
            ahead = clock.follow(now_there(connection))
        with store.write() as connection:
            for line in bring_back(connection, MAX_AHEAD, clock.now()):
                self.work.say(line)
        return ahead

    def _say_begun(self, ahead: timedelta) -> None:
        self.work.say(
            f"worker {self.work.name}: up to {self.work.at_once} jobs at once; Ctrl-C ends it"
        )
        if abs(ahead) >= SKEW:
            way = "ahead of" if ahead > timedelta(0) else "behind"
            self.work.say(
                f"this machine's clock is {spelled(abs(ahead))} {way} the database's: set it. The"
                " worker goes by the database's, and leaves it to others to say what is due"
            )

    def _declare(self, app: "App", store: Store, *, schedules: bool) -> None:
        """Tells the queue what its jobs do. schedules: whether this worker's clock is fit to say
        when it is time.
        """
        self._declare_timed(app, store, schedules=schedules)

        @app.task(name=VISIT, pass_context=True)
        async def visit(context: "JobContext", portal: str, due: bool, again: int) -> None:  # noqa: FBT001 - the job's own arguments
            lock = context.job.lock or portal
            await self._visit(app, portal, lock, due=due, again=again)

        @app.task(name=PART, pass_context=True)
        async def part(context: "JobContext", command: str, again: int) -> None:
            await self._part(app, command, context.job.lock or "", again)

        @app.task(name=UPKEEP)
        async def upkeep() -> None:
            status, said = await self._jobs.run(self.work.upkeep, LONGEST_UPKEEP)
            for line in said:
                self.work.say(line)
            if status not in (_DONE, _INTERRUPTED):
                self.work.say(f"upkeep ended with {status}")
                await self._look()

    def _declare_timed(self, app: "App", store: Store, *, schedules: bool) -> None:
        async def schedule(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
            with store.read() as connection:
                clock.follow(now_there(connection))
            try:
                portals = await asyncio.to_thread(self.work.portals)
            except UsageError as error:  # somebody is editing portals.toml
                self.work.say(f"nothing is enqueued: {error}")
                return
            done = await enqueue_due(app, store, portals, named=False, lasts=self.work.lasts)
            if done.portals:
                self.work.say(f"{len(done.portals)} portals are due")

        async def sweeping(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
            taken_up = await sweep(app, store, self.work.lasts)
            if taken_up:
                self.work.say(f"taken up from workers that are gone: {', '.join(taken_up)}")

        async def pictures(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it over
            _, said = await self._jobs.run(self.work.part(READ_PICTURES), LONGEST_UPKEEP)
            self.work.say(f"pictures: {said[-1] if said else 'nothing is said'}")

        for name, function, cron in (
            (SCHEDULE, schedule, EVERY_FIVE_MINUTES),
            (SWEEP, sweeping, EVERY_FIVE_MINUTES),
            (PICTURES, pictures, EVERY_NIGHT if self.work.reads_pictures else None),
        ):
            task = app.task(name=name, lock=name, queueing_lock=name, priority=20)(function)
            if schedules and cron is not None:
                app.periodic(cron=cron)(task)

    async def _visit(self, app: "App", key: str, lock: str, *, due: bool, again: int) -> None:
        place = self._free.pop()
        try:
            keys = {each.key for each in await asyncio.to_thread(self.work.portals)}
            if key not in keys:
                dropped = "no such portal in the catalogue any more; its job is dropped"
                self.work.say(f"{key}: {dropped}")
                return
            status, said = await self._jobs.run(self.work.visit(key, place, not due), LONGEST_VISIT)
        except UsageError as error:  # somebody is editing portals.toml
            status, said = CANNOT_RUN, [str(error)]
        finally:
            self._free.append(place)
        self.work.say(f"{key}: {said[-1] if said else f'ended with {status}'}")
        if status == _USAGE:
            await self._look()
        elif status not in (_DONE, _BAD):
            # Whoever is asked to stop leaves it to others at once.
            after = None if self._stopping.is_set() else TRY_AGAIN
            if again < TRIES:
                await put_visit(app, key, lock, due=due, again=again + 1, after=after)
        await put_upkeep(app)

    async def _part(self, app: "App", command: str, lock: str, again: int) -> None:
        """Does one part. One that others keep waiting, or that is interrupted, waits in the queue;
        one that cannot be done does so some times, and is given up then.
        """
        status, said = await self._jobs.run(self.work.part(shlex.split(command)), LONGEST_PART)
        last = said[-1] if said else f"ended with {status}"
        for line in said[:-1] if status == _BAD else ():
            self.work.say(line)
        self.work.say(f"{command}: {last}")
        after = None if self._stopping.is_set() else TRY_AGAIN
        if status in (BUSY, _INTERRUPTED):
            await put_part(app, command, lock, again=again, after=after)
        elif status not in (_DONE, _BAD) and again < TRIES:
            await put_part(app, command, lock, again=again + 1, after=after)
        elif status != _DONE:
            await give_up(app, command, last)
        if status == _USAGE:
            await self._look()
        if not command.startswith("export "):
            await put_upkeep(app)

    async def _look(self) -> None:
        """Ends the worker where no visit can be begun any more: the archive is newer than this
        code, was moved away or is gone.
        """
        try:
            await asyncio.to_thread(_refuse_gone, self.work.place)
        except (NewerHomeError, LedgerGoneError) as error:
            self._error = error
            self._stop()
        except GongkaiError as error:
            logger.warning("%s", error)


def _refuse_gone(place: str | Path) -> None:
    """LedgerGoneError: the ledger was moved away, its database is gone or has none any more, or the
    server knows us no more. NewerHomeError, CannotRunError: as Store.open.
    """
    try:
        revision = stored_revision(place)
    except UsageError as error:  # it was right when the worker began
        raise LedgerGoneError(f"the ledger can be reached no more: {error}") from error
    if revision is None:
        raise LedgerGoneError(f"there is no ledger any more at {place_of(place)}")
    Store.open(place, read_only=True).close()
