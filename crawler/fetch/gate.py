"""Decides which requests leave at all: what leads into a private network, is no URL to ask for,
needs TLS that the portal does not speak, or meets an open circuit, ends here.
"""

from typing import TYPE_CHECKING, Self

from scrapy import Request

from archive.model.outcome import Role
from archive.model.url import host_of, why_not_visited
from crawler.errors import (
    ByHttpError,
    CircuitOpenError,
    HostDownError,
    NotSentError,
    OutOfReachError,
    OutOfScopeError,
)
from crawler.fetch.meta import Target, is_gated, target_of
from crawler.session import CrawlSession, session_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class GateMiddleware:
    """Stands first: what it stops has no robots.txt. Whatever stops a request later on, it gives
    back the turn of the host.
    """

    def __init__(self, crawler: "Crawler") -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: "Crawler") -> Self:
        """Scrapy's way to build a component."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Lets the request pass; a NotSentError when it must not leave."""
        if not is_gated(request):
            return
        session, target = session_of(self._crawler), target_of(request)
        outside = why_not_visited(target.url)
        if outside is not None:
            raise OutOfScopeError(outside)
        # What it lets pass is looked at again where the connection is made (crawler.fetch.reach).
        private = await session.reach.refusal(target)
        if private is not None:
            raise OutOfReachError(private)
        if target.url.startswith("https://") and session.tls.of(target.portal_key) == "none":
            raise ByHttpError('tls = "none"')
        circuit_open = session.politeness.circuit_open(target)
        if circuit_open is not None:
            raise CircuitOpenError(circuit_open)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Gives the turn back; a ByHttpError where a host is down only for TLS."""
        if not isinstance(exception, NotSentError):
            return
        session, target = session_of(self._crawler), target_of(request)
        session.politeness.skipped(target)
        if isinstance(exception, HostDownError) and session.tls.of(target.portal_key) is None:
            why = _without_tls(session, target)
            if why is not None:
                session.tls.try_http(target.portal_key)
                raise ByHttpError(why) from exception


def _without_tls(session: CrawlSession, target: Target) -> str | None:
    """Why a portal's entry may answer by http alone: TLS fails or nobody listens for it; None when
    the host is silent for another reason (it may be down), or for other pages.
    """
    if target.role is not Role.ENTRY or not target.url.startswith("https://"):
        return None
    state = session.host_states.get(host_of(target.url))
    why = (state.robots_text if state else None) or ""
    return why if "SSL routines" in why or "connection refused" in why else None
