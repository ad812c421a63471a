"""The frontier as the crawl uses it: leases URLs, stores their captures and outcomes, gives back
what is fetched later. Its transactions run on the thread of the `ArchiveWriter`.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Concatenate, ParamSpec, TypeVar

from archive.model.frontier import Lease, Record, StoredCapture
from archive.model.outcome import Outcome, Role
from archive.model.url import without_tls
from archive.store import Connection
from archive.store.frontier import leasing
from archive.store.query.verdicts import takeable
from archive.store.rows import RunTicket
from archive.store.write.captures import payload_digests
from archive.warc.record import Exchange
from archive.work import clock
from archive.work.ingest.archive_writer import ArchiveWriter, Rendered
from archive.work.ingest.holdings import Holdings
from archive.work.ingest.list_watch import ListWatch
from archive.work.ingest.outcomes import Requeue
from archive.work.ingest.recrawl import next_due_at
from crawler.fetch.portal_tls import PortalTls
from crawler.fetch.reach import Reach
from crawler.frontier.cutting import end_lists
from crawler.frontier.hosts import HostLog
from crawler.frontier.politeness import PATIENCE, Politeness
from crawler.frontier.section_filter import on_the_way
from crawler.options import CrawlOptions

P = ParamSpec("P")
T = TypeVar("T")


class FrontierClient:
    """outcomes: how many URLs of this run ended with each. waiting: how many wait. redirects: where
    URLs of this run were found to lead. fail: ends the run with an error of the archive.
    """

    def __init__(
        self,
        options: CrawlOptions,
        ticket: RunTicket,
        lists: ListWatch,
        *,
        writer: ArchiveWriter,
        holdings: Holdings,
        reach: Reach,
        politeness: Politeness,
        hosts: HostLog,
        tls: PortalTls,
        fail: Callable[[Exception], None],
    ) -> None:
        self._options = options
        self.ticket = ticket
        self.run_id = ticket.run_id
        self.lists = lists
        self._writer = writer
        self._holdings = holdings
        self._reach = reach
        self._politeness = politeness
        self._hosts = hosts
        self._tls = tls
        self._fail = fail
        self.outcomes: Counter[Outcome] = Counter()
        self.waiting = ticket.pending + ticket.kept
        self.redirects: dict[str, str] = {}
        self.wake: Callable[[], None] = lambda: None
        self._leased = self._section_lists = 0

    def on_wake(self, callback: Callable[[], None]) -> None:
        """`callback` is called whenever there may be more to lease: URLs were put on the frontier,
        or a host may be asked again.
        """
        self.wake = callback

    async def _run(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await asyncio.wrap_future(self._writer.call(work, *args, **kwargs))

    async def lease(
        self, *, limit: int, per_host: int, exclude_hosts: Collection[str]
    ) -> tuple[Sequence[Lease], int]:
        """URLs to fetch; when there are none, how many more can come up in this run."""
        if self._options.max_pages is not None:
            limit = max(min(limit, self._options.max_pages - self._leased), 0)
        if limit == 0:
            return (), 0
        run_id, now = self.run_id, clock.now()
        closed = frozenset(self._politeness.closed_hosts(per_host))

        def work(connection: Connection) -> tuple[Sequence[Lease], int]:
            leases = leasing.lease(
                connection, run_id,
                limit=limit, per_host=per_host, exclude_hosts=exclude_hosts, now=now,
            )  # fmt: skip
            if leases:
                return [self._holdings.checked(lease) for lease in leases], 0
            by = now + PATIENCE
            return (), takeable(connection, run_id, by=by, exclude_hosts=closed)

        found, left = await self._run(work)
        cut = [lease for lease in found if self.lists.is_cut(lease)]
        if cut:
            await self._end_lists({lease.portal_key for lease in cut}, cut)
        leases = [lease for lease in found if not self.lists.is_cut(lease)]
        left += len(found) - len(leases)  # so that the store is asked again
        self._leased += len(leases)
        self._hosts.find_out(leases, self._reach, self.wake)
        if not self._options.sections_only:
            return leases, left
        wanted, others = on_the_way(leases, self._section_lists)
        self._section_lists += sum(lease.role is Role.LIST for lease in wanted)
        if others:
            await self._run(leasing.release, [lease.page_id for lease in others])
        return wanted, 0 if others else left

    async def lease_robots(self, url: str, portal_key: str) -> Lease | None:
        """A lease for a robots.txt, which is fetched in the turn of a page. None when this run
        leased it already.
        """
        return await self._run(
            leasing.lease_now, self.run_id,
            url=url, portal_key=portal_key, role=Role.ROBOTS, now=clock.now(),
        )  # fmt: skip

    async def keep(self, lease: Lease, brought: Exchange | Rendered) -> StoredCapture:
        """The exchange, or the document rendered from it, durable. An error here ends the run."""
        try:
            return await asyncio.wrap_future(self._writer.keep(lease, brought))
        except Exception as error:
            self._fail(error)
            raise

    async def end(self, lease: Lease, decision: Record | Requeue) -> None:
        """Stores how a lease ended, or gives it back for later."""
        if isinstance(decision, Requeue):
            await self._requeue(lease, decision)
            return
        record = decision
        if self._tls.of(lease.portal_key) == "none":
            links = tuple(replace(link, url=without_tls(link.url)) for link in record.links)
            record = replace(record, links=links)
        record = self.lists.filter_links(lease, record)
        try:
            recorded = await asyncio.wrap_future(
                self._writer.record(record, next_due_at(lease, record))
            )
        except Exception as error:
            self._fail(error)
            raise
        if lease.role is not Role.ROBOTS:
            self.outcomes[record.outcome] += 1
            self.waiting += recorded.scheduled - 1
        if recorded.scheduled:
            self.wake()
        if self.lists.cut(lease.portal_key) is not None:
            waiting = self._politeness.take_out(self.lists.is_cut)
            await self._end_lists({lease.portal_key}, waiting)

    async def _requeue(self, lease: Lease, requeue: Requeue) -> None:
        until = clock.now() + requeue.delay
        if requeue.host_until is not None:
            await self._hosts.hold(lease, requeue.host_until, requeue.reason)
        await self._run(
            leasing.retry_later, lease.page_id, lease.run_id,
            not_before_at=until, reason=requeue.reason, url=requeue.url,
        )  # fmt: skip
        self._writer.expect_no_record(lease.page_id)
        self.wake()

    async def _end_lists(self, portal_keys: Collection[str], leases: Sequence[Lease]) -> None:
        """Ends what waits of portals whose lists are followed no more, these leases among them."""
        reasons = {key: self.lists.cut(key) or "" for key in portal_keys}
        leased, now = [lease.page_id for lease in leases], clock.now()
        ended = await self._run(end_lists, self.run_id, reasons, leased, now)
        self.outcomes[Outcome.OUT_OF_SCOPE] += ended
        self.waiting -= ended

    async def payload_digests(self, lease: Lease) -> Sequence[str | None]:
        """The digests of what this run captured of a page, oldest first; None where nothing was."""
        return await self._run(payload_digests, lease.page_id, lease.run_id)

    def release_waiting(self) -> None:
        """Gives back what is leased and was not fetched: the run is ending."""
        left = [x.page_id for x in self._politeness.drain() if x.pending_capture is None]
        if left:
            self._writer.call(leasing.release, left).result()
