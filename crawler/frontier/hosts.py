"""What a run learns of its hosts, kept in the store: pauses they ask for, rests after failures."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from archive.model.outcome import Role
from archive.model.portal import Portal
from archive.model.url import host_of
from archive.store.rows import HostState, PortalFacts
from archive.work.ingest.outcomes import BLOCKED_STATUSES
from archive.work.ingest.verdict import Pause
from crawler.fetch.meta import Target
from crawler.fetch.reach import Reach
from crawler.frontier.lines import Remembered, minute
from crawler.frontier.politeness import (
    BUSY_STATUSES,
    CLOSE_AFTER,
    Politeness,
)

TOO_MANY_REQUESTS: Final = 429
MAX_BUSY_REST: Final = timedelta(days=1)
FIRST_REST: Final = timedelta(minutes=30)
MAX_REST: Final = timedelta(days=2)
SERVER_FAILURES: Final = frozenset({500, 502, 503, 504, 520, 522, 523, 524})


def remembered(
    states: Mapping[str, HostState], *, since: datetime | None, resting: bool
) -> Remembered:
    """What the store knows of all hosts.

    since: a killed process may have asked any host until then. resting: hosts that were given up
    are left alone until they have rested; else (a person names the portal) they get one try.
    """
    holds: dict[str, datetime] = {}
    for name, state in states.items():
        until = [state.not_before_at, state.rests_until if resting else None]
        if any(until):
            holds[name] = max(each for each in until if each)
    return Remembered(
        last_visits={name: s.last_visit_at for name, s in states.items() if s.last_visit_at},
        holds=holds,
        trips={name: s.trips for name, s in states.items() if s.trips},
        refusals={name: s.refusals for name, s in states.items() if s.refusals},
        numbers={name: s.ip_addresses.split() for name, s in states.items() if s.ip_addresses},
        since=since,
    )


class HostLog:
    """Writes down what hosts do: `states` in memory, `store` puts them into the ledger.
    first_rest_s: how long a host rests that sends us away for the first time and does not say for
    how long. held: where several workers share the archive, whether a URL's host is this run's.
    """

    held: Callable[[Target], Awaitable[bool]] | None = None

    def __init__(
        self,
        states: dict[str, HostState],
        politeness: Politeness,
        store: Callable[[HostState], Awaitable[None]],
        now: Callable[[], datetime],
        *,
        first_rest_s: float,
    ) -> None:
        self._states = states
        self._politeness = politeness
        self._store = store
        self._now = now
        self._first_rest_s = first_rest_s
        self._look_ups: set[asyncio.Task[None]] = set()

    async def answered(self, target: Target, status: int) -> None:
        """The host answered with that status; 5xx is trouble, all else ends a row of it."""
        if status in SERVER_FAILURES:
            await self.failed(target, f"status {status}")
        elif status in BUSY_STATUSES or status in BLOCKED_STATUSES:
            return  # `rested` has counted it
        elif self._politeness.answered(target):
            known = self._known(target)
            if known.trips or (known.refusals and target.role is not Role.ROBOTS):
                refusals = known.refusals if target.role is Role.ROBOTS else 0
                await self.save(replace(known, trips=0, rests_until=None, refusals=refusals))

    async def failed(self, target: Target, reason: str) -> None:
        """No whole answer came. A visit all the same: the pause runs from its end."""
        known = replace(self._known(target), last_visit_at=self._now())
        if self._politeness.failed(target, reason):
            trips = known.trips + 1
            rests_until = self._now() + rest_after(trips)
            why = f"given up after failures: {reason}"
            known = replace(known, trips=trips, rests_until=rests_until, reason=why)
        self._states[known.host] = known
        if target.role is not Role.ROBOTS:  # what is learned of its rules is saved right after this
            await self.save(known)

    async def hold(self, target: Target, until: datetime, reason: str) -> None:
        """The host asked to be left alone until an instant (Retry-After)."""
        self._politeness.hold(target, until)
        known = self._known(target)
        if known.not_before_at is None or known.not_before_at < until:
            await self.save(replace(known, not_before_at=until, reason=reason))

    def rested(self, target: Target, status: int, pause: timedelta | None) -> HostState | None:
        """Leaves a host alone that sends us away, before it can have another turn. The state to
        `keep`, which says so to later runs; None when it need not rest.

        pause: the pause it named (Retry-After); None when it named none.
        """
        refusals = self._politeness.refused(target, status)
        if not refusals:
            return None
        rest, reason = rest_when_busy(refusals, self._first_rest_s), "Retry-After"
        if pause is None or refusals >= CLOSE_AFTER:
            reason = f"status {status}, {refusals} times in a row"
            pause = max(rest, pause or rest)
        until = self._now() + pause
        self._politeness.hold(target, until, shared=status == TOO_MANY_REQUESTS)
        if refusals >= CLOSE_AFTER:
            why = f"its host sent {refusals} requests in a row away, the last with status {status}"
            self._politeness.close(target, f"{why}; it is left alone until {minute(until)}")
        known = self._known(target)
        rested = replace(known, not_before_at=until, reason=reason, refusals=refusals)
        self._states[known.host] = rested
        return rested

    async def keep(self, state: HostState) -> None:
        """Stores what `rested` said."""
        await self.save(self._states.get(state.host, state))

    async def save(self, state: HostState) -> None:
        """Stores what is known of a host now."""
        self._states[state.host] = state
        await self._store(state)

    def find_out(self, targets: Iterable[Target], reach: Reach, then: Callable[[], None]) -> None:
        """Looks up where hosts are, so that names at one IP address share its line from the first
        request on. then: called when one is known.
        """
        for name, target in {host_of(target.url): target for target in targets}.items():
            if self._politeness.look_up(name, numbers_too=self.held is not None):
                task = asyncio.ensure_future(self._find_out(name, target, reach, then))
                self._look_ups.add(task)
                task.add_done_callback(self._look_ups.discard)

    async def _find_out(
        self, name: str, target: Target, reach: Reach, then: Callable[[], None]
    ) -> None:
        numbers: Sequence[str] = ()
        try:
            numbers = await reach.numbers(urlsplit(name).hostname or "")
            if self.held is not None and not await self.held(target):
                return
        finally:
            self._politeness.leads_to(name, numbers)
            then()
        known = self._states.get(name, HostState(host=name))
        found = " ".join(sorted(numbers))
        if found and found != known.ip_addresses:
            await self.save(replace(known, ip_addresses=found))

    def _known(self, target: Target) -> HostState:
        name = host_of(target.url)
        return self._states.get(name, HostState(host=name))


def pauses(
    facts: Mapping[str, PortalFacts],
    portals: Iterable[Portal],
    *,
    seen: Mapping[str, Pause],
    states: Mapping[str, HostState],
    budget: bool,
    now: datetime,
) -> dict[str, Pause]:
    """Why each portal that has URLs left was paused.

    seen: what politeness put aside. budget: the run had a page budget (--max-pages). A host whose
    pause was asked for in an earlier run never came as far as politeness.
    """
    found: dict[str, Pause] = {}
    for portal in portals:
        if portal.key not in facts or not facts[portal.key].left:
            continue
        pause = seen.get(portal.key) or _asked_before(portal, states, now)
        if pause is None and budget:
            pause = Pause(reason="--max-pages", planned=True)
        if pause is not None:
            found[portal.key] = pause
    return found


def _asked_before(portal: Portal, states: Mapping[str, HostState], now: datetime) -> Pause | None:
    for name in map(host_of, portal.entries):
        state = states.get(name)
        until = state.not_before_at if state else None
        if state is not None and until is not None and until > now:
            why = f"its host sent us away ({state.reason})" if state.refusals else "its host asked"
            rest = "it is left alone" if state.refusals else "to be left alone"
            joint = "; " if state.refusals else " "
            return Pause(reason=f"{why}{joint}{rest} until {minute(until)}", planned=False)
    return None


def rest_when_busy(refusals: int, first_s: float) -> timedelta:
    """How long a host is left alone that sent us away so many times in a row: `first_s` seconds,
    doubled each time, a day at most (as Nutch and StormCrawler do).

    >>> [rest_when_busy(n, 60).total_seconds() for n in (1, 2, 3, 99)]
    [60.0, 120.0, 240.0, 86400.0]
    """
    return min(timedelta(seconds=first_s * 2.0 ** min(refusals - 1, 20)), MAX_BUSY_REST)


def rest_after(trips: int) -> timedelta:
    """How long crawls of what is due leave a host alone that was given up so many times in a row:
    half an hour, four times as long each time, two days at most.

    >>> [rest_after(trips).total_seconds() / 3600 for trips in (1, 2, 3, 99)]
    [0.5, 2.0, 8.0, 48.0]
    """
    rest: timedelta = FIRST_REST * 4 ** min(trips - 1, 8)
    return min(rest, MAX_REST)
