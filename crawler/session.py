"""The session of one run, which every Scrapy component of the crawl shares.

`open_session` opens the archive, stores what a crash left, begins (or resumes) the run and builds
the parts of the crawl; `CrawlSession.finish` judges the run; `CrawlSession.seal` seals the archive
behind it, when its files are closed.
"""

import asyncio
import logging
import os
import socket
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.model.errors import CannotRunError, DiskLowError
from archive.model.frontier import Lease
from archive.model.outcome import Verdict
from archive.model.portal import Portal
from archive.store import Store, catalogue
from archive.store.frontier import hosts, leasing, runs
from archive.store.frontier.enqueue import schedule_pages
from archive.store.frontier.requisites import drop_requisites
from archive.store.frontier.runs import EndStatus
from archive.store.query import verdicts
from archive.store.query.portal_states import portal_states
from archive.store.query.rendered import rendered_portals
from archive.store.query.run_facts import unrecorded_runs
from archive.store.rows import HostState, RunTicket
from archive.store.write.captures import committed_ends
from archive.store.write.lost import lost_spots
from archive.warc.record import JOB_FIELD, RUN_FIELD
from archive.warc.writer import PREFIX, WarcWriter
from archive.work import clock
from archive.work.disk_guard import DiskGuard
from archive.work.home import Home
from archive.work.ingest.archive_writer import ArchiveWriter
from archive.work.ingest.covering import cover
from archive.work.ingest.derived import bring_up_to_date
from archive.work.ingest.holdings import Holdings
from archive.work.ingest.open_to_crawl import Opened, open_to_crawl, open_to_visit
from archive.work.ingest.reader_pool import Answer, Readers, ReadingTask
from archive.work.ingest.recrawl import due_portals
from archive.work.ingest.run_records import end_run, write_run_records
from archive.work.ingest.verdict import Judgement, judge
from archive.work.open_archive import open_archive
from archive.work.preservation.seal.keys import key_named
from archive.work.preservation.seal.run_end import seal_run
from archive.work.preservation.upload import upload_behind, uploading
from crawler.contact import ask_for_contact
from crawler.errors import DefectError
from crawler.fetch.portal_tls import PortalTls
from crawler.fetch.reach import Reach
from crawler.frontier.claims import Claims
from crawler.frontier.client import FrontierClient
from crawler.frontier.cutting import watch_of, with_cuts
from crawler.frontier.hosts import HostLog, pauses, remembered
from crawler.frontier.politeness import Politeness
from crawler.options import CrawlOptions
from crawler.robots.recovery import record_stored_robots

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

SOFTWARE: Final = "gongkai"
ROBOTS_POLICY: Final = "RFC 9309, obeyed; where robots.txt cannot be had nothing is fetched"
LEFT_OUT: Final = "asked to stop: the next run tells what changed and which reports are alike"
MAX_JOB: Final = 500  # characters; a command may name thousands of portals
logger = logging.getLogger(__name__)


def session_of(crawler: "Crawler") -> "CrawlSession":
    """The session of a crawl of ours; its spider carries it."""
    return crawler.spider.session  # type: ignore[union-attr, no-any-return]  # our spider runs


@contextmanager
def open_session(home: Home, options: CrawlOptions) -> Iterator["CrawlSession"]:
    """The session of a run, held until the block ends; `finish` it before. HomeLockedError:
    another crawl holds the archive. DiskLowError: there is too little room to begin. UsageError: a
    portal needs a contact, or the signing key cannot be used.
    """
    seal_key = key_named(home)
    place = options.database or home.path
    guard = DiskGuard(folders=(home.path, home.warc), min_free=options.min_free)
    guard.check()
    with ExitStack() as stack:
        held = (
            open_to_crawl(home, place, "crawl", clock.now())
            if options.seat is None
            else open_to_visit(home, place, options.seat)
        )
        opened = stack.enter_context(held)
        for line in opened.log_lines():
            logger.warning("%s", line)
        if opened.leases is None:
            stack.enter_context(uploading(home, opened.store))
        session = CrawlSession(home, options, opened, stack)
        session.seal_key, session.guard = seal_key, guard
        yield session


class CrawlSession:
    """What one run is made of. stopping: nothing more is begun. end_reason: Scrapy's word for how
    the crawl ended; only "finished" is a completed run. error: what ends the run; None while it
    goes on. stopped: why the run ends before its time although the archive is well; None while it
    does not. seal_key: what signs the seal behind the run; None leaves it unsigned. guard: of the
    archive's disks.
    """

    seal_key: Ed25519PrivateKey | None = None
    guard: DiskGuard

    def __init__(self, home: Home, options: CrawlOptions, opened: Opened, stack: ExitStack) -> None:
        store, self.home, self.options, self._opened = opened.store, home, options, opened
        with store.write() as connection:
            catalogue.save_portals(connection, options.portals)
        self._portals = _due(store, options) if options.due else options.portals
        ask_for_contact(self._portals, options.contact)
        unrecorded = []
        if opened.leases is None:  # else the runs of others are under way
            with store.read() as connection:
                unrecorded = unrecorded_runs(connection, empty=False)
        ticket = _begin(store, options, self._portals)
        lists = watch_of(store, ticket.run_id, options)
        with store.read() as connection:
            self._expected = verdicts.known_by_portal(connection, _only(options))
            self.host_states = hosts.host_states(connection)
            self.rendered_portals = rendered_portals(connection, {p.key for p in options.portals})
            learned_tls = catalogue.learned_tls(connection)
        self.stored_before = record_stored_robots(
            store, home.files, ticket.run_id, self.host_states, clock.now
        )
        self.politeness = _politeness(options, ticket, self.host_states)
        self.reach = Reach(options.portals)
        with store.read() as connection:
            holdings = Holdings(home.files, lost_spots(connection))
        stack.callback(holdings.close)
        self.stored_before = _readable(store, holdings, self.stored_before)
        files = _warc_writer(home, options, opened, ticket.run_id)
        self.writer = ArchiveWriter(store, files, holdings)
        stack.callback(self.writer.close)
        if unrecorded:  # what a crash left, or older code
            self.writer.call_with_files(write_run_records, unrecorded, clock.now()).result()
        named = {p.key: p.tls for p in options.portals if p.tls is not None}
        self.tls = PortalTls(learned_tls | named, self.writer)
        self.hosts = HostLog(
            self.host_states, self.politeness, self._store_host, clock.now,
            first_rest_s=options.first_rest_s,
        )  # fmt: skip
        self._share(stack)
        self.frontier = FrontierClient(
            options, ticket, lists, writer=self.writer, holdings=holdings, reach=self.reach,
            politeness=self.politeness, hosts=self.hosts, tls=self.tls, fail=self.fail,
        )  # fmt: skip
        self._readers = Readers(home.files, processes=options.readers)
        stack.callback(self._readers.close)
        self.stopping = False
        self.error: Exception | None = None
        self.stopped: DiskLowError | None = None
        self.end_reason: str | None = None
        self._on_error: Callable[[], None] = lambda: None

    def _share(self, stack: ExitStack) -> None:
        """Beside other workers' visits the hosts of this one are taken before they are asked."""
        leases, store = self._opened.leases, self._opened.store
        if leases is not None:
            claims = Claims(leases, store, self.politeness, self.reach, self._note_host)
            stack.callback(claims.note_used)
            self.hosts.held = claims.held

    def _note_host(self, state: HostState) -> None:
        """Takes what other workers learned of a host since this run began."""
        self.host_states[state.host] = state
        rests = (state.not_before_at, state.rests_until if self.options.due else None)
        until = max((each for each in rests if each), default=None)
        self.politeness.used_elsewhere(state.host, state.last_visit_at, until)

    async def _store_host(self, state: HostState) -> None:
        await asyncio.wrap_future(self.writer.call(hosts.save_host, state))

    async def read(self, task: ReadingTask) -> Answer:
        """What a reading process understood."""
        return await asyncio.wrap_future(self._readers.read(task))

    def on_error(self, callback: Callable[[], None]) -> None:
        """`callback` ends the crawl; called when the archive cannot take more in."""
        self._on_error = callback

    def fail(self, error: Exception) -> None:
        """The archive cannot take more in (disk full, damage): the run ends, nothing is lost."""
        if self.error is None:
            self.error = error
            self.stopping = True
            logger.error("%s", error)
            self._on_error()

    def check_disk(self) -> None:
        """Ends the run as planned where a disk has too little room left: nothing more is begun, and
        what was kept is recorded.
        """
        if self.stopping:
            return
        try:
            self.guard.check()
        except DiskLowError as error:
            self.stopped, self.stopping = error, True
            logger.warning("%s", error)
            self._on_error()

    def page_error(self, error: BaseException | None) -> DefectError | None:
        """With what a page ends that met an error nobody foresaw: one page must not end the run,
        and each run that goes on with it. None for what ends the run (disk, lock).
        """
        fatal = self.error is not None or isinstance(error, CannotRunError)
        if fatal or not isinstance(error, Exception):
            return None
        logger.error("a defect of ours, or what a reader met", exc_info=error)
        detail = " ".join(str(error).split())[:200]
        return DefectError(f"internal error: {type(error).__name__}: {detail}")

    def finish(self, stop: Callable[[], bool] = lambda: False) -> Judgement:
        """Gives back what was not fetched, judges the run and writes its verdict. stop: whether
        what follows from the versions of all pages is to be left to the next run.
        """
        self.stopping = True
        self.frontier.release_waiting()
        run_id, now = self.frontier.run_id, clock.now()
        judgement = replace(self._judge(run_id, now), warnings=self._opened.ahead)
        interrupted = judgement.verdict is Verdict.INTERRUPTED
        if interrupted and self.stopped is not None:
            judgement = replace(judgement, reason=str(self.stopped), could_not_run=True)
        status: EndStatus = "interrupted" if interrupted else "finished"
        if self.error is None:  # else the run stays unfinished and the same command goes on
            found = {k: (p.verdict, p.reason, p.counts) for k, p in judgement.portals.items()}
            self.writer.call(verdicts.save_verdicts, run_id, found).result()
            shared = self._opened.leases is not None
            if not shared:
                bring_up_to_date(self._opened.store, stop)
            self.writer.call_with_files(
                end_run,
                run_id,
                status=status,
                verdict=judgement.verdict,
                reason=judgement.reason,
                counts=judgement.counts,
                now=now,
                shared=shared,
            ).result()
            if not shared:
                cover(self._opened.store, None, now=now)
            if stop():
                judgement = replace(judgement, warnings=(*judgement.warnings, LEFT_OUT))
        return judgement

    def seal(self) -> tuple[str, ...]:
        """Seals the archive, and moves what it has closed to its bucket; call it when the session's
        block has ended. A line for each thing that a person should know. An archive that could take
        no more in is left as it is; behind the visits of workers these do it.
        """
        if self.error is not None or self._opened.leases is not None:
            return ()
        open_ledger = partial(open_archive, self.options.database or self.home.path)
        return (
            *seal_run(self.home, open_ledger, self.seal_key),
            *upload_behind(self.home, open_ledger),
        )

    def _judge(self, run_id: int, now: datetime) -> Judgement:
        facts = self.writer.call(verdicts.portal_facts, run_id, portals=self._portals).result()
        faults: tuple[str, ...] = ()
        if self._opened.lacking is not None:
            ends = self.writer.call(committed_ends).result()
            faults = self._opened.lacking.grown(self.home.files, ends).faults()
        return judge(
            facts=with_cuts(facts, self.frontier.lists),
            expected=self._expected,
            pauses=pauses(
                facts,
                self.options.portals,
                seen=self.politeness.pauses(),
                states=self.host_states,
                budget=self.options.max_pages is not None,
                now=now,
            ),
            faults=faults,
            interrupted=self.end_reason != "finished",
            error=str(self.error) if self.error else None,
        )


def _due(store: Store, options: CrawlOptions) -> tuple[Portal, ...]:
    with store.read() as connection:
        states = {each.portal: each for each in portal_states(connection, _only(options))}
    return tuple(due_portals(options.portals, states, clock.now()))


def _only(options: CrawlOptions) -> list[str] | None:
    """Whose rows are looked at: of one portal among thousands only its own; None: all."""
    return None if options.seat is None else [each.key for each in options.portals]


def _begin(store: Store, options: CrawlOptions, portals: tuple[Portal, ...]) -> RunTicket:
    with store.write() as connection:
        ticket = runs.begin_run(
            connection,
            job=options.job,
            # Of single pages nothing else of their portals is visited.
            portals=() if options.pages else portals,
            options={"full": options.full, "unconditional": options.unconditional},
            mode="full" if options.full else "due",
            now=clock.now(),
            pid=os.getpid(),
            # Nobody else is in a run while we hold the archive, whatever process has its number;
            # of the runs of workers the workers tell (archive.work.jobs).
            is_alive=None if options.seat else lambda _pid: False,
        )
        off = [each.key for each in options.portals if not each.requisites]
        of = off if len(off) < len(options.portals) else None
        drop_requisites(connection, ticket.run_id, of)
        schedule_pages(connection, ticket.run_id, options.pages, now=clock.now())
        return ticket


def _readable(store: Store, holdings: Holdings, kept: Sequence[Lease]) -> list[Lease]:
    """What a crash left stored and not read, as far as its records are here. The others lie on a
    machine that is gone: they are fetched again.
    """
    here = [
        each
        for each in kept
        if each.pending_capture and holdings.reaches(each.pending_capture.spot)
    ]
    absent = [each for each in kept if each not in here]
    if absent:
        with store.write() as connection:
            for each in absent:
                leasing.retry_later(
                    connection, each.page_id, each.run_id, not_before_at=clock.now(),
                    reason="its record lies on another machine",
                )  # fmt: skip
    return here


def _politeness(
    options: CrawlOptions, ticket: RunTicket, states: dict[str, HostState]
) -> Politeness:
    # A process that was killed may have asked any host until this moment.
    since = clock.now() if ticket.recovered else None
    return Politeness(
        portals=options.portals,
        delay_s=options.delay_s,
        concurrency=options.concurrency,
        remembered=remembered(states, since=since, resting=options.due),
        now=clock.now,
    )


def _warc_writer(home: Home, options: CrawlOptions, opened: Opened, run_id: int) -> WarcWriter:
    return WarcWriter(
        home.warc,
        host_software=f"{SOFTWARE}/{version(SOFTWARE)}",
        prefix=f"{PREFIX}-{options.seat.worker}" if options.seat else PREFIX,
        about_crawl=(
            ("hostname", socket.gethostname()),
            ("robots", ROBOTS_POLICY),
            ("http-header-user-agent", options.agent),
            (RUN_FIELD, str(run_id)),
            (JOB_FIELD, " ".join(options.job.split())[:MAX_JOB]),
        ),
        operator=options.contact,
        archive_id=opened.archive_id,
        now=clock.now,
        new_id=lambda: str(uuid.uuid4()),
    )
