"""Applies the host's rules before a request goes out."""

import asyncio
from typing import TYPE_CHECKING, Final, Self

from scrapy import Request

from crawler.errors import HostDownError, RobotsError
from crawler.fetch.meta import PAGE_PART, is_gated, target_of
from crawler.robots.fetcher import Robots
from crawler.session import session_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

PAGE_PATIENCE_S: Final = 5.0  # a page in the browser waits no longer for a part of it


class RobotsMiddleware:
    """Refuses what robots.txt refuses; a refusal is an outcome, nothing is sent."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler
        self._robots: Robots | None = None

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's way to build a component."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Lets the request pass, after the host's pause when its rules had to be fetched first."""
        if not is_gated(request):
            return
        session, target = session_of(self._crawler), target_of(request)
        if self._robots is None:
            self._robots = Robots(self._crawler, session)
        refusal = await self._robots.refusal(target)
        if refusal is not None:
            raise (HostDownError if refusal.down else RobotsError)(refusal.reason)
        pause_s = session.politeness.pause_before(target)
        if PAGE_PART in request.meta and pause_s > PAGE_PATIENCE_S:
            raise RobotsError("its host is to be left alone")
        await asyncio.sleep(pause_s)
