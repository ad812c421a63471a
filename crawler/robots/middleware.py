"""Asks the host's rules before a request goes out."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Self

from scrapy import Request

from archive.model.frontier import Lease
from archive.model.outcome import Role
from archive.model.url import host_of, why_clipped
from archive.store.rows import HostState
from crawler.fetch.handler import FOR_BROWSER, LEASE
from crawler.robots.answer import is_robots
from crawler.robots.fetcher import Robots
from crawler.spiders.portal import ByHttpError, CircuitOpenError, OutsideError, RefusedError

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
        lease: Lease = request.meta[LEASE]
        if is_robots(lease) or lease.pending_capture is not None:
            return
        desk = self._crawler.spider.desk  # type: ignore[union-attr]  # our spider runs
        outside = why_clipped(lease.url)
        if outside is not None:
            desk.politeness.skipped(lease)
            raise OutsideError(outside)
        is_https = lease.url.startswith("https://")
        if is_https and desk.tls.get(lease.portal_key) == "none":
            desk.politeness.skipped(lease)
            raise ByHttpError('tls = "none"')
        circuit_open = desk.politeness.circuit_open(lease)
        if circuit_open is not None:
            desk.politeness.skipped(lease)
            raise CircuitOpenError(circuit_open)
        if self._robots is None:
            self._robots = Robots(self._crawler, desk)
        refusal = await self._robots.refusal(lease)
        if refusal is not None:
            desk.politeness.skipped(lease)
            why = _without_tls(lease, desk.host_states) if refusal.down and is_https else None
            if why is not None and lease.portal_key not in desk.tls:
                desk.without_tls.add(lease.portal_key)
                raise ByHttpError(why)
            raise (CircuitOpenError if refusal.down else RefusedError)(refusal.reason)
        pause_s = desk.politeness.pause_before(lease)
        if FOR_BROWSER in request.meta and pause_s > PAGE_PATIENCE_S:
            raise RefusedError("its host is to be left alone")
        await asyncio.sleep(pause_s)


def _without_tls(lease: Lease, states: Mapping[str, HostState]) -> str | None:
    """Why a portal's entry may answer by http alone: TLS fails or nobody listens for it; None when
    the host is silent for another reason (it may be down), or for other pages.
    """
    state = states.get(host_of(lease.url))
    why = (state.robots_text if state else None) or ""
    is_told = "SSL routines" in why or "connection refused" in why
    return why if lease.role is Role.ENTRY and is_told else None
