"""Fetches the robots.txt of a run's hosts when they are first needed. Every exchange is kept in the
archive like any other, so a refusal can be proven later.
"""

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from scrapy import Request

from archive.model.frontier import Lease, StoredCapture
from archive.model.url import host_of, is_private, resolve
from archive.store.rows import HostState
from archive.work import clock
from archive.work.ingest.outcomes import decide_robots
from archive.work.ingest.render_outcomes import CHALLENGE_STATUSES
from crawler.browser.rendering import Rendering
from crawler.errors import FetchError
from crawler.fetch.meta import LEASE, STORED, Target
from crawler.frontier.politeness import PATIENCE
from crawler.robots.answer import RobotsAnswer, host_ruled, is_fresh, read_answer, state_after
from crawler.robots.rules import Refusal, Rules, read_rules
from crawler.session import CrawlSession

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

MAX_REDIRECTS: Final = 5  # RFC 9309 section 2.3.1.2
MAX_CRAWL_DELAY_S: Final = 300.0
logger = logging.getLogger(__name__)


class Robots:
    """The rules of every host of a run, fetched when first needed."""

    def __init__(self, crawler: "Crawler", session: CrawlSession) -> None:
        self._crawler = crawler
        self._session = session
        self._agent: str = crawler.settings["BOT_NAME"]
        self._known: dict[str, asyncio.Future[Rules]] = {}
        self._asked: dict[str, asyncio.Future[RobotsAnswer | None]] = {}
        self._states = session.host_states

    async def refusal(self, target: Target) -> Refusal | None:
        """Why a request's URL may not be fetched; None when it may."""
        host = host_of(target.url)
        if host not in self._known:
            self._known[host] = asyncio.ensure_future(self._rules(host, target))
        rules = await asyncio.shield(self._known[host])
        return rules.refusal(target.url, self._agent)

    async def _rules(self, host: str, target: Target) -> Rules:
        state = self._states.get(host)
        if state is None or not is_fresh(state, clock.now()):
            state = await self._fetched(host, target)
        rules = read_rules(state.robots_status or 0, state.robots_text or "", self._agent)
        if rules.parser is not None:
            delay = rules.parser.crawl_delay(self._agent)
            if delay:
                self._session.politeness.slow_down(target, min(float(delay), MAX_CRAWL_DELAY_S))
        return rules

    async def _fetched(self, host: str, target: Target) -> HostState:
        """Asks, following redirects; states are stored before the outcomes are, so that after
        a crash in between the kept answers are taken up again (`take_up`).
        """
        chain: dict[str, RobotsAnswer] = {}
        mine: list[RobotsAnswer] = []
        url = resolve(target.url, "/robots.txt")
        while url is not None and url not in chain and len(chain) <= MAX_REDIRECTS:
            is_first = url not in self._asked
            answer = await self._once(url, target.portal_key)
            if answer is None:  # before a restart
                break
            chain[url] = answer
            mine += [answer] if is_first else []
            leads = answer.redirect
            if leads and is_private(leads) > is_private(url):
                inside = f"robots.txt leads into a private network: {leads}"
                chain[url] = replace(answer, status=0, failure=inside)
                break
            url = leads
        if not chain:
            return self._states.get(host, HostState(host=host))
        for each in filter(None, {host, *map(host_ruled, mine)}):
            state = state_after(self._states.get(each), each, [*chain.values()][-1], clock.now())
            await self._session.hosts.save(state)
        for own in mine:
            decision = decide_robots(own.lease, own.stored, own.failure, clock.now())
            await self._session.frontier.end(own.lease, decision)
        return self._states[host]

    async def _once(self, url: str, portal_key: str) -> "RobotsAnswer | None":
        """The answer at a URL, which several hosts may redirect to; None when it was asked
        for before a restart.
        """
        if url not in self._asked:
            self._asked[url] = asyncio.ensure_future(self._answered(url, portal_key))
        return await asyncio.shield(self._asked[url])

    async def _answered(self, url: str, portal_key: str) -> "RobotsAnswer | None":
        own = await self._session.frontier.lease_robots(url, portal_key)
        if own is None:
            return None
        pause_s = self._session.politeness.pause_before(own)
        if pause_s > PATIENCE.total_seconds():  # a redirect to the rules of a host that rests
            return RobotsAnswer(lease=own, stored=None, failure="its host is to be left alone")
        await asyncio.sleep(pause_s)
        return await self._ask(own)

    async def _ask(self, lease: Lease) -> "RobotsAnswer":
        request = Request(lease.url, meta={LEASE: lease}, dont_filter=True)
        try:
            await self._crawler.engine.download_async(request)
        except FetchError as error:
            return RobotsAnswer(lease=lease, stored=error.stored, failure=error.reason)
        except Exception as error:
            defect = self._session.page_error(error)
            if defect is None:
                raise
            return RobotsAnswer(lease=lease, stored=None, failure=defect.reason)
        stored: StoredCapture = request.meta[STORED]
        answer = await asyncio.to_thread(read_answer, self._session.home.files, lease, stored)
        if answer.unreadable:
            return await self._ask_as_new(lease)
        if answer.status not in CHALLENGE_STATUSES or answer.status < 500:
            return answer
        # Some challenges stand before robots.txt too: a browser that is let in brings it.
        passed = await Rendering(self._crawler).passed(lease, stored)
        if passed is None:
            return answer
        return await asyncio.to_thread(read_answer, self._session.home.files, lease, passed)

    async def _ask_as_new(self, lease: Lease) -> "RobotsAnswer":
        """The answer repeats a record that cannot be read: asked for once more, as if nothing was
        known of it, so that what comes is kept whole.
        """
        logger.warning("%s repeats a record that cannot be read: asked again", lease.url)
        await asyncio.sleep(self._session.politeness.pause_before(lease))
        return await self._ask(replace(lease, previous=None))
