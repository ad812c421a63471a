"""Ingests a visit: compare, read, decide, record. Awaited to the end, so that Scrapy counts an
URL as in progress until its outcome is durable.
"""

import logging
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from archive.model.frontier import Lease, Record, StoredCapture
from archive.model.outcome import Outcome, Role
from archive.model.reading import IMAGE_ONLY, Link, Reading
from archive.store.frontier.requisites import PICTURE
from archive.store.write.ending import GOOD
from archive.work import clock
from archive.work.ingest.outcomes import (
    MAX_ATTEMPTS,
    Requeue,
    decide_by_http,
    decide_failure,
    decide_out_of_reach,
    decide_requisite,
    decide_unread,
    make_record,
)
from archive.work.ingest.reader_pool import READING_ERRORS, refusal
from archive.work.ingest.reading_tasks import (
    known_before,
    may_be_read_although_cut,
    needs_reading,
    previous_task,
    requisites_task,
    task_of,
)
from archive.work.ingest.render_outcomes import (
    may_be_challenge,
    renders_at_once,
)
from archive.work.ingest.stored_capture import decide_answer
from crawler.browser.rendering import Rendering
from crawler.errors import (
    ByHttpError,
    CircuitOpenError,
    DefectError,
    FetchError,
    LeavingError,
    OutOfReachError,
    OutOfScopeError,
    RobotsError,
)
from crawler.session import CrawlSession, session_of
from crawler.spiders.portal import Visit

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

logger = logging.getLogger(__name__)


class IngestPipeline:
    """The only pipeline. Items are `Visit`s."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._rendering = Rendering(crawler)

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's way to build a component."""
        return cls(crawler)

    @property
    def _session(self) -> CrawlSession:
        return session_of(self._crawler)

    async def process_item(self, item: Any) -> Any:
        """The item, once its outcome is durable."""
        visit: Visit = item
        try:
            decision = await self._decide(visit)
        except LeavingError:
            return item
        except Exception as error:
            defect = self._session.page_error(error)
            if defect is None:
                self._session.fail(error)
                raise
            decision = _unanswered(replace(visit, error=defect), clock.now())
        await self._session.frontier.end(visit.lease, decision)
        if isinstance(decision, Record):
            logger.debug("%s %s (%s)", decision.outcome, visit.lease.url, decision.reason)
        return item

    async def _decide(self, visit: Visit) -> Record | Requeue:
        lease, stored, now = visit.lease, visit.stored, clock.now()
        if stored is None or visit.error is not None:
            is_cut = isinstance(visit.error, FetchError) and visit.error.is_cut
            if stored is not None and is_cut and await self._is_always_cut(lease, stored):
                return await self._read(lease, stored, although_cut=True)
            return _unanswered(visit, now)
        await self._session.tls.http_answered(lease.portal_key)
        if not needs_reading(lease, stored) and lease.role is Role.REQUISITE:
            decision = decide_requisite(lease, stored, now, retry_after=visit.retry_after)
            return await self._with_requisites(lease, stored, decision)
        if not needs_reading(lease, stored) and not may_be_challenge(stored):
            decision = decide_unread(lease, stored, now, retry_after=visit.retry_after)
            return await self._with_requisites(lease, stored, decision)
        needed_before = lease.portal_key in self._session.rendered_portals
        if renders_at_once(lease, stored, needed_before=needed_before):
            return await self._see(lease, stored, None)
        return await self._read(lease, stored)

    async def _see(
        self, lease: Lease, stored: StoredCapture, reading: Reading | None
    ) -> Record | Requeue:
        """A page that needs a browser: rendered once, and read again."""
        seen = await self._rendering.seen(lease, stored, reading)
        if not isinstance(seen, StoredCapture):
            return seen
        if not needs_reading(lease, seen) and not may_be_challenge(seen):
            return decide_unread(lease, seen, clock.now())
        return await self._read(lease, seen)

    async def _is_always_cut(self, lease: Lease, stored: StoredCapture) -> bool:
        """Whether an answer that ends too early was the same at every try."""
        is_last = lease.attempts + 1 >= MAX_ATTEMPTS
        if not is_last or not may_be_read_although_cut(lease, stored):
            return False
        last = (await self._session.frontier.payload_digests(lease))[-MAX_ATTEMPTS:]
        return len(last) == MAX_ATTEMPTS and len({*last}) == 1 and last[0] is not None

    async def _read(
        self, lease: Lease, stored: StoredCapture, *, although_cut: bool = False
    ) -> Record | Requeue:
        again = None
        try:
            max_bytes = self._session.options.max_bytes_of(lease.portal_key)
            task = task_of(lease, stored, max_bytes=max_bytes, although_cut=although_cut)
            answer = await self._session.read(task)
            before = previous_task(lease, max_bytes=max_bytes)
            again = await self._session.read(before) if before else None
        except READING_ERRORS as error:
            answer = refusal(error)
        previous_hash, known = known_before(lease, again, answer)
        if answer.is_cut and not although_cut and await self._is_always_cut(lease, stored):
            return await self._read(lease, stored, although_cut=True)
        redirects = self._session.frontier.redirects
        decision = decide_answer(
            lease,
            known,
            stored,
            answer,
            clock.now(),
            previous_hash=previous_hash,
            redirects=redirects,
        )
        if decision is None:
            return await self._see(lease, stored, answer.reading)
        if isinstance(decision, Record) and decision.outcome is Outcome.REDIRECTED:
            redirects[lease.url] = decision.links[0].url
        return await self._with_requisites(lease, stored, decision)

    async def _with_requisites(
        self, lease: Lease, stored: StoredCapture, decision: Record | Requeue
    ) -> Record | Requeue:
        """The decision, with the style sheets and images that the page shows among its links where
        the portal's are archived, and at all times the pictures that stand for its text. An
        unchanged page is looked at too: it may show what was left out or failed.
        """
        if isinstance(decision, Requeue) or decision.outcome not in GOOD:
            return decision
        task = requisites_task(lease, stored)
        if task is None:
            return decision
        shown: dict[str, str] = {}
        try:
            if _is_of_pictures(lease, decision):
                look = replace(task, only_requisites=False, only_pictures=True)
                shown |= dict.fromkeys((await self._session.read(look)).requisites, PICTURE)
            if self._session.options.takes_requisites(lease.portal_key):
                shown = dict.fromkeys((await self._session.read(task)).requisites, "") | shown
        except READING_ERRORS:
            return decision
        links = tuple(
            Link(url=url, text=text, role=Role.REQUISITE)
            for url, text in shown.items()
            if url != lease.url
        )
        return replace(decision, links=(*decision.links, *links))


def _is_of_pictures(lease: Lease, decision: Record) -> bool:
    """Whether a page's text is in its pictures; of one that stood unchanged and was not read, as it
    was when it was.
    """
    if decision.reading is not None:
        return any(each.rule == IMAGE_ONLY for each in decision.reading.findings)
    return lease.previous is not None and lease.previous.of_pictures


def _unanswered(visit: Visit, now: datetime) -> Record | Requeue:
    """How a URL ends that was not sent, or gave no whole answer."""
    lease, error = visit.lease, visit.error
    reason = error.reason if error is not None else "no answer was kept"
    if isinstance(error, ByHttpError):
        return decide_by_http(lease, reason, now)
    if isinstance(error, OutOfReachError):
        return decide_out_of_reach(lease, reason, now)
    if isinstance(error, OutOfScopeError):
        return make_record(lease, None, Outcome.OUT_OF_SCOPE, reason, now)
    if isinstance(error, RobotsError):
        return make_record(lease, None, Outcome.ROBOTS, reason, now)
    is_final = isinstance(error, (CircuitOpenError, DefectError))
    is_final = is_final or (isinstance(error, FetchError) and error.is_final)
    return decide_failure(lease, reason, visit.stored, now, is_final=is_final)
