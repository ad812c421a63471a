"""The desk of one run: what every Scrapy component of the crawl shares.

It opens the home, recovers what a crash left, begins (or resumes) the run, and at the end judges
it. Between, it is the one door from Scrapy's loop to the ledger thread and the reading processes.
"""

import asyncio
import logging
import os
import socket
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Final, Self

from archive.model.errors import CannotRunError
from archive.model.frontier import Lease, Record, StoredCapture
from archive.model.outcome import Outcome, Role, Verdict
from archive.model.portal import Portal
from archive.model.sessions import has_session
from archive.model.url import host_of
from archive.store import Store
from archive.store.frontier.runs import EndStatus
from archive.store.query.portal_states import portal_states
from archive.store.rows import HostState, Recorded, RunTicket
from archive.warc.writer import WarcWriter
from archive.work import clock
from archive.work.home import Home
from archive.work.ingest.across_years import check_across_years
from archive.work.ingest.archive_writer import Fetched, Ledger, Rendered
from archive.work.ingest.holdings import Holdings
from archive.work.ingest.outcomes import Requeue, decide_robots, without_tls
from archive.work.ingest.reader_pool import Answer, Readers, ReadingTask
from archive.work.ingest.recrawl import due_portals, next_due_at
from archive.work.ingest.verdict import Judgement, judge
from archive.work.open_archive import open_to_crawl
from crawler.contact import ask_for_contact
from crawler.fetch.reach import Reach
from crawler.frontier.cutting import leave_waiting_lists, watch_of, with_cuts, without_cut
from crawler.frontier.hosts import HostLog, pauses, remembered
from crawler.frontier.politeness import PATIENCE, Politeness
from crawler.frontier.section_filter import on_the_way
from crawler.options import CrawlOptions
from crawler.robots.answer import take_up

logger = logging.getLogger(__name__)
SOFTWARE: Final = "gongkai"


class Desk:
    """Context of one run. Use as a context manager; `finish` before leaving it."""

    def __init__(self, home: Home, options: CrawlOptions) -> None:
        self.home = home
        self.options = options
        self.outcomes: Counter[Outcome] = Counter()
        self.redirects: dict[str, str] = {}
        self.stopping = False
        self.error: Exception | None = None
        self.end_reason: str | None = None  # Scrapy's word; only "finished" is a completed run
        self._more_work: Callable[[], None] = lambda: None
        self._on_error: Callable[[], None] = lambda: None
        self._stack = ExitStack()
        self._fetches = self._lists = 0

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _open(self) -> None:
        me = f"process {os.getpid()} on {socket.gethostname()}"
        place = self.options.database or self.home.path
        opened = self._stack.enter_context(open_to_crawl(self.home, place, me, self.now()))
        self.store, self.archive_id, self.lacking = opened.store, opened.archive_id, opened.lacking
        self.warnings = opened.ahead
        for line in opened.log_lines():
            logger.warning("%s", line)
        self.store.save_portals(self.options.portals)
        self.portals = self._due() if self.options.due else self.options.portals
        ask_for_contact(self.portals, self.options.contact)
        self.ticket: RunTicket = self.store.begin_run(
            job=self.options.job,
            portals=self.portals,
            options={"full": self.options.full, "unconditional": self.options.unconditional},
            mode="full" if self.options.full else "due",
            now=self.now(),
            pid=os.getpid(),
            # Nobody else is in a run while we hold the archive, whatever process has its number.
            is_alive=lambda _pid: False,
        )
        self.lists = watch_of(self.store, self.ticket.run_id, self.options)
        self.expected = self.store.known_by_portal()
        self.host_states = self.store.host_states()
        self.rendered_portals = self.store.rendered_portals({p.key for p in self.options.portals})
        self.waiting = self.ticket.pending + self.ticket.kept
        self.kept_before = self._left_by_a_crash()
        self.politeness = self._politeness()
        named = {p.key: p.tls for p in self.options.portals if p.tls is not None}
        self.tls: dict[str, str] = self.store.learned_tls() | named
        self.without_tls: set[str] = set()  # portals tried by http in this run, no word yet
        self.mobile = {p.key for p in self.options.portals if p.agent == "mobile"}
        self.reach = Reach(self.options.portals)
        first_rest_s = self.options.first_rest_s
        self.hosts = HostLog(
            self.host_states, self.politeness, self.save_host, self.now, first_rest_s=first_rest_s
        )
        self.holdings = Holdings(self.home.warc)
        self._stack.callback(self.holdings.close)
        self.ledger = Ledger(self.store, self._writer(), self.holdings)
        self._stack.callback(self.ledger.close)
        self.readers = Readers(self.home.warc, processes=self.options.readers)
        self._stack.callback(self.readers.close)

    def _due(self) -> tuple[Portal, ...]:
        with self.store.read() as connection:
            states = {each.portal: each for each in portal_states(connection)}
        return tuple(due_portals(self.options.portals, states, self.now()))

    def _left_by_a_crash(self) -> list[Lease]:
        """What was kept but not recorded. Pages are read by the crawl; a robots.txt at once,
        before anything of its host is asked for. One that gives no rules by itself is asked again.
        """
        run_id, now, left = self.ticket.run_id, self.now(), []
        for lease in self.store.kept(run_id):
            if lease.role is not Role.ROBOTS:
                left.append(lease)
                continue
            name = host_of(lease.url)
            state = take_up(self.home.warc, lease, self.host_states.get(name), now)
            if state is None:
                self.store.retry_later(
                    lease.page_id, run_id, not_before_at=now, reason="robots.txt gave no rules"
                )
                continue
            self.host_states[name] = state
            self.store.save_host(state)
            self.store.record([decide_robots(lease, lease.pending_capture, None, now)], next_due={})
        self.store.drop_waiting(run_id, Role.ROBOTS)
        return left

    def _politeness(self) -> Politeness:
        # A process that was killed may have asked any host until this moment.
        since = self.now() if self.ticket.recovered else None
        known = remembered(self.host_states, since=since, resting=self.options.due)
        return Politeness(
            portals=self.options.portals,
            delay_s=self.options.delay_s,
            concurrency=self.options.concurrency,
            remembered=known,
            now=self.now,
        )

    def _writer(self) -> WarcWriter:
        return WarcWriter(
            self.home.warc,
            host_software=SOFTWARE,
            operator=self.options.contact,
            archive_id=self.archive_id,
            now=self.now,
            new_id=lambda: str(uuid.uuid4()),
        )

    def now(self) -> datetime:
        """The instant, in UTC."""
        return clock.now()

    def on_more_work(self, callback: Callable[[], None]) -> None:
        """`callback` is called whenever URLs were put on the frontier."""
        self._more_work = callback

    def look_again(self) -> None:
        """A host's turn came free outside of a fetch: the frontier may have something for it."""
        self._more_work()

    def on_error(self, callback: Callable[[], None]) -> None:
        """`callback` ends the crawl; called once, when the ledger cannot go on."""
        self._on_error = callback

    def fail(self, error: Exception) -> None:
        """The archive cannot take more in (disk full, damage): the run ends, nothing is lost."""
        if self.error is None:
            self.error = error
            self.stopping = True
            logger.error("%s", error)
            self._on_error()

    def costs_a_page(self, error: BaseException | None) -> str | None:
        """The reason with which a page ends that met an error nobody foresaw: one page must not end
        the run, and each run that goes on with it. None for what ends the run (disk, lock).
        """
        fatal = self.error is not None or isinstance(error, CannotRunError)
        if fatal or not isinstance(error, Exception):
            return None
        logger.error("a defect of ours, or what a reader met", exc_info=error)
        return f"internal error: {type(error).__name__}: {' '.join(str(error).split())[:200]}"

    def validators(self, lease: Lease) -> dict[str, str]:
        """Request headers that let the server answer 304, and the type of a POST's body."""
        headers: dict[str, str] = {}
        if lease.body is not None:
            is_json = lease.body.startswith("{")
            form = "application/x-www-form-urlencoded"
            headers["Content-Type"] = "application/json" if is_json else form
        previous = lease.previous
        if previous is None or previous.content_hash is None or self.options.unconditional:
            return headers
        if not previous.held or has_session(lease.url):
            return headers  # a 304 would leave us without its own bytes
        if previous.etag:
            headers["If-None-Match"] = previous.etag
        if previous.last_modified:
            headers["If-Modified-Since"] = previous.last_modified
        return headers

    async def lease(
        self, *, limit: int, per_host: int, exclude_hosts: Collection[str]
    ) -> tuple[Sequence[Lease], int]:
        """URLs to fetch; when there are none, how many more can come up in this run."""
        limit = self._within_budget(limit)
        if limit == 0:
            return (), 0
        run_id, now = self.ticket.run_id, self.now()
        closed = frozenset(self.politeness.closed_hosts(per_host))

        def work(store: Store) -> tuple[Sequence[Lease], int]:
            leases = store.lease(
                run_id, limit=limit, per_host=per_host, exclude_hosts=exclude_hosts, now=now
            )
            if leases:
                return [self.holdings.checked(lease) for lease in leases], 0
            return (), store.takeable(run_id, by=now + PATIENCE, exclude_hosts=closed)

        leased, left = await asyncio.wrap_future(self.ledger.call(work))
        leases = await without_cut(self, leased)
        left += len(leased) - len(leases)  # so that the store is asked again
        self._fetches += len(leases)
        self.hosts.find_out(leases, self.reach, self.look_again)
        if self.options.sections_only:
            return await self._on_the_way(leases, left)
        return leases, left

    async def _on_the_way(self, leases: Sequence[Lease], left: int) -> tuple[Sequence[Lease], int]:
        wanted, others = on_the_way(leases, self._lists)
        self._lists += sum(lease.role is Role.LIST for lease in wanted)
        if others:
            ids = [lease.page_id for lease in others]
            await asyncio.wrap_future(self.ledger.call(lambda store: store.release(ids)))
        return wanted, 0 if others else left

    def _within_budget(self, limit: int) -> int:
        if self.options.max_pages is None:
            return limit
        return max(min(limit, self.options.max_pages - self._fetches), 0)

    async def keep(self, lease: Lease, brought: Fetched | Rendered) -> StoredCapture:
        """The exchange, or the document rendered from it, durable. An error here ends the run."""
        try:
            return await asyncio.wrap_future(self.ledger.keep(lease, brought))
        except Exception as error:
            self.fail(error)
            raise

    async def read(self, task: ReadingTask) -> Answer:
        """What a reading process understood."""
        return await asyncio.wrap_future(self.readers.read(task))

    async def settle(self, lease: Lease, decision: Record | Requeue) -> None:
        """Stores how a lease ended, or gives it back for later."""
        if isinstance(decision, Requeue):
            await self._retry(lease, decision)
            return
        if self.tls.get(lease.portal_key) == "none":
            decision = replace(decision, links=without_tls(decision.links))
        decision = self.lists.ended(lease, decision)
        due_at = next_due_at(lease, decision)
        try:
            recorded = await asyncio.wrap_future(self.ledger.record(decision, due_at))
        except Exception as error:
            self.fail(error)
            raise
        self._count(lease, decision, recorded)
        await leave_waiting_lists(self, lease.portal_key)

    def _count(self, lease: Lease, record: Record, recorded: Recorded) -> None:
        if lease.role is not Role.ROBOTS:
            self.outcomes[record.outcome] += 1
            self.waiting += recorded.scheduled - 1
        if recorded.scheduled:
            self._more_work()

    async def _retry(self, lease: Lease, retry: Requeue) -> None:
        until = self.now() + retry.delay
        if retry.host_until is not None:
            await self.hosts.hold(lease, retry.host_until, retry.reason)
        await asyncio.wrap_future(
            self.ledger.call(
                lambda store: store.retry_later(
                    lease.page_id,
                    lease.run_id,
                    not_before_at=until,
                    reason=retry.reason,
                    url=retry.url,
                )
            )
        )
        self._more_work()

    async def robots_lease(self, url: str, for_lease: Lease) -> Lease | None:
        """A lease for a robots.txt, taken at once: it is fetched in the turn of `for_lease`. None
        when it was asked for in this run already.
        """
        run_id, portal_key, now = self.ticket.run_id, for_lease.portal_key, self.now()
        return await asyncio.wrap_future(
            self.ledger.call(
                lambda store: store.lease_now(
                    run_id, url=url, portal_key=portal_key, role=Role.ROBOTS, now=now
                )
            )
        )

    async def decide_robots(
        self, lease: Lease, stored: StoredCapture | None, failure: str | None
    ) -> None:
        """Stores how the fetch of a robots.txt ended."""
        await self.settle(lease, decide_robots(lease, stored, failure, self.now()))

    async def learn_tls(self, portal_key: str, tls: str) -> None:
        """Keeps the TLS fall-back that worked for a portal."""
        logger.warning("%s answers only with tls = %r", portal_key, tls)
        self.tls[portal_key] = tls
        await asyncio.wrap_future(self.ledger.call(lambda store: store.learn_tls(portal_key, tls)))

    async def save_host(self, state: HostState) -> None:
        """Keeps what is known of a host over restarts."""
        self.host_states[state.host] = state
        await asyncio.wrap_future(self.ledger.call(lambda store: store.save_host(state)))

    def release(self) -> None:
        """Gives back what is leased but was not fetched: the run is ending."""
        self.stopping = True
        left = [lease.page_id for lease in self.politeness.drain() if lease.pending_capture is None]
        if left:
            self.ledger.call(lambda store: store.release(left)).result()

    def finish(self) -> Judgement:
        """Judges the run and writes its verdict."""
        self.release()
        run_id, now = self.ticket.run_id, self.now()
        judgement = replace(self._judged(now), warnings=self.warnings)
        interrupted = judgement.verdict is Verdict.INTERRUPTED
        status: EndStatus = "interrupted" if interrupted else "finished"
        if self.error is None:  # else the run stays unfinished and the same command goes on
            verdicts = {k: (p.verdict, p.reason, p.counts) for k, p in judgement.portals.items()}
            self.ledger.call(lambda store: store.save_verdicts(run_id, verdicts)).result()
            self.ledger.call(check_across_years).result()
            self.ledger.call(
                lambda store: store.finish_run(
                    run_id,
                    status=status,
                    verdict=judgement.verdict,
                    reason=judgement.reason,
                    counts=judgement.counts,
                    now=now,
                )
            ).result()
        return judgement

    def _judged(self, now: datetime) -> Judgement:
        run_id = self.ticket.run_id
        facts = self.ledger.call(
            lambda store: store.portal_facts(run_id, portals=self.portals)
        ).result()
        ends = self.ledger.call(lambda store: store.committed_ends()).result()
        return judge(
            facts=with_cuts(facts, self.lists),
            expected=self.expected,
            pauses=pauses(
                facts,
                self.options.portals,
                seen=self.politeness.pauses(),
                states=self.host_states,
                budget=self.options.max_pages is not None,
                now=now,
            ),
            faults=self.lacking.grown(self.home.warc, ends).faults(),
            interrupted=self.end_reason != "finished",
            error=str(self.error) if self.error else None,
        )
