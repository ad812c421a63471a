"""Shows how far a run is, tells a service manager that it lives, and ends it when the archive can
take no more in.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Final, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured

from archive import supervisor
from crawler.session import session_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Spider
    from scrapy.crawler import Crawler

SHOW_EVERY_S: Final = 0.5


class RunWatch:
    """Calls GONGKAI_PROGRESS twice a second: a callable taking the outcomes' counts, how many
    URLs wait, and seconds since the begin.
    """

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._show: Callable[..., None] | None = crawler.settings.get("GONGKAI_PROGRESS")
        self._task: asyncio.Task[None] | None = None
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's way to build a component."""
        return cls(crawler)

    def spider_opened(self, spider: "Spider") -> None:
        """Starts watching."""
        if not hasattr(spider, "session"):
            raise NotConfigured("only the portal spider has a session")
        session_of(self._crawler).on_error(self._stop)
        self._task = asyncio.ensure_future(self._watch())

    def spider_closed(self) -> None:
        """Ends watching. What follows the visits (what changed, the seal) may take an hour."""
        supervisor.stop_watchdog()
        if self._task is not None:
            self._task.cancel()

    def _stop(self) -> None:
        engine = self._crawler.engine
        if engine is not None:
            asyncio.ensure_future(engine.close_spider_async(reason="archive_error"))  # noqa: RUF006

    async def _watch(self) -> None:
        session = session_of(self._crawler)
        frontier = session.frontier
        started = time.monotonic()
        supervisor.ready()
        while True:
            await asyncio.sleep(SHOW_EVERY_S)
            supervisor.alive()
            session.check_disk()
            if self._show is not None:
                self._show(frontier.outcomes, frontier.waiting, time.monotonic() - started)
