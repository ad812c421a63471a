"""robots.txt by RFC 9309, with failures closed and rules remembered for a day.

An answer of 5xx (or none at all) closes the host: section 2.3.1.4. 4xx opens it: 2.3.1.3. The
exchange is kept in the archive like any other, so a refusal can be proven later.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from protego import Protego
from scrapy import Request

from archive.model.address import host_of, resolve
from archive.model.frontier import KeptCapture, Lease
from archive.model.outcome import Role
from archive.store.rows import HostState
from archive.warc.message import Limits, parse_response
from archive.warc.reader import read_block
from crawler.transport import KEPT, LEASE, FetchError

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.desk import Desk

KEPT_FOR: Final = timedelta(hours=24)  # RFC 9309 section 2.4
SIZE_LIMIT_BYTES: Final = 500 * 1024  # RFC 9309 section 2.5
MAX_REDIRECTS: Final = 5  # RFC 9309 section 2.3.1.2
LONGEST_CRAWL_DELAY_S: Final = 300.0
TOO_MANY_REQUESTS: Final = 429  # a 4xx by number, a closed door by meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a host allows. closed: why nothing may be asked at all; None when rules were read."""

    closed: str | None
    parser: Protego | None = None

    def refusal(self, address: str, agent: str) -> str | None:
        """Why the address may not be fetched; None when it may."""
        if self.closed is not None:
            return self.closed
        if self.parser is None or self.parser.can_fetch(address, agent):
            return None
        return "robots.txt disallows it"


class Robots:
    """The rules of every host of a run, fetched when first needed."""

    def __init__(self, crawler: "Crawler", desk: "Desk") -> None:
        self._crawler = crawler
        self._desk = desk
        self._agent: str = crawler.settings["BOT_NAME"]
        self._known: dict[str, asyncio.Future[Rules]] = {}
        self._states = desk.host_states

    async def refusal(self, lease: Lease) -> str | None:
        """Why the lease's address may not be fetched; None when it may."""
        host = host_of(lease.address)
        if host not in self._known:
            self._known[host] = asyncio.ensure_future(self._rules(host, lease))
        rules = await asyncio.shield(self._known[host])
        return rules.refusal(lease.address, self._agent)

    async def _rules(self, host: str, lease: Lease) -> Rules:
        state = self._states.get(host)
        if state is None or not _fresh(state, self._desk.now()):
            state = await self._fetched(host, lease)
        rules = read_rules(state.robots_status or 0, state.robots_text or "")
        if rules.parser is not None:
            delay = rules.parser.crawl_delay(self._agent)
            if delay:
                self._desk.manners.slow_down(lease, min(float(delay), LONGEST_CRAWL_DELAY_S))
        return rules

    async def _fetched(self, host: str, lease: Lease) -> HostState:
        status, text = 0, ""
        address = resolve(lease.address, "/robots.txt")
        for _ in range(MAX_REDIRECTS + 1):
            if address is None:
                break
            status, text, address = await self._ask(address, lease)
        known = self._states.get(host, HostState(host=host))
        state = replace(
            known, robots_status=status, robots_text=text, robots_fetched_at=self._desk.now()
        )
        await self._desk.save_host(state)
        return state

    async def _ask(self, address: str, for_lease: Lease) -> tuple[int, str, str | None]:
        """Status, text and the address it redirects to (None when it does not)."""
        lease = await self._desk.robots_lease(address, for_lease)
        if lease is None:
            return self._asked_before(address)
        request = Request(address, meta={LEASE: lease}, dont_filter=True)
        try:
            await self._crawler.engine.download_async(request)
        except FetchError as error:
            await self._desk.settle_robots(lease, error.kept, error.reason)
            return 0, "", None
        kept: KeptCapture = request.meta[KEPT]
        await self._desk.settle_robots(lease, kept, None)
        text, location = await asyncio.to_thread(self._text, kept)
        moved = 300 <= kept.status < 400
        return kept.status, text, resolve(address, location or "") if moved else None

    def _asked_before(self, address: str) -> tuple[int, str, str | None]:
        """Asked in this run, before a restart: what was answered then still holds."""
        state = self._states.get(host_of(address))
        return (state.robots_status or 0, state.robots_text or "", None) if state else (0, "", None)

    def _text(self, kept: KeptCapture) -> tuple[str, str | None]:
        answer = parse_response(
            read_block(self._desk.home.warc, kept.spot),
            limits=Limits(max_inflated_bytes=8 * SIZE_LIMIT_BYTES),
        )
        body = answer.entity().body[:SIZE_LIMIT_BYTES]
        return body.decode("utf-8", "replace"), answer.header("location")


def read_rules(status: int, text: str) -> Rules:
    """The rules that a robots.txt answer gives; status 0 means that none arrived."""
    if status == 0:
        return Rules(closed="robots.txt could not be fetched: the host is left alone")
    if status >= 500 or status == TOO_MANY_REQUESTS:
        return Rules(closed=f"robots.txt answered {status}: the host is left alone")
    if 300 <= status < 400:
        return Rules(closed=None)  # more redirects than must be followed: as if there was none
    if status != 200 or _is_page(text):
        return Rules(closed=None)
    return Rules(closed=None, parser=Protego.parse(text))


def _is_page(text: str) -> bool:
    """A soft 404: portals answer an unknown path with their home page and status 200."""
    return text.lstrip("\ufeff \t\r\n")[:200].lower().startswith(("<!doctype", "<html"))


def _fresh(state: HostState, now: datetime) -> bool:
    """A closed door is tried again after an hour, rules are kept for a day."""
    if state.robots_fetched_at is None:
        return False
    status = state.robots_status or 0
    closed = status == 0 or status >= 500 or status == TOO_MANY_REQUESTS
    return now - state.robots_fetched_at < (timedelta(hours=1) if closed else KEPT_FOR)


def is_robots(lease: Lease) -> bool:
    """True for the lease of a robots.txt itself."""
    return lease.role is Role.ROBOTS
