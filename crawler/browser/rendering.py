"""The detour of a page over the browser: rendered once, kept beside its exchange, read again."""

from dataclasses import replace
from typing import TYPE_CHECKING

from archive.model.frontier import KeptCapture, Lease, Record
from archive.model.reading import Reading
from archive.work.ingest.archive_writer import Rendered
from archive.work.ingest.outcomes import Retry, settle_read
from archive.work.ingest.reader_pool import Answer, ReadingTask
from archive.work.ingest.render_outcomes import (
    CHALLENGE_STATUSES,
    ask_again,
    is_rendered,
    settle_still_needed,
    settle_unrendered,
)
from crawler.browser.middleware import BrowserMiddleware

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.browser.browser import Browser, Shown
    from crawler.desk import Desk


class LeftError(Exception):
    """The crawl is ending: the page stays kept, and the next run reads it."""


class Rendering:
    """Gives pages to the browser, if there is one."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler

    @property
    def _desk(self) -> "Desk":
        return self._crawler.spider.desk  # type: ignore[union-attr, no-any-return]  # our spider

    @property
    def _browser(self) -> "Browser":
        middleware = self._crawler.get_downloader_middleware(BrowserMiddleware)
        if middleware is None:
            raise RuntimeError("the addon did not put the browser's middleware in")
        return middleware.browser

    async def seen(
        self, lease: Lease, kept: KeptCapture, reading: Reading | None
    ) -> KeptCapture | Record | Retry:
        """The capture to read now, or how the page ends. reading: what the page said without a
        browser; None when it was not looked at. LeftError: neither, the crawl is ending.
        """
        challenged = reading is not None and reading.blocked is not None
        if is_rendered(kept) and reading is not None:
            if challenged:
                self._browser.not_passed(lease)
            return settle_still_needed(lease, kept, reading, self._desk.now())
        if challenged and reading is not None and self._browser.passed_since(lease, kept):
            again = ask_again(lease, reading)
            if again is not None:
                return again
        return await self._shown(lease, kept, reading, challenged=challenged)

    async def _shown(
        self, lease: Lease, kept: KeptCapture, reading: Reading | None, *, challenged: bool
    ) -> KeptCapture | Record | Retry:
        # Late: the browser's libraries take 0.3 s to load, and most crawls never need them.
        from crawler.browser.browser import LeavingError, RenderError  # noqa: PLC0415 - see above
        from crawler.browser.launch import NoBrowserError  # noqa: PLC0415 - see above

        browser, now = self._browser, self._desk.now
        if challenged and browser.gave_up(lease):
            why = "a browser did not get past it on other pages"
            return settle_unrendered(lease, kept, reading, why, now())
        try:
            shown = await browser.show(lease, kept, challenged=challenged)
        except LeavingError as error:
            raise LeftError from error
        except NoBrowserError as error:
            # A list that was not looked at yet may be readable without one.
            return (
                kept
                if reading is None
                else settle_unrendered(lease, kept, reading, str(error), now())
            )
        except RenderError as error:
            return settle_unrendered(lease, kept, reading, str(error), now())
        return await self._kept(lease, kept, shown)

    async def _kept(
        self, lease: Lease, kept: KeptCapture, shown: "Shown"
    ) -> KeptCapture | Record | Retry:
        if shown.url != lease.url:
            return self._led_away(lease, kept, shown.url)
        raw = kept if shown.main is None else await self._desk.keep(lease, shown.main)
        rendered = Rendered(content=shown.content, status=shown.status, beside=raw, at=shown.at)
        return await self._desk.keep(lease, rendered)

    async def passed(self, lease: Lease, kept: KeptCapture) -> KeptCapture | None:
        """The exchange behind a challenge that stands before a robots.txt, fetched by the browser
        in the turn of the page that needs it; None when it is no challenge or stays one.
        """
        from crawler.browser.browser import LeavingError, RenderError  # noqa: PLC0415 - as above
        from crawler.browser.launch import NoBrowserError  # noqa: PLC0415 - as above

        task = ReadingTask(spot=kept.spot, url=lease.url, role=lease.role, family=None)
        reading = (await self._desk.read(task)).reading
        if reading is None or reading.blocked is None or reading.needs_browser is None:
            return None
        if self._browser.gave_up(lease):
            return None
        try:
            shown = await self._browser.show(lease, kept, challenged=True, in_turn=True)
        except (LeavingError, NoBrowserError, RenderError):
            return None
        if shown.main is None or shown.status in CHALLENGE_STATUSES:
            self._browser.not_passed(lease)
            return None
        return await self._desk.keep(lease, shown.main)

    def _led_away(self, lease: Lease, kept: KeptCapture, target: str) -> Record | Retry:
        """A page whose script goes elsewhere is a redirect."""
        return settle_read(
            lease,
            replace(kept, status=302),
            Answer(body_digest=None, reading=None, location=target),
            self._desk.now(),
            previous_hash=None,
            redirects=self._desk.redirects,
        )
