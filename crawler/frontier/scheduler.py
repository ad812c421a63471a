"""Scrapy's scheduler over the durable frontier: leases URLs, hands them on when their host may
be asked, and knows when the run is really over.

Scrapy's own JOBDIR forgets what was taken out of the queue and not finished; here a URL
leaves the frontier only with its outcome (archive.store, `record`).
"""

import asyncio
from typing import TYPE_CHECKING, Final, Self

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler
from twisted.internet.defer import Deferred

from archive.model.frontier import Lease
from archive.model.outcome import Role
from archive.model.sessions import has_session
from crawler.fetch.meta import LEASE
from crawler.session import CrawlSession, session_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

LEASE_LIMIT: Final = 256
PER_HOST: Final = 64
LOOK_AGAIN_S: Final = 0.5


class FrontierScheduler(BaseScheduler):
    """Feeds Scrapy from the store. Nothing else may schedule: `enqueue_request` refuses."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._leasing = False
        self._exhausted = False
        self._dry_without: frozenset[str] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's way to build a component."""
        return cls(crawler)

    @property
    def _session(self) -> CrawlSession:
        return session_of(self._crawler)

    def open(self, spider: Spider) -> Deferred[None] | None:
        """Takes up what a crash left stored and not read."""
        self._spider = spider
        session = self._session
        session.frontier.on_wake(self._more_work)
        for lease in session.stored_before:
            session.politeness.add(lease)
        return None

    def close(self, reason: str) -> Deferred[None] | None:  # noqa: ARG002 - Scrapy's signature
        """Stops the timer; what is still leased is released by the session."""
        if self._timer is not None:
            self._timer.cancel()
        return None

    def has_pending_requests(self) -> bool:
        """True while anything waits, is being leased, or may still turn up."""
        return len(self._session.politeness) > 0 or self._leasing or not self._exhausted

    def enqueue_request(self, request: Request) -> bool:  # noqa: ARG002 - Scrapy's signature
        """False: a URL gets into the frontier only by the record transaction."""
        return False

    def next_request(self) -> Request | None:
        """The next URL whose host may be asked; None when all have to wait."""
        politeness = self._session.politeness
        if len(politeness) < LEASE_LIMIT // 2:
            self._lease_more()
        lease = politeness.next()
        if lease is None:
            if not len(politeness):
                self._dry_without = None  # what waited was put aside: look for other hosts
                self._lease_more()
            self._wake_in(politeness.seconds_to_wait())
            return None
        return self._request(lease)

    def _request(self, lease: Lease) -> Request:
        options = self._session.options
        headers = headers_for(lease, unconditional=options.unconditional)
        if options.is_mobile(lease.portal_key):
            headers["User-Agent"] = self._crawler.settings["GONGKAI_MOBILE_AGENT"]
        return Request(
            lease.url,
            method=lease.method,
            body=(lease.body or "").encode(),
            headers=headers,
            callback=self._spider.parse,
            errback=self._spider.failed,  # type: ignore[attr-defined]  # our spider has it
            dont_filter=True,
            meta={LEASE: lease},
        )

    def _lease_more(self) -> None:
        if self._leasing or self._exhausted or self._session.stopping:
            return
        # Half of them are let go first: a lease for one URL costs as much as for many.
        full = frozenset(self._session.politeness.full_hosts(PER_HOST // 2))
        if self._dry_without is not None and full >= self._dry_without:
            return  # nothing new can have come up since the store was last asked
        self._leasing = True
        asyncio.ensure_future(self._lease(full))  # noqa: RUF006 - errors go to the session

    async def _lease(self, full: frozenset[str]) -> None:
        politeness = self._session.politeness
        try:
            leases, left = await self._session.frontier.lease(
                limit=LEASE_LIMIT, per_host=PER_HOST, exclude_hosts=full
            )
        except Exception as error:  # noqa: BLE001 - the session ends the run with it
            self._session.fail(error)
            self._exhausted = True
            return
        finally:
            self._leasing = False
        for lease in leases:
            politeness.add(lease)
        self._dry_without = None if leases else full
        self._exhausted = not leases and left == 0
        if leases or self._exhausted:
            self._wake()
        elif not len(politeness):
            self._dry_without = None
            self._wake_in(LOOK_AGAIN_S)  # pending URLs wait for their time (retries)

    def _more_work(self) -> None:
        self._exhausted = False
        self._dry_without = None
        self._wake()

    def _wake_in(self, seconds: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if seconds is None:
            return
        self._timer = asyncio.get_running_loop().call_later(max(seconds, 0.001), self._wake)

    def _wake(self) -> None:
        """Asks the engine to look at the scheduler now rather than at its five-second heartbeat."""
        self._timer = None
        slot = self._crawler.engine._slot  # noqa: SLF001 - there is no public bell
        if slot is not None:
            slot.nextcall.schedule()


def headers_for(lease: Lease, *, unconditional: bool) -> dict[str, str]:
    """Request headers that let the server answer 304, and the type of a POST's body."""
    headers: dict[str, str] = {}
    if lease.body is not None:
        is_json = lease.body.startswith("{")
        form = "application/x-www-form-urlencoded"
        headers["Content-Type"] = "application/json" if is_json else form
    previous = lease.previous
    if previous is None or unconditional:
        return headers
    if previous.content_hash is None and lease.role is not Role.REQUISITE:
        return headers
    if not previous.held or has_session(lease.url):
        return headers  # a 304 would leave us without its own bytes
    if previous.etag:
        headers["If-None-Match"] = previous.etag
    if previous.last_modified:
        headers["If-Modified-Since"] = previous.last_modified
    return headers
