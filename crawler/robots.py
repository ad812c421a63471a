"""robots.txt by RFC 9309, with failures closed and rules remembered for a day.

An answer of 5xx (or none at all) closes the host: section 2.3.1.4. 4xx opens it: 2.3.1.3. The
exchange is kept in the archive like any other, so a refusal can be proven later.
"""

import asyncio
import logging
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from protego import Protego
from scrapy import Request

from archive.model.address import host_of, resolve
from archive.model.errors import DamageError, MessageError
from archive.model.frontier import KeptCapture, Lease, WarcSpot
from archive.model.outcome import Role
from archive.store.rows import HostState
from archive.warc.message import Decoded, Limits, Response, parse_response
from archive.warc.reader import read_block
from archive.work.ingest.outcomes import is_private
from archive.work.ingest.render_outcomes import CHALLENGE_STATUSES
from crawler.manners import PATIENCE
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
NOT_MODIFIED: Final = 304
_BYTE_ORDER_MARK: Final = "\ufeff"
_AGENT_LINE: Final = re.compile(r"\A\s*user[ -]?agent[\s:]\s*:?\s*([^#]*)", re.IGNORECASE)
_SOMEBODY_ELSE: Final = "-"
logger = logging.getLogger(__name__)


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
        rules = read_rules(state.robots_status or 0, state.robots_text or "", self._agent)
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
        pause_s = self._desk.manners.pause_before(own)
        if pause_s > PATIENCE.total_seconds():  # a redirect to the rules of a host that rests
            return _Asked(lease=own, kept=None, failure="its host is to be left alone")
        await asyncio.sleep(pause_s)
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
        if asked.unreadable:
            return await self._ask_as_new(lease)
        if asked.status not in CHALLENGE_STATUSES or asked.status < 500:
            return asked
        # Some challenges stand before robots.txt too: a browser that is let in brings it.
        passed = await Rendering(self._crawler).passed(lease, kept)
        if passed is None:
            return asked
        return await asyncio.to_thread(_looked_into, self._desk.home.warc, lease, passed)

    async def _ask_as_new(self, lease: Lease) -> "_Asked":
        """The answer repeats a record that cannot be read: asked for once more, as if nothing was
        known of it, so that what comes is kept whole.
        """
        logger.warning("%s repeats a record that cannot be read: asked again", lease.address)
        await asyncio.sleep(self._desk.manners.pause_before(lease))
        return await self._ask(replace(lease, previous=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One exchange for a robots.txt. status is 0 when no whole answer came; unreadable: what it
    repeats cannot be read.
    """

    lease: Lease
    kept: KeptCapture | None
    failure: str | None = None
    status: int = 0
    text: str = ""
    redirect: str | None = None
    unreadable: bool = False


def _looked_into(folder: Path, lease: Lease, kept: KeptCapture) -> _Asked:
    """What a kept exchange says; never raises for what came from the wire or from a file."""
    try:
        return _said(folder, lease, kept)
    except DamageError as error:
        repeats = lease.previous is not None and _repeats(kept)
        return _Asked(lease=lease, kept=kept, failure=str(error), unreadable=repeats)


def _said(folder: Path, lease: Lease, kept: KeptCapture) -> _Asked:
    status, answer = kept.status, _answer_at(folder, kept.spot)
    if _repeats(kept):
        # The record of a revisit is a head alone: the rules are in the one it refers to.
        if lease.previous is None:
            raise MessageError(f"status {status}, but nothing was known")
        known = _answer_at(folder, lease.previous.spot)
        status, answer = (known.status, known) if status == NOT_MODIFIED else (status, known)
    entity = answer.entity() if _is_success(status) else Decoded(body=b"")
    if entity.damage:
        raise MessageError(entity.damage)
    return _Asked(
        lease=lease,
        kept=kept,
        status=status,
        text=_text(_within_limit(entity.body)),
        redirect=resolve(lease.address, answer.location or "") if 300 <= status < 400 else None,
    )


def _repeats(kept: KeptCapture) -> bool:
    return kept.record_type == "revisit" or kept.status == NOT_MODIFIED


def _answer_at(folder: Path, spot: WarcSpot) -> Response:
    limits = Limits(max_inflated_bytes=8 * SIZE_LIMIT_BYTES)
    return parse_response(read_block(folder, spot), limits=limits)


def _within_limit(body: bytes) -> bytes:
    """Half a line would be another rule: what is cut ends with its last whole line."""
    if len(body) <= SIZE_LIMIT_BYTES:
        return body
    return body[:SIZE_LIMIT_BYTES].rpartition(b"\n")[0]


def _text(body: bytes) -> str:
    """UTF-8 (RFC 9309 section 2.2), unless a byte order mark says UTF-16 (Windows' "Unicode").
    Other bytes, as of comments in GBK, become U+FFFD; Protego compares paths in them so too.
    """
    marked = body.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    text = body.decode("utf-16" if marked else "utf-8", "replace")
    return text.replace("\0", "").lstrip(_BYTE_ORDER_MARK)


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
    be asked for again: it was cut, only a redirect, or repeats what cannot be read.
    """
    if lease.capture is None or lease.capture.truncated:
        return None
    asked = _looked_into(folder, lease, lease.capture)
    if asked.redirect or asked.unreadable:
        return None
    return _state(known, host_of(lease.address), asked, now)


def read_rules(status: int, text: str, agent: str) -> Rules:
    """The rules that a robots.txt answer gives an agent; status 0 means that none arrived, and
    that `text` says why.
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
    lines = text.lstrip(_BYTE_ORDER_MARK).splitlines()
    return Rules(closed=None, parser=Protego.parse("\n".join(_for(agent, each) for each in lines)))


def _for(agent: str, line: str) -> str:
    """A line as it concerns an agent. Groups of all others become one: thousands of them over
    thousands of rules would cost their product. Versions behind the agent's name are no part of it.

    >>> [_for("gongkai", f"User-agent: {name}") for name in ("Gongkai/1.0", "*", "Baiduspider")]
    ['User-agent: gongkai', 'User-agent: *', 'User-agent: -']
    """
    found = _AGENT_LINE.match(line)
    if found is None:
        return line
    name = found[1].strip().lower()
    if re.match(rf"{re.escape(agent)}(?![\w-])", name):
        name = agent
    return f"User-agent: {name if name in (agent, '*') else _SOMEBODY_ELSE}"


def _is_success(status: int) -> bool:
    return 200 <= status < 300


def _is_page(text: str) -> bool:
    """A soft 404: portals answer an unknown path with their home page and status 200."""
    return (
        text.lstrip(f"{_BYTE_ORDER_MARK} \t\r\n")[:200].lower().startswith(("<!doctype", "<html"))
    )


def _fresh(state: HostState, now: datetime) -> bool:
    """Rules are kept for a day; a closed door is tried again by the next run."""
    if state.robots_fetched_at is None:
        return False
    status = state.robots_status or 0
    closed = status == 0 or status >= 500 or status == TOO_MANY_REQUESTS
    return not closed and timedelta(0) <= now - state.robots_fetched_at < KEPT_FOR


def is_robots(lease: Lease) -> bool:
    """True for the lease of a robots.txt itself."""
    return lease.role is Role.ROBOTS
