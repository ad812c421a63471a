"""The browser of a crawl: renders one page at a time through scrapy-playwright.

A page gets here only when it cannot be read without running its scripts, or when a challenge
answered in its place. It has limits in time and memory; whatever happens, the crawl goes on.
"""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from time import monotonic
from typing import Any, Final

from playwright.async_api import Error as PlaywrightError
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler
from scrapy_playwright.page import PageMethod

from archive.model.frontier import Lease, StoredCapture
from archive.model.url import host_of
from archive.warc.message import Limits, parse_response
from archive.warc.reader import read_block
from archive.work import clock
from archive.work.ingest.archive_writer import Rendered
from archive.work.ingest.render_outcomes import CHALLENGE_STATUSES
from crawler.browser.launch import ChromiumProvider, first_line, kill, memory_bytes
from crawler.browser.page import PageVisit
from crawler.errors import LeavingError, NoBrowserError, RenderError
from crawler.session import CrawlSession, session_of

WALL_S: Final = 30.0
TURN_S: Final = 60.0
CLOSE_S: Final = 5.0
WATCH_S: Final = 0.25
MAX_CONTENT: Final = 16 * 1024 * 1024
TRIES_A_HOST: Final = 2
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pass:
    """What a challenge left of a host: the cookies, since when, and how often it was not passed."""

    cookies: list[Any] = field(default_factory=list)
    since: datetime | None = None
    failures: int = 0


class Browser:
    """Started with the first page that needs it, ended by `close`."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._memory_bytes: int = crawler.settings.getint("GONGKAI_BROWSER_MEMORY_MB") * 1024**2
        self._handler: ScrapyPlaywrightDownloadHandler | None = None
        self._provider: ChromiumProvider | None = None
        self._missing: str | None = None
        self._one = asyncio.Lock()
        self._numbers = count(1)
        self._passes: dict[str, _Pass] = {}

    @property
    def _session(self) -> CrawlSession:
        return session_of(self._crawler)

    def cookies_for(self, url: str) -> list[Any]:
        """The cookies that a passed challenge left for a URL's host; [] when none did."""
        passed = self._passes.get(host_of(url))
        return passed.cookies if passed else []

    def passed_since(self, lease: Lease, stored: StoredCapture) -> bool:
        """Whether the host's challenge was passed after this exchange: it is worth asking again."""
        passed = self._passes.get(host_of(lease.url))
        return bool(passed and passed.since and passed.since > stored.captured_at)

    def not_passed(self, lease: Lease) -> None:
        """The challenge is still there after the browser met it."""
        known = self._passes.setdefault(host_of(lease.url), _Pass())
        known.failures += 1
        known.cookies, known.since = [], None

    def is_hopeless(self, lease: Lease) -> bool:
        """Whether the host's challenge was met in vain so often that this run leaves it."""
        known = self._passes.get(host_of(lease.url))
        return known is not None and known.failures >= TRIES_A_HOST

    async def show(
        self, lease: Lease, stored: StoredCapture, *, challenged: bool, in_turn: bool = False
    ) -> Rendered:
        """The page of a kept exchange, rendered in the host's turn (in_turn: the caller has it).
        RenderError: it cannot be; NoBrowserError: there is no Chromium; LeavingError: the crawl is
        ending.
        """
        if self._missing is not None:
            raise NoBrowserError(self._missing)
        if not in_turn:
            await self._host_turn(lease)
        began = monotonic()
        try:
            async with self._one:
                self._leave_if_ending()
                began = monotonic()
                return await self._shown(lease, stored, challenged=challenged)
        except RenderError:
            self._leave_if_ending()
            raise
        except NoBrowserError as error:
            self._missing = str(error)
            await self.close()
            raise
        finally:
            # What the page thought about is no slowness of its host.
            self._session.politeness.fetched(lease, elapsed_s=min(monotonic() - began, 1.0))
            self._session.frontier.wake()

    async def _host_turn(self, lease: Lease) -> None:
        politeness, end = self._session.politeness, monotonic() + TURN_S
        politeness.reserve(lease)
        try:
            while not politeness.take_reserved(lease):
                self._leave_if_ending()
                _refuse_to_wait(monotonic() > end)
                await asyncio.sleep(0.05)
        except BaseException:
            politeness.unreserve(lease)
            raise

    def _leave_if_ending(self) -> None:
        if self._session.stopping or not self._crawler.crawling:
            raise LeavingError

    async def _shown(self, lease: Lease, stored: StoredCapture, *, challenged: bool) -> Rendered:
        block = await asyncio.to_thread(read_block, self._session.home.files, stored.spot)
        visit = PageVisit(
            crawler=self._crawler,
            session=self._session,
            lease=lease,
            stored=parse_response(block, limits=Limits()),
            challenged=challenged,
            script=lambda: self._provider.script if self._provider else "",
        )
        try:
            await self._render(visit)
        finally:
            for each in visit.parts.values():  # their own pages wait as after any other visit
                self._session.politeness.fetched(each, elapsed_s=0.0)
        self._leave_if_ending()  # a page that was cut short says nothing of its portal
        content = (visit.content or "").encode("utf-8", "replace")
        if not content or len(content) > MAX_CONTENT:
            raise RenderError("the rendered page is larger than the limit" if content else "empty")
        if visit.documents > 1 and visit.status not in CHALLENGE_STATUSES:
            passed = _Pass(cookies=visit.cookies, since=clock.now())
            self._passes[host_of(lease.url)] = passed
        return Rendered(
            content=content,
            url=visit.url,
            status=visit.status,
            at=clock.now(),
            beside=stored,
            main=visit.main,
        )

    async def _render(self, visit: PageVisit) -> None:
        handler = self._started()
        name = f"page-{next(self._numbers)}"
        watch = asyncio.ensure_future(self._watch_memory())
        render = asyncio.ensure_future(handler.download_request(self._request(visit, name)))
        try:
            done, _ = await asyncio.wait(
                {render, watch}, timeout=WALL_S, return_when=asyncio.FIRST_COMPLETED
            )
            self._refuse_excess(render in done, watch in done)
            render.result()
            await self._close_context(handler, name)
        except (RenderError, PlaywrightError, OSError, ValueError) as error:
            await self.close()  # a browser in trouble is not asked again: the next page gets a new
            raise RenderError(f"a browser could not show it: {first_line(error)}") from error
        finally:
            for task in (watch, render):
                task.cancel()
            await asyncio.wait({watch, render}, timeout=CLOSE_S)

    def _refuse_excess(self, done: bool, too_large: bool) -> None:  # noqa: FBT001 - two facts
        if too_large:
            raise RenderError(f"the page took more than {self._memory_bytes >> 20} MB")
        if not done:
            raise RenderError(f"the page was not done after {WALL_S:.0f} s")

    def _request(self, visit: PageVisit, name: str) -> Request:
        agent = self._crawler.settings["USER_AGENT"]
        context = {
            "accept_downloads": False,
            "locale": "zh-CN",
            "service_workers": "block",
            "timezone_id": "Asia/Shanghai",
            "user_agent": agent,
        }
        meta = {
            "playwright": True,
            "playwright_context": name,
            "playwright_context_kwargs": context,
            "playwright_page_init_callback": visit.prepare,
            "playwright_page_goto_kwargs": {"wait_until": "commit"},
            "playwright_page_methods": [PageMethod(visit.wait_until_done)],
        }
        return Request(visit.lease.url, meta=meta, dont_filter=True)

    def _started(self) -> ScrapyPlaywrightDownloadHandler:
        """The handler; made late, it does not hear the engine start and is given its provider."""
        if self._handler is None:
            self._handler = ScrapyPlaywrightDownloadHandler(self._crawler)
            self._handler.config.target_closed_max_retries = 0
            self._provider = ChromiumProvider(self._handler.config)
            self._handler.browser_provider = self._provider
        return self._handler

    async def _close_context(self, handler: ScrapyPlaywrightDownloadHandler, name: str) -> None:
        wrapper = handler.context_wrappers.get(name)
        if wrapper is not None:
            await asyncio.wait_for(wrapper.context.close(), CLOSE_S)

    async def _watch_memory(self) -> None:
        """Returns when the browser takes more than it may."""
        while True:
            await asyncio.sleep(WATCH_S)
            folder = self._provider.folder if self._provider else None
            if folder is None:
                continue
            if await asyncio.to_thread(memory_bytes, folder) > self._memory_bytes:
                kill(folder)
                return

    async def close(self) -> None:
        """Ends the browser and clears away what it leaves; a later page starts another."""
        handler, provider = self._handler, self._provider
        self._handler = self._provider = None
        if handler is not None:
            with suppress(Exception):  # it may be dead or deaf: then it is killed
                await asyncio.wait_for(handler.close(), CLOSE_S)
        if provider is not None:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(provider.close(), CLOSE_S)


def _refuse_to_wait(too_long: bool) -> None:  # noqa: FBT001 - one fact
    if too_long:
        raise RenderError("its host is to be left alone")
