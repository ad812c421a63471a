"""Takes a visit in: compare, read, settle, record. Awaited to the end, so that Scrapy counts an
URL as in progress until its outcome is durable.
"""

import asyncio
import logging
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from archive.model.errors import DamageError
from archive.model.frontier import Lease, Record, StoredCapture
from archive.model.outcome import Outcome
from archive.model.reading import Reading
from archive.work.cut import may_be_read_although_cut, was_cut
from archive.work.ingest.outcomes import (
    MAX_ATTEMPTS,
    Requeue,
    decide_by_http,
    decide_failure,
    decide_out_of_reach,
    decide_outside,
    decide_read,
    decide_refused,
    decide_unread,
    hash_before,
    needs_reading,
    previous_is_stale,
)
from archive.work.ingest.process_pool import ChildDiedError
from archive.work.ingest.reader_pool import Answer, ReadingTask
from archive.work.ingest.render_outcomes import (
    decide_self_redirect,
    is_rendered,
    may_be_challenge,
    renders_at_once,
    says_something,
)
from crawler.browser.rendering import LeftError, Rendering
from crawler.fetch.handler import max_bytes_of
from crawler.spiders.portal import Visit

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.desk import Desk

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
    def _desk(self) -> "Desk":
        return self._crawler.spider.desk  # type: ignore[union-attr, no-any-return]  # our spider runs

    async def process_item(self, item: Any) -> Any:
        """The item, once its outcome is durable."""
        visit: Visit = item
        try:
            decision = await self._decide(visit)
        except LeftError:
            return item
        except Exception as error:
            reason = self._desk.costs_a_page(error)
            if reason is None:
                self._desk.fail(error)
                raise
            now = self._desk.now()
            decision = decide_failure(visit.lease, reason, visit.stored, now, is_final=True)
        await self._desk.settle(visit.lease, decision)
        if isinstance(decision, Record):
            logger.debug("%s %s (%s)", decision.outcome, visit.lease.url, decision.reason)
        return item

    async def _decide(self, visit: Visit) -> Record | Requeue:
        lease, stored, now = visit.lease, visit.stored, self._desk.now()
        if stored is None:
            return _unanswered(visit, now)
        if visit.failure is not None:
            if visit.is_cut and await self._is_all_there_is(lease, stored):
                return await self._read(lease, stored, although_cut=True)
            return _unanswered(visit, now)
        if lease.portal_key in self._desk.without_tls and lease.portal_key not in self._desk.tls:
            await self._desk.learn_tls(lease.portal_key, "none")
        if not needs_reading(lease, stored) and not may_be_challenge(stored):
            return decide_unread(lease, stored, now, retry_after=visit.retry_after)
        needed_before = lease.portal_key in self._desk.rendered_portals
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
            return decide_unread(lease, seen, self._desk.now())
        return await self._read(lease, seen)

    async def _is_all_there_is(self, lease: Lease, stored: StoredCapture) -> bool:
        """Whether an answer that ends too early was the same at every try."""
        is_last = lease.attempts + 1 >= MAX_ATTEMPTS
        if not is_last or not may_be_read_although_cut(lease, stored):
            return False
        digests = self._desk.ledger.call(lambda s: s.payload_digests(lease.page_id, lease.run_id))
        last = (await asyncio.wrap_future(digests))[-MAX_ATTEMPTS:]
        return len(last) == MAX_ATTEMPTS and len({*last}) == 1 and last[0] is not None

    async def _read(
        self, lease: Lease, stored: StoredCapture, *, although_cut: bool = False
    ) -> Record | Requeue:
        previous_hash, known = None, lease
        try:
            task = _task(lease, stored)
            max_bytes = max_bytes_of(self._desk.options.portals, lease)
            task = replace(task, although_cut=although_cut, max_bytes=max_bytes)
            answer = await self._desk.read(task)
            previous_hash, known = await self._known_before(lease, answer)
        except FutureTimeoutError:
            answer = _refused("reading took too long")
        except ChildDiedError as error:
            answer = _refused(f"the reading process died: {error}")
        except DamageError as error:
            answer = _refused(str(error))
        if answer.is_cut and not although_cut and await self._is_all_there_is(lease, stored):
            return await self._read(lease, stored, although_cut=True)
        if _is_missing(stored, answer.reading):
            return await self._see(lease, stored, answer.reading)
        if may_be_challenge(stored):
            return decide_unread(lease, stored, self._desk.now())
        again = decide_self_redirect(lease, stored, answer, self._desk.now())
        if again is not None:
            return again
        redirects = self._desk.redirects
        decision = decide_read(
            known,
            stored,
            answer,
            self._desk.now(),
            previous_hash=previous_hash,
            redirects=redirects,
        )
        if isinstance(decision, Record) and decision.outcome is Outcome.REDIRECTED:
            redirects[lease.url] = decision.links[0].url
        return decision

    async def _known_before(self, lease: Lease, answer: Answer) -> tuple[str | None, Lease]:
        """The latest version's hash, and the lease with its kind, as today's reader gives them
        (read again when it is older).
        """
        previous, again = lease.previous, None
        if previous is not None and previous.held and previous_is_stale(lease):
            task = ReadingTask(
                spot=previous.spot,
                url=lease.url,
                role=lease.role,
                family=lease.family,
                division=lease.division,
                post_body=lease.body,
                max_bytes=max_bytes_of(self._desk.options.portals, lease),
                although_cut=True,  # it made a version
            )
            again = await self._desk.read(task)
        if previous is not None and again is not None and again.reading is not None:
            kind = again.reading.kind
            return hash_before(lease, again, answer), replace(
                lease, previous=replace(previous, kind=kind)
            )
        return hash_before(lease, again, answer), lease


def _unanswered(visit: Visit, now: datetime) -> Record | Requeue:
    """How a URL ends that was not asked for, or gave no whole answer."""
    if visit.by_http is not None:
        return decide_by_http(visit.lease, visit.by_http, now)
    if visit.outside is not None:
        return decide_outside(visit.lease, visit.outside, now)
    if visit.out_of_reach is not None:
        return decide_out_of_reach(visit.lease, visit.out_of_reach, now)
    if visit.refused is not None:
        return decide_refused(visit.lease, visit.refused, now)
    reason = visit.failure or "no answer was kept"
    return decide_failure(visit.lease, reason, visit.stored, now, is_final=visit.is_final)


def _task(lease: Lease, stored: StoredCapture) -> ReadingTask:
    """What to read: the new capture, or the one a revisit repeats when the reader is newer."""
    previous = lease.previous
    stale = previous_is_stale(lease) or was_cut(lease)
    revisit = stored.record_type == "revisit" and previous is not None
    return ReadingTask(
        spot=previous.spot if revisit and previous else stored.spot,
        url=lease.url,
        role=lease.role,
        family=lease.family,
        division=lease.division,
        post_body=lease.body,
        same_content=previous.content_hash if previous and not stale else None,
        same_as=previous.body_digest if previous and previous.content_hash and not stale else None,
    )


def _is_missing(stored: StoredCapture, reading: Reading | None) -> bool:
    """Whether list or text is not there and a browser may bring it."""
    if reading is None or reading.needs_browser is None:
        return False
    return not (is_rendered(stored) and says_something(reading))


def _refused(reason: str) -> Answer:
    return Answer(body_digest=None, reading=None, refused=reason)
