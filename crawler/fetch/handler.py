"""The download handler: fetches one exchange, stores it durably, then hands on where it lies.

The WARC record and the capture row are durable before Scrapy sees a response; the response it
sees has no body, so nothing can be read that was not first stored and memory stays flat.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
)
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future

from archive.model.errors import MessageError
from archive.model.frontier import Lease, StoredCapture
from archive.model.outcome import Role
from archive.model.url import host_of
from archive.warc.framing import LAST_CHUNK_MISSING
from archive.warc.message import Limits, parse_response
from archive.warc.message import Response as Answered
from archive.warc.record import Exchange, Truncated
from archive.work import clock
from crawler.errors import FetchError, OutOfReachError
from crawler.fetch.legacy_tls import OldTls
from crawler.fetch.meta import (
    EXCHANGE,
    LEASE,
    PAGE_PART,
    RETRY_AFTER,
    STORED,
    PagePart,
    Target,
    target_of,
)
from crawler.fetch.wire import Tap, TappedAgent, TappedFactory
from crawler.frontier.claims import BUSY
from crawler.frontier.politeness import BUSY_STATUSES
from crawler.session import CrawlSession, session_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

HEAD_BYTES = 16 * 1024
MAX_REQUISITE_BYTES = 10 * 1024 * 1024  # the largest style sheet or image that is taken
MAX_RETRY_AFTER_S = 7 * 24 * 3600
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """Why an exchange did not come to its end, and how WARC-Truncated names it."""

    reason: str
    truncated: Truncated
    is_cut: bool = False  # the host answered, and ended its answer before its end
    is_final: bool = False  # another try would bring the same
    is_tls: bool = False  # the two sides found no common TLS, or the server said nothing to ours

    def had_ended(self, tap: Tap) -> bool:
        """Whether it met only a connection that had served before and ended. A server that does not
        answer in time has the request: it is not asked for the same at once.
        """
        return tap.reused and not tap.received and self.truncated != "time"


class WireDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler, with a tap on the wire (crawler.fetch.wire).

    A lease whose answer is stored already (before a crash) is answered from it without touching the
    network. What a page in the browser requests is not stored: it goes into ``meta`` as fetched.
    """

    def __init__(self, crawler: "Crawler") -> None:
        super().__init__(crawler)
        self._pool._factory = TappedFactory  # noqa: SLF001 - see crawler.fetch.wire
        self._pool.retryAutomatically = False  # a silent second request would not be recorded
        self._tried_old_tls: set[str] = set()

    async def download_request(self, request: Request) -> Response:
        """The stored exchange as a body-less response; FetchError when no whole answer came."""
        session = session_of(self._crawler)
        if PAGE_PART in request.meta:
            await _refuse_others(request.meta[PAGE_PART], session)
            return await self._fetch_part(request, request.meta[PAGE_PART], session)
        lease: Lease = request.meta[LEASE]
        if lease.pending_capture is not None:
            return _response(request, lease.pending_capture)
        await _refuse_others(lease, session)
        started_at, began, tap, failure = await self._tries(request, lease, session)
        elapsed_s = monotonic() - began
        answer = answer_of(tap.received.head(HEAD_BYTES))
        pause = retry_after(answer, started_at)
        rested = session.hosts.rested(lease, answer.status, pause)  # before it has another turn
        session.politeness.fetched(lease, elapsed_s=elapsed_s)
        if not tap.received:
            reason = failure.reason if failure else "the server closed without a word"
            await session.hosts.failed(lease, reason)
            raise FetchError(reason, None)
        request.meta[RETRY_AFTER] = pause
        if rested is not None:  # durably before the answer is: a kill in between forgets nothing
            await session.hosts.keep(rested)
        exchange = _exchange_of(lease.url, tap, started_at, elapsed_s, failure)
        stored = await session.frontier.keep(lease, exchange)
        if failure is None or failure.is_cut:
            await session.hosts.answered(lease, stored.status)
        elif failure.truncated != "length":
            await session.hosts.failed(lease, failure.reason)
        if failure is not None:
            raise FetchError(
                failure.reason, stored, is_final=failure.is_final, is_cut=failure.is_cut
            )
        return _response(request, stored, answer.all("set-cookie"))

    async def _tries(
        self, request: Request, lease: Lease, session: CrawlSession
    ) -> tuple[datetime, float, Tap, _Failure | None]:
        """The last exchange and when it began: another one follows where the first met only a
        connection that had ended, or a server that stopped in time; a pause lies between.
        """
        legacy = session.tls.of(lease.portal_key) == "legacy"
        started_at, began = clock.now(), monotonic()
        tap, failure = await self._exchange(request, session, legacy=legacy)
        if failure is not None and failure.had_ended(tap):
            # Most likely it was idle for too long; the host may have heard us, though.
            await asyncio.sleep(session.politeness.delay_of(lease))
            started_at, began = clock.now(), monotonic()
            tap, failure = await self._exchange(request, session, legacy=legacy)
        if failure is not None and failure.is_tls and self._may_be_old(lease, session):
            await asyncio.sleep(session.politeness.delay_of(lease))
            started_at, began = clock.now(), monotonic()
            tap, failure = await self._exchange(request, session, legacy=True)
            if tap.received:
                await session.tls.learn(lease.portal_key, "legacy")
        return started_at, began, tap, failure

    def _may_be_old(self, lease: Lease, session: CrawlSession) -> bool:
        """Whether old TLS is still to be tried: once a host, which may only be down."""
        host = host_of(lease.url)
        may = session.tls.of(lease.portal_key) is None and host not in self._tried_old_tls
        self._tried_old_tls.add(host)
        return may

    async def _fetch_part(
        self, request: Request, part: PagePart, session: CrawlSession
    ) -> Response:
        started_at, began = clock.now(), monotonic()
        legacy = session.tls.of(part.portal_key) == "legacy"
        tap, failure = await self._exchange(request, session, legacy=legacy)
        if failure is not None and failure.had_ended(tap):
            tap, failure = await self._exchange(request, session, legacy=legacy)
        if failure is not None or not tap.received:
            raise FetchError(failure.reason if failure else "no answer", None)
        answer = answer_of(tap.received.head(HEAD_BYTES))
        if answer.status in BUSY_STATUSES:
            pause = retry_after(answer, started_at)
            rested = session.hosts.rested(part, answer.status, pause)
            if rested is not None:
                await session.hosts.keep(rested)
        elapsed_s = monotonic() - began
        request.meta[EXCHANGE] = _exchange_of(part.url, tap, started_at, elapsed_s, None)
        return Response(request.url, request=request)

    async def _exchange(
        self, request: Request, session: CrawlSession, *, legacy: bool = False
    ) -> tuple[Tap, _Failure | None]:
        target = target_of(request)
        tap = Tap(
            max_bytes=self._max_bytes(session, target),
            spool=session.home.warc,
            private=session.reach.may_be_private(target),
        )
        try:
            with wrap_twisted_exceptions():
                await maybe_deferred_to_future(
                    self._agent(tap, legacy=legacy).download_request(request)
                )
        except Exception as error:  # noqa: BLE001 - every failure of the network is an outcome
            if tap.kept_back and isinstance(error, (CannotResolveHostError, OutOfReachError)):
                reason = f"a private address, which no public page may reach: {tap.kept_back[0]}"
                return tap, _Failure(reason=reason, truncated="disconnect")
            return tap, _failure(tap, error, is_https=request.url.startswith("https:"))
        finally:
            tap.open = False
        return tap, None

    def _max_bytes(self, session: CrawlSession, target: Target) -> int:
        own = session.options.max_bytes_of(target.portal_key) or self._default_maxsize
        return min(own, MAX_REQUISITE_BYTES) if target.role is Role.REQUISITE else own

    def _agent(self, tap: Tap, *, legacy: bool) -> TappedAgent:
        options: dict[str, Any] = {
            "contextFactory": OldTls() if legacy else self._contextFactory,
            "bindAddress": self._bind_address,
            "pool": self._pool,
            "crawler": self._crawler,
        }
        return TappedAgent(tap=tap, **options)


async def _refuse_others(target: Target, session: CrawlSession) -> None:
    """FetchError where another worker has the host: a robots.txt that redirects leads there, or
    what a page in the browser shows; all else waits until its host is held.
    """
    if session.hosts.held is not None and not await session.hosts.held(target):
        raise FetchError(BUSY, None)


def answer_of(head: bytes) -> Answered:
    """An answer by its first bytes; status 0 where they show none."""
    try:
        return parse_response(head, limits=Limits())
    except MessageError:
        return Answered(status=0, reason=b"", headers=(), body=head, limits=Limits())


def retry_after(answer: Answered, now: datetime) -> timedelta | None:
    """How long the server asks to be left alone (RFC 9110 section 10.2.3: seconds or a date);
    None when it does not say, or says nothing usable.

    >>> from datetime import UTC
    >>> answer = answer_of(b"HTTP/1.1 503 Busy\\r\\nRetry-After: 120\\r\\n\\r\\n")
    >>> retry_after(answer, datetime(2026, 1, 1, tzinfo=UTC))
    datetime.timedelta(seconds=120)
    """
    value = (answer.header("retry-after") or "").strip()
    if answer.status not in {429, 503} or not value:
        return None
    if value.isascii() and value.isdigit():
        # Python refuses to read thousands of digits; nine are years already.
        return timedelta(seconds=min(int(value.lstrip("0")[:9] or 0), MAX_RETRY_AFTER_S))
    try:
        pause = parsedate_to_datetime(value) - now
    except (TypeError, ValueError):
        return None
    return min(max(pause, timedelta(0)), timedelta(seconds=MAX_RETRY_AFTER_S))


def _response(request: Request, stored: StoredCapture, cookies: Sequence[str] = ()) -> Response:
    request.meta[STORED] = stored
    headers = {"Set-Cookie": list(cookies)} if cookies else {}
    return Response(request.url, status=stored.status, headers=headers, request=request)


def _exchange_of(
    url: str, tap: Tap, started_at: datetime, elapsed_s: float, failure: _Failure | None
) -> Exchange:
    return Exchange(
        url=url,
        request=bytes(tap.sent),
        response=tap.received.content,
        started_at=started_at,
        elapsed_s=elapsed_s,
        ip_address=tap.ip_address,
        truncated=failure.truncated if failure else None,
    )


def _failure(tap: Tap, error: Exception, *, is_https: bool) -> _Failure | None:
    """Why the exchange failed; None when its answer is whole all the same."""
    if tap.refused is not None:
        truncated: Truncated = "length" if tap.too_large else "unspecified"
        return _Failure(reason=tap.refused, truncated=truncated, is_final=tap.is_final)
    if tap.answer.lacks_nothing:
        return None
    failure = _explain(error)
    # Old servers and firewalls drop a modern greeting without an alert, or let it wait.
    is_silent = is_https and not tap.is_secured and tap.ip_address is not None
    if is_silent or "SSL routines" in failure.reason:
        return replace(failure, is_tls=True)
    missing = tap.answer.missing() if tap.answer.body else None
    if tap.is_broken and tap.received:
        return _Failure(reason="cut short: the connection broke", truncated="disconnect")
    if missing is None or (failure.truncated == "time" and missing != LAST_CHUNK_MISSING):
        return failure
    return _Failure(reason=f"cut short: {missing}", truncated="disconnect", is_cut=True)


def _explain(error: Exception) -> _Failure:
    """One line for the outcome; the words are what an operator searches for."""
    if isinstance(error, DownloadTimeoutError):
        return _Failure(reason="timed out", truncated="time")
    if isinstance(error, DownloadConnectionRefusedError):
        return _Failure(reason="connection refused", truncated="disconnect")
    if isinstance(error, CannotResolveHostError):
        return _Failure(reason="host name cannot be resolved", truncated="disconnect")
    detail = " ".join(str(error).split())[:200] or type(error).__name__
    return _Failure(reason=f"connection lost: {detail}", truncated="disconnect")
