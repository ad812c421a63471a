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
from archive.model.frontier import KeptCapture, Lease, Record
from archive.model.outcome import Outcome
from archive.model.reading import Reading
from archive.work.cut import may_be_read_although_cut, was_cut
from archive.work.ingest.outcomes import (
    MAX_ATTEMPTS,
    Retry,
    hash_before,
    needs_reading,
    previous_is_stale,
    settle_by_http,
    settle_failure,
    settle_out_of_reach,
    settle_outside,
    settle_read,
    settle_refused,
    settle_unread,
)
from archive.work.ingest.process_pool import ChildDiedError
from archive.work.ingest.reader_pool import Answer, ReadingTask
from archive.work.ingest.render_outcomes import (
    is_rendered,
    may_be_challenge,
    renders_at_once,
    says_something,
    settle_self_redirect,
)
from crawler.browser.rendering import LeftError, Rendering
from crawler.fetch.handler import most_bytes_of
from crawler.spiders.portal import Visit

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.desk import Desk

logger = logging.getLogger(__name__)


class TakeInPipeline:
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
            settled = await self._settled(visit)
        except LeftError:
            return item
        except Exception as error:
            reason = self._desk.costs_a_page(error)
            if reason is None:
                self._desk.fail(error)
                raise
            now = self._desk.now()
            settled = settle_failure(visit.lease, reason, visit.kept, now, given_up=True)
        await self._desk.settle(visit.lease, settled)
        if isinstance(settled, Record):
            logger.debug("%s %s (%s)", settled.outcome, visit.lease.url, settled.reason)
        return item

    async def _settled(self, visit: Visit) -> Record | Retry:
        lease, kept, now = visit.lease, visit.kept, self._desk.now()
        if kept is None:
            return _unanswered(visit, now)
        if visit.failure is not None:
            if visit.is_cut and await self._is_all_there_is(lease, kept):
                return await self._read(lease, kept, although_cut=True)
            return _unanswered(visit, now)
        if lease.portal_key in self._desk.without_tls and lease.portal_key not in self._desk.tls:
            await self._desk.learn_tls(lease.portal_key, "none")
        if not needs_reading(lease, kept) and not may_be_challenge(kept):
            return settle_unread(lease, kept, now, retry_after=visit.retry_after)
        needed_before = lease.portal_key in self._desk.rendered_portals
        if renders_at_once(lease, kept, needed_before=needed_before):
            return await self._see(lease, kept, None)
        return await self._read(lease, kept)

    async def _see(
        self, lease: Lease, kept: KeptCapture, reading: Reading | None
    ) -> Record | Retry:
        """A page that needs a browser: rendered once, and read again."""
        seen = await self._rendering.seen(lease, kept, reading)
        if not isinstance(seen, KeptCapture):
            return seen
        if not needs_reading(lease, seen) and not may_be_challenge(seen):
            return settle_unread(lease, seen, self._desk.now())
        return await self._read(lease, seen)

    async def _is_all_there_is(self, lease: Lease, kept: KeptCapture) -> bool:
        """Whether an answer that ends too early was the same at every try."""
        is_last = lease.attempts + 1 >= MAX_ATTEMPTS
        if not is_last or not may_be_read_although_cut(lease, kept):
            return False
        digests = self._desk.ledger.call(lambda s: s.payload_digests(lease.page_id, lease.run_id))
        last = (await asyncio.wrap_future(digests))[-MAX_ATTEMPTS:]
        return len(last) == MAX_ATTEMPTS and len({*last}) == 1 and last[0] is not None

    async def _read(
        self, lease: Lease, kept: KeptCapture, *, although_cut: bool = False
    ) -> Record | Retry:
        previous_hash, known = None, lease
        try:
            task = _task(lease, kept)
            most_bytes = most_bytes_of(self._desk.options.portals, lease)
            task = replace(task, although_cut=although_cut, most_bytes=most_bytes)
            answer = await self._desk.read(task)
            previous_hash, known = await self._known_before(lease, answer)
        except FutureTimeoutError:
            answer = _given_up("reading took too long")
        except ChildDiedError as error:
            answer = _given_up(f"the reading process died: {error}")
        except DamageError as error:
            answer = _given_up(str(error))
        if answer.is_cut and not although_cut and await self._is_all_there_is(lease, kept):
            return await self._read(lease, kept, although_cut=True)
        if _is_missing(kept, answer.reading):
            return await self._see(lease, kept, answer.reading)
        if may_be_challenge(kept):
            return settle_unread(lease, kept, self._desk.now())
        again = settle_self_redirect(lease, kept, answer, self._desk.now())
        if again is not None:
            return again
        redirects = self._desk.redirects
        settled = settle_read(
            known, kept, answer, self._desk.now(), previous_hash=previous_hash, redirects=redirects
        )
        if isinstance(settled, Record) and settled.outcome is Outcome.REDIRECTED:
            redirects[lease.url] = settled.links[0].url
        return settled

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
                most_bytes=most_bytes_of(self._desk.options.portals, lease),
                although_cut=True,  # it made a version
            )
            again = await self._desk.read(task)
        if previous is not None and again is not None and again.reading is not None:
            kind = again.reading.kind
            return hash_before(lease, again, answer), replace(
                lease, previous=replace(previous, kind=kind)
            )
        return hash_before(lease, again, answer), lease


def _unanswered(visit: Visit, now: datetime) -> Record | Retry:
    """How a URL ends that was not asked for, or gave no whole answer."""
    if visit.by_http is not None:
        return settle_by_http(visit.lease, visit.by_http, now)
    if visit.outside is not None:
        return settle_outside(visit.lease, visit.outside, now)
    if visit.out_of_reach is not None:
        return settle_out_of_reach(visit.lease, visit.out_of_reach, now)
    if visit.refused is not None:
        return settle_refused(visit.lease, visit.refused, now)
    reason = visit.failure or "no answer was kept"
    return settle_failure(visit.lease, reason, visit.kept, now, given_up=visit.given_up)


def _task(lease: Lease, kept: KeptCapture) -> ReadingTask:
    """What to read: the new capture, or the one a revisit repeats when the reader is newer."""
    previous = lease.previous
    stale = previous_is_stale(lease) or was_cut(lease)
    revisit = kept.record_type == "revisit" and previous is not None
    return ReadingTask(
        spot=previous.spot if revisit and previous else kept.spot,
        url=lease.url,
        role=lease.role,
        family=lease.family,
        division=lease.division,
        post_body=lease.body,
        same_content=previous.content_hash if previous and not stale else None,
        same_as=previous.body_digest if previous and previous.content_hash and not stale else None,
    )


def _is_missing(kept: KeptCapture, reading: Reading | None) -> bool:
    """Whether list or text is not there and a browser may bring it."""
    if reading is None or reading.needs_browser is None:
        return False
    return not (is_rendered(kept) and says_something(reading))


def _given_up(reason: str) -> Answer:
    return Answer(body_digest=None, reading=None, refused=reason)
