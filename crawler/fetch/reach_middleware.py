"""Stops what leads into a private network before anything is asked for it, robots.txt included."""

from typing import TYPE_CHECKING, Self

from scrapy import Request

from archive.model.frontier import Lease
from crawler.fetch.handler import LEASE
from crawler.fetch.reach import OutOfReachError
from crawler.robots.answer import is_robots

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class ReachMiddleware:
    """What it lets pass is looked at again where the connection is made (crawler.fetch.reach)."""

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's way to build a component."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Lets the request pass; OutOfReachError when its host has private addresses alone."""
        lease: Lease = request.meta[LEASE]
        if is_robots(lease) or lease.pending_capture is not None:
            return
        desk = self._crawler.spider.desk  # type: ignore[union-attr]  # our spider runs
        refusal = await desk.reach.refusal(lease)
        if refusal is not None:
            desk.politeness.skipped(lease)
            raise OutOfReachError(refusal)
