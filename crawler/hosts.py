"""What a run learns of its hosts, kept in the store: pauses they ask for, rests after failures."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from archive.model.address import host_of
from archive.model.frontier import Lease
from archive.model.outcome import Role
from archive.model.portal import Portal
from archive.store.rows import HostState, PortalFacts
from archive.work.judge import Pause
from crawler.manners import Manners, Remembered, rest_after

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
        since=since,
    )


class HostBook:
    """Writes down what hosts do: `states` in memory, `save` in the store."""

    def __init__(
        self,
        states: dict[str, HostState],
        manners: Manners,
        save: Callable[[HostState], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        self._states = states
        self._manners = manners
        self._save = save
        self._now = now

    async def answered(self, lease: Lease, status: int) -> None:
        """The host answered with that status; 5xx is trouble, all else ends a row of it."""
        if status in SERVER_FAILURES:
            await self.failed(lease, f"status {status}")
        elif self._manners.answered(lease):
            known = self._known(lease)
            if known.trips:
                await self._save(replace(known, trips=0, rests_until=None))

    async def failed(self, lease: Lease, reason: str) -> None:
        """No whole answer came. A visit all the same: the pause runs from its end."""
        known = replace(self._known(lease), last_visit_at=self._now())
        if self._manners.failed(lease, reason):
            trips = known.trips + 1
            rests_until = self._now() + rest_after(trips)
            why = f"given up after failures: {reason}"
            known = replace(known, trips=trips, rests_until=rests_until, reason=why)
        self._states[known.host] = known
        if lease.role is not Role.ROBOTS:  # what is learned of its rules is saved right after this
            await self._save(known)

    async def hold(self, lease: Lease, until: datetime, reason: str) -> None:
        """The host asked to be left alone until an instant (Retry-After)."""
        self._manners.hold(lease, until)
        await self._save(replace(self._known(lease), not_before_at=until, reason=reason))

    def _known(self, lease: Lease) -> HostState:
        name = host_of(lease.address)
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
    """Why each portal that has addresses left was paused.

    seen: what manners put aside. budget: the run had a page budget (--max-pages). A host whose
    pause was asked for in an earlier run never came as far as manners.
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
        if until is not None and until > now:
            at = until.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
            return Pause(reason=f"its host asked to be left alone until {at}", planned=False)
    return None
