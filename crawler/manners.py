"""How a host is treated: one connection at a time, a pause after every answer, kept over restarts.

The pause runs from the end of the last exchange and is never shorter than the portal's delay; a
slow host gets a longer one (five times what the answer took, as Heritrix does). A host is scheme,
name and port. Nothing here reads a clock: instants are handed in.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from archive.model.address import host_of
from archive.model.frontier import Lease
from archive.model.portal import Portal

SLOWNESS_FACTOR: Final = 5.0
LONGEST_SLOWNESS_S: Final = 30.0
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Host:
    """What is known of a host in this run."""

    delay_s: float
    concurrency: int
    ready_at: datetime = _LONG_AGO
    in_flight: int = 0
    waiting: list[Lease] = field(default_factory=list)


class Manners:
    """Decides which leased address may be fetched now.

    delay_s / concurrency: for portals that name none. last_visits, holds: from the store, so that
    a restart neither bursts a host nor forgets its Retry-After.
    """

    def __init__(
        self,
        *,
        portals: Iterable[Portal],
        delay_s: float,
        concurrency: int,
        last_visits: Mapping[str, datetime],
        holds: Mapping[str, datetime],
        now: Callable[[], datetime],
    ) -> None:
        self._portals = {portal.key: portal for portal in portals}
        self._delay_s = delay_s
        self._concurrency = concurrency
        self._last_visits = last_visits
        self._holds = holds
        self._now = now
        self._hosts: dict[str, _Host] = {}
        self._ready: dict[str, None] = {}
        self._turns: set[int] = set()

    def add(self, lease: Lease) -> None:
        """Takes a leased address into the queue of its host (kept ones need no host at all)."""
        name = host_of(lease.address)
        self._host(name, lease).waiting.append(lease)
        self._ready[name] = None

    def __len__(self) -> int:
        return sum(len(self._hosts[name].waiting) for name in self._ready)

    def full_hosts(self, per_host: int) -> list[str]:
        """Hosts that have enough addresses waiting; no more need to be leased for them."""
        return [name for name in self._ready if len(self._hosts[name].waiting) >= per_host]

    def next(self) -> Lease | None:
        """An address whose host may be asked now; None when all must wait. Hosts take turns."""
        now = self._now()
        for name in list(self._ready):
            host = self._hosts[name]
            if not host.waiting:
                del self._ready[name]
                continue
            kept = host.waiting[0].capture is not None
            if kept or (host.in_flight < host.concurrency and host.ready_at <= now):
                return self._take(name, host, kept=kept)
        return None

    def _take(self, name: str, host: _Host, *, kept: bool) -> Lease:
        lease = host.waiting.pop(0)
        if not kept:
            host.in_flight += 1
            self._turns.add(lease.page_id)
        self._ready[name] = self._ready.pop(name)  # to the end: hosts take turns
        return lease

    def seconds_to_wait(self) -> float | None:
        """Seconds until the next host may be asked; None when only finished fetches can help."""
        now = self._now()
        waits = [
            (host.ready_at - now).total_seconds()
            for host in (self._hosts[name] for name in self._ready)
            if host.waiting and host.in_flight < host.concurrency
        ]
        return max(min(waits), 0.0) if waits else None

    def fetched(self, lease: Lease, *, elapsed_s: float) -> None:
        """An exchange with the lease's host has ended (or failed to begin)."""
        host = self._host(host_of(lease.address), lease)
        self._give_back(lease, host)
        pause_s = host.delay_s
        if pause_s > 0:
            pause_s = max(pause_s, min(SLOWNESS_FACTOR * elapsed_s, LONGEST_SLOWNESS_S))
        host.ready_at = self._now() + timedelta(seconds=pause_s)

    def skipped(self, lease: Lease) -> None:
        """The address was not asked for after all."""
        self._give_back(lease, self._host(host_of(lease.address), lease))

    def _give_back(self, lease: Lease, host: _Host) -> None:
        """A robots.txt is fetched within the turn of the page that needs it: it has no own turn."""
        if lease.page_id in self._turns:
            self._turns.discard(lease.page_id)
            host.in_flight -= 1

    def pause_before(self, lease: Lease) -> float:
        """Seconds that the lease's host is still to be left alone."""
        host = self._host(host_of(lease.address), lease)
        return max((host.ready_at - self._now()).total_seconds(), 0.0)

    def slow_down(self, lease: Lease, delay_s: float) -> None:
        """The host asks for a longer pause (Crawl-delay); a shorter one than ours is not taken."""
        host = self._host(host_of(lease.address), lease)
        host.delay_s = max(host.delay_s, delay_s)

    def hold(self, lease: Lease, until: datetime) -> None:
        """The host asked for a pause (Retry-After) or is in trouble."""
        host = self._host(host_of(lease.address), lease)
        host.ready_at = max(host.ready_at, until)

    def host_name(self, lease: Lease) -> str:
        """The host that a lease counts for."""
        return host_of(lease.address)

    def drain(self) -> list[Lease]:
        """Takes out everything that still waits: the run is ending."""
        left = [lease for host in self._hosts.values() for lease in host.waiting]
        for host in self._hosts.values():
            host.waiting.clear()
        self._ready.clear()
        return left

    def _host(self, name: str, lease: Lease) -> _Host:
        if name not in self._hosts:
            portal = self._portals.get(lease.portal_key)
            delay_s = self._delay_s if portal is None or portal.delay_s is None else portal.delay_s
            at_once = portal.concurrency if portal and portal.concurrency else self._concurrency
            last = self._last_visits.get(name, _LONG_AGO)
            self._hosts[name] = _Host(
                delay_s=delay_s,
                concurrency=at_once,
                ready_at=max(last + timedelta(seconds=delay_s), self._holds.get(name, _LONG_AGO)),
            )
        return self._hosts[name]
