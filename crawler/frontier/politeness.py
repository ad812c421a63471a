"""How a host is treated: one connection at a time, a pause after every answer, kept over restarts.

The pause runs from the end of the last exchange and is never shorter than the portal's delay; a
slow host gets a longer one (five times what the answer took, as Heritrix does). A host is scheme,
name and port; portals of one platform are treated as one host. Names that share an IP address on a
port are what answers there: they stay hosts of their own, with rests and failures of their own, but
share one line, that is the connection and the pause (a CDN's too). A host that asks for a long
pause, whose night window is closed or whose page budget is spent is closed for the run: what waits
for it is parked and stays for the next one. A host that fails again and again is given up for the
run. Nothing here reads a clock: instants are handed in.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from archive.model.frontier import Lease
from archive.model.outcome import SIDE_ROLES
from archive.model.portal import Portal
from archive.model.url import host_of
from archive.work.ingest.outcomes import BLOCKED_STATUSES
from archive.work.ingest.recrawl import opens_at
from archive.work.ingest.verdict import Pause
from crawler.fetch.meta import Target
from crawler.frontier.lines import (
    LONG_AGO,
    OPEN_AFTER,
    Host,
    Lines,
    Remembered,
    has_room,
    is_free,
    minute,
    number_in,
    ready_at,
)

SLOWNESS_FACTOR: Final = 5.0
MAX_SLOWNESS_S: Final = 30.0
PATIENCE: Final = timedelta(minutes=5)  # a longer pause is not waited for: the next run goes on
BUSY_STATUSES: Final = frozenset({429, 503})
BLOCKS_IN_A_ROW: Final = 5  # one refused page is that page's affair; so many are the host's
CLOSE_AFTER: Final = 3  # refusals in a row: the next run goes on


class Politeness:
    """Decides which leased URL may be fetched now. delay_s / concurrency: for portals that
    name none.
    """

    def __init__(
        self,
        *,
        portals: Iterable[Portal],
        delay_s: float,
        concurrency: int,
        remembered: Remembered,
        now: Callable[[], datetime],
    ) -> None:
        self._portals = {portal.key: portal for portal in portals}
        self._delay_s = delay_s
        self._concurrency = concurrency
        self._remembered = remembered
        self._now = now
        self._hosts: dict[str, Host] = {}
        self._ready: dict[str, None] = {}
        self._turns: set[int] = set()
        self._looked_up: set[str] = set()
        self._numbers: dict[str, Sequence[str]] = {}
        self._lines = Lines(remembered.numbers, remembered.last_visits)
        self._named: defaultdict[str, list[Host]] = defaultdict(list)
        self._asked: Counter[str] = Counter()
        self._pauses: dict[str, Pause] = {}
        self._neighbours = _neighbours(self._portals.values())
        self._left: dict[str, str] = {}
        self._elsewhere: dict[str, tuple[datetime, datetime]] = {}

    def add(self, lease: Lease) -> None:
        """Takes a leased URL into the queue of its host (kept ones need no host at all)."""
        self._host(lease).waiting.append(lease)
        self._ready[self.group_of(lease)] = None

    def __len__(self) -> int:
        return sum(len(self._hosts[name].waiting) for name in self._ready)

    def full_hosts(self, per_host: int) -> list[str]:
        """Hosts that have enough URLs waiting, or are closed for this run; no more need to be
        leased for them.
        """
        full = self.closed_hosts(per_host)
        for name in self._ready:
            if len(self._hosts[name].waiting) >= per_host:
                full += self._hosts[name].names
        return full

    def closed_hosts(self, per_host: int) -> list[str]:
        """Hosts from which nothing more is taken in this run."""
        too_late, names = self._now() + PATIENCE, list[str]()
        for host in self._hosts.values():
            rests = bool(host.parked) and ready_at(host) > too_late
            if host.closed is not None or rests or len(host.parked) >= per_host:
                names += host.names
        return [*names, *self._left]

    def next(self) -> Lease | None:
        """A URL whose host may be asked now; None when all must wait. Hosts take turns."""
        now = self._now()
        for name in list(self._ready):
            host = self._hosts[name]
            self._park(host, now)
            if not host.waiting:
                del self._ready[name]
                continue
            first = host.waiting[0]
            if first.pending_capture is not None or host.circuit_open is not None:
                return self._take(name, host, free=True)
            if self._may_begin(host) and is_free(host, now):
                return self._take(name, host, free=False)
        return None

    def _may_begin(self, host: Host) -> bool:
        """Whether nobody stands before the host's next URL: a page in the browser that was
        promised the next turn, or the look-up of where its name leads.
        """
        return not host.is_promised() and host_of(host.waiting[0].url) not in self._looked_up

    def _take(self, name: str, host: Host, *, free: bool) -> Lease:
        lease = host.waiting.pop(0)
        if not free:
            host.take(1)
            self._turns.add(lease.page_id)
            self._asked[lease.portal_key] += 1
        self._ready[name] = self._ready.pop(name)  # to the end: hosts take turns
        return lease

    def _park(self, host: Host, now: datetime) -> None:
        """Puts aside what cannot be fetched in this run, from the front of the queue on."""
        while (
            host.waiting and host.waiting[0].pending_capture is None and host.circuit_open is None
        ):
            pause = self._pause(host, host.waiting[0], now)
            if pause is None:
                return
            lease = host.waiting.pop(0)
            self._pauses.setdefault(lease.portal_key, pause)
            host.parked.append(lease)

    def _pause(self, host: Host, lease: Lease, now: datetime) -> Pause | None:
        """Why a lease has to wait for another run; None when it has not."""
        portal = self._portals.get(lease.portal_key)
        left = self._left.get(host_of(lease.url))
        if left is not None or host.closed is not None:
            return Pause(reason=left or host.closed or "", planned=left is not None)
        if ready_at(host) > now + PATIENCE:
            why = "its host asked to be left alone until"
            return Pause(reason=f"{why} {minute(ready_at(host))}", planned=False)
        if portal is None:
            return None
        if portal.hours is not None and opens_at(portal.hours, now) > now + PATIENCE:
            return Pause(reason=f"its hours are {portal.hours} in China", planned=True)
        if portal.max_pages is not None and self._asked[portal.key] >= portal.max_pages:
            return Pause(reason=f"its budget is {portal.max_pages} pages a run", planned=True)
        return None

    def pauses(self) -> Mapping[str, Pause]:
        """Why URLs of a portal were put aside, by portal key."""
        return self._pauses

    def seconds_to_wait(self) -> float | None:
        """Seconds until the next host may be asked; None when only finished fetches can help."""
        now = self._now()
        waits = [
            (ready_at(host) - now).total_seconds()
            for host in (self._hosts[name] for name in self._ready)
            if host.waiting and self._may_begin(host) and has_room(host)
        ]
        return max(min(waits), 0.0) if waits else None

    def reserve(self, target: Target) -> None:
        """The host is wanted once more for a URL that was asked for already (a browser fetches
        what its page needs): nothing else of the host begins before that.
        """
        self._host(target).reserve(1)

    def take_reserved(self, lease: Lease) -> bool:
        """Takes the reserved turn when the host may be asked now; `fetched` gives it back."""
        host = self._host(lease)
        if not is_free(host, self._now()):
            return False
        host.reserve(-1)
        host.take(1)
        self._turns.add(lease.page_id)
        return True

    def unreserve(self, target: Target) -> None:
        """The reserved turn is not wanted any more."""
        self._host(target).reserve(-1)

    def fetched(self, target: Target, *, elapsed_s: float) -> None:
        """An exchange with the lease's host has ended (or failed to begin)."""
        host = self._host(target)
        self._give_back(target, host)
        pause_s = host.delay_s
        if pause_s > 0:
            pause_s = max(pause_s, min(SLOWNESS_FACTOR * elapsed_s, MAX_SLOWNESS_S))
        host.last_at = self._now()
        host.rest(host.last_at + timedelta(seconds=pause_s))

    def answered(self, target: Target) -> bool:
        """The host gave an answer that is no trouble; True when that ends a row of failures."""
        host, name = self._host(target), host_of(target.url)
        ends_row = host.failures > 0 or host.refusals > 0
        host.failures, host.patience = 0, OPEN_AFTER
        if target.role not in SIDE_ROLES:  # these a host hands out even to whom it sends away
            host.refusals = host.blocks = 0
        return ends_row or self._remembered.trips.get(name, 0) > 0

    def refused(self, target: Target, status: int) -> int:
        """How many times in a row the host has sent us away with this answer: 429, 503, or 403 and
        the like on page after page; 0 when it is none of these.
        """
        host = self._host(target)
        if status in BLOCKED_STATUSES and target.role not in SIDE_ROLES:
            host.blocks += 1
            if host.blocks < BLOCKS_IN_A_ROW and not host.refusals:
                return 0
        elif status not in BUSY_STATUSES:
            return 0
        host.refusals += 1
        return host.refusals

    def failed(self, target: Target, reason: str) -> bool:
        """The host did not answer, or with a status of 5xx; True when it is given up with that."""
        host = self._host(target)
        host.failures += 1
        if host.circuit_open is not None or host.failures < host.patience:
            return False
        host.circuit_open = (
            f"the host was given up after {host.failures} failures in a row, the last: {reason}"
        )
        return True

    def circuit_open(self, target: Target) -> str | None:
        """Why the lease's host is left alone for the rest of the run; None when it is not."""
        return self._host(target).circuit_open

    def skipped(self, target: Target) -> None:
        """The URL was not asked for after all."""
        self._give_back(target, self._host(target))

    def _give_back(self, target: Target, host: Host) -> None:
        """A robots.txt is fetched within the turn of the page that needs it: it has no own turn."""
        if target.page_id in self._turns:
            self._turns.discard(target.page_id)
            host.take(-1)

    def delay_of(self, target: Target) -> float:
        """Seconds between two requests to the lease's host."""
        return self._host(target).delay_s

    def pause_before(self, target: Target) -> float:
        """Seconds that the lease's host is still to be left alone."""
        return max((ready_at(self._host(target)) - self._now()).total_seconds(), 0.0)

    def slow_down(self, target: Target, delay_s: float) -> None:
        """The host asks for a longer pause (Crawl-delay); a shorter one than ours is not taken."""
        host = self._host(target)
        host.delay_s = max(host.delay_s, delay_s)
        host.ready_at = max(host.ready_at, host.last_at + timedelta(seconds=host.delay_s))

    def hold(self, target: Target, until: datetime, *, shared: bool = False) -> None:
        """The host asked for a pause (Retry-After), or needs one. shared: so does everything that
        has its IP address: what counts our requests (429) does not count them by name.
        """
        host = self._host(target)
        host.ready_at = max(host.ready_at, until)
        if shared:
            host.rest(until)

    def close(self, target: Target, why: str) -> None:
        """Nothing more of the lease's host is asked for in this run."""
        self._host(target).closed = why

    def leave(self, name: str, why: str) -> None:
        """Nothing of a host is asked for in this run, through no fault of anybody."""
        self._left[name] = why

    def used_elsewhere(
        self, name: str, used_at: datetime | None, ready_at: datetime | None
    ) -> None:
        """Another process asked a host, or what shares its line, then, and lets it rest until."""
        before, until = self._elsewhere.get(name, (LONG_AGO, LONG_AGO))
        self._elsewhere[name] = max(before, used_at or LONG_AGO), max(until, ready_at or LONG_AGO)
        for host in self._named[name]:
            self._take_over(host, name)

    def use_of(self, name: str) -> tuple[datetime, datetime]:
        """When a host was asked last, and until when it and its lines rest."""
        now, hosts = self._now(), self._named[name]
        last = [now if host.in_flight else host.last_at for host in hosts]
        return max(last, default=LONG_AGO), max(map(ready_at, hosts), default=LONG_AGO)

    def look_up(self, name: str, *, numbers_too: bool = False) -> bool:
        """Whether it is to be found out where a host's name leads; nothing of it is asked for until
        `leads_to` says so. False: it is known, or (unless numbers_too) a number itself.
        """
        known = name in self._numbers or name in self._looked_up
        if known or (number_in(name) and not numbers_too):
            return False
        self._looked_up.add(name)
        return True

    def leads_to(self, name: str, numbers: Sequence[str]) -> None:
        """The IP addresses of a host's name: it shares their lines. () when it has none."""
        self._looked_up.discard(name)
        self._numbers[name] = numbers
        for host in self._named[name]:
            self._lines.join(host, name, numbers)
            self._take_over(host, name)

    def group_of(self, target: Target) -> str:
        """What a lease counts for: its host, or the platform that its portal shares."""
        portal = self._portals.get(target.portal_key)
        if portal is not None and portal.platform is not None:
            return f"platform:{portal.platform}"
        return host_of(target.url)

    def take_out(self, unwanted: Callable[[Lease], bool]) -> list[Lease]:
        """Takes out what waits or was put aside and is not wanted any more."""
        found: list[Lease] = []
        for host in self._hosts.values():
            found += filter(unwanted, (*host.waiting, *host.parked))
            host.waiting[:] = [lease for lease in host.waiting if not unwanted(lease)]
            host.parked[:] = [lease for lease in host.parked if not unwanted(lease)]
        return found

    def drain(self) -> list[Lease]:
        """Takes out everything that still waits or was put aside: the run is ending."""
        left = [lease for host in self._hosts.values() for lease in (*host.waiting, *host.parked)]
        for host in self._hosts.values():
            host.waiting.clear()
            host.parked.clear()
        self._ready.clear()
        return left

    def _host(self, target: Target) -> Host:
        name, group = host_of(target.url), self.group_of(target)
        host = self._hosts.get(group)
        if host is None:
            host = self._hosts[group] = self._new_host(target)
            for each in self._neighbours.get(group, ()):
                self._remember(host, each)
        if name not in host.names:
            self._remember(host, name)
        return host

    def _new_host(self, target: Target) -> Host:
        portal = self._portals.get(target.portal_key)
        delay_s = self._delay_s if portal is None or portal.delay_s is None else portal.delay_s
        at_once = portal.concurrency if portal and portal.concurrency else self._concurrency
        return Host(delay_s=delay_s, concurrency=at_once, names=set())

    def _remember(self, host: Host, name: str) -> None:
        """Takes what is stored of a host: a restart neither bursts it nor forgets what it asked."""
        known = self._remembered
        host.names.add(name)
        self._named[name].append(host)
        self._lines.join(host, name, self._numbers.get(name, ()))
        host.last_at = max(host.last_at, known.last_visits.get(name, LONG_AGO))
        host.last_at = max(host.last_at, known.since or LONG_AGO)
        ready_at = host.last_at + timedelta(seconds=host.delay_s)
        host.ready_at = max(host.ready_at, ready_at, known.holds.get(name, LONG_AGO))
        host.refusals = max(host.refusals, known.refusals.get(name, 0))
        if known.trips.get(name, 0):
            host.patience = 1  # it was given up before: one more failure is enough
        self._take_over(host, name)

    def _take_over(self, host: Host, name: str) -> None:
        """Keeps the pause that another process began."""
        used_at, until = self._elsewhere.get(name, (LONG_AGO, LONG_AGO))
        host.last_at = max(host.last_at, used_at)
        host.rest(max(used_at + timedelta(seconds=host.delay_s), until))


def _neighbours(portals: Iterable[Portal]) -> Mapping[str, set[str]]:
    """The hosts of the entries of all portals of a platform, by platform."""
    found: dict[str, set[str]] = {}
    for portal in portals:
        if portal.platform is not None:
            names = {host_of(entry) for entry in portal.entries}
            found.setdefault(f"platform:{portal.platform}", set()).update(names)
    return found
