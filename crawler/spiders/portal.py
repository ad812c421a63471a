"""The portal spider: one item per exchange, never a request.

URLs that a page names become frontier rows in the transaction that records the page. A spider
that yields requests loses them when it is killed between the two.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from scrapy import Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.model.frontier import Lease, StoredCapture
from crawler.desk import Desk
from crawler.fetch.handler import LEASE, RETRY_AFTER, STORED, FetchError
from crawler.fetch.reach import OutOfReachError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class RefusedError(Exception):
    """The host's rules forbid the URL; `reason` says which rule or failure."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OutsideError(Exception):
    """The URL is none that is asked for; `reason` says why. Nothing is sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ByHttpError(Exception):
    """The portal does not speak TLS: the URL is asked for by http instead."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CircuitOpenError(Exception):
    """The host failed so often that it is left alone for the rest of the run; nothing is sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How the network part of a lease ended. failure and refused are None for an answer;
    retry_after is None when the server named no pause; is_final: there is no other try.
    by_http: why the URL is asked for by http instead; None when it is not. outside: why it is
    not asked for at all; None when it may be. out_of_reach: why its host must not be asked; None
    when it may. is_cut: the server closed the connection before the end of its answer.
    """

    lease: Lease
    stored: StoredCapture | None
    retry_after: timedelta | None = None
    failure: str | None = None
    refused: str | None = None
    is_final: bool = False
    is_cut: bool = False
    by_http: str | None = None
    outside: str | None = None
    out_of_reach: str | None = None


class PortalSpider(Spider):
    """``scrapy crawl portal -a portal=KEY[,KEY]`` or, with a verdict, ``gongkai crawl KEY``."""

    name = "portal"

    def __init__(
        self, *args: Any, desk: Desk | None = None, portal: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._own = ExitStack()
        self._portal = portal
        self.owns_desk = desk is None
        if desk is not None:
            self.desk = desk

    @classmethod
    def from_crawler(cls, crawler: "Crawler", *args: Any, **kwargs: Any) -> Self:
        """Scrapy's way to build a spider; opens its own desk when it was not given one."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        if spider.owns_desk:
            spider.open_desk(crawler.settings)
        return spider

    def open_desk(self, settings: Any) -> None:
        """Opens a desk of the spider's own, from the environment and the settings."""
        from crawler.job import desk_from_settings  # noqa: PLC0415 - job builds spiders itself

        self.desk = self._own.enter_context(desk_from_settings(settings, self._portal))

    async def start(self) -> AsyncIterator[Any]:
        """Nothing: the frontier feeds the crawl."""
        nothing: tuple[Any, ...] = ()
        for each in nothing:
            yield each

    def parse(self, response: Response, **_: Any) -> Iterator[Visit]:
        """The answer as an item."""
        meta = response.meta
        yield Visit(lease=meta[LEASE], stored=meta[STORED], retry_after=meta.get(RETRY_AFTER))

    def failed(self, failure: Failure) -> Iterator[Visit]:
        """A fetch that did not come to its end, as an item: it has an outcome too."""
        lease: Lease = failure.request.meta[LEASE]  # type: ignore[attr-defined]  # Scrapy adds it
        error = failure.value
        if isinstance(error, RefusedError):
            yield Visit(lease=lease, stored=None, refused=error.reason)
        elif isinstance(error, OutsideError):
            yield Visit(lease=lease, stored=None, outside=error.reason)
        elif isinstance(error, OutOfReachError):
            yield Visit(lease=lease, stored=None, out_of_reach=error.reason)
        elif isinstance(error, ByHttpError):
            yield Visit(lease=lease, stored=None, by_http=error.reason)
        elif isinstance(error, CircuitOpenError):
            yield Visit(lease=lease, stored=None, failure=error.reason, is_final=True)
        elif isinstance(error, FetchError):
            yield Visit(
                lease=lease,
                stored=error.stored,
                failure=error.reason,
                is_final=error.is_final,
                is_cut=error.is_cut,
            )
        elif (reason := self.desk.costs_a_page(error)) is not None:
            yield Visit(lease=lease, stored=None, failure=reason, is_final=True)
        elif not self.desk.stopping:
            self.desk.fail(error if isinstance(error, Exception) else RuntimeError(str(error)))

    def closed(self, reason: str) -> None:
        """Tells the desk how the crawl ended; judges it when the desk is the spider's own."""
        self.desk.end_reason = reason
        if self.owns_desk:
            judgement = self.desk.finish()
            self.logger.info("verdict %s: %s", judgement.verdict, judgement.reason)
            self._own.close()
