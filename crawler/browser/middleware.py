"""Keeps the crawl's browser, and gives the cookies of passed challenges to plain requests."""

from typing import TYPE_CHECKING, Self

from scrapy import Request, signals

from crawler.fetch.meta import LEASE

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.browser.browser import Browser


class BrowserMiddleware:
    """Stands before Scrapy's cookies: what a browser was given, plain requests send too."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._browser: Browser | None = None
        crawler.signals.connect(self.engine_stopped, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's way to build a component."""
        return cls(crawler)

    @property
    def browser(self) -> "Browser":
        """The browser of this crawl; asking for it starts nothing yet."""
        if self._browser is None:
            from crawler.browser.browser import Browser  # noqa: PLC0415 - takes 0.3 s, most crawls need none

            self._browser = Browser(self._crawler)
        return self._browser

    async def process_request(self, request: Request) -> None:
        """Adds the cookies of the host's passed challenge; the browser's own requests have them."""
        if self._browser is None or LEASE not in request.meta:
            return
        cookies = self._browser.cookies_for(request.url)
        if cookies:
            request.cookies = [{"name": c["name"], "value": c["value"]} for c in cookies]

    async def engine_stopped(self) -> None:
        """The crawl has ended: so does its browser."""
        if self._browser is not None:
            await self._browser.close()
