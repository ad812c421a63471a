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
from archive.work.home import Home
from crawler.errors import CrawlError, FetchError
from crawler.fetch.meta import LEASE, RETRY_AFTER, STORED
from crawler.options import options_for, request_from_environment
from crawler.run_end import after_run
from crawler.session import CrawlSession, open_session

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How the network part of a lease ended. stored: None when nothing came. error: why no whole
    answer came; None for an answer. retry_after: None when the server named no pause.
    """

    lease: Lease
    stored: StoredCapture | None
    retry_after: timedelta | None = None
    error: CrawlError | None = None


class PortalSpider(Spider):
    """``scrapy crawl portal -a portal=KEY[,KEY]`` or, with a verdict, ``gongkai crawl KEY``."""

    name = "portal"

    def __init__(self, *args: Any, session: CrawlSession, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session
        self._own: ExitStack | None = None

    @classmethod
    def from_crawler(
        cls,
        crawler: "Crawler",
        *args: Any,
        session: CrawlSession | None = None,
        portal: str = "",
        **kwargs: Any,
    ) -> Self:
        """Scrapy's way to build a spider; it opens a session of its own when it was given none."""
        if session is not None:
            return super().from_crawler(crawler, *args, session=session, **kwargs)
        request = request_from_environment(portal)
        with ExitStack() as stack:
            opened = open_session(
                Home(request.home, request.warc), options_for(request, crawler.settings)
            )
            session = stack.enter_context(opened)
            spider = super().from_crawler(crawler, *args, session=session, **kwargs)
            spider._own = stack.pop_all()  # noqa: SLF001 - this class
        return spider

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
        if not isinstance(error, CrawlError):
            error = self.session.page_error(error) or error
        if isinstance(error, CrawlError):
            stored = error.stored if isinstance(error, FetchError) else None
            yield Visit(lease=lease, stored=stored, error=error)
        elif not self.session.stopping:
            self.session.fail(error if isinstance(error, Exception) else RuntimeError(str(error)))

    def closed(self, reason: str) -> None:
        """Notes how the crawl ended; judges it when the session is the spider's own."""
        self.session.end_reason = reason
        if self._own is not None:
            judgement = self.session.finish()
            self.logger.info("verdict %s: %s", judgement.verdict, judgement.reason)
            self._own.close()
            session = self.session
            behind = session.seal()
            behind += after_run(session.home, session.options, session.frontier.run_id)
            for warning in behind:
                self.logger.warning("%s", warning)
