"""robots.txt by RFC 9309, with failures closed and rules remembered for a day.

An answer of 5xx (or none at all) closes the host: section 2.3.1.4. 4xx opens it: 2.3.1.3. The
exchange is kept in the archive like any other, so a refusal can be proven later.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from protego import Protego
from scrapy import Request

from archive.model.address import host_of, resolve
from archive.model.errors import MessageError
from archive.model.frontier import KeptCapture, Lease
from archive.model.outcome import Role
from archive.store.rows import HostState
from archive.warc.message import Decoded, Limits, parse_response
from archive.warc.reader import read_block
from archive.work.rendering import CHALLENGE_STATUSES
from archive.work.take_in import is_private
from crawler.pipelines.rendering import Rendering
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
class Refusal:
    """Why an address may not be fetched. down: no answer came at all, so it is the host that fails,
    not its rules that forbid.
    """

    reason: str
    down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a host allows. closed: why nothing may be asked at all; None when rules were read."""

    closed: Refusal | None
    parser: Protego | None = None

    def refusal(self, address: str, agent: str) -> Refusal | None:
        """Why the address may not be fetched; None when it may."""
        if self.closed is not None:
            return self.closed
        if self.parser is None or self.parser.can_fetch(address, agent):
            return None
        return Refusal(reason="robots.txt disallows it")


class Robots:
    """The rules of every host of a run, fetched when first needed."""

    def __init__(self, crawler: "Crawler", desk: "Desk") -> None:
        self._crawler = crawler
        self._desk = desk
        self._agent: str = crawler.settings["BOT_NAME"]
        self._known: dict[str, asyncio.Future[Rules]] = {}
        self._asked: dict[str, asyncio.Future[_Asked | None]] = {}
        self._states = desk.host_states

    async def refusal(self, lease: Lease) -> Refusal | None:
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
        """Asks, following redirects; states are stored before the outcomes are, so that after
        a crash in between the kept answers are taken up again (`take_up`).
        """
        chain: dict[str, _Asked] = {}
        mine: list[_Asked] = []
        address = resolve(lease.address, "/robots.txt")
        while address is not None and address not in chain and len(chain) <= MAX_REDIRECTS:
            is_first = address not in self._asked
            asked = await self._once(address, lease)
            if asked is None:  # before a restart
                break
            chain[address] = asked
            mine += [asked] if is_first else []
            leads = asked.redirect
            address = None if leads and is_private(leads) > is_private(address) else leads
        if not chain:
            return self._states.get(host, HostState(host=host))
        await self._learn({host, *map(_host_ruled, mine)} - {None}, [*chain.values()][-1])
        for each in mine:
            await self._desk.settle_robots(each.lease, each.kept, each.failure)
        return self._states[host]

    async def _learn(self, hosts: Collection[str | None], asked: "_Asked") -> None:
        for host in filter(None, hosts):
            state = _state(self._states.get(host), host, asked, self._desk.now())
            await self._desk.save_host(state)

    async def _once(self, address: str, lease: Lease) -> "_Asked | None":
        """The answer at an address, which several hosts may redirect to; None when it was asked
        for before a restart.
        """
        if address not in self._asked:
            self._asked[address] = asyncio.ensure_future(self._answered(address, lease))
        return await asyncio.shield(self._asked[address])

    async def _answered(self, address: str, lease: Lease) -> "_Asked | None":
        own = await self._desk.robots_lease(address, lease)
        if own is None:
            return None
        await asyncio.sleep(self._desk.manners.pause_before(own))
        return await self._ask(own)

    async def _ask(self, lease: Lease) -> "_Asked":
        request = Request(lease.address, meta={LEASE: lease}, dont_filter=True)
        try:
            await self._crawler.engine.download_async(request)
        except FetchError as error:
            return _Asked(lease=lease, kept=error.kept, failure=error.reason)
        except Exception as error:
            reason = self._desk.costs_a_page(error)
            if reason is None:
                raise
            return _Asked(lease=lease, kept=None, failure=reason)
        kept: KeptCapture = request.meta[KEPT]
        asked = await asyncio.to_thread(_looked_into, self._desk.home.warc, lease, kept)
        if asked.status not in CHALLENGE_STATUSES or asked.status < 500:
            return asked
        # Some challenges stand before robots.txt too: a browser that is let in brings it.
        passed = await Rendering(self._crawler).passed(lease, kept)
        if passed is None:
            return asked
        return await asyncio.to_thread(_looked_into, self._desk.home.warc, lease, passed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One exchange for a robots.txt. status is 0 when no whole answer came."""

    lease: Lease
    kept: KeptCapture | None
    failure: str | None = None
    status: int = 0
    text: str = ""
    redirect: str | None = None


def _looked_into(folder: Path, lease: Lease, kept: KeptCapture) -> _Asked:
    try:
        answer = parse_response(
            read_block(folder, kept.spot), limits=Limits(max_inflated_bytes=8 * SIZE_LIMIT_BYTES)
        )
        entity = answer.entity() if _is_success(kept.status) else Decoded(body=b"")
    except MessageError as error:
        return _Asked(lease=lease, kept=kept, failure=str(error))
    if entity.damage:
        return _Asked(lease=lease, kept=kept, failure=entity.damage)
    moved = 300 <= kept.status < 400
    return _Asked(
        lease=lease,
        kept=kept,
        status=kept.status,
        text=_within_limit(entity.body).decode("utf-8", "replace"),
        redirect=resolve(lease.address, answer.location or "") if moved else None,
    )


def _within_limit(body: bytes) -> bytes:
    """Half a line would be another rule: what is cut ends with its last whole line."""
    if len(body) <= SIZE_LIMIT_BYTES:
        return body
    return body[:SIZE_LIMIT_BYTES].rpartition(b"\n")[0]


def _host_ruled(asked: _Asked) -> str | None:
    """The host that an address gives rules to by itself; None for one that was redirected to."""
    address = asked.lease.address
    return host_of(address) if address == resolve(address, "/robots.txt") else None


def _state(known: HostState | None, host: str, asked: _Asked, now: datetime) -> HostState:
    return replace(
        known or HostState(host=host),
        robots_status=asked.status,
        robots_text=asked.text if asked.failure is None else asked.failure,
        robots_fetched_at=now,
    )


def take_up(folder: Path, lease: Lease, known: HostState | None, now: datetime) -> HostState | None:
    """The host's state from a robots.txt answer that was kept before a crash; None when it has to
    be asked for again: it was cut, or only a redirect.
    """
    if lease.capture is None or lease.capture.truncated:
        return None
    asked = _looked_into(folder, lease, lease.capture)
    return None if asked.redirect else _state(known, host_of(lease.address), asked, now)


def read_rules(status: int, text: str) -> Rules:
    """The rules that a robots.txt answer gives; status 0 means that none arrived, and that `text`
    says why.
    """
    if status == 0:
        reason = f"{text or 'no answer'} (robots.txt is asked for first)"
        return Rules(closed=Refusal(reason=reason, down=True))
    if status >= 500 or status == TOO_MANY_REQUESTS:
        reason = f"robots.txt answered {status}: the host is left alone"
        return Rules(closed=Refusal(reason=reason))
    if 300 <= status < 400:
        return Rules(closed=None)  # more redirects than must be followed: as if there was none
    if not _is_success(status) or _is_page(text):
        return Rules(closed=None)
    return Rules(closed=None, parser=Protego.parse(text.removeprefix("\ufeff")))


def _is_success(status: int) -> bool:
    return 200 <= status < 300


def _is_page(text: str) -> bool:
    """A soft 404: portals answer an unknown path with their home page and status 200."""
    return text.lstrip("\ufeff \t\r\n")[:200].lower().startswith(("<!doctype", "<html"))


def _fresh(state: HostState, now: datetime) -> bool:
    """Rules are kept for a day; a closed door is tried again by the next run."""
    if state.robots_fetched_at is None:
        return False
    status = state.robots_status or 0
    closed = status == 0 or status >= 500 or status == TOO_MANY_REQUESTS
    return not closed and now - state.robots_fetched_at < KEPT_FOR


def is_robots(lease: Lease) -> bool:
    """True for the lease of a robots.txt itself."""
    return lease.role is Role.ROBOTS
