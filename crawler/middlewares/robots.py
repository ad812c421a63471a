"""Asks the host's rules before a request goes out."""

import asyncio
from typing import TYPE_CHECKING, Self

from scrapy import Request

from archive.model.frontier import Lease
from crawler.robots import Robots, is_robots
from crawler.spiders.portal import GivenUpError, RefusedError
from crawler.transport import LEASE

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


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
        lease: Lease = request.meta[LEASE]
        if is_robots(lease) or lease.capture is not None:
            return
        desk = self._crawler.spider.desk  # type: ignore[union-attr]  # our spider runs
        given_up = desk.manners.given_up(lease)
        if given_up is not None:
            desk.manners.skipped(lease)
            raise GivenUpError(given_up)
        if self._robots is None:
            self._robots = Robots(self._crawler, desk)
        refusal = await self._robots.refusal(lease)
        if refusal is not None:
            desk.manners.skipped(lease)
            raise (GivenUpError if refusal.down else RefusedError)(refusal.reason)
        await asyncio.sleep(desk.manners.pause_before(lease))
