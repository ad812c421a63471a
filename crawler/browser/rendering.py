"""The detour of a page over the browser: rendered once, kept beside its exchange, read again."""

from dataclasses import replace
from typing import TYPE_CHECKING

from archive.model.frontier import Lease, Record, StoredCapture
from archive.model.reading import Reading
from archive.work import clock
from archive.work.ingest.outcomes import Requeue, decide_read
from archive.work.ingest.reader_pool import Answer, ReadingTask
from archive.work.ingest.render_outcomes import (
    CHALLENGE_STATUSES,
    ask_again,
    decide_still_needed,
    decide_unrendered,
    is_rendered,
)
from crawler.browser.middleware import BrowserMiddleware
from crawler.errors import LeavingError, NoBrowserError, RenderError
from crawler.session import CrawlSession, session_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.browser.browser import Browser


class Rendering:
    """Gives pages to the browser, if there is one."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler

    @property
    def _session(self) -> CrawlSession:
        return session_of(self._crawler)

    @property
    def _browser(self) -> "Browser":
        middleware = self._crawler.get_downloader_middleware(BrowserMiddleware)
        if middleware is None:
            raise RuntimeError("the addon did not put the browser's middleware in")
        return middleware.browser

    async def seen(
        self, lease: Lease, stored: StoredCapture, reading: Reading | None
    ) -> StoredCapture | Record | Requeue:
        """The capture to read now, or how the page ends. reading: what the page said without a
        browser; None when it was not looked at. LeavingError: neither, the run is ending.
        """
        challenged = reading is not None and reading.blocked is not None
        if is_rendered(stored) and reading is not None:
            if challenged:
                self._browser.not_passed(lease)
            return decide_still_needed(lease, stored, reading, clock.now())
        if challenged and reading is not None and self._browser.passed_since(lease, stored):
            again = ask_again(lease, reading)
            if again is not None:
                return again
        return await self._shown(lease, stored, reading, challenged=challenged)

    async def _shown(
        self, lease: Lease, stored: StoredCapture, reading: Reading | None, *, challenged: bool
    ) -> StoredCapture | Record | Requeue:
        browser, now = self._browser, clock.now
        if challenged and browser.is_hopeless(lease):
            why = "a browser did not get past it on other pages"
            return decide_unrendered(lease, stored, reading, why, now())
        try:
            shown = await browser.show(lease, stored, challenged=challenged)
        except NoBrowserError as error:
            # A list that was not looked at yet may be readable without one.
            return (
                stored
                if reading is None
                else decide_unrendered(lease, stored, reading, str(error), now())
            )
        except RenderError as error:
            return decide_unrendered(lease, stored, reading, str(error), now())
        if shown.url != lease.url:
            return self._led_away(lease, stored, shown.url)
        if shown.main is not None:
            beside = await self._session.frontier.keep(lease, shown.main)
            shown = replace(shown, beside=beside)
        return await self._session.frontier.keep(lease, shown)

    async def passed(self, lease: Lease, stored: StoredCapture) -> StoredCapture | None:
        """The exchange behind a challenge that stands before a robots.txt, fetched by the browser
        in the turn of the page that needs it; None when it is no challenge or stays one.
        """
        task = ReadingTask(spot=stored.spot, url=lease.url, role=lease.role, family=None)
        reading = (await self._session.read(task)).reading
        if reading is None or reading.blocked is None or reading.needs_browser is None:
            return None
        if self._browser.is_hopeless(lease):
            return None
        try:
            shown = await self._browser.show(lease, stored, challenged=True, in_turn=True)
        except (LeavingError, NoBrowserError, RenderError):
            return None
        if shown.main is None or shown.status in CHALLENGE_STATUSES:
            self._browser.not_passed(lease)
            return None
        return await self._session.frontier.keep(lease, shown.main)

    def _led_away(self, lease: Lease, stored: StoredCapture, target: str) -> Record | Requeue:
        """A page whose script goes elsewhere is a redirect."""
        return decide_read(
            lease,
            replace(stored, status=302),
            Answer(body_digest=None, reading=None, location=target),
            clock.now(),
            previous_hash=None,
            redirects=self._session.frontier.redirects,
        )
